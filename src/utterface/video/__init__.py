"""Faces as video: a software renderer in NumPy, and its frames encoded with the sound."""
