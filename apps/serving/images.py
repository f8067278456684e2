"""Images of requests: data URIs, and https addresses where the operator allows them. Never a path of the server."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
    images: Sequence[ImageURL], processor: Processor, *, most: int, remote: bool
) -> list[TiledImage | EncodedImage]:
    """Open and cut the images of one request. Raises Fault, or what `Processor.image` raises."""
    if len(images) > most:
        raise Fault(
            400,
            f"{len(images)} images; at most {most} in one request",
            param="messages",
            code="too_many_images",
        )
    end = time.monotonic() + FETCHING
    return [
        processor.image(
            _source(image.url, remote, end), max_tiles=1 if image.detail == "low" else None, limits=LIMITS
        )
        for image in images
    ]


def _source(url: str, remote: bool, end: float) -> Any:
    start = url[:8].lower()
    if start.startswith("data:"):
        return url
    if start.startswith(("http://", "https://")):
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
