"""Letters in AI2D's diagrams: the questions ask about them, the archive's pictures do not show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.errors import UnreadableImage
from minimax_vl.vision.images import open_image

LEAST = 10  # pixels: a few boxes of the data set have no height


def lettered(image: Path, annotation: Path, variant: str) -> Image.Image:
    """The diagram with the letter of every label drawn in.

    mask: an opaque white box with the letter covers the text, as in the usual test set. no-mask: the letter stands
    in a small box at the upper left corner of the text, which stays readable. Raises UnreadableImage.
    """
    picture = open_image(image).convert("RGB")
    draw = ImageDraw.Draw(picture)
    try:
        labels = json.loads(annotation.read_text(encoding="utf-8-sig"))["text"].values()
        for label in labels:
            letter = str(label["replacementText"])
            (x0, y0), (x1, y1) = label["rectangle"]
            box = (min(x0, x1), min(y0, y1), max(x0, x1, x0 + LEAST), max(y0, y1, y0 + LEAST))
            _write(draw, box if variant == "mask" else _tag(box, picture.size), letter)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableImage(
            found=f"{annotation}: {error!r}",
            expected='{"text": {"T0": {"rectangle": [[x0, y0], [x1, y1]], "replacementText": "A"}}}',
            cause="a file cut short, or written in another layout",
            next_step="unpack the archive again",
        ) from error
    return picture


def _tag(box: tuple[float, ...], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """A square left of the text, as high as it is, inside the picture."""
    side = max(LEAST, min(box[3] - box[1], 24))
    x = max(0.0, box[0] - side - 1)
    y = min(max(0.0, box[1]), size[1] - side)
    return x, y, x + side, y + side


def _write(draw: ImageDraw.ImageDraw, box: tuple[Any, ...], letter: str) -> None:
    draw.rectangle(box, fill="white", outline="black")
    height = max(LEAST - 2, min(0.9 * (box[3] - box[1]), 0.9 * (box[2] - box[0])))
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    draw.text(middle, letter, fill="black", font=ImageFont.load_default(height), anchor="mm")
