"""Drawn scenes with exact answers: shapes, boxes of shapes, simple things, dials and dice."""
