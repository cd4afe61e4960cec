"""Faces as video: renderers for processors and for OpenGL, and their frames encoded with the sound."""
