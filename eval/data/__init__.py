"""Readers of benchmark data in the layouts people have them in."""
