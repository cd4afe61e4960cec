"""What people write → the words that are said; transcripts in files; how words are pronounced."""

from utterface.text.transcripts import SUFFIXES, TABLES, read_transcript, transcripts_of
from utterface.text.words import is_english, spell, to_words

__all__ = ["SUFFIXES", "TABLES", "is_english", "read_transcript", "spell", "to_words", "transcripts_of"]
