"""Pixels: an upright image and its TilePlan become the normalised tiles that the ViT reads.

The released processor resizes a picture in the mode of its file and converts to RGB afterwards: alpha is
dropped without a background, and palette pictures are resized by nearest neighbour. `render` converts first
instead (alpha onto white, 16 bits scaled to 8), which changes nothing for RGB and grey files;
`release_modes=True` gives the published order.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from minimax_vl.errors import InvalidRequest, UnreadableImage
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.tiling import TilePlan


def render(
    image: Image.Image, plan: TilePlan, config: TilingConfig, *, release_modes: bool = False
) -> Tensor:
    """Resize, centre on black, cut and normalise: float32 [tiles, 3, tile, tile], thumbnail first.

    Black padding goes in before the normalisation; the thumbnail is stretched to a square. Raises
    InvalidRequest when the plan was made for another size.
    """
    if (image.height, image.width) != plan.size:
        raise InvalidRequest(
            found=f"an image {image.width} pixels wide and {image.height} high",
            expected=f"{plan.size[1]} wide and {plan.size[0]} high, as in the plan",
            cause="the plan was made before the image was turned upright or cropped",
            next_step="call plan_tiles with the size of the image that is rendered",
        )
    picture = image if release_modes else to_rgb(image)
    tiles = cut_tiles(picture, plan, config).transpose(0, 3, 1, 2)  # [tiles, 3, tile, tile]
    pixels = np.empty(tiles.shape, dtype=np.float32)
    _normalise(tiles, config, out=pixels)
    return torch.from_numpy(pixels)


def cut_tiles(picture: Image.Image, plan: TilePlan, config: TilingConfig) -> np.ndarray:
    """Resize, centre on black and cut, not normalised: uint8 [tiles, tile, tile, 3], thumbnail first."""
    (rows, columns), tile = plan.grid, config.tile
    (height, width), (top, left) = plan.resized, plan.offset
    canvas = np.zeros((rows * tile, columns * tile, 3), dtype=np.uint8)
    canvas[top : top + height, left : left + width] = _resized(picture, width, height)
    tiles = np.empty((plan.tiles, tile, tile, 3), dtype=np.uint8)
    tiles[0] = _resized(picture, tile, tile)
    cut = canvas.reshape(rows, tile, columns, tile, 3).swapaxes(1, 2)  # [rows, columns, tile, tile, 3]
    tiles[1:] = cut.reshape(plan.tiles - 1, tile, tile, 3)
    return tiles


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: alpha onto white, 16-bit grey scaled to 8, float grey taken as 0..1.

    Raises UnreadableImage for float values outside 0..1, for wide grey whose white nobody knows (see
    `bytes_from_wide`) and for modes that Pillow cannot convert.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode == "F":
        return Image.fromarray(bytes_from_floats(np.asarray(image))).convert("RGB")
    if image.mode.startswith("I"):
        return Image.fromarray(bytes_from_wide(np.asarray(image), image.mode)).convert("RGB")
    try:
        if image.has_transparency_data:
            layer = image.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
        return image.convert("RGB")
    except ValueError as error:
        raise UnreadableImage(
            found=f"an image in the colour mode {image.mode}",
            expected="grey, RGB, CMYK or palette colours, with or without alpha",
            cause=f"Pillow cannot convert it ({error})",
            next_step="convert the image to RGB first",
        ) from error


def bytes_from_wide(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey of more than 8 bits to uint8, rounded; 65535 is white.

    32 bits (mode "I") say nothing of their range: where none is above 255, 255 is white. Raises UnreadableImage for
    values outside 0..65535, and for a largest value of 4095 or less elsewhere: 10 or 12 bits of a scanner would be
    read as a black page. Arrays of numpy's uint16 have no agreed white either: `open_image` refuses them all.
    """
    low, high = int(values.min()), int(values.max())
    if mode == "I" and low >= 0 and high <= 255:
        return values.astype(np.uint8)
    if low < 0 or high > 65535 or 0 < high <= 4095:
        raise UnreadableImage(
            found=f"grey pixels from {low} to {high}, of {32 if mode == 'I' else 16} bits",
            expected="8 bits, or 16 bits that are used up to 65535",
            cause="10 or 12 bits of a scanner or a camera, or an array that is not a picture",
            next_step="scale to 0..255 and convert to uint8",
        )
    return ((values.astype(np.int64) + 128) // 257).astype(np.uint8)


def bytes_from_floats(values: np.ndarray) -> np.ndarray:
    """Floats 0..1 to uint8, rounded. Raises UnreadableImage for values outside, NaN included."""
    low, high = float(values.min()), float(values.max())
    if not (low >= -1e-3 and high <= 1 + 1e-3):  # filters overshoot a little; NaN fails both
        raise UnreadableImage(
            found=f"float pixels from {low:g} to {high:g}",
            expected="float pixels from 0 to 1",
            cause="values of 0..255 or normalised values kept as floats",
            next_step="divide by 255, or undo the normalisation; uint8 is taken as it is",
        )
    return np.rint(np.clip(values, 0.0, 1.0) * 255.0).astype(np.uint8)


def _resized(picture: Image.Image, width: int, height: int) -> np.ndarray:
    """Pillow's antialiased bicubic, then RGB: uint8 [height, width, 3]."""
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC).convert("RGB"))


def _normalise(values: np.ndarray, config: TilingConfig, *, out: np.ndarray) -> None:
    """Write (x / 255 - mean) / std as one multiply and one add; values and out [..., 3, H, W]."""
    std = np.asarray(config.image_std)[:, None, None]
    mean = np.asarray(config.image_mean)[:, None, None]
    np.multiply(values, (1.0 / (255.0 * std)).astype(np.float32), out=out)
    out -= (mean / std).astype(np.float32)


def framed(picture: Image.Image, around: int) -> Image.Image:
    """An RGB picture with `around` pixels more on every side, in the middle colour of its own edge."""
    pixels = np.asarray(picture)  # [H, W, 3]
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = (int(level) for level in np.median(edge, axis=0))
    return ImageOps.expand(picture, around, fill=(red, green, blue))
