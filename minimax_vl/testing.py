"""A whole pipeline in milliseconds: the `debug` preset with seeded random weights and nano's tokenizer."""

from __future__ import annotations

from pathlib import Path

import torch

from minimax_vl.model import VLModel
from minimax_vl.pipeline import Pipeline
from minimax_vl.presets import PRESETS
from minimax_vl.tokenizer import Tokenizer

NANO = Path(__file__).parent / "assets" / "nano"


def debug_pipeline(seed: int = 0, context: int | None = None) -> Pipeline:
    """Answers nonsense, and the same nonsense every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VLModel(PRESETS["debug"])
    return Pipeline(model, Tokenizer.read(NANO), name="debug", context=context)
