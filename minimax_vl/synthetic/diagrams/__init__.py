"""Diagrams as school books draw them, with open questions and four-choice ones."""
