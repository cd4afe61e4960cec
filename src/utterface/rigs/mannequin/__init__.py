"""The built-in head, sculpted in code."""
