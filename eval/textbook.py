"""Real textbook figures that come with the publisher's description: which kind it is, and which description is its own.

Rows of data.jsonl: {"image", "task": "caption", "kind": "chart" | "diagram" | "photo" | "other", "captions": [...]}.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path
from typing import Any

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.folder import Question, captions_of, data_rows

KINDS = {  # as rows say -> what is counted as right
    "chart": ("chart", "bar chart", "line chart", "pie chart", "graph"),
    "diagram": ("diagram",),
    "photo": ("photograph", "photo"),
}
WHICH_KIND = "What kind of picture is this?"
WHICH_DESCRIPTION = (  # options and prompt as AI2D's harnesses give them
    "Which description fits the picture?\n{options}\n"
    "Answer with the option's letter from the given choices directly."
)
LETTERS = "ABCD"
EXAMPLE = '{"image": "a.jpg", "task": "caption", "kind": "chart", "captions": ["..."]}'
LONGEST = 90  # characters of a description, which is its first sentence; longer ones are left out


def questions(folder: Path, only: Collection[str] | None = None, seed: int = 0) -> list[Question]:
    """One or two questions an image: its kind, and which of four first sentences of descriptions is its own.

    The three others belong to figures of the same kind in the same folder. only: names of the images to ask about,
    with or without their folder. Raises InvalidRequest as `data_rows`, and when the
    folder holds no such rows.
    """
    figures = sorted(data_rows(folder, EXAMPLE, _figure))
    rng, found = random.Random(seed), []
    for image, kind, own in figures:
        others = sorted({text for _, other, text in figures if other == kind} - {own, ""})
        options = rng.sample(others, 3) if len(others) >= 3 else []
        place = rng.randrange(len(LETTERS))
        if only is not None and image not in only and Path(image).name not in only:
            continue
        found.append(Question(image, WHICH_KIND, KINDS[kind], "kind"))
        if own and options:
            options.insert(place, own)
            listed = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True))
            right = (LETTERS[place], f"{LETTERS[place]}.")
            found.append(Question(image, WHICH_DESCRIPTION.format(options=listed), right, "description"))
    if not found:
        raise InvalidRequest(
            found=f"no figure with a kind and a description in {folder}",
            expected=f"rows like {EXAMPLE}",
            cause="a folder of other rows, or a list of images for another folder",
            next_step="ask about a folder of textbook figures, or check the list",
        )
    return found


def _figure(row: dict[str, Any]) -> tuple[str, str, str] | None:
    """(image, kind, first sentence of its description) of a row about a figure."""
    if row.get("task") != "caption" or row.get("kind") not in KINDS:
        return None
    if not isinstance(row["image"], str):
        raise TypeError(f"{row['image']!r} is no text")
    return row["image"], row["kind"], _first_sentence(captions_of(row)[0])


def _first_sentence(text: str) -> str:
    """Up to the first full stop; '' when it is too long or not ASCII, which nano's print is."""
    first = text.strip().split(". ")[0].rstrip(".")
    return f"{first}." if len(first) <= LONGEST and first.isascii() else ""
