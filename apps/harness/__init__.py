"""Adapters by which evaluation harnesses of others drive our models; imported only when a harness asks for them."""
