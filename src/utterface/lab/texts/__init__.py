"""Texts as systems read them: words → vectors, by language models or without, at the frames of their words."""

from utterface.lab.texts.encoders import TextEncoder, open_text_encoder
from utterface.lab.texts.tracks import TextTracks, laid_out

__all__ = ["TextEncoder", "TextTracks", "laid_out", "open_text_encoder"]
