"""What a batch in transformers' form says about its rows: padding, images per row, and options nobody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from minimax_vl.errors import InvalidRequest
from minimax_vl.vision.tiling import TilePlan


def left_padding(mask: Tensor | None, shape: Sequence[int], *, strict: bool) -> Tensor | None:
    """Attention mask of `shape` [B, T] -> padding at the start of each row [B], or None when there is none.

    strict: refuse zeros at the end of a row too, because a cache would remember them as tokens.
    Raises InvalidRequest for zeros between tokens, for rows without a token and for a mask of other tokens.
    """
    if mask is None or bool(mask.all()):
        return None
    if tuple(mask.shape) != tuple(shape):
        raise InvalidRequest(
            found=f"an attention mask of shape {list(mask.shape)} for tokens of shape {list(shape)}",
            expected="one number for each token",
            cause="a mask made before image slots were filled in, or a causal one, which the model makes itself",
            next_step="take input_ids and attention_mask from a single processor call",
        )
    live = mask != 0  # [B, T]
    steps = live.long().diff(dim=1)
    broken = (steps < 0).any(1) if strict else ((steps > 0) & ((steps < 0).cumsum(1) > 0)).any(1)
    if bool(broken.any()) or not bool(live.any(1).all()):
        raise InvalidRequest(
            found=f"an attention mask with padding {'after' if strict else 'between'} tokens, or a row of padding only",
            expected="each row as zeros, then ones",
            cause="a tokenizer that pads on the right",
            next_step="set tokenizer.padding_side = 'left'",
        )
    return live.long().argmax(1)


def repeated_images(slots: Sequence[int], plans: Sequence[TilePlan], times: int) -> tuple[Tensor, Tensor]:
    """Which images and which tiles a batch needs when every row is repeated `times` times in place.

    slots: image ids in each row. Returns indices into the images and into the tiles of all images.
    """
    return _chosen([image for row in _images_of(slots, plans) for image in row * times], plans)


def images_behind(
    slots: Sequence[int], left: Sequence[int], plans: Sequence[TilePlan]
) -> tuple[Tensor, Tensor]:
    """Which images and which tiles a batch still needs when a cache holds the beginning of every row.

    slots: image ids in each row; left: those behind what the cache holds. Returns what `repeated_images` does.
    """
    images: list[int] = []
    for row, rest, wanted in zip(_images_of(slots, plans), slots, left):
        for image in row:
            images += [image] if rest <= wanted else []
            rest -= plans[image].tokens
    return _chosen(images, plans)


def _images_of(slots: Sequence[int], plans: Sequence[TilePlan]) -> list[list[int]]:
    """The images of each row."""
    rows: list[list[int]] = []
    at = 0
    for wanted in slots:
        row, held = [], 0
        while held < wanted and at < len(plans):
            held += plans[at].tokens
            row.append(at)
            at += 1
        rows.append(row)
    return rows


def _chosen(images: Sequence[int], plans: Sequence[TilePlan]) -> tuple[Tensor, Tensor]:
    """Indices into the images, and into the tiles of all images."""
    first_tile = [0]
    for plan in plans:
        first_tile.append(first_tile[-1] + plan.tiles)
    tiles = [tile for image in images for tile in range(first_tile[image], first_tile[image + 1])]
    return torch.tensor(images, dtype=torch.long), torch.tensor(tiles, dtype=torch.long)


def refuse(options: Mapping[str, Any], harmless: set[str]) -> None:
    """InvalidRequest for options that are set and would change nothing.

    Those in `harmless` may be, and those with an underscore, by which transformers' own code calls itself.
    """
    unread = sorted(
        name
        for name, value in options.items()
        if not (name in harmless or name.startswith("_") or value is None or value is False)
    )
    if unread:
        raise InvalidRequest(
            found=f"option {', '.join(unread)}",
            expected="options that this model reads",
            cause="an option of another architecture",
            next_step="leave it out",
        )
