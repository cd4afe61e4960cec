"""Speech representations under one contract: spectral, self-supervised, codec, label-based."""

from utterface.lab.representations.clusters import Codebook, fit_codebook
from utterface.lab.representations.contract import FAMILIES, About, Representation
from utterface.lab.representations.registry import open_representation

__all__ = ["FAMILIES", "About", "Codebook", "Representation", "fit_codebook", "open_representation"]
