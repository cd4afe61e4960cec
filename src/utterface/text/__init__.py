"""What people write → the words that are said; transcripts in files; how words are pronounced."""

from utterface.text.transcripts import read_transcript
from utterface.text.words import is_english, spell, to_words

__all__ = ["is_english", "read_transcript", "spell", "to_words"]
