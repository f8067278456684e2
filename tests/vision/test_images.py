"""Every form of image in gives the same picture; every bad one gives an error that helps."""

from __future__ import annotations

import base64
import io
import os
import urllib.parse
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from minimax_vl.errors import ImageTooLarge, InvalidRequest, MiniMaxVLError, UnreadableImage
from minimax_vl.vision.images import ImageLimits, open_image
from minimax_vl.vision.pixels import to_rgb

ORIENTATION = 0x0112
PIXELS = np.random.default_rng(5).integers(0, 256, (40, 60, 3)).astype(np.uint8)  # [H, W, 3]


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def sample() -> Image.Image:
    return Image.fromarray(PIXELS)


PNG = encoded(sample())


def forms(folder: Path) -> dict[str, object]:
    path = folder / "picture.txt"  # the name is no evidence
    path.write_bytes(PNG)
    text = base64.b64encode(PNG).decode()
    tensor = torch.from_numpy(PIXELS).permute(2, 0, 1)
    return {
        "str": str(path),
        "Path": path,
        "bytes": PNG,
        "bytearray": bytearray(PNG),
        "memoryview": memoryview(PNG),
        "BytesIO": io.BytesIO(PNG),
        "data URI": f"data:image/png;base64,{text}",
        "data URI, upper case, in lines": f"DATA:image/png;BASE64,{text[:50]}\n{text[50:]}",
        "data URI, percent": "data:image/png," + urllib.parse.quote_from_bytes(PNG),
        "Pillow": sample(),
        "Pillow, not loaded": Image.open(io.BytesIO(PNG)),
        "array": PIXELS,
        "array, strided": PIXELS[::-1, ::-1].copy()[::-1, ::-1],
        "array, float": PIXELS / 255,
        "array, half": (PIXELS / 255).astype(np.float32),
        "tensor": tensor,
        "tensor, float": tensor / 255,
        "tensor, gradient": (tensor / 255).requires_grad_(),
        "tensor, negated lazily": torch._neg_view(-(tensor / 255)),
    }


def test_every_form_gives_the_same_picture(tmp_path):
    for name, source in forms(tmp_path).items():
        assert np.array_equal(np.asarray(open_image(source)), PIXELS), name
    with (tmp_path / "picture.txt").open("rb") as file:
        assert np.array_equal(np.asarray(open_image(file)), PIXELS)


def test_channels_of_arrays_and_tensors():
    grey, alpha = PIXELS[..., 0], np.dstack([PIXELS, PIXELS[..., :1]])
    for source in (grey, grey[..., None], torch.from_numpy(grey), torch.from_numpy(grey)[None]):
        image = open_image(source)
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), grey)
    for source in (alpha, torch.from_numpy(alpha).permute(2, 0, 1)):
        image = open_image(source)
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image), alpha)


@pytest.mark.parametrize(
    "format", ["PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "JPEG2000", "JPEG", "MPO", "ICO", "AVIF"]
)
def test_formats(format):
    options = {"lossless": True} if format == "WEBP" else {}
    image = to_rgb(open_image(encoded(Image.new("RGB", (32, 32), (200, 100, 50)), format, **options)))
    assert image.size == (32, 32)
    assert max(abs(a - b) for a, b in zip(image.getpixel((9, 9)), (200, 100, 50))) < 6


# How an upright picture is stored so that each orientation shows it upright again (Exif 2.3, tag 0x0112).
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_orientation(orientation, format):
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](PIXELS)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if format == "WEBP" else {}
    data = encoded(stored, format, exif=exif, **options)
    once = open_image(data)
    assert np.array_equal(np.asarray(once), PIXELS)
    assert np.array_equal(np.asarray(open_image(once)), PIXELS)  # turned once, not twice
    theirs = Image.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(open_image(theirs)), PIXELS)


def test_an_image_of_the_callers_is_not_changed():
    mine = sample()
    mine.getexif()[ORIENTATION] = 6
    turned = open_image(mine)
    assert turned.size == (40, 60)
    assert mine.size == (60, 40)
    assert mine.getexif()[ORIENTATION] == 6


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says so, too
def test_broken_exif_costs_nothing():
    data = encoded(sample(), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert np.array_equal(np.asarray(open_image(data)), PIXELS)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_frame_of_an_animation(format):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    image = to_rgb(open_image(encoded(frames[0], format, save_all=True, append_images=frames[1:])))
    red, _, blue = image.getpixel((8, 8))
    assert red > 200 > blue


def test_modes_survive_until_they_are_converted():
    grey16 = Image.fromarray(np.array([[0, 65535]], dtype=np.uint16))
    for image, format, rgb in [
        (Image.new("CMYK", (2, 1), (0, 255, 255, 0)), "TIFF", (255, 0, 0)),
        (Image.new("1", (2, 1), 1), "PNG", (255, 255, 255)),
        (Image.new("L", (2, 1), 7), "PNG", (7, 7, 7)),
        (Image.new("LA", (2, 1), (7, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGB", (2, 1), (9, 8, 7)).convert("P", palette=Image.Palette.ADAPTIVE), "PNG", (9, 8, 7)),
        (grey16, "PNG", (0, 0, 0)),
    ]:
        opened = open_image(encoded(image, format))
        assert opened.mode == image.mode
        assert to_rgb(opened).getpixel((0, 0)) == rgb
    assert to_rgb(open_image(encoded(grey16))).getpixel((1, 0)) == (255, 255, 255)


def check(caught: pytest.ExceptionInfo[MiniMaxVLError], found: str, next_step: str) -> None:
    error = caught.value
    assert found in error.found
    assert next_step in error.next_step
    assert error.expected
    assert error.cause
    assert str(error).count("\n") == 3
    assert error.exit_code in (1, 2)


@pytest.mark.parametrize(
    ("data", "cause", "next_step"),
    [
        (b"", "empty", "seek(0)"),
        (b"hello, world", "another kind of file", "convert"),
        (b"%PDF-1.7\n", "PDF", "pdftoppm"),
        (b"<?xml version='1.0'?><svg/>", "SVG", "export"),
        (b"\n<!DOCTYPE html><html>", "web page", "save the image"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS", "git lfs pull"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(32), "HEIC", "minimax-vl[heic]"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "another kind of file", "convert"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_what_is_no_image_is_named(data, cause, next_step):
    with pytest.raises(UnreadableImage) as caught:
        open_image(data)
    check(caught, f"{len(data)} bytes", next_step)
    assert cause in caught.value.cause


@pytest.mark.parametrize("empty", ["data:,", "data:image/png;base64,"])
def test_an_empty_data_uri_is_no_file_to_be_read_from_its_start(empty):
    with pytest.raises(UnreadableImage) as caught:
        open_image(empty)
    assert "seek" not in str(caught.value) and "bytes of its file" in caught.value.next_step
    with pytest.raises(UnreadableImage, match=r"seek\(0\)"):
        open_image(io.BytesIO())


def test_a_file_is_named_as_its_owner_knows_it(tmp_path):
    file = io.BytesIO(b"hello")
    with pytest.raises(UnreadableImage, match="found: a file object of type BytesIO"):
        open_image(file)
    file = io.BytesIO(b"hello")
    file.name = "letter.png"  # as of an upload
    with pytest.raises(UnreadableImage, match=r"found: 'letter\.png' \(5 bytes\)"):
        open_image(file)
    (tmp_path / "x").write_bytes(b"hello")
    with (
        open(os.open(tmp_path / "x", os.O_RDONLY), "rb") as file,  # its name is a number
        pytest.raises(UnreadableImage, match="found: a file object of type BufferedReader"),
    ):
        open_image(file)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files(format, share):
    data = encoded(sample(), format)
    with pytest.raises(UnreadableImage) as caught:
        open_image(data[: int(len(data) * share)])
    check(caught, "bytes in memory", "")


def test_truncated_pillow_image():
    with pytest.raises(UnreadableImage) as caught:
        open_image(Image.open(io.BytesIO(PNG[: len(PNG) // 2])))
    check(caught, "a Pillow image", "again")


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=200, deadline=None)
@given(
    which=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "ICO", "PPM"]),
    edits=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damaged_bytes_give_an_image_or_our_error(which, edits):
    data = bytearray(encoded(sample(), which))
    for position, value in edits:
        data[position % len(data)] = value
    try:
        image = to_rgb(open_image(data))
    except MiniMaxVLError:
        return
    assert image.mode == "RGB"
    assert min(image.size) >= 1


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels: decoding it would fail, so only the claim can be judged."""
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    data = b"IDAT" + zlib.compress(b"")
    chunks = [len(c[4:]).to_bytes(4, "big") + c + zlib.crc32(c).to_bytes(4, "big") for c in (body, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    "size", [(9500, 9500), (20_000, 20_000)], ids=str
)  # above Pillow's warning; its error
def test_a_bomb_is_refused_by_its_header(size):
    with pytest.raises(ImageTooLarge) as caught:
        open_image(png_header(*size))
    check(caught, f"{size[0] * size[1]} pixels", "scale it down")


def test_opening_leaves_the_warnings_of_other_threads_alone(monkeypatch):
    during, original = [], Image.open

    def opened(*arguments, **options):
        during.append(warnings.filters)
        return original(*arguments, **options)

    monkeypatch.setattr(Image, "open", opened)
    open_image(PNG)
    assert during[0] is warnings.filters


def test_pixel_limit_holds_for_every_form(tmp_path):
    limits = ImageLimits(max_pixels=40 * 60 - 1)
    for name, source in forms(tmp_path).items():
        with pytest.raises(ImageTooLarge) as caught:
            open_image(source, limits=limits)
        check(caught, "60 x 40", "max_pixels")
        assert "2399 pixels" in caught.value.expected, name


def test_byte_limit_holds_for_every_encoded_form(tmp_path):
    decoded = (Image.Image, np.ndarray, torch.Tensor)
    for name, source in forms(tmp_path).items():
        assert open_image(source, limits=ImageLimits(max_bytes=len(PNG))).size == (60, 40), name
    for source in forms(tmp_path).values():  # new ones: file objects have been read
        if not isinstance(source, decoded):
            with pytest.raises(ImageTooLarge) as caught:
                open_image(source, limits=ImageLimits(max_bytes=len(PNG) - 1))
            check(caught, "more than", "max_bytes")


@pytest.mark.parametrize(
    ("source", "found", "next_step"),
    [
        (np.zeros((2, 8, 8, 3), np.uint8), "array [2, 8, 8, 3]", "one image of the batch"),
        (np.zeros((3, 8, 8), np.uint8), "array [3, 8, 8]", "move the channels"),
        (torch.zeros(8, 8, 3), "tensor [8, 8, 3]", "move the channels"),
        (np.zeros((8, 8), np.int64), "int64", "uint8"),
        (np.full((8, 8), 255.0), "255", "divide by 255"),
        (np.full((8, 8), np.nan), "nan", "divide by 255"),
        (np.zeros((0, 8, 3), np.uint8), "8 x 0", "crop"),
        (Image.new("RGB", (0, 4)), "0 x 4", "crop"),
        (io.StringIO("text"), "reads str", '"rb"'),
        (torch.zeros(3, 8, 8, device="meta"), "meta", "load the data"),
        (torch.zeros(8, 8).to_sparse(), "Sparse", "to_dense"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_pictures_of_the_wrong_shape_or_type(source, found, next_step):
    with pytest.raises(UnreadableImage) as caught:
        open_image(source)
    check(caught, found, next_step)


def test_other_types_are_a_usage_error():
    with pytest.raises(InvalidRequest) as caught:
        open_image([PNG])
    check(caught, "list", "pass one")
    assert caught.value.exit_code == 2
