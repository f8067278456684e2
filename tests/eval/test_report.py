"""The reports of a run: every text escaped, nothing loaded from anywhere, the worst first, pictures once."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from minimax_vl.eval.comparison import compare
from minimax_vl.eval.data.dataset import DataSet, Picture, Question
from minimax_vl.eval.records import Record, RecordWriter, open_run
from minimax_vl.eval.report.content import Content
from minimax_vl.eval.report.files import write_reports
from minimax_vl.eval.report.page import page
from minimax_vl.eval.report.pictures import Thumbnail, tile_lines
from minimax_vl.eval.report.text import lines, markdown
from minimax_vl.eval.runner import _area
from minimax_vl.eval.summary import summarise
from minimax_vl.eval.tasks.ai2d import AI2D
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.presets import PRESETS
from minimax_vl.vision.tiling import plan_tiles

EVIL = '<script>alert("x")</script> & | `a` [b](c) {{ 7 * 7 }} </svg>'
SETTINGS = {
    "task": "docvqa", "data": "DocVQA val", "drawn_here": False, "split": "val", "variant": None, "limit": None,
    "ids": None, "seed": None, "model": "m", "max_tiles": None, "prompt_style": "direct",
}  # fmt: skip


def record(id, score, image="a.png", **changes):
    fixed = {"question": f"Q{id}?", "prompt": "P", "answers": ("yes",), "options": (), "types": ("form",)}
    fixed |= {"reply": "no", "extracted": "no", "size": (60, 90), "tiles": (2, 3), "seconds": {"open": 0.1}}
    scores = {"ANLS": score, "exact": float(score == 1)}
    return Record(id=str(id), image=image, cluster=image, scores=scores, **(fixed | changes))


def content(records, task=DOCVQA, comparison=None, **settings):
    settings = SETTINGS | {"questions": len(records)} | settings
    return Content(task, settings, {"data": None}, records, summarise(task, records), comparison)


@pytest.fixture
def questions(tmp_path):
    Image.new("RGB", (90, 60), "red").save(tmp_path / "a.png")
    picture = Picture("a.png", lambda: tmp_path / "a.png", tmp_path / "a.png")
    return {str(n): Question(str(n), picture, "a.png", "?", ("yes",)) for n in range(9)}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.scripts, self.addresses, self.questions = [], 0, [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        self.addresses += [v for k, v in attributes if k in ("href", "src") and v]
        self.questions += [v for k, v in attributes if k == "id" and v and v.startswith("q-")]
        if tag not in ("meta", "input", "br", "image", "use", "line", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def test_foreign_text_stays_text(questions):
    texts = {"question": EVIL, "reply": EVIL, "extracted": EVIL, "answers": (EVIL,), "prompt": EVIL}
    texts |= {"types": (EVIL,), "image": EVIL}
    text = page(content([record(EVIL, 0.0, **texts), record(2, 0.0, error=EVIL)], model=EVIL), questions)
    parsed = Tags(text)
    assert parsed.scripts == 1  # our own
    assert "alert(" in text and "<script>alert" not in text
    assert "{{ 7 * 7 }}" in text


def test_nothing_is_loaded_from_anywhere(questions):
    text = page(content([record(n, n / 8) for n in range(9)]), questions)
    addresses = Tags(text).addresses
    assert addresses and all(a.startswith(("data:image/jpeg;base64,", "#p")) for a in addresses)
    assert "http://" not in text and "https://" not in text and "@import" not in text
    assert "default-src 'none'" in text


def test_the_worst_come_first_and_a_picture_is_stored_once(questions):
    text = page(content([record(n, n / 8) for n in range(9)]), questions)
    order = [name.removeprefix("q-") for name in Tags(text).questions]
    assert order == [str(n) for n in range(9)]  # the ninth is right, and shown at the end
    assert text.count("data:image/jpeg") == 1 and text.count('href="#p0"') == 9


def test_failures_lead_among_zeros():
    records = [record(1, 0.0), record(2, 0.0, error="UnreadableImage: x"), record(3, 1.0)]
    assert [r.id for r in content(records).worst(9)] == ["2", "1"]


def test_a_report_without_pictures_or_answers():
    text = page(content([record(1, 0.5)]), {})
    assert "no picture in this report" in text
    hidden = record(1, 0.0, answers=None)
    hidden = Record(**{**hidden.__dict__, "scores": {}})
    found = content([hidden], split="test")
    assert "answers of this split are hidden" in page(found, {})
    assert any("no score" in line for line in lines(found)) and markdown(found)


def test_the_drawn_sample_is_named_in_every_form(questions):
    found = content([record(1, 0.5)], data="DocVQA sample drawn by minimax-vl", drawn_here=True)
    assert "not the official data" in page(found, questions)
    assert all("drawn samples" in note for _, note in found.published())


def test_an_unfinished_run_says_so():
    found = content([record(1, 0.5)], questions=4)
    assert "3 of 4 questions" in page(found, {}) and "3 of 4" in lines(found)[0]
    assert "**Unfinished**: 3" in markdown(found)


def test_markdown_keeps_its_tables():
    text = markdown(content([record(1, 0.0, question=EVIL, reply="a | b\nc")]))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "<script>" not in text
    row = next(line for line in rows if "a \\| b c" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


def test_a_comparison_is_in_every_form(tmp_path, questions):
    open_run(tmp_path / "other", SETTINGS | {"model": "old"}, {})
    with RecordWriter(tmp_path / "other", 0) as writer:
        writer.write([record(1, 1.0, reply="was right"), record(2, 0.0)])
    now = [record(1, 0.0), record(2, 1.0)]
    compared = compare(DOCVQA, {r.id: r for r in now}, SETTINGS, tmp_path / "other")
    found = content(now, comparison=compared)
    text = page(found, questions)
    assert "was right" in text and "Gained: 1" in text and "not clearly different" in text
    assert "Gained: 1" in markdown(found) and any(
        "1 questions gained, 1 lost" in line for line in lines(found)
    )
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_files_of_a_run(tmp_path, questions):
    data = DataSet("DocVQA val", "val", tuple(questions.values()))
    written = write_reports(tmp_path, content([record(1, 0.5)]), data)
    assert [path.name for path in written] == ["summary.json", "report.md", "report.html"]
    assert json.loads((tmp_path / "summary.json").read_text())["summary"]["questions"] == 1
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text()
    write_reports(tmp_path, content([record(1, 0.5)]), data, pictures=False)
    assert "data:image/jpeg" not in (tmp_path / "report.html").read_text()


def test_options_of_a_choice_are_shown():
    choice = record(1, 0.0, options=("krill", "whale"), answers=("A",), extracted="", rule="unparsed")
    choice = Record(**{**choice.__dict__, "scores": {"strict": 0.0, "tolerant": 0.0}})
    text = page(content([choice], AI2D, variant="mask"), {})
    assert "krill" in text and "no letter found" in text and "Variant" in text


@pytest.mark.parametrize(
    ("size", "crop", "tiles", "area", "wanted"),
    [
        (
            (600, 900),
            (0, 0),
            (2, 3),
            (0, 0, 600, 900),
            {(0, 300, 900, 300), (300, 0, 300, 600), (600, 0, 600, 600)},
        ),
        (
            (500, 900),
            (0, 0),
            (2, 3),
            (-50, 0, 600, 900),
            {(0, 250, 900, 250), (300, 0, 300, 500), (600, 0, 600, 500)},
        ),
        ((600, 900), (0, 0), (1, 1), (0, 0, 600, 900), set()),
    ],
)
def test_lines_lie_where_the_picture_was_cut(size, crop, tiles, area, wanted):
    cut = record(1, 0.0, size=size, crop=crop, tiles=tiles, area=area)
    assert set(tile_lines(cut, Thumbnail("", size[1], size[0]))) == wanted


def test_the_part_that_was_shown_is_framed():
    cut = record(1, 0.0, size=(60, 80), crop=(10, 5), tiles=(1, 2), area=(10, 5, 60, 80))
    lines = set(tile_lines(cut, Thumbnail("", 100, 90)))
    assert (45, 10, 45, 70) in lines and {(5, 10, 85, 10), (85, 10, 85, 70)} < lines and len(lines) == 5


def test_the_area_of_the_tiles_follows_the_plan():
    tiling = PRESETS["minimax-vl-01"].tiling
    for height, width in ((896, 1344), (1344, 300), (161, 184)):
        plan = plan_tiles(height, width, tiling)
        top, left, tall, wide = _area(plan)
        assert tall / plan.grid[0] == pytest.approx(wide / plan.grid[1], rel=0.02)  # tiles are square
        assert top + tall / 2 == pytest.approx(height / 2, abs=2) and left + wide / 2 == pytest.approx(
            width / 2, abs=2
        )
