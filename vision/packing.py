"""Packing: tile features become the model's image sequence, padding dropped and a newline after every row."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from minimax_vl.errors import InvalidRequest
from minimax_vl.vision.tiling import TilePlan


@lru_cache(maxsize=128)
def pack_index(plan: TilePlan) -> Tensor:
    """Where each of the plan's tokens comes from: int64 [tokens]. Cached, so treat it as read-only.

    Values index the flat features [tiles * side * side], thumbnail first, every tile row-major; the value
    tiles * side * side stands for the newline.
    """
    (top, bottom), (left, right) = plan.kept
    rows, columns = plan.grid
    side, per_tile = plan.side, plan.side**2
    newline = plan.tiles * per_tile

    # The cache outlives inference mode, and a tensor made inside it could not be used for training afterwards.
    with torch.inference_mode(False):
        stitched = torch.arange(per_tile, newline).view(rows, columns, side, side)
        stitched = stitched.transpose(1, 2).reshape(rows * side, columns * side)  # as one picture
        shown = stitched[top:bottom, left:right]
        lines = torch.nn.functional.pad(shown, (0, 1), value=newline)  # [kept rows, kept columns + 1]
        return torch.cat([torch.arange(per_tile), lines.flatten()])


def pack(features: Tensor, newline: Tensor, plan: TilePlan) -> Tensor:
    """Order one image's features [tiles * side * side, C] and the newline [C] by its plan: [tokens, C].

    Raises InvalidRequest when the features do not come from this plan's tiles.
    """
    wanted = plan.tiles * plan.side**2
    if features.shape[0] != wanted:
        raise InvalidRequest(
            found=f"{features.shape[0]} tile features",
            expected=f"{wanted}: {plan.tiles} tiles of {plan.side} x {plan.side}",
            cause="pixels and plan were made from different images or with different tiling configs",
            next_step="make both with a single processor call",
        )
    source = torch.cat([features, newline[None].to(features.dtype)])  # [tiles * side * side + 1, C]
    return source.index_select(0, pack_index(plan).to(features.device))
