"""Tells transformers' Auto classes about `minimax_vl_01`, unless somebody else has told them before."""

from __future__ import annotations

import logging

from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
)
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from minimax_vl.config import MODEL_TYPE
from minimax_vl.hf.configuration import MiniMaxVL01Config
from minimax_vl.hf.modeling import MiniMaxVL01ForConditionalGeneration
from minimax_vl.hf.processing import MiniMaxVL01Processor
from minimax_vl.hf.tokenization import MiniMaxVL01Tokenizer

log = logging.getLogger(__name__)


def register() -> bool:
    """Register config, model, processor and tokenizer; True when the Auto classes now give ours.

    A transformers that brings its own `minimax_vl_01`, or a package that registered one, is left alone: two
    classes under one name would depend on the order of imports. Ours still work by name.
    """
    if MODEL_TYPE in CONFIG_MAPPING:
        known = CONFIG_MAPPING[MODEL_TYPE]
        if known is MiniMaxVL01Config:
            return True
        log.warning("%s belongs to %s already; minimax_vl.hf leaves it alone", MODEL_TYPE, known.__module__)
        return False
    AutoConfig.register(MODEL_TYPE, MiniMaxVL01Config)
    AutoModelForImageTextToText.register(MiniMaxVL01Config, MiniMaxVL01ForConditionalGeneration)
    # text harnesses ask here
    AutoModelForCausalLM.register(MiniMaxVL01Config, MiniMaxVL01ForConditionalGeneration)
    AutoTokenizer.register(MiniMaxVL01Config, fast_tokenizer_class=MiniMaxVL01Tokenizer)
    AutoProcessor.register(MiniMaxVL01Config, MiniMaxVL01Processor)
    return True
