"""Images: anything a caller may call an image becomes one upright Pillow image, checked before it is decoded.

Content decides the format, never a file name. EXIF orientation is applied (the released processor ignores
it), of animations the first frame is taken, colours stay as they are: `pixels.to_rgb` converts them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import IO

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from minimax_vl.errors import ImageTooLarge, MiniMaxVLError, UnreadableImage
from minimax_vl.vision.pixels import bytes_from_floats
from minimax_vl.vision.sources import ImageLimits, read_bytes

ImageSource = str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | np.ndarray | torch.Tensor

# Pillow knows more, but some start other programs (EPS) or have no magic number (TGA): not for unknown input.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "ICO", "JPEG2000", "AVIF")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
DEFAULT_LIMITS = ImageLimits()


def open_image(
    source: ImageSource, *, limits: ImageLimits = DEFAULT_LIMITS, allow_remote: bool = False
) -> Image.Image:
    """Open one image and turn it upright; its colour mode is the file's.

    source: a path, encoded bytes, a binary file object, a data URI, an https address (only with
    `allow_remote`), a Pillow image, a numpy array [H, W] or [H, W, 1|3|4], or a torch tensor [H, W] or
    [1|3|4, H, W]; arrays hold uint8 or floats 0..1. Raises UnreadableImage, ImageTooLarge (before decoding),
    RemoteRefused, or InvalidRequest for another type.
    """
    if isinstance(source, Image.Image):
        return _from_pillow(source, limits)
    if isinstance(source, torch.Tensor):
        return _from_tensor(source, limits)
    if isinstance(source, np.ndarray):
        return _from_array(source, limits)
    name, data = read_bytes(source, limits, allow_remote=allow_remote)
    return _decode(name, data, limits)


def _decode(name: str, data: bytes, limits: ImageLimits) -> Image.Image:
    formats = (*FORMATS, *_heif()) if _is_heif(data) else FORMATS
    with _decoding(name, data, limits):
        image = Image.open(BytesIO(data), formats=formats)  # reads the header only
        _check_size(image.width, image.height, limits)
        image.load()
    with suppress(Exception):  # broken EXIF says nothing about the pixels, which are fine
        ImageOps.exif_transpose(image, in_place=True)  # and forgets the tag: opening twice turns once
    return image


def _from_pillow(image: Image.Image, limits: ImageLimits) -> Image.Image:
    _check_size(image.width, image.height, limits)
    with _decoding("a Pillow image", b"", limits):
        image.load()  # it may be a file that was opened only
    with suppress(Exception):
        return ImageOps.exif_transpose(image)  # a copy: the caller's image stays as it is
    return image.copy()


@contextmanager
def _decoding(name: str, data: bytes, limits: ImageLimits) -> Iterator[None]:
    """Every way in which a decoder fails, as one of our errors."""
    try:
        yield
    except (MiniMaxVLError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\d+", str(error))  # the rest of the sentence names a limit that is not ours
        raise _too_many_pixels(f"{name}: {pixels[0] if pixels else 'too many'} pixels", limits) from error
    except UnidentifiedImageError as error:
        cause, next_step = _not_an_image(name, data)
        raise UnreadableImage(
            found=f"{name} ({len(data)} bytes), not an image that can be read",
            expected=f"one of {', '.join(FORMATS)}",
            cause=cause,
            next_step=next_step,
        ) from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError, ...
        raise UnreadableImage(
            found=f"{name}: decoding stops with {str(error) or type(error).__name__!r}",
            expected="a complete image file",
            cause="a download or a copy that was cut short or damaged",
            next_step="copy or download the file again",
        ) from error


def _not_an_image(name: str, data: bytes) -> tuple[str, str]:
    """Likely cause and next step, from what the first bytes look like."""
    head = data[:1024].lstrip().lower()
    if not data and name == "a data URI":  # as `read_bytes` calls it
        return "an image that was not read, or a string that was cut", "put the bytes of its file there"
    if not data:
        return "an empty file, or a file object that was read to its end", "fill it, or call seek(0) first"
    if _is_heif(data):
        return "a HEIC picture from a phone", 'pip install "minimax-vl[heic]", or save it as JPEG'
    if b"%pdf-" in head:
        return "a PDF document", "save the page as PNG, for instance with pdftoppm -png -r 150"
    if b"<svg" in head:
        return "an SVG drawing, which has no pixels", "export it as PNG"
    if head.startswith((b"<!doctype html", b"<html")):
        return (
            "a web page saved under the image's name",
            "open the address in a browser and save the image itself",
        )
    if head.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer instead of the file", "run git lfs pull"
    return "another kind of file, or an image whose beginning is damaged", "convert it to PNG or JPEG"


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS


def _heif() -> tuple[str, ...]:
    """The name of Pillow's HEIF decoder where the extra `heic` is installed."""
    try:
        import pi_heif  # pyright: ignore[reportMissingImports]
    except ImportError:
        return ()
    pi_heif.register_heif_opener()
    return ("HEIF",)


def _from_tensor(tensor: torch.Tensor, limits: ImageLimits) -> Image.Image:
    if tensor.ndim == 3 and tensor.shape[0] in (1, 3, 4):
        tensor = tensor.permute(1, 2, 0)  # [H, W, 1|3|4]
    elif tensor.ndim != 2:
        raise _wrong_shape(f"tensor {list(tensor.shape)}", "[H, W], [1, H, W], [3, H, W] or [4, H, W]")
    try:
        array = (tensor.float() if tensor.is_floating_point() else tensor).numpy(force=True)
    # PyTorch's three answers where there are no pixels to read, in this order: a meta tensor; one inside vmap, or a
    # fake one; a sparse or quantised one.
    except (NotImplementedError, RuntimeError, TypeError) as error:  # all three: there is nothing to read
        raise UnreadableImage(
            found=f"a {tensor.dtype} tensor on {tensor.device} without readable pixels: {error}",
            expected="a dense tensor with its data",
            cause="a tensor on the meta device, or a sparse one",
            next_step="load the data, or call to_dense()",
        ) from error
    return _from_array(array, limits)


def _from_array(array: np.ndarray, limits: ImageLimits) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise _wrong_shape(f"array {list(array.shape)}", "[H, W], [H, W, 1], [H, W, 3] or [H, W, 4]")
    _check_size(array.shape[1], array.shape[0], limits)
    if np.issubdtype(array.dtype, np.floating):
        array = bytes_from_floats(array)
    elif array.dtype != np.uint8:
        raise UnreadableImage(
            found=f"pixels of dtype {array.dtype}",
            expected="uint8, or floats from 0 to 1",
            cause="an array that is not a picture, or arithmetic that widened it",
            next_step="scale to 0..255 and convert to uint8",
        )
    grey = array.ndim == 3 and array.shape[2] == 1
    return Image.fromarray(np.ascontiguousarray(array[..., 0] if grey else array))


def _wrong_shape(found: str, expected: str) -> UnreadableImage:
    return UnreadableImage(
        found=f"{found} as an image",
        expected=expected,
        cause="a batch instead of one image, or channels at the other end (numpy has them last, torch first)",
        next_step="take one image of the batch, or move the channels",
    )


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if min(width, height) < 1:
        raise UnreadableImage(
            found=f"an image of {width} x {height} pixels",
            expected="at least one pixel",
            cause="an empty crop",
            next_step="check the crop's corners",
        )
    if width * height > _most_pixels(limits):
        raise _too_many_pixels(f"{width} x {height} = {width * height} pixels", limits)


def _too_many_pixels(found: str, limits: ImageLimits) -> ImageTooLarge:
    return ImageTooLarge(
        found=found,
        expected=f"at most {_most_pixels(limits)} pixels",
        cause="a decompression bomb, or a scan at a resolution that no model sees",
        next_step="scale it down, or raise ImageLimits.max_pixels and PIL.Image.MAX_IMAGE_PIXELS",
    )


def _most_pixels(limits: ImageLimits) -> int:
    """Pillow only warns up to twice its limit; turning that into an error would change the filters of all threads."""
    return min(limits.max_pixels, Image.MAX_IMAGE_PIXELS or limits.max_pixels)
