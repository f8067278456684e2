"""Images of requests: data URIs, and https addresses where the operator allows them. Never a path of the server."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from minimax_vl.apps.serving.faults import Fault
from minimax_vl.apps.serving.protocol import ImageURL
from minimax_vl.apps.serving.remote import fetch
from minimax_vl.vision.sources import ImageLimits

if TYPE_CHECKING:
    from minimax_vl.processor import EncodedImage, Processor, TiledImage

FETCHING = 15.0  # seconds for all remote images of a request
LIMITS = ImageLimits(max_bytes=20 << 20, max_pixels=40_000_000)


def cut(
    images: Sequence[ImageURL],
    processor: Processor,
    *,
    most: int,
    remote: bool,
    opening: AbstractContextManager[Any] | None = None,
) -> list[TiledImage | EncodedImage]:
    """Open and cut the images of one request. Raises Fault, or what `Processor.image` raises.

    opening: entered while an image is being opened and cut, but not while it is being fetched.
    """
    if len(images) > most:
        raise Fault(
            400,
            f"{len(images)} images; at most {most} in one request",
            param="messages",
            code="too_many_images",
        )
    end = time.monotonic() + FETCHING
    ready = []
    for image in images:
        source = _source(image.url, remote, end)
        with opening or nullcontext():
            most_tiles = 1 if image.detail == "low" else None
            ready.append(processor.image(source, max_tiles=most_tiles, limits=LIMITS))
    return ready


def is_address(url: str) -> bool:
    """Whether an image would have to be fetched."""
    return url[:8].lower().startswith(("http://", "https://"))


def _source(url: str, remote: bool, end: float) -> Any:
    if url[:8].lower().startswith("data:"):
        return url
    if is_address(url):
        if remote:
            return fetch(url, LIMITS.max_bytes, seconds=max(0.1, end - time.monotonic()))
        raise Fault(
            400,
            "this server does not fetch images; send the image as a data URI (data:image/png;base64,...), or have"
            " it started with --allow-remote-images",
            param="messages",
            code="remote_image_refused",
        )
    raise Fault(
        400,
        f"an image_url of {len(url)} characters that is neither a data URI nor an https address; paths of the"
        " server are never read",
        param="messages",
        code="invalid_image",
    )
