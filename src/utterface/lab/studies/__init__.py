"""Benchmarks that anyone can rerun: each one command, its tables as Markdown and JSON."""
