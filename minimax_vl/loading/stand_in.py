"""Checkpoints of random weights in the released layout: for tests and benches of any size, without a download."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.formats import bits_of
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.loading.names import published_keys
from minimax_vl.loading.save import MAX_SHARD_BYTES, write_checkpoint
from minimax_vl.tokenizer import BOS, EOS, IMAGE

# Ids of the release: `<image>` by its config.json, the two around it by its generation scripts.
RELEASED_IDS = {BOS: 200019, EOS: 200020, IMAGE: 200025}


def write_stand_in(
    folder: str | Path,
    config: ModelConfig,
    *,
    layers: int | None = None,
    seed: int = 0,
    dtype: torch.dtype = torch.bfloat16,
    quantize: str | None = None,
    max_shard_bytes: int = MAX_SHARD_BYTES,
) -> ModelConfig:
    """Write random weights for `config` cut to its first `layers`, with nano's tokenizer at the config's ids.

    Every tensor depends on its name and the seed alone. quantize: "int8", "int4" or None for dense ones. Returns the
    config that was written. Raises InvalidRequest for a number of layers that the config does not have, and what
    `write_checkpoint` raises.
    """
    config, bits = cut(config, layers), bits_of(quantize)
    shapes = published_keys(config)

    def read(key: str) -> Tensor:
        digest = hashlib.sha256(f"{seed}/{key}".encode()).digest()
        make = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
        shape = shapes[key]
        if len(shape) == 1:  # a norm's weight, a bias or the newline
            return 0.02 * torch.randn(shape, generator=make) + ("norm" in key and key.endswith("weight"))
        columns = torch.Size(shape[1:]).numel()
        return torch.randn(shape, generator=make) * columns**-0.5

    with tempfile.TemporaryDirectory() as beside:
        tokenizer = Path(beside) / "tokenizer.json"
        tokenizer.write_text(tokenizer_json(config), encoding="utf-8")
        write_checkpoint(
            folder,
            config,
            read,
            dtype=dtype,
            bits=bits,
            max_shard_bytes=max_shard_bytes,
            copies=[tokenizer],
        )
    return config


def cut(config: ModelConfig, layers: int | None) -> ModelConfig:
    """The same model with its first `layers` decoder layers; None keeps all."""
    kinds = config.text.attn_type_list
    if layers is None:
        return config
    if not 1 <= layers <= len(kinds):
        raise InvalidRequest(
            found=f"{layers} layers",
            expected=f"1 to {len(kinds)}",
            cause="more layers than the preset has" if layers > 0 else "0 or less as a way to say all",
            next_step="give a number of layers that it has, or leave it out for all",
        )
    return replace(config, text=replace(config.text, attn_type_list=kinds[:layers]))


def tokenizer_json(config: ModelConfig) -> str:
    """A tokenizer.json of nano's vocabulary, its special strings moved to where the config expects them."""
    raw = json.loads((PACKAGED / "nano" / "tokenizer.json").read_text(encoding="utf-8"))
    if config.text.vocab_size > RELEASED_IDS[IMAGE]:
        for token in raw["added_tokens"]:
            token["id"] = RELEASED_IDS.get(token["content"], token["id"])
    return json.dumps(raw)
