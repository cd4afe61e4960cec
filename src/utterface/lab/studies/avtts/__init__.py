"""The study of speech and a face from text."""
