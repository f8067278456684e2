"""Draws the samples under minimax_vl/assets/eval: pages and diagrams of our own in the layouts of DocVQA and AI2D.

    python scripts/draw_eval_samples.py [--out DIR]

Pages come from the renderer's held-out split, diagrams from this file. Nothing of either data set is in them.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.loading.hub import PACKAGED
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.facts import FREE, READ

NOTE = "drawn by minimax-vl, not the official data"
# One page of each kind, with DocVQA's names for the types of its questions, and its size (height, width).
PAGES = (
    ("form", ["form"], (672, 672)),
    ("mixed", ["layout", "free_text"], (1008, 672)),
    ("till", ["layout", "table/list"], (1008, 672)),
    ("invoice", ["table/list"], (672, 1008)),
    ("table", ["table/list"], (672, 672)),
    ("slip", ["layout", "table/list"], (672, 672)),
    ("letter", ["free_text"], (672, 672)),
    ("keyvalue", ["form", "layout"], (672, 672)),
)
QUESTIONS_A_PAGE, FIRST_PAGE = 4, 900_000


def draw_documents(out: Path) -> None:
    """DocVQA's layout: spdocvqa_qas/val_v1.0_withQT.json and spdocvqa_images."""
    (out / "spdocvqa_images").mkdir(parents=True, exist_ok=True)
    (out / "spdocvqa_qas").mkdir(exist_ok=True)
    fonts = FontBook.load(None, "heldout")
    entries: list[dict[str, object]] = []
    for number, (kind, types, size) in enumerate(PAGES):
        draws = (sample("heldout", n, size, fonts, level=0.7) for n in range(FIRST_PAGE, FIRST_PAGE + 1000))
        page, turns = next((page, turns) for page in draws if page.kind == kind and (turns := spans(page)))
        name = f"drawn{number:04}_1.jpg"
        image = Image.fromarray(page.image).convert("L")
        image.save(out / "spdocvqa_images" / name, quality=72, optimize=True)
        entries += [
            {
                "questionId": 1000 * (number + 1) + at,
                "question": question,
                "question_types": types,
                "image": f"documents/{name}",
                "docId": number + 1,
                "ucsf_document_id": f"drawn{number:04}",
                "ucsf_document_page_no": "1",
                "answers": [answer],
                "data_split": "val",
            }
            for at, (question, answer) in enumerate(turns)
        ]
    content = {
        "dataset_name": "docvqa",
        "note": NOTE,
        "dataset_split": "val",
        "dataset_version": "1.0",
        "data": entries,
    }
    write(out / "spdocvqa_qas" / "val_v1.0_withQT.json", content)


def spans(page: Page) -> list[tuple[str, str]]:
    """What DocVQA asks for: short spans of the text. [] for a page with too few of them."""
    turns = [(q, a) for q, a in page.turns if q not in (*FREE, *READ) and a in page.text]
    turns = [(q, a) for q, a in turns if "\n" not in a and 3 < len(a) <= 40]
    return turns[:QUESTIONS_A_PAGE] if len(turns) >= QUESTIONS_A_PAGE else []


@dataclass(frozen=True)
class Diagram:
    """Labels at their places (0..100 both ways), what is drawn besides, and questions (text, options, right one)."""

    topic: str
    labels: dict[str, tuple[float, float]]
    arrows: list[tuple[str, str]]
    questions: list[tuple[str, list[str], int]]
    shape: Callable[[ImageDraw.ImageDraw], None] = lambda draw: None
    asked_by_letter: tuple[int, ...] = ()  # labels whose name is asked for as a letter in the picture


WIDTH, HEIGHT, INK = 560, 420, (30, 34, 40)
MARGIN = 60


def at(x: float, y: float) -> tuple[float, float]:
    return MARGIN + x / 100 * (WIDTH - 2 * MARGIN), 40 + y / 100 * (HEIGHT - 80)


def ring(names: list[str]) -> dict[str, tuple[float, float]]:
    """Names evenly on a circle, the first at the top, clockwise."""
    turns = [2 * math.pi * n / len(names) for n in range(len(names))]
    return {name: (50 + 46 * math.sin(t), 50 - 46 * math.cos(t)) for name, t in zip(names, turns)}


def chain(names: list[str]) -> list[tuple[str, str]]:
    return list(pairwise(names))


def earth(draw: ImageDraw.ImageDraw) -> None:
    x, y = at(28, 50)
    for radius, colour in ((165, "#b98d5d"), (140, "#d9793d"), (92, "#eaa83d"), (48, "#f5d66e")):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=INK, width=2)
    for name, reach in (("crust", 152), ("mantle", 118), ("outer core", 70), ("inner core", 10)):
        place = at(*EARTH[name])
        draw.line((x + reach * 0.7, y + (place[1] - y) * 0.45, place[0] - 60, place[1]), fill=INK, width=2)


def plant(draw: ImageDraw.ImageDraw) -> None:
    x, _ = at(40, 0)
    draw.line((x, 110, x, 320), fill="#3c7d3f", width=8)
    draw.ellipse((x - 38, 50, x + 38, 126), fill="#e5a3c4", outline=INK, width=2)
    draw.ellipse((x - 14, 74, x + 14, 102), fill="#f0d34f", outline=INK)
    draw.ellipse((x + 2, 190, x + 96, 226), fill="#7cb56d", outline=INK, width=2)
    for dx in (-60, -24, 18, 56):
        draw.line((x, 320, x + dx, 376), fill="#8a6138", width=5)
    for name, target in (
        ("flower", (x + 38, 88)),
        ("leaf", (x + 94, 208)),
        ("stem", (x + 4, 270)),
        ("root", (x + 40, 352)),
    ):
        place = at(*PLANT[name])
        draw.line((*target, place[0] - 40, place[1]), fill=INK, width=2)


EARTH = {"crust": (88, 10), "mantle": (88, 37), "outer core": (88, 63), "inner core": (88, 90)}
PLANT = {"flower": (88, 14), "leaf": (88, 46), "stem": (88, 66), "root": (88, 90)}
WEB = {
    "grass": (50, 100),
    "rabbit": (8, 58),
    "mouse": (50, 58),
    "cricket": (92, 58),
    "fox": (15, 4),
    "owl": (85, 4),
}
POND = ["algae", "snail", "perch", "heron"]
FROG = ["egg", "tadpole", "froglet", "adult frog"]
WATER = ["evaporation", "condensation", "precipitation", "collection"]
MOTH = ["eggs", "caterpillar", "cocoon", "moth"]

DIAGRAMS = [
    Diagram(
        "foodChainsWebs",
        {name: (8 + 28 * n, 50 + 30 * (-1) ** n) for n, name in enumerate(POND)},
        chain(POND),
        [
            ("What does the perch eat?", ["heron", "snail", "algae", "leech"], 1),
            ("Which of these is at the start of the food chain?", ["perch", "heron", "algae", "snail"], 2),
            (
                "What would happen to the heron if the perch died out?",
                ["It would grow", "Nothing", "It would eat algae", "It would lose its food"],
                3,
            ),
        ],
    ),
    Diagram(
        "lifeCycles",
        ring(FROG),
        [*chain(FROG), (FROG[-1], FROG[0])],
        [
            ("What comes after the tadpole?", ["egg", "adult frog", "froglet", "fish"], 2),
            ("How many stages does the cycle show?", ["3", "4", "5", "6"], 1),
            ("Which label shows the stage right after the egg?", [], 1),
        ],
        asked_by_letter=(2,),
    ),
    Diagram(
        "waterCycle",
        ring(WATER),
        [*chain(WATER), (WATER[-1], WATER[0])],
        [
            ("What follows condensation?", ["precipitation", "evaporation", "collection", "erosion"], 0),
            (
                "Which stage comes right before evaporation?",
                ["condensation", "precipitation", "collection", "melting"],
                2,
            ),
        ],
    ),
    Diagram(
        "partsOfThePlant",
        PLANT,
        [],
        [
            ("Which part is at the bottom of the plant?", ["leaf", "root", "flower", "stem"], 1),
            ("What is the part at the top called?", ["flower", "seed", "root", "leaf"], 0),
            ("Which letter marks the stem?", [], 2),
        ],
        plant,
        asked_by_letter=(2,),
    ),
    Diagram(
        "partsOfTheEarth",
        EARTH,
        [],
        [
            ("What is the outermost layer?", ["mantle", "inner core", "crust", "outer core"], 2),
            ("Which layer lies inside the outer core?", ["inner core", "crust", "mantle", "none"], 0),
            ("Which letter marks the mantle?", [], 1),
        ],
        earth,
        asked_by_letter=(2,),
    ),
    Diagram(
        "foodChainsWebs",
        WEB,
        [
            *(("grass", eater) for eater in ("rabbit", "mouse", "cricket")),
            *((eaten, "fox") for eaten in ("rabbit", "mouse")),
            *((eaten, "owl") for eaten in ("mouse", "cricket")),
        ],
        [
            ("How many animals eat grass?", ["1", "2", "3", "4"], 2),
            ("Which animal is eaten by both the fox and the owl?", ["rabbit", "mouse", "cricket", "grass"], 1),
            ("What does the fox eat?", ["rabbit and mouse", "owl", "grass", "cricket"], 0),
        ],
    ),
    Diagram(
        "lifeCycles",
        ring(MOTH),
        [*chain(MOTH), (MOTH[-1], MOTH[0])],
        [
            ("What does the caterpillar turn into?", ["moth", "eggs", "cocoon", "leaf"], 2),
            ("Which letter marks the stage that lays the eggs?", [], 3),
        ],
        asked_by_letter=(1,),
    ),
]  # fmt: skip


def draw_diagrams(out: Path) -> None:
    """AI2D's layout: images, annotations, questions, categories.json and ai2d_test_ids.csv."""
    for folder in ("images", "annotations", "questions"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    faces = FontBook.load(None, "heldout").upright
    for number, diagram in enumerate(DIAGRAMS):
        font = ImageFont.truetype(str(faces[number * 3 % len(faces)].path), 19)
        image, boxes = draw_diagram(diagram, font)
        name = f"{9000 + number}.png"
        image.quantize(48).save(out / "images" / name, optimize=True)
        write(out / "annotations" / f"{name}.json", {"text": annotation(boxes), "blobs": {}, "arrows": {}})
        write(out / "questions" / f"{name}.json", {"imageName": name, "questions": questions(name, diagram)})
    topics = {f"{9000 + n}.png": diagram.topic for n, diagram in enumerate(DIAGRAMS)}
    write(out / "categories.json", topics)
    ids = "".join(f"{9000 + n}\n" for n in range(len(DIAGRAMS)))
    (out / "ai2d_test_ids.csv").write_text(ids, encoding="utf-8")


def draw_diagram(
    diagram: Diagram, font: ImageFont.FreeTypeFont
) -> tuple[Image.Image, dict[str, tuple[float, float, float, float]]]:
    image = Image.new("RGB", (WIDTH, HEIGHT), "#fdfdfb")
    draw = ImageDraw.Draw(image)
    diagram.shape(draw)
    for start, end in diagram.arrows:
        arrow(draw, at(*diagram.labels[start]), at(*diagram.labels[end]))
    boxes = {}
    for name, place in diagram.labels.items():
        x, y = at(*place)
        box = draw.textbbox((x, y), name, font=font, anchor="mm")
        boxes[name] = (box[0] - 5, box[1] - 4, box[2] + 5, box[3] + 4)
        draw.rectangle(boxes[name], fill="#fdfdfb", outline=INK if diagram.arrows else None)
        draw.text((x, y), name, fill=INK, font=font, anchor="mm")
    return image, boxes


def arrow(draw: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float]) -> None:
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    length = math.dist(start, end)
    # labels are wider than high, so an arrow that runs level ends further away from its label's middle
    gap = min(0.4 * length, 22 + 34 * abs(math.cos(angle)))
    tip = (end[0] - gap * math.cos(angle), end[1] - gap * math.sin(angle))
    tail = (start[0] + gap * math.cos(angle), start[1] + gap * math.sin(angle))
    draw.line((*tail, *tip), fill=INK, width=3)
    wings = [
        (tip[0] - 13 * math.cos(angle + side), tip[1] - 13 * math.sin(angle + side)) for side in (0.42, -0.42)
    ]
    draw.polygon([tip, *wings], fill=INK)


def annotation(boxes: dict[str, tuple[float, float, float, float]]) -> dict[str, object]:
    return {
        f"T{n}": {
            "id": f"T{n}",
            "rectangle": [[round(x0), round(y0)], [round(x1), round(y1)]],
            "replacementText": "ABCDEFGH"[n],
            "value": name,
        }
        for n, (name, (x0, y0, x1, y1)) in enumerate(boxes.items())
    }


def questions(name: str, diagram: Diagram) -> dict[str, object]:
    found: dict[str, object] = {}
    for number, (text, options, right) in enumerate(diagram.questions):
        by_letter = number in diagram.asked_by_letter
        found[text] = {
            "questionId": f"{name}-{number}",
            "answerTexts": options or list("ABCD"),
            "correctAnswer": right,
            "abcLabel": by_letter,
        }
    return found


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PACKAGED / "eval", help="(%(default)s)")
    args = parser.parse_args()
    draw_documents(args.out / "docvqa")
    draw_diagrams(args.out / "ai2d")


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
