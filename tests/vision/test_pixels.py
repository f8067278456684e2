"""Rendering against an independent, slow statement of the released pipeline, bit for bit where it must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image

from minimax_vl.errors import InvalidRequest, UnreadableImage
from minimax_vl.presets import PRESETS
from minimax_vl.vision.pixels import cut_tiles, render, to_rgb
from minimax_vl.vision.tiling import plan_tiles

TILING = PRESETS["nano"].tiling
SIZES = [(97, 131), (131, 97), (336, 336), (1, 1), (40, 300), (700, 655)]  # height, width
MODES = ["RGB", "L", "RGBA", "LA", "P", "1", "CMYK", "I;16"]


def picture(mode: str, height: int, width: int) -> Image.Image:
    """Noise over slopes, in any mode."""
    rng = np.random.default_rng(height * 7919 + width)
    y, x = np.mgrid[:height, :width]
    slopes = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256, 255 - x * 255 // width], axis=-1)
    values = np.clip(slopes + rng.integers(-40, 40, slopes.shape), 0, 255).astype(np.uint8)
    if mode == "I;16":
        return Image.fromarray(values[..., 0].astype(np.uint16) * 257)
    if mode in ("RGBA", "CMYK"):
        return (
            Image.fromarray(values, mode="RGBA") if mode == "RGBA" else Image.fromarray(values).convert(mode)
        )
    if mode == "LA":
        return Image.merge("LA", [Image.fromarray(np.ascontiguousarray(values[..., c])) for c in (0, 3)])
    return Image.fromarray(np.ascontiguousarray(values[..., :3])).convert(mode)


def released_tiles(image: Image.Image) -> list[Image.Image]:
    """The published order of steps: resize in the file's mode, paste centred on black RGB, crop, convert."""
    width, height = image.size
    best, most = None, (-1, 0)
    for w, h in TILING.pinpoints:
        scale = min(w / width, h / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        if (shown, shown - w * h) > most:
            best, most = (w, h), (shown, shown - w * h)
    if width / height > best[0] / best[1]:
        size = (best[0], int(best[0] * height / width))
    else:
        size = (int(best[1] * width / height), best[1])
    canvas = Image.new("RGB", best, (0, 0, 0))
    corner = (math.floor((best[0] - size[0]) / 2), math.floor((best[1] - size[1]) / 2))
    canvas.paste(image.resize(size, Image.Resampling.BICUBIC).convert("RGB"), corner)
    tiles = [image.resize((336, 336), Image.Resampling.BICUBIC)]
    for top in range(0, best[1], 336):
        tiles += [canvas.crop((left, top, left + 336, top + 336)) for left in range(0, best[0], 336)]
    return [tile.convert("RGB") for tile in tiles]


def normalised(tiles: list[Image.Image]) -> torch.Tensor:
    values = torch.from_numpy(np.stack([np.asarray(tile) for tile in tiles])).double().permute(0, 3, 1, 2)
    mean, std = (torch.tensor(v).double().view(3, 1, 1) for v in (TILING.image_mean, TILING.image_std))
    return (values / 255 - mean) / std  # [tiles, 3, 336, 336]


def unnormalised(pixels: torch.Tensor) -> torch.Tensor:
    mean, std = (torch.tensor(v).double().view(3, 1, 1) for v in (TILING.image_mean, TILING.image_std))
    return ((pixels.double() * std + mean) * 255).round().to(torch.uint8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_release_modes_are_bit_exact(mode, size):
    image = picture(mode, *size)
    theirs = released_tiles(image)
    plan = plan_tiles(*size, TILING)
    assert np.array_equal(cut_tiles(image, plan, TILING), np.stack([np.asarray(tile) for tile in theirs]))
    pixels = render(image, plan, TILING, release_modes=True)
    assert pixels.dtype == torch.float32
    assert pixels.is_contiguous()
    assert (pixels.double() - normalised(theirs)).abs().max() < 1e-6


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_converting_first_changes_nothing_for_rgb_and_grey(mode, size):
    image, plan = picture(mode, *size), plan_tiles(*size, TILING)
    assert torch.equal(render(image, plan, TILING), render(image, plan, TILING, release_modes=True))


@pytest.mark.parametrize("mode", ["RGBA", "P", "1"])
def test_converting_first_is_a_difference_elsewhere(mode):
    image, plan = picture(mode, 97, 131), plan_tiles(97, 131, TILING)
    assert not torch.equal(render(image, plan, TILING), render(image, plan, TILING, release_modes=True))


def test_padding_is_black_before_normalisation_and_the_odd_pixel_goes_last():
    image = Image.new("RGB", (336, 101), "white")
    plan = plan_tiles(101, 336, TILING)
    thumbnail, tile = unnormalised(render(image, plan, TILING))
    assert (thumbnail == 255).all()  # stretched, no padding
    assert (tile[:, :117] == 0).all()
    assert (tile[:, 117:218] == 255).all()
    assert (tile[:, 218:] == 0).all()  # 118 rows below, 117 above
    black = render(image, plan, TILING)[1, :, 0, 0]
    assert torch.allclose(black, torch.tensor([-1.792263, -1.752097, -1.480220]), atol=1e-6)


def test_tiles_follow_row_by_row():
    plan = plan_tiles(672, 1008, TILING)
    board = Image.new("RGB", (1008, 672))
    for n in range(6):
        board.paste((n, n, n), (n % 3 * 336, n // 3 * 336, n % 3 * 336 + 336, n // 3 * 336 + 336))
    tiles = unnormalised(render(board, plan, TILING))
    assert [int(tile[0, 168, 168]) for tile in tiles[1:]] == [0, 1, 2, 3, 4, 5]


def test_alpha_goes_onto_white():
    clear, half = (10, 20, 30, 0), (0, 0, 0, 128)
    assert to_rgb(Image.new("RGBA", (2, 2), clear)).getpixel((0, 0)) == (255, 255, 255)
    assert to_rgb(Image.new("RGBA", (2, 2), half)).getpixel((0, 0)) == (127, 127, 127)
    assert to_rgb(Image.new("LA", (2, 2), (0, 0))).getpixel((0, 0)) == (255, 255, 255)
    keyed = Image.new("RGB", (2, 2), (1, 2, 3))
    keyed.info["transparency"] = (1, 2, 3)
    assert to_rgb(keyed).getpixel((0, 0)) == (255, 255, 255)
    palette = Image.new("P", (2, 2), 5)
    palette.info["transparency"] = 5
    assert to_rgb(palette).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_sixteen_bits_scale_to_eight(mode):
    values = np.array([[0, 128, 129, 257, 32896, 65535]])
    dtype = {"I;16": "<u2", "I;16B": ">u2", "I": "<i4"}[mode]
    image = Image.frombytes(mode, (6, 1), values.astype(dtype).tobytes())
    assert np.asarray(to_rgb(image))[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]


@pytest.mark.parametrize("highest", [1, 200, 255])
def test_thirty_two_bits_that_hold_eight_are_taken_as_eight(highest):
    values = np.array([[0, 1, highest]], np.int32)
    image = Image.fromarray(values)
    assert image.mode == "I"
    assert np.asarray(to_rgb(image))[0, :, 0].tolist() == values[0].tolist()


def test_a_tiff_of_thirty_two_bits_looks_as_its_grey_original(tmp_path):
    grey = picture("L", 40, 60)
    Image.fromarray(np.asarray(grey).astype(np.int32)).save(tmp_path / "wide.tif")
    with Image.open(tmp_path / "wide.tif") as wide:
        assert to_rgb(wide).tobytes() == grey.convert("RGB").tobytes()


@pytest.mark.parametrize(
    ("mode", "values", "said"),
    [
        ("I", [0, 70000], "from 0 to 70000, of 32 bits"),
        ("I", [-1, 200], "from -1 to 200, of 32 bits"),
        ("I", [0, 4095], "from 0 to 4095, of 32 bits"),
        ("I;16", [9, 255], "from 9 to 255, of 16 bits"),
        ("I;16", [0, 4095], "from 0 to 4095, of 16 bits"),
        ("I;16B", [0, 1023], "from 0 to 1023, of 16 bits"),
    ],
)
def test_wide_grey_whose_white_nobody_knows_is_refused(mode, values, said):
    dtype = {"I;16": "<u2", "I;16B": ">u2", "I": "<i4"}[mode]
    image = Image.frombytes(mode, (2, 1), np.array(values, dtype).tobytes())
    with pytest.raises(UnreadableImage, match=f"(?s){said}.*scale to 0..255"):
        to_rgb(image)


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_black_is_black_in_any_width(mode):
    assert to_rgb(Image.new(mode, (2, 2), 0)).getpixel((0, 0)) == (0, 0, 0)


def test_float_modes_take_0_to_1_and_refuse_the_rest():
    assert to_rgb(Image.fromarray(np.full((2, 2), 0.5, dtype=np.float32))).getpixel((0, 0)) == (128, 128, 128)
    with pytest.raises(UnreadableImage, match=r"(?s)0 to 200.*divide by 255"):
        to_rgb(Image.fromarray(np.array([[0.0, 200.0]], dtype=np.float32)))


def test_a_mode_without_a_way_to_rgb_is_named():
    with pytest.raises(UnreadableImage, match="colour mode La"):
        to_rgb(Image.new("La", (2, 2)))


def test_a_plan_of_another_size_is_refused():
    with pytest.raises(InvalidRequest, match=r"(?s)131 pixels wide and 97 high.*97 wide and 131 high"):
        render(picture("RGB", 97, 131), plan_tiles(131, 97, TILING), TILING)
