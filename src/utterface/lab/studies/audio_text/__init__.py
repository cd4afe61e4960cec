"""The study of *Joint Audio-Text*: what words add to the sound for the upper face."""
