"""Laws of drawn charts: what is asked agrees with itself, with the numbers, and with the pixels."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.charts import bars, chart
from minimax_vl.synthetic.charts.curves import curves
from minimax_vl.synthetic.charts.data import MEASURES, draw_chart
from minimax_vl.synthetic.charts.frame import lay_out
from minimax_vl.synthetic.charts.lines import lines
from minimax_vl.synthetic.charts.pies import pie
from minimax_vl.synthetic.charts.points import dots, scatter
from minimax_vl.synthetic.charts.questions import FORMS, OF_NUMBERS, form_of
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.pen import Pen
from minimax_vl.synthetic.sheet import Sheet

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
KINDS = (bars.bars, bars.grouped, bars.histogram, lines, pie, scatter, dots, curves)


# Forms that are scored alike and may be taken for each other.
FAMILIES = (
    {"value", "cell", "value at"},
    {"count", "groups", "slice groups", "series", "above"},
    {"highest", "lowest", "highest in", "lowest in", "best", "rank"},
)


def desk(seed: int, size: tuple[int, int] = (448, 560), split: str = "train") -> Sheet:
    return Sheet(size, FONTS[split], random.Random(seed), 1.0)


def drawn(kind, count: int, size: tuple[int, int] = (448, 560), split: str = "train"):
    """Sheets on which a kind of chart found room, with the pairs asked about it."""
    for seed in range(count):
        sheet = desk(seed, size, split)
        h, w = size
        if kind(sheet, (10, 10, w - 10, h - 10)) and not sheet.canvas.clipped:
            yield seed, sheet, dict(sheet.facts._answers)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_kind_finds_room_and_asks(kind):
    found = list(drawn(kind, 12))
    assert len(found) >= 5, "most boxes should hold one"
    for seed, sheet, asked in found:
        assert len(asked) >= 5 and sheet.facts.caption.endswith("."), f"{kind.__name__} {seed}"
        assert all(em >= 10 for _, _, em, _ in sheet.canvas.glyphs), f"{kind.__name__} {seed}"


def number(text: str) -> float:
    return float(text.strip("$%").replace(",", ""))


def test_differences_and_sums_follow_from_the_values_asked():
    checked = 0
    for seed, _, asked in drawn(bars.bars, 120):
        value = {}
        for label in {q.split(" for ")[-1].rstrip("?") for q in asked}:
            answers = {a for q, a in asked.items() if form_of(q) == "value" and q.endswith(f" for {label}?")}
            if len(answers) == 1 and NOT_THERE not in answers:
                value[label] = number(answers.pop())
        for question, answer in asked.items():
            pairs = [(a, b) for a in value for b in value if f" {a} and {b}" in question]
            if (
                form_of(question) in ("difference", "sum")
                and len(pairs) == 1
                and question.endswith(f"{pairs[0][1]}?")
            ):
                one, other = (value[name] for name in pairs[0])
                wanted = one - other if form_of(question) == "difference" else one + other
                assert number(answer) == pytest.approx(wanted), f"{seed}: {question}"
                checked += 1
    assert checked >= 3


def test_the_largest_is_what_no_comparison_denies():
    for seed, _, asked in drawn(bars.bars, 40):
        top = {a for q, a in asked.items() if form_of(q) == "highest"}
        assert len(top) <= 1, seed
        for question, answer in asked.items():
            if top and form_of(question) == "compare" and answer == "yes":
                assert not question.endswith((f"than {min(top)}?", f"that of {min(top)}?")), (
                    f"{seed}: {question}"
                )


@pytest.mark.parametrize("split", SPLITS)
def test_labels_that_are_numbers_are_not_reckoned_with(split):
    """What is asked is the values of 1 and 2, whose sum is not 3."""
    operand = re.compile(r"\b([Ii]s|of|are|does|between) \d+ (and|than|larger|greater|exceed)\b")
    asked = [q for kind in KINDS for _, _, pairs in drawn(kind, 30, split=split) for q in pairs]
    found = [q for q in asked if operand.search(q)]
    assert found and all("value" in q or "difference in" in q for q in found), found


@pytest.mark.parametrize("kind", KINDS[:6], ids=lambda k: k.__name__)
def test_questions_are_recognised_by_their_form(kind):
    """The evaluation groups by form; a form that another one swallows would be scored by the wrong rule."""
    own = ("line",)
    for _, _, asked in drawn(kind, 10):
        for question, answer in asked.items():
            known = form_of(question) or answer == NOT_THERE or any(word in question for word in own)
            assert known, question


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_its_own_first_match(form):
    names = dict.fromkeys(("what", "whats", "shape", "marks"), "bars") | {
        "tallest": "tallest",
        "shortest": "shortest",
    }
    names |= {
        "name": "sales",
        "label": "Oslo",
        "series": "Men",
        "more": "Oslo",
        "less": "Bonn",
        "one": "Oslo",
    }
    names |= {
        "other": "Bonn",
        "value": "40",
        "axis": "y",
        "x": "4",
        "color": "red",
        "first": "1990",
        "last": "1995",
    }
    family = next((f for f in FAMILIES if form in f), {form})
    for text in FORMS[form] + OF_NUMBERS.get(form, ()):
        question = text.format(**names)
        assert form_of(question) in family, question


@pytest.mark.parametrize("sideways", [False, True])
def test_bars_end_where_their_value_stands(sideways):
    checked = 0
    for seed in range(12):
        sheet = desk(seed)
        made = replace(draw_chart(sheet, 4, 1, fine=False), title="")
        frame = lay_out(sheet, made, (10, 10, 550, 438), sideways=sideways)
        if frame is None:
            continue
        with Pen(sheet.canvas, frame.box, paper=(255, 255, 255)) as pen:
            for i, value in enumerate(frame.chart.values[0]):
                bars._bar(frame, pen, i, 0, value, 0.6, 0.0, (200, 0, 0), None)
        red = sheet.canvas.pixels[:, :, 1] < 128
        for i, value in enumerate(frame.chart.values[0]):
            middle = int(frame.middle(i))
            filled = np.flatnonzero(red[middle] if sideways else red[:, middle])
            end = filled.max() + 1 if sideways else filled.min()
            assert abs(end - frame.at(value)) <= 1.5, f"{seed}: bar {i}"
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("size", [(336, 336), (672, 448), (672, 1008), (1008, 1344)])
def test_any_page_holds_a_chart(size):
    for seed in range(3):
        sheet = desk(seed, size, "heldout")
        chart.draw(sheet)
        assert sheet.facts.caption or sheet.canvas.clipped
        assert not sheet.facts.lines


def test_held_out_words_stay_out_of_training():
    from minimax_vl.synthetic.charts.data import CATEGORIES

    kept = {word for row in CATEGORIES if row[0].startswith("+") for word in row[2].split(", ")}
    seen = {label for seed in range(150) for label in draw_chart(desk(seed), 8, 1, fine=False).labels}
    assert not (kept & seen) - {"Mercury"}


def test_print_that_reads_upwards_is_labelled_at_its_ink():
    from minimax_vl.synthetic.canvas import Canvas
    from minimax_vl.synthetic.pen import write_upright

    canvas, fonts = Canvas(200, 60, (255, 255, 255)), FONTS["train"]
    print_ = fonts.print(fonts.faces[0], 24)
    write_upright(canvas, 10, 190, "Total L", print_, (0, 0, 0))
    assert canvas.text == "Total L" and not canvas.clipped
    places = np.array(canvas.glyphs)
    assert "".join(chr(int(code)) for code in places[:, 3]) == "TotalL"
    assert (np.diff(places[:, 1]) < 0).all()  # upwards
    rows, columns = np.nonzero(canvas.pixels[:, :, 0] < 128)
    for x, y, em, code in canvas.glyphs:
        near = (abs(rows - y) <= em / 2) & (abs(columns - x) <= em / 2)
        assert near.any(), chr(code)
    assert abs(rows.max() - 190) <= 3 and rows.min() > 190 - print_.width("Total L") - 4


def test_stacks_end_within_the_axis_and_differ():
    equal = 0
    for seed in range(200):
        for series in (2, 3, 4):
            chart = draw_chart(desk(seed), 6, series, fine=False, stacked=True)
            sums = [sum(column) for column in zip(*chart.values, strict=True)]
            assert max(sums) <= chart.top + 1e-9, f"{seed}, {series} series"
            equal += len({value for row in chart.values for value in row}) == 1
    assert equal < 6


def test_many_measures_of_training_cannot_be_guessed():
    known = {title.lstrip("+") for title, *_ in MEASURES}
    made_up = sum(draw_chart(desk(seed), 6, 1, fine=True).measure.title not in known for seed in range(200))
    assert 0.5 < made_up / 200 < 0.7
    for seed in range(40):
        assert draw_chart(desk(seed, split="heldout"), 6, 1, fine=True).measure.title in known
