"""The example pages: sixteen, small, of known origin, as the script draws them, each with its questions."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minimax_vl.eval.folder import Record

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "draw_examples.py"))
PAGES = {*SCRIPT["DRAWN"], *SCRIPT["REAL"]}


def test_the_folder_holds_the_pages_and_their_questions():
    found = {path.name for path in EXAMPLES.iterdir()} - {"README.md", "data.jsonl"}
    assert found == PAGES and len(PAGES) == 16
    assert sum(path.stat().st_size for path in EXAMPLES.iterdir()) < 1.5e6
    rows = [json.loads(line) for line in (EXAMPLES / "data.jsonl").read_text().splitlines()]
    assert {row["image"] for row in rows} == PAGES
    readme = (EXAMPLES / "README.md").read_text()
    assert all(f'src="{name}"' in readme for name in PAGES)
    assert all(real.origin in readme for real in SCRIPT["REAL"].values())


@pytest.mark.parametrize("name", ["table.jpg", "letter.jpg"])  # kinds that are quick to draw
def test_a_drawn_page_is_what_the_script_draws(name):
    page = SCRIPT["drawn"](name)
    with Image.open(EXAMPLES / name) as stored:
        difference = np.abs(np.asarray(stored, dtype=float) - page.image).mean()
    assert difference < 6  # of 255: what JPEG loses of noise, far below another page's difference
    other = np.abs(np.roll(page.image, 40, axis=0).astype(float) - page.image).mean()
    assert difference < other / 2
    rows = [json.loads(line) for line in (EXAMPLES / "data.jsonl").read_text().splitlines()]
    kept = [(row["question"], row["answers"][0]) for row in rows if row["image"] == name]
    assert kept == SCRIPT["chosen"](page)


def test_the_readme_says_what_is_wrong():
    name = next(iter(SCRIPT["REAL"]))
    records = [Record(name, name, "Which | one?", ("a\nb",), "c", exact, 0.0) for exact in (True, False)]
    text = SCRIPT["readme"](records, {name: "A <page>."}, "nano")
    assert "**1 of 2** answers are right" in text and "A &lt;page>." in text
    assert "| Which \\| one? | a<br>b | c | right |" in text
    assert "| Which \\| one? | a<br>b | c | **wrong** |" in text
