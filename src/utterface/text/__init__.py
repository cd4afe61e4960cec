"""What people write → the words that are said; transcripts in files; how words are pronounced."""

from utterface.text.transcript import Transcript
from utterface.text.transcripts import SUFFIXES, TABLES, read_transcript, texts_of, words_in, words_or_file
from utterface.text.words import is_english, spell, to_words

__all__ = [
    "SUFFIXES",
    "TABLES",
    "Transcript",
    "is_english",
    "read_transcript",
    "spell",
    "texts_of",
    "to_words",
    "words_in",
    "words_or_file",
]
