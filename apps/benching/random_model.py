"""A whole model of random weights, made where they stay: no checkpoint, no copy through the host, in any format."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from minimax_vl.config import ModelConfig
from minimax_vl.kernels.quantised import QuantisedWeight
from minimax_vl.loading.homes import Homes, everything_on
from minimax_vl.loading.load import skeleton
from minimax_vl.loading.memory import take_memory
from minimax_vl.model import VLModel
from minimax_vl.offload import connect
from minimax_vl.quantised import weights_of

# Integers of so many bits are equally likely from -highest to highest; and their root mean square. A mean beside zero,
# as of -8 to 7, would turn every row of a deep model into one and the same.
HIGHEST, SPREAD = {8: 127, 4: 7}, {8: 73.3, 4: 4.32}
PIECE = 1 << 28  # bytes at a time, where a second copy of them is needed


def random_model(config: ModelConfig, homes: Homes, *, dtype: str, bits: int | None, seed: int) -> VLModel:
    """The model that `load_model` would make with the same `homes`, its weights random and finite."""
    model = empty_model(config, homes, dtype=dtype, bits=bits)
    fill(weights_of(model), seed)
    return model


def empty_model(config: ModelConfig, homes: Homes, *, dtype: str, bits: int | None) -> VLModel:
    """The same in memory that nobody has written to."""
    model = skeleton(config, dtype, bits)
    take_memory(model, homes)
    if homes != everything_on(homes.main, config):
        connect(model, homes)
    return model.eval()


@torch.no_grad()
def fill(weights: Mapping[str, Tensor | QuantisedWeight], seed: int) -> None:
    """Matrices keep the size of what passes through them, norms change nothing, biases are zero."""
    makers: dict[torch.device, torch.Generator] = {}
    for name, weight in weights.items():
        device = weight.data.device
        make = makers.setdefault(device, torch.Generator(device).manual_seed(seed))
        if isinstance(weight, QuantisedWeight):
            _fill_integers(weight, make)
            size = weight.shape[-1] ** -0.5 / SPREAD[weight.bits]
            weight.scale.uniform_(0.5 * size, 1.5 * size, generator=make)
        elif weight.ndim > 1:
            # Patches have four dimensions, stacked experts three.
            inputs = weight[0].numel() if weight.ndim == 4 else weight.shape[-1]
            weight.normal_(std=inputs**-0.5, generator=make)
        elif name.endswith("bias"):
            weight.zero_()
        elif "norm" in name:
            weight.fill_(1.0)
        else:  # the newline and the class token: vectors that stand beside rows of matrices
            weight.normal_(std=weight.numel() ** -0.5, generator=make)


def _fill_integers(weight: QuantisedWeight, make: torch.Generator) -> None:
    highest = HIGHEST[weight.bits]
    if weight.bits == 8:
        weight.data.random_(-highest, highest + 1, generator=make)
        return
    count = 2 * highest + 1  # of numbers in half a byte, each kept plus 8: two digits that begin at 1
    for piece in weight.data.view(-1).split(PIECE):
        piece.random_(count**2, generator=make)  # 15 a + b becomes 16 (a + 1) + b + 1
        piece.add_(piece.div(count, rounding_mode="floor")).add_(17)


def held_bytes(model: VLModel) -> dict[str, int]:
    """Device -> bytes of parameters and buffers there."""
    held: dict[str, int] = {}
    for x in (*model.parameters(), *model.buffers()):
        held[str(x.device)] = held.get(str(x.device), 0) + x.nbytes
    return held
