"""Tasks, metrics and the runner that scores a model on them."""
