"""Sources: a path, bytes, file object, data URI or address becomes encoded bytes, up to a limit."""

from __future__ import annotations

import base64
import os
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from minimax_vl.errors import ImageTooLarge, InvalidRequest, MiniMaxVLError, RemoteRefused, UnreadableImage

REMOTE_SECONDS = 20.0


@dataclass(frozen=True)
class ImageLimits:
    """What one image may cost at most; Pillow's own `Image.MAX_IMAGE_PIXELS` holds as well."""

    max_bytes: int = 64 * 2**20
    max_pixels: int = 100_000_000


def read_bytes(source: Any, limits: ImageLimits, *, allow_remote: bool) -> tuple[str, bytes]:
    """A name for messages, and the encoded image.

    Raises UnreadableImage, ImageTooLarge, RemoteRefused, or InvalidRequest for a type that is no source.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, data = "bytes in memory", bytes(source)
    elif isinstance(source, str) and source[:5].lower() == "data:":
        name, data = "a data URI", _from_data_uri(source, limits)
    elif isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        name, data = source, _fetch(source, limits, allow_remote=allow_remote)
    elif isinstance(source, (str, os.PathLike)):
        name, data = _short(source), _from_path(source, limits)
    elif hasattr(source, "read"):
        name, data = _file_name(source), _from_file(source, limits)
    else:
        raise InvalidRequest(
            found=f"an image of type {type(source).__name__}",
            expected="a path, bytes, a file object, a data URI, a Pillow image, an array or a tensor",
            cause="a list where one image was wanted, a wrapper around an image, or None from a reader that failed",
            next_step="pass one of these",
        )
    if len(data) > limits.max_bytes:
        raise _too_many_bytes(name, limits)
    return name, data


def _from_path(source: str | os.PathLike[str], limits: ImageLimits) -> bytes:
    try:
        with open(source, "rb") as file:  # not Path.open: Path("") is the current folder
            # Read up to the limit instead of asking stat(): a device has no size.
            return file.read(limits.max_bytes + 1)
    except IsADirectoryError as error:
        raise UnreadableImage(
            found=f"{_short(source)}, a directory",
            expected="an image file",
            cause="one of the files in it was meant",
            next_step="name that file",
        ) from error
    except FileNotFoundError as error:
        raise UnreadableImage(
            found=f"no file {_short(source)}",
            expected="an image file",
            cause=f"a typing error, the question instead, or a path from another folder than {str(Path.cwd())!r}",
            next_step="check the path; ~ and file:// in it stand for nothing",
        ) from error
    except (OSError, ValueError) as error:  # no permission, a name too long, a zero byte in it
        raise UnreadableImage(
            found=f"{_short(source)}, which cannot be opened: {getattr(error, 'strerror', None) or error}",
            expected="a readable image file",
            cause="missing permission, or a string that is not a path",
            next_step="check the path and its permissions",
        ) from error


def _from_file(file: Any, limits: ImageLimits) -> bytes:
    data = bytearray()
    # A pipe or a socket gives less than it is asked for.
    while len(data) <= limits.max_bytes and (part := _read(file, limits.max_bytes + 1 - len(data))):
        data += part
    return bytes(data)


def _file_name(file: Any) -> str:
    """As its owner knows it: of an upload the name that it was given; `open(3)` has a number there."""
    name = getattr(file, "name", None)
    return _short(name) if isinstance(name, str) else f"a file object of type {type(file).__name__}"


def _read(file: Any, size: int) -> bytes:
    try:
        part = file.read(size)
    except (MiniMaxVLError, MemoryError):
        raise
    except Exception as error:  # what unpacks as it reads has errors of its own: EOFError, BadZipFile, ...
        raise UnreadableImage(
            found=f"a file object that cannot be read: {str(error) or type(error).__name__}",
            expected="an open file whose read(size) returns bytes",
            cause="it has been closed, was opened for writing, or reads from an archive that is damaged",
            next_step='open it again with mode "rb"',
        ) from error
    if isinstance(part, bytes):
        return part
    raise UnreadableImage(
        found=f"a file object that reads {type(part).__name__}",
        expected="one that reads bytes",
        cause="the file was opened as text",
        next_step='open it with mode "rb"',
    )


def _from_data_uri(uri: str, limits: ImageLimits) -> bytes:
    head, comma, body = uri.partition(",")
    if len(body) > 3 * limits.max_bytes:  # at most three characters a byte, so there is no need to decode
        raise _too_many_bytes(f"a data URI of {len(uri)} characters", limits)
    try:
        if not comma:
            raise ValueError("no comma after the media type")
        data = urllib.parse.unquote_to_bytes(body)
        return (
            base64.b64decode(b"".join(data.split()), validate=True)
            if head.lower().endswith(";base64")
            else data
        )
    except ValueError as error:  # binascii.Error is one
        raise UnreadableImage(
            found=f"the data URI {_short(uri)}: {error}",
            expected="data:image/png;base64, and then padded base64",
            cause="the URI was cut, or encoded with another alphabet",
            next_step="encode the file again with base64.b64encode",
        ) from error


def _fetch(address: str, limits: ImageLimits, *, allow_remote: bool) -> bytes:
    if not allow_remote:
        raise RemoteRefused(
            found=f"the address {_short(address)}",
            expected="an image that is already here",
            cause="nothing is fetched from a network unless the caller allows it",
            next_step="download the image and pass its path, or allow it: allow_remote=True, --allow-remote",
        )
    _only_https(address)
    try:
        with urllib.request.build_opener(_OnlyHttps).open(address, timeout=REMOTE_SECONDS) as reply:
            return reply.read(limits.max_bytes + 1)
    except MiniMaxVLError:
        raise
    except (OSError, ValueError, HTTPException) as error:  # URLError and timeouts are OSErrors
        raise UnreadableImage(
            found=f"{_short(address)}, which cannot be fetched: {error}",
            expected=f"an image over https, {REMOTE_SECONDS:g} s at most without data",
            cause="no network, a wrong address, or a server that refuses",
            next_step="download the image and pass its path",
        ) from error


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _only_https(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _only_https(address: str) -> None:
    if not address.lower().startswith("https://"):
        raise RemoteRefused(
            found=f"the address {_short(address)}",
            expected="an https address, also after redirects",
            cause="an unencrypted address",
            next_step="use its https form, or download the image and pass its path",
        )


def _too_many_bytes(name: str, limits: ImageLimits) -> ImageTooLarge:
    return ImageTooLarge(
        found=f"{name}: more than {limits.max_bytes} bytes",
        expected=f"at most {limits.max_bytes} bytes",
        cause="not a single image, or one kept without compression",
        next_step="save it as PNG or JPEG, or raise ImageLimits.max_bytes",
    )


def _short(source: str | os.PathLike[str]) -> str:
    """A path or address for a message: quoted, and cut where it is no longer readable."""
    text = os.fspath(source)
    return repr(text if len(text) <= 120 else f"{text[:117]}...")
