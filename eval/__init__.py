"""Suites of questions, the metrics that score the answers, and a picture of hits and misses."""
