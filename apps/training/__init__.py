"""Training nano from scratch: pages drawn on the fly, dense glyph supervision, one timed loop."""
