"""From an image to a sequence of feature vectors: sizes, pixels, encoder, projector, packing."""
