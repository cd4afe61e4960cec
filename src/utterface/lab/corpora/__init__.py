"""Speech with timed phones to learn from: one form on disk, made voices, aligned recordings."""
