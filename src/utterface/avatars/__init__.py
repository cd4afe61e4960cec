"""Faces of the user's own: glTF and VRM files whose shapes and bones are found, driven and written in place."""
