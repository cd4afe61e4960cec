"""Speech with timed phones to learn from: one form on disk; synthetic speech, aligned recordings, captures."""
