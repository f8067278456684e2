"""Real pages: only licensed training images are packed, labels follow the print, answers stand on the page."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from minimax_vl.apps.training.glyphs import UNREADABLE, glyph_labels
from minimax_vl.apps.training.real import RealPages
from minimax_vl.apps.training.real_pictures import photo_caption
from minimax_vl.apps.training.real_questions import phrases, questions, reading
from minimax_vl.apps.training.real_rows import CUT, Row, Word
from minimax_vl.errors import InvalidRequest
from minimax_vl.presets import PRESETS
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.vision.tiling import plan_tiles

SCRIPT = Path(__file__).parents[3] / "scripts" / "pack_real.py"
GRIDS = [(1, 1), (1, 2), (2, 2), (3, 2), (4, 3), (3, 4)]
TILING = replace(PRESETS["nano"].tiling, pinpoints=tuple((336 * c, 336 * r) for r, c in GRIDS))


@pytest.fixture(scope="module")
def pack_real():
    spec = importlib.util.spec_from_file_location("pack_real", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packed(pack_real, tmp_path_factory) -> Path:
    """A pack of a few drawn images in the layout of the real components."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("pack")
    for component in pack_real.COMPONENTS:
        draw = {
            "invoices_fcc": _invoice,
            "forms_fara": _form,
            "photos_coco": _photo,
            "shapes_nlvr": _shapes,
        }.get(component, _figure)
        (data / component / "images").mkdir(parents=True)
        rows = []
        hidden = [n for n in range(20) if pack_real.held_out(component, f"images/{n}.png")]
        for number in (hidden[0], *[n for n in range(20) if n not in hidden][:2]):
            name = f"images/{number}.png"
            picture, labels = draw(number)
            picture.save(data / component / name)
            rows += [{"image": name, **label} for label in labels]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (data / component / "data.jsonl").write_text(lines, encoding="utf-8")
    arguments = sys.argv
    sys.argv = ["pack_real.py", "--data", str(data), "--out", str(out)]
    try:
        pack_real.main()
    finally:
        sys.argv = arguments
    return out


def _invoice(number: int) -> tuple[Image.Image, list[dict]]:
    picture, words = Image.new("L", (1082, 1400), 255), []
    pen = ImageDraw.Draw(picture)
    for line in range(60):
        for column, text in enumerate(("Advertiser", f"Friends{number}", f"{line:02d}/07/20")):
            x, y = 60 + 340 * column, 40 + 22 * line
            pen.text((x, y), text, fill=0, font_size=14)
            words.append({"box": [x, y, x + pen.textlength(text, font_size=14), y + 16], "text": text})
    field = {
        "task": "qa",
        "field": "Advertiser",
        "question": "Who is the advertiser?",
        "answers": [f"Friends{number}"],
    }
    return picture, [{"task": "ocr", "words": words}, field]


def _form(number: int) -> tuple[Image.Image, list[dict]]:
    picture, _ = _invoice(number)
    question = "What is the registration number?"
    return picture, [{"task": "qa", "field": "number", "question": question, "answers": [str(1000 + number)]}]


def _photo(number: int) -> tuple[Image.Image, list[dict]]:
    noise = (
        np.random.default_rng(number).integers(0, 255, (42, 56, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    )
    things = [
        {"name": "cat", "cxcywh": [0.5, 0.5, 0.2, 0.2]},
        {"name": "dog", "cxcywh": [0.5, 0.5, 0.5, 0.5]},
    ]
    return Image.fromarray(noise), [{"task": "objects", "objects": things}]


def _figure(number: int) -> tuple[Image.Image, list[dict]]:
    picture = Image.new("RGB", (500, 400), "white")
    ImageDraw.Draw(picture).line((50, 350, 450, 50 + number), fill="black", width=3)
    return picture, [{"task": "caption", "kind": "chart", "captions": ["The graph rises. It has one line."]}]


def _shapes(number: int) -> tuple[Image.Image, list[dict]]:
    group = [{"color": "#0099ff", "type": "square", "size": 20}] * 2
    row = {
        "task": "yesno",
        "statement": "There are two blue squares",
        "label": "true",
        "scene": [group, [], []],
    }
    return Image.new("RGBA", (400, 100), (number, 200, 200, 255)), [row]


def test_what_is_kept_for_judging_is_not_packed(packed, pack_real):
    for component in pack_real.COMPONENTS:
        kept = (packed / f"heldout-{component}.txt").read_text().split()
        stored = {
            f"images/{path.stem.removeprefix(component + '-')}.png"
            for path in packed.glob(f"{component}-*.webp")
        }
        assert len(kept) == 1
        assert len(stored) == 2
        assert not stored & set(kept)


def test_only_sources_that_may_be_trained_on(pack_real):
    assert not {"receipts_sroie", "receipts_wild", "figures_statistics", "tables_tabmwp"} & set(
        pack_real.COMPONENTS
    )


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_pages_land_in_the_grid_that_was_asked_for(packed, grid):
    pages, size = RealPages(packed, TILING), (336 * grid[0], 336 * grid[1])
    found = [page for index in range(12) if (page := pages.page(index, size))]
    assert found
    for page in found:
        plan = plan_tiles(*page.image.shape[:2], TILING)
        assert plan.grid == grid
        assert page.turns
        assert len({question for question, _ in page.turns}) == len(page.turns)
        labels = glyph_labels(page.glyphs, page.image.shape[:2], plan, TILING)
        assert (labels == 0).all() == (page.kind in ("photos_coco", "shapes_nlvr"))
        if page.kind == "forms_fara":  # its print is not labelled, so none of it is learned
            assert (labels[labels > 0] == UNREADABLE).all()


def test_the_same_arguments_give_the_same_page(packed):
    pages = RealPages(packed, TILING)
    one, other = pages.page(3, (1344, 1008)), pages.page(3, (1344, 1008))
    assert (one.image == other.image).all()
    assert one.turns == other.turns


def test_labels_lie_on_their_print(packed):
    pages = RealPages(packed, TILING)
    found = (page for index in range(60) if (page := pages.page(index, (672, 672))))
    page = next(page for page in found if page.kind == "invoices_fcc")
    grey = page.image[:, :, 1].astype(float)
    paper = np.median(grey)
    sample = page.glyphs[np.random.default_rng(0).permutation(len(page.glyphs))[:200]]
    reach = np.maximum(sample[:, 2] / 2, 4).astype(int)
    inked = [
        (grey[max(int(y) - r, 0) : int(y) + r, max(int(x) - r, 0) : int(x) + r] < paper - 40).any()
        for (x, y, _, _), r in zip(sample, reach, strict=True)
    ]
    assert np.mean(inked) > 0.95


def test_answers_about_an_invoice_stand_in_view(packed):
    pages = RealPages(packed, TILING)
    asked = 0
    for index in range(40):
        page = pages.page(index, (672, 672))
        if page is None or page.kind != "invoices_fcc":
            continue
        for question, answer in page.turns:
            if answer == NOT_THERE:
                assert "advertiser" not in question.lower()
            else:
                asked += 1
                assert answer in page.text
    assert asked > 20


def words(*rows: tuple[float, float, str]) -> list[Word]:
    return [Word(x, y, x + 8 * len(text), y + 14, text) for x, y, text in rows]


def test_words_with_a_blank_between_them_are_one_phrase():
    line = words((0, 0, "Net"), (30, 1, "Amount"), (200, 0, "$45.00"), (0, 20, "Due"))
    assert [piece.text for piece in phrases(line)] == ["Net Amount", "$45.00", "Due"]


def test_reading_by_place_and_nothing_across_a_cut():
    seen = words((0, 0, "Net"), (200, 0, "$45.00"), (0, 20, "Due"), (200, 20, CUT))
    pairs = {pair for seed in range(40) for pair in reading(seen, random.Random(seed))}
    right = {answer for question, answer in pairs if "right of 'Net'" in question}
    below = {answer for question, answer in pairs if "'Net'" in question and "right" not in question}
    assert right == {"$45.00"}
    assert below == {"Due"}
    assert not any("right of 'Due'" in question or CUT in answer for question, answer in pairs)


def test_a_field_out_of_view_is_not_asked_for():
    row = Row("a.webp", "invoices_fcc", (100, 100), fields=(("Product", "What is the product?", "Soap 7"),))
    there, gone = words((0, 0, "Soap"), (40, 0, "7")), words((0, 0, "Soap"), (40, 0, CUT))
    ask = [dict(questions(row, seen, random.Random(1), 9, whole=False)) for seen in (there, gone)]
    assert "Soap 7" in ask[0].values()
    assert "Soap 7" not in ask[1].values()


def test_photographs_are_told_from_pages():
    row = Row("a.webp", "photos_coco", (300, 400), objects=("dog", "dog", "person"), colors=("green", "gray"))
    asked = {pair for seed in range(30) for pair in questions(row, [], random.Random(seed), 99, whole=True)}
    assert ("Is this a photograph?", "yes") in asked
    assert ("What is the total?", NOT_THERE) in asked
    assert ("How many dogs are there?", "2") in asked
    assert not any(answer == "yes" and "cat" in question.split() for question, answer in asked)
    assert ("What is the main color of the photo?", "green") in asked
    assert photo_caption(row) == "A photo, mostly green and gray."
    assert photo_caption(replace(row, colors=())) == "A photo."


def test_a_folder_without_a_pack_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="pack_real"):
        RealPages(tmp_path, TILING)
