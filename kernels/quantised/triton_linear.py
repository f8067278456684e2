"""Quantised linear map in Triton: the experts' streaming kernel with a single matrix."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.configs import Config, config_of
from minimax_vl.kernels.experts.triton_experts import Matrices, launch
from minimax_vl.kernels.quantised import torch_linear
from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.sizes import cdiv
from minimax_vl.kernels.unsummed import MOST, Unsummed, left

# Rows up to which each configuration is tuned; beyond the last, a full-rate product on unpacked weights is faster.
FEW = (8, 16, 64)
PROGRAMS = 384  # three for each multiprocessor of an H200: enough loads under way
STEPS = 4  # of a program at least: fewer are over before the first load is there


def forward(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor | Unsummed:
    """Shapes as in `linear_unsummed`."""
    if x.shape[0] > FEW[-1]:
        return torch_linear.forward(x, weight, dtype)
    dtype = dtype or x.dtype
    x, N = x.contiguous(), x.shape[0]
    config = config_of(f"quantised.int{weight.bits}.{few_of(N)}")
    rows, depth = weight.shape
    matrix = Matrices(weight.data, weight.scale, weight.bits, 1, rows, depth)
    split = split_of(config, rows, weight.data.shape[-1])
    config = {**config, "SPLIT": split}
    if split == 1:
        out = torch.empty(N, rows, dtype=dtype, device=x.device)
        launch(config, x, matrix, out)
        return out
    parts = torch.empty(split, N, rows, dtype=torch.float32, device=x.device)
    launch(config, x, matrix, parts)
    return left(Unsummed(parts[:, :, None], None, dtype))


def split_of(config: Config, rows: int, width: int) -> int:
    """Programs that share the depth of a tile, for a matrix of `rows` and a depth of `width` elements as it is stored.

    As tuned for a wide matrix; more where there are so few tiles that PROGRAMS would not be at work, and steps enough
    for all. Sixteen programs, which are keys of eight heads, bring a tenth of what memory gives.
    """
    tiles, steps = cdiv(rows, config["BN"]), cdiv(width, config["BK"])
    wanted = max(config["SPLIT"], min(MOST, PROGRAMS // tiles, steps // STEPS))
    return cdiv(steps, cdiv(steps, wanted))  # no program without a step


def few_of(rows: int) -> str:
    """The tuned range of rows that this many fall into."""
    return f"N{next(bound for bound in FEW if rows <= bound)}"
