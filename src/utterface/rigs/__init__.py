"""Rigs: what turns channels into vertices."""

from utterface.rigs.protocol import Part, Rig

__all__ = ["Part", "Rig"]
