"""The neural animator: from samples to what the mouth does, small enough for a CPU and finite in its context."""
