"""The door to transformers: importing this package registers `minimax_vl_01` with its Auto classes."""

from __future__ import annotations

from minimax_vl.hf.configuration import MiniMaxVL01Config
from minimax_vl.hf.modeling import MiniMaxVL01ForConditionalGeneration
from minimax_vl.hf.processing import MiniMaxVL01Processor
from minimax_vl.hf.registration import register
from minimax_vl.hf.tokenization import MiniMaxVL01Tokenizer

__all__ = [
    "MiniMaxVL01Config",
    "MiniMaxVL01ForConditionalGeneration",
    "MiniMaxVL01Processor",
    "MiniMaxVL01Tokenizer",
    "register",
]

register()
