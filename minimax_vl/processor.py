"""Messages and images become what the model takes: ids, pixels and one `TilePlan` per image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from numbers import Integral
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from minimax_vl.chat import Message, encode, render
from minimax_vl.errors import InvalidRequest
from minimax_vl.second_look import MARGINS
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.images import ImageLimits, open_image
from minimax_vl.vision.ink import inked_area
from minimax_vl.vision.legible import legible_size
from minimax_vl.vision.pixels import framed, to_rgb
from minimax_vl.vision.pixels import render as render_pixels
from minimax_vl.vision.tiling import TilePlan, plan_tiles


@dataclass(frozen=True, eq=False)  # two tensors have no one answer to ==
class TiledImage:
    """An image cut into normalised tiles, thumbnail first."""

    plan: TilePlan
    pixels: Tensor  # [tiles, 3, side, side] fp32
    # For a second look.
    wider: Callable[[], TiledImage] | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class EncodedImage:
    """An image that the vision tower has already seen; accepted wherever an image is.

    Pickled or copied to another process it keeps what was seen, without the picture that a second look needs.
    """

    plan: TilePlan
    features: Tensor  # [plan.tokens, C], on the model's device
    wider: Callable[[], EncodedImage] | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "wider": None}


@dataclass(frozen=True)
class ModelInputs:
    """One prompt. Its image ids, its images and their plans are in the same order and of the same counts."""

    ids: Tensor  # [1, T] long
    images: tuple[TiledImage | EncodedImage, ...]

    @property
    def plans(self) -> tuple[TilePlan, ...]:
        return tuple(image.plan for image in self.images)

    @property
    def pixels(self) -> Tensor | None:
        """All tiles [N, 3, side, side] that still have to be encoded; None when there are none."""
        tiles = [image.pixels for image in self.images if isinstance(image, TiledImage)]
        return torch.cat(tiles) if tiles else None

    def seen(self) -> ModelInputs:
        """The same prompt without pixels, for when its images are in the cache and only their plans are asked for."""
        return replace(self, images=tuple(_without_pixels(image) for image in self.images))


class Processor:
    """Opens, plans and cuts images, renders the template, and expands each image part by its plan."""

    def __init__(self, tokenizer: Tokenizer, tiling: TilingConfig, *, second_look: bool = False) -> None:
        """second_look: images remember how to be cut with a wider margin (see second_look.py)."""
        self.tokenizer, self.tiling, self.second_look = tokenizer, tiling, second_look

    def __call__(
        self,
        messages: Sequence[Message],
        images: Sequence[Any] = (),
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        **image_options: Any,
    ) -> ModelInputs:
        """The prompt of a conversation, ending where the assistant's reply begins.

        images: one per image part, in order; any form `open_image` knows, or an EncodedImage.
        Raises InvalidRequest when the counts differ, and what `image` raises.
        """
        ready = tuple(self.image(image, **image_options) for image in images)
        segments = render(messages, tools=tools)
        ids, _ = encode(segments, self.tokenizer, [image.plan.tokens for image in ready])
        return ModelInputs(torch.tensor([ids]), ready)

    def image(
        self,
        source: Any,
        *,
        max_tiles: int | None = None,
        limits: ImageLimits | None = None,
        allow_remote: bool = False,
    ) -> TiledImage | EncodedImage:
        """Open, plan and cut one image; an image that is already cut or encoded is returned as it is.

        max_tiles: use only grids of at most so many tiles, the thumbnail not counted (faster, coarser).
        Raises UnreadableImage, ImageTooLarge, RemoteRefused, and InvalidRequest for wrong options, such as fewer
        max_tiles than an image that is already cut has.
        """
        tiling = self.tiling if max_tiles is None else at_most(self.tiling, max_tiles)
        _check_limits(limits)
        if isinstance(source, (TiledImage, EncodedImage)):
            _check_cut(source.plan, max_tiles)
            return source
        opened = open_image(source, limits=limits or ImageLimits(), allow_remote=allow_remote)
        return _looks(opened, tiling, (0.0, *MARGINS) if self.second_look else (0.0,))


def _looks(opened: Image.Image, tiling: TilingConfig, margins: Sequence[float]) -> TiledImage:
    """The image with the first margin, which knows how to be cut with the next."""
    first, *others = margins
    image = cut_image(opened, tiling, first)
    return replace(image, wider=cache(partial(_looks, opened, tiling, others))) if others else image


def cut_image(opened: Image.Image, tiling: TilingConfig, margin: float = 0.0) -> TiledImage:
    """An upright picture, or its inked area, planned and cut; `margin`: so much of its longer side more all around."""
    left, top, shown = 0, 0, opened
    if tiling.crop_ink:
        upright = to_rgb(opened)
        left, top, right, bottom = inked_area(upright, least=tiling.tile)
        shown = upright.crop((left, top, right, bottom))
    if margin:
        around = round(margin * max(shown.size))
        shown, left, top = framed(to_rgb(shown), around), left - around, top - around
    plan = plan_tiles(
        *(legible_size(shown, tiling) if tiling.crop_ink else (shown.height, shown.width)), tiling
    )
    plan = replace(plan, size=(shown.height, shown.width), crop=(top, left))
    return TiledImage(plan, render_pixels(shown, plan, tiling))


def at_most(tiling: TilingConfig, tiles: int) -> TilingConfig:
    """The same tiling without grids of more than `tiles` tiles. Raises InvalidRequest when none is left."""
    most = tiles if isinstance(tiles, Integral) else 0
    kept = tuple(p for p in tiling.pinpoints if (p[0] // tiling.tile) * (p[1] // tiling.tile) <= most)
    if not kept:
        raise InvalidRequest(
            found=f"max_tiles={tiles!r}",
            expected="1 or more",
            cause="0 or less as a way to say no limit, or a grid smaller than the model has",
            next_step="leave max_tiles out to allow every grid",
        )
    return replace(tiling, pinpoints=kept)


def _check_cut(plan: TilePlan, most: int | None) -> None:
    """Raises InvalidRequest for a bound that comes too late."""
    tiles = plan.tiles - 1  # the thumbnail is not counted
    if most is not None and tiles > most:
        raise InvalidRequest(
            found=f"max_tiles={most} for an image that is cut into {tiles} tiles",
            expected=f"{tiles} or more",
            cause="the image was encoded before, without this bound",
            next_step="give max_tiles to encode, or pass the image itself",
        )


def _check_limits(limits: Any) -> None:
    if not (limits is None or isinstance(limits, ImageLimits)):
        raise InvalidRequest(
            found=f"limits={limits!r}",
            expected="an ImageLimits, or None",
            cause="a number of bytes or pixels by itself",
            next_step="pass ImageLimits(max_bytes=..., max_pixels=...) of minimax_vl.vision.images",
        )


def _without_pixels(image: TiledImage | EncodedImage) -> TiledImage | EncodedImage:
    return replace(image, pixels=image.pixels.new_empty(0)) if isinstance(image, TiledImage) else image
