"""TilePlan: how one image is resized, padded and cut into tiles, and which of their features the model sees.

Pixels, placeholder ids and packing all read the same plan, so their counts cannot disagree. The choice of
grid, the flooring and the "unpad" rule are those of the released processor.
"""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.errors import UnreadableImage
from minimax_vl.vision.config import TilingConfig


@dataclass(frozen=True)
class TilePlan:
    """One image on its grid of tiles; sizes in pixels unless they are called features."""

    size: tuple[int, int]  # height, width of the upright original, or of the part of it that is shown
    # What `plan_tiles` was asked for, and makes this grid of again: larger than `size` where print is enlarged.
    planned: tuple[int, int]
    grid: tuple[int, int]  # rows, columns of tiles, at least (1, 1)
    resized: tuple[int, int]  # height, width after the resize
    offset: tuple[int, int]  # padding above and on the left
    kept: tuple[tuple[int, int], tuple[int, int]]  # (top, bottom), (left, right) features that show image
    side: int  # features along one side of a tile
    crop: tuple[int, int] = (
        0,
        0,
    )  # top and left of `size` in the upright original, when margins were cut off

    @property
    def tiles(self) -> int:
        """Tiles that the ViT sees: the thumbnail, then the grid row by row."""
        return self.grid[0] * self.grid[1] + 1

    @property
    def tokens(self) -> int:
        """Image slots in the prompt: the thumbnail's features, then the kept ones with a newline per row."""
        (top, bottom), (left, right) = self.kept
        return self.side**2 + (bottom - top) * (right - left + 1)


def plan_tiles(height: int, width: int, config: TilingConfig) -> TilePlan:
    """Plan an upright image of `height` x `width` pixels.

    Raises UnreadableImage when a side is empty or so short that it would vanish in the resize.
    """
    best_width, best_height = _best_pinpoint(height, width, config) if min(height, width) > 0 else (0, 0)
    wide = width * best_height > height * best_width  # bars above and below, not left and right
    if wide:
        resized = (best_width * height // width, best_width)
    else:
        resized = (best_height, best_height * width // max(height, 1))
    if min(resized) < 1:
        raise _no_pixels_left(height, width, config)
    offset = ((best_height - resized[0]) // 2, (best_width - resized[1]) // 2)
    grid = (best_height // config.tile, best_width // config.tile)
    return TilePlan(
        size=(height, width),
        planned=(height, width),
        grid=grid,
        resized=resized,
        offset=offset,
        kept=_kept(height, width, (grid[0] * config.side, grid[1] * config.side), wide=wide),
        side=config.side,
    )


def largest_image(config: TilingConfig) -> int:
    """Tokens of the image that needs most: 11,088 in the release."""
    return max(plan_tiles(height, width, config).tokens for width, height in config.pinpoints)


def _best_pinpoint(height: int, width: int, config: TilingConfig) -> tuple[int, int]:
    """The (width, height) that shows most of the image, then wastes least; the first one wins ties."""

    def merit(pinpoint: tuple[int, int]) -> tuple[int, int]:
        # Kept in floating point, products truncated, exactly as published: for about one size in ten thousand
        # (1413 wide, 1885 high) exact arithmetic would choose another grid.
        scale = min(pinpoint[0] / width, pinpoint[1] / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        return shown, shown - pinpoint[0] * pinpoint[1]

    return max(config.pinpoints, key=merit)


def _kept(
    height: int, width: int, features: tuple[int, int], *, wide: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns of the stitched feature map left after cutting as much off both ends as is padding.

    The same amount goes at both ends, so the count can be one above the image's own. An image flatter than
    one feature may keep none: the thumbnail alone shows it.
    """
    rows, columns = features
    if wide:
        pad = (rows - height * columns // width) // 2
        return (pad, rows - pad), (0, columns)
    pad = (columns - width * rows // height) // 2
    return (0, rows), (pad, columns - pad)


def _no_pixels_left(height: int, width: int, config: TilingConfig) -> UnreadableImage:
    longest = max(max(pinpoint) for pinpoint in config.pinpoints)
    return UnreadableImage(
        found=f"an image {width} pixels wide and {height} high",
        expected=f"two sides of at least one pixel, the longer at most {longest} times the shorter",
        cause="a line, a separator or an empty crop, which the resize would make thinner than a pixel",
        next_step="crop the part that matters, or pad the short side",
    )
