"""Draw the pages of examples/, ask nano about all of them, and write data.jsonl and README.md there.

    python scripts/draw_examples.py --out examples

Drawn pages are held-out ones: seeds and fonts that training never sees. Each is page FIRST of its kind, and its
questions are the first that the renderer asks, so none was chosen by what nano answers. Real pages lie in the folder;
a new one gets those of examples/.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

import minimax_vl
from minimax_vl.eval.folder import Record, evaluate
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.facts import FREE, NOT_THERE

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FIRST = 900_000
ANSWERED, LONGEST, QUALITY = 3, 60, 75  # questions with an answer, characters of an answer, of the JPEG
VERDICT = {True: "right", False: "**wrong**"}
OURS = "drawn by this project; Apache-2.0"


@dataclass(frozen=True)
class Drawn:
    """A page of the renderer: its kind and its (height, width) in pixels."""

    kind: str
    size: tuple[int, int]
    about: str


@dataclass(frozen=True)
class Real:
    """A page of a public source that nano was not trained on, with questions and accepted answers."""

    about: str
    origin: str
    asked: tuple[tuple[str, tuple[str, ...]], ...]


DRAWN = {
    "receipt.jpg": Drawn("till", (1344, 672), "a receipt"),
    "till-slip.jpg": Drawn("slip", (1008, 672), "a till slip"),
    "invoice.jpg": Drawn("invoice", (1344, 1008), "an invoice"),
    "agency-form.jpg": Drawn("agency", (1344, 1008), "a form of an agency"),
    "table.jpg": Drawn("table", (672, 672), "a table"),
    "letter.jpg": Drawn("letter", (1008, 672), "a letter"),
    "chart.jpg": Drawn("chart", (672, 672), "a chart"),
    "diagram.jpg": Drawn("diagram", (672, 672), "a diagram"),
    "scene.jpg": Drawn("scene", (672, 672), "a scene"),
    "ticket.jpg": Drawn("ticket", (672, 672), "a ticket"),
    "label.jpg": Drawn("tag", (672, 672), "a label"),
    "screen.jpg": Drawn("screen", (672, 672), "a screen"),
    "slide.jpg": Drawn("slide", (672, 672), "a slide"),
}
VRDU = "by way of google-research-datasets/vrdu"
REAL = {
    "registration.png": Real(
        "a real filing of 2016",
        f"U.S. Department of Justice, Foreign Agents Registration Act, public record, {VRDU}",
        (
            ("What is the registration number?", ("5926", "Registration No. 5926")),
            ("What is the name of the registrant?", ("Podesta Group, Inc.",)),
            (
                "On what date was the form received by the NSD/FARA Registration Unit?",
                ("09/09/2016",),
            ),
            ("What is the flight number?", (NOT_THERE,)),
        ),
    ),
    "station-invoice.png": Real(
        "a real invoice of a television station, 2020",
        f"U.S. Federal Communications Commission, public inspection file, {VRDU}",
        (
            ("What is the invoice number?", ("2485647-1",)),
            ("What is the invoice date?", ("04/26/20",)),
            ("Who is the advertiser?", ("POL/AB PAC",)),
            ("What is the table number?", (NOT_THERE,)),
        ),
    ),
    "photograph.jpg": Real(
        "a photograph of an electric eel",
        "OpenStax, Physics; free at https://openstax.org; CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        (
            ("What kind of picture is this?", ("photograph",)),
            ("Is this a document?", ("no",)),
            ("What is the total?", (NOT_THERE,)),
        ),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder, which may be a new one")
    parser.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    args = parser.parse_args()
    make(args.out)
    rows = []
    for name in DRAWN:
        page = drawn(name)
        Image.fromarray(page.image).save(args.out / name, quality=QUALITY, optimize=True)
        rows += [_row(name, question, (answer,)) for question, answer in chosen(page)]
    rows += [_row(name, *pair) for name, real in REAL.items() for pair in real.asked]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (args.out / "data.jsonl").write_text("".join(lines), encoding="utf-8")
    pipeline = minimax_vl.load(args.model)
    records = evaluate(pipeline, args.out).records
    captions = {name: str(pipeline.caption(args.out / name)) for name in (*DRAWN, *REAL)}
    (args.out / "README.md").write_text(readme(records, captions, args.model), encoding="utf-8")
    print(
        f"{args.out}: {len(captions)} pages, {sum(r.exact for r in records)} of {len(records)} answers right"
    )


def make(folder: Path) -> None:
    """The folder with the real pages in it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in REAL:
        if not (folder / name).exists():
            shutil.copyfile(EXAMPLES / name, folder / name)


def drawn(name: str) -> Page:
    """The page behind a file, drawn anew."""
    what = DRAWN[name]
    return sample("heldout", FIRST, what.size, FontBook.load(None, "heldout"), kinds=(what.kind,))


def chosen(page: Page) -> list[tuple[str, str]]:
    """The page's first questions with a short answer, and its first without an answer, where it has one."""
    short = [(q, a) for q, a in page.turns if "\n" not in a and len(a) <= LONGEST and q not in FREE]
    return [turn for turn in short if turn[1] != NOT_THERE][:ANSWERED] + [
        turn for turn in short if turn[1] == NOT_THERE
    ][:1]


def _row(image: str, question: str, answers: Sequence[str]) -> dict[str, Any]:
    return {"image": image, "question": question, "answers": list(answers), "field": Path(image).stem}


def readme(records: Sequence[Record], captions: dict[str, str], model: str) -> str:
    """What the pages are, where they come from, and what `model` answers."""
    right = sum(r.exact for r in records)
    text = [
        "# Example pages",
        "",
        f"{len(DRAWN)} pages drawn by this project and {len(REAL)} real ones, new to nano: seeds and fonts that "
        "training never sees, and files that were kept out of it. None was chosen by what nano answers.",
        "",
        "```",
        "minimax-vl ask examples/receipt.jpg 'What is the name of the company on this receipt?'",
        "minimax-vl eval folder --data examples",
        "```",
        "",
        f"`python scripts/draw_examples.py --out examples` draws the pages, asks {model}, and writes this file: "
        f"**{right} of {len(records)}** answers are right in every character.",
    ]
    for name, caption in captions.items():
        about, origin = (
            (DRAWN[name].about, f"{OURS} (held-out page {FIRST} of the kind `{DRAWN[name].kind}`)")
            if name in DRAWN
            else (REAL[name].about, REAL[name].origin)
        )
        text += [
            "",
            f"## {name}: {about}",
            "",
            f"{origin[0].upper()}{origin[1:]}.",
            "",
            f'<img src="{name}" alt="{about}" width="360">',
            "",
            f"Asked to describe it: {_cell(caption)}",
            "",
            f"| question | answer | {model} | |",
            "|---|---|---|---|",
        ]
        text += [
            f"| {' | '.join(map(_cell, (r.question, r.answers[0], r.reply)))} | {VERDICT[r.exact]} |"
            for r in records
            if r.image == name
        ]
    return "\n".join(text) + "\n"


def _cell(text: str) -> str:
    """Text inside a table of Markdown."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
