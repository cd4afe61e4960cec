"""Speech representations under one contract: spectral, self-supervised, codec, label-based."""

from utterface.lab.representations.clusters import Codebook, fit_codebook
from utterface.lab.representations.contract import FAMILIES, Representation, RepresentationInfo
from utterface.lab.representations.registry import open_representation

__all__ = ["FAMILIES", "Codebook", "Representation", "RepresentationInfo", "fit_codebook", "open_representation"]
