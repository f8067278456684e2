"""Questions that a picture does not answer for sure, and words that fit one way of drawing only: neither is asked."""

from __future__ import annotations

import random
import re

import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.canvas import Canvas
from minimax_vl.synthetic.charts import bars, lessons
from minimax_vl.synthetic.charts.curves import AXES, curves
from minimax_vl.synthetic.charts.data import CATEGORIES, MEASURES
from minimax_vl.synthetic.charts.lines import lines
from minimax_vl.synthetic.charts.pies import pie
from minimax_vl.synthetic.charts.points import dots, scatter
from minimax_vl.synthetic.charts.questions import FORMS, form_of
from minimax_vl.synthetic.diagrams import layers, physics, trees, vocab, webs
from minimax_vl.synthetic.diagrams.sequences import BETWEEN, cycle
from minimax_vl.synthetic.facts import NOT_THERE, Facts
from minimax_vl.synthetic.figure import UPWARDS
from minimax_vl.synthetic.scenes import boxes, shapes
from minimax_vl.synthetic.scenes import lessons as scene_lessons
from minimax_vl.synthetic.sheet import Sheet

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
BOX = (15, 15, 545, 545)


def desk(seed: int, size: tuple[int, int] = (560, 560), split: str = "train") -> Sheet:
    return Sheet(size, FONTS[split], random.Random(seed), 1.0)


def drawn(kind, count: int, split: str = "train"):
    """Sheets on which a figure found room, and what is asked about it without doubt."""
    for seed in range(count):
        sheet = desk(seed, split=split)
        if kind(sheet, BOX) and not sheet.canvas.clipped:
            yield sheet, {q: a for q, a in sheet.facts._answers.items() if q not in sheet.facts._doubted}


def like(question: str, forms: tuple[str, ...]) -> bool:
    return any(
        re.fullmatch(".+".join(map(re.escape, re.split(r"{\w+}", form))), question, re.IGNORECASE)
        for form in forms
    )


def test_a_doubted_question_is_left_out_and_moves_no_other():
    def turns(doubted: bool) -> list[tuple[str, str]]:
        facts = Facts(random.Random(0))
        asked = [facts.ask(str(k), ("Number {k}?",), k=str(k)) for k in range(6)]
        if doubted:
            facts.doubt(asked[2])
        return facts.turns(Canvas(40, 40, (255, 255, 255)), 8)

    whole = turns(False)
    assert ("Number 2?", "2") in whole
    assert turns(True) == [turn for turn in whole if turn[0] != "Number 2?"]


def test_sizes_are_asked_only_beside_each_other():
    one_size = both = 0
    for seed in range(160):
        sheet = desk(seed)
        items = shapes._place(sheet, "white")
        shapes._ask_attributes(sheet, items, "white")
        sized = [q for q in sheet.facts._answers if re.search(r"(small|large)(est)? (shape|object)", q)]
        left = [q for q in sized if q not in sheet.facts._doubted]
        if shapes.both_sizes(items):
            assert left == sized
            both += len(left)
        else:
            assert not left, seed
            one_size += len(sized)
    assert one_size > 10 and both > 10


@pytest.mark.parametrize("down", [False, True])
def test_boxes_are_called_by_where_they_stand(down):
    places, others = (boxes.DOWN, boxes.ACROSS) if down else (boxes.ACROSS, boxes.DOWN)
    for seed in range(10):
        sheet = desk(seed, (900, 400) if down else (400, 900))
        boxes.boxes(sheet)
        named = set(
            re.findall(
                r"(?:the|List the|along the) (\w+) (?:box|tower)",
                " ".join([*sheet.facts._answers, *sheet.facts.whole, *sheet.facts.parts]),
            )
        )
        assert named >= set(places) - {"middle"} and not named & (set(others) - {"middle"}), seed


@pytest.mark.parametrize(
    ("block", "wall", "plain", "touches"),
    [
        (boxes.Block("blue", "square", 0, 40, 20), "left", True, True),
        (boxes.Block("blue", "square", 2, 40, 20), "left", False, False),
        (boxes.Block("blue", "square", boxes.CLOSE, 40, 20), "left", True, False),
        (boxes.Block("blue", "square", 2, 80, 20), "any", True, True),
        (boxes.Block("blue", "triangle", 40, 70, 30), "bottom", False, True),  # drawn with a gap below it
        (boxes.Block("blue", "triangle", 40, 0, 30), "top", True, True),
    ],
)
def test_what_nearly_touches_a_wall_is_not_plain(block, wall, plain, touches):
    assert (block.plain(wall), block.touches(wall)) == (plain, touches)


def test_claims_about_walls_are_sure_only_where_all_they_speak_of_is_plain():
    doubtful = boxes.Block("blue", "square", 2, 40, 20)
    clear = boxes.Block("black", "circle", 40, 40, 20)
    sure = {claim.sure for seed in range(20) for claim in [boxes._touching(desk(seed), [[clear]] * 3)]}
    assert sure == {True}
    seen = [boxes._touching(desk(seed), [[doubtful], [clear], [clear]]) for seed in range(80)]
    for claim in seen:
        speaks_of_it = "black" not in claim.statement and "yellow" not in claim.statement
        kind_fits = not re.search("circle|triangle", claim.statement)
        wall = any(word in claim.statement for word in ("the wall", "the edge", "the left"))
        assert claim.sure != (speaks_of_it and kind_fits and wall), claim.statement
    assert not all(claim.sure for claim in seen)


def test_a_training_page_has_few_doubts_about_walls():
    for seed in range(40):
        for block in boxes._scatter(desk(seed)):
            assert block.kind == "triangle" or block.plain("any"), seed


def test_only_means_one_thing():
    """A box "with only two blue items" may hold others or not."""
    for seed in range(300):
        sheet = desk(seed)
        content = [boxes._tower(sheet) for _ in range(3)]
        claims = [boxes._some_box(sheet, content, True), boxes._tops(sheet, content)]
        for statement, *_ in claims:
            assert not re.search(r"only (\d|one|two|three|four)\b", statement), statement
            assert "There are two" not in statement, statement


def test_a_tree_on_its_side_has_nothing_above_or_below():
    lying = 0
    for sheet, asked in drawn(trees.tree, 60):
        sideways = any(q.startswith("What is the leftmost group") for q in asked) or any(
            "come from" in q or "comes from" in q for q in asked
        )
        words = " ".join(q.removeprefix("Question: ").split("\n")[0] for q in (*asked, *sheet.facts.parts))
        assert not (sideways and re.search(r"\b(above|below|topmost)\b", words)), words
        lying += sideways
    assert lying >= 8


@pytest.mark.parametrize("split", SPLITS)
def test_nothing_is_between_two_of_a_ring_of_four(split):
    small = larger = 0
    for sheet, asked in drawn(cycle, 60, split):
        between = [q for q in asked if like(q, BETWEEN)]
        four = sheet.facts.caption.endswith("with 4 stages in a circle.")
        assert not (four and between)
        small, larger = small + four, larger + bool(between)
    assert small >= 3 and larger >= 3


def test_the_longest_side_is_not_called_unknown():
    for _, asked in drawn(physics.triangle, 20):
        assert not any("side" in q and a == NOT_THERE for q, a in asked.items())


def test_the_top_of_a_food_web_is_asked_where_it_is_on_top(monkeypatch):
    seen = {True: 0, False: 0}
    nodes = []
    draw = webs._draw
    monkeypatch.setattr(webs, "_draw", lambda *args: (nodes.append(args[2]), draw(*args)))
    for _, asked in drawn(webs.web, 60):
        ground = [n.y for n in nodes[-1] if n.level == 0]
        upright = min(ground) > min(n.y for n in nodes[-1])
        for question in asked:
            if "at the top of" in question or "last in the food" in question:
                assert ("at the top of" in question) == upright, question
                seen[upright] += 1
    assert min(seen.values()) >= 3


def test_letters_of_layers_are_explained_only_where_they_are_known(monkeypatch):
    explained = 0
    monkeypatch.setattr(Sheet, "chance", lambda self, share: self.rng.random() < max(share, 0.5))
    for sheet, asked in drawn(layers.layers, 80):
        told = [q for q in sheet.facts.whole if "letters" in q and "\nA. " not in q]
        assert not (
            told and any(q.startswith("What is the title") and a == NOT_THERE for q, a in asked.items())
        )
        explained += bool(told)
    assert explained >= 3
    monkeypatch.setattr(vocab, "layers", lambda sheet: ("rock layers", ["Shale", "Chalk", "Marl", "Clay"]))
    for _, asked in drawn(layers.layers, 20):
        assert not any("letter" in q.split("\n")[0] and "mark" in q for q in asked)


def test_a_scatter_plot_has_numbers_on_both_axes():
    for _, asked in drawn(scatter, 20):
        assert not any(like(q, FORMS["groups"]) and "point" not in q for q in asked)
        values = [q for q in asked if like(q, FORMS["value at"])]
        assert values and all(form_of(q) in ("value at", "cell", "value") for q in values)


def test_a_pie_has_no_axis():
    for _, asked in drawn(pie, 20):
        assert not any("on the axis" in q for q in asked)


def test_dots_and_crosses_are_called_what_they_are(monkeypatch):
    words = set()
    for sheet, asked in drawn(dots, 20):
        text = " ".join([*asked, *sheet.facts.whole])
        found = {word for word in ("dots", "crosses") if word in text.replace("dot plot", "")}
        assert len(found) < 2, text
        words |= found
    assert words == {"dots", "crosses"}


def test_an_axis_without_a_title_shows_what_its_ticks_say():
    missing = 0
    for _, asked in drawn(bars.bars, 100):
        for question, answer in asked.items():
            if form_of(question) in ("x axis", "y axis") and answer == NOT_THERE:
                assert "label" in question
                missing += 1
    assert missing >= 2


def test_bars_named_by_colours_are_not_asked_for_theirs(monkeypatch):
    row = next(row for row in CATEGORIES if row[0] == "color")
    monkeypatch.setattr("minimax_vl.synthetic.charts.data.CATEGORIES", (row,))
    mixed = 0
    for sheet, asked in drawn(bars.bars, 80):
        if any(label in sheet.canvas.text for label in ("Green", "Yellow", "Purple")):
            assert not any(form_of(q) in ("color", "of color") for q in asked)
            mixed += bool(sheet.facts._doubted)
    assert mixed >= 3


def test_most_titles_that_read_upwards_are_on_no_list():
    known = {title.lstrip("+") for title, *_ in MEASURES} | {up for _, up in AXES}
    known |= {axis for _, axis, _ in CATEGORIES} | {"Frequency", "Number of Students", "Count"}
    for kind in (bars.bars, bars.histogram, curves):
        told = [a for sheet, _ in drawn(kind, 60) for q, a in sheet.facts.parts.items() if q in UPWARDS]
        assert len(told) > 15 and 0.4 < sum(title not in known for title in told) / len(told) < 0.85, kind


def test_a_title_that_reads_upwards_is_the_one_asked_for_by_its_axis():
    checked = 0
    for sheet, asked in drawn(bars.bars, 40):
        for question, title in sheet.facts.parts.items():
            if question in UPWARDS:
                named = {a for q, a in asked.items() if form_of(q) == "y axis"}
                assert named <= {title}, title
                checked += bool(named)
    assert checked >= 10


def test_the_two_at_either_end_agree_with_the_order_and_the_extremes():
    checked = 0
    for sheet, asked in drawn(bars.bars, 60):
        taught = sheet.facts.parts | sheet.facts.whole
        for forms, extreme in ((lessons.LARGEST, "highest"), (lessons.SMALLEST, "lowest")):
            for question, answer in taught.items():
                if not like(question, forms):
                    continue
                best, second = answer.split("; ")
                assert {a for q, a in asked.items() if form_of(q) == extreme} <= {best}
                ordered = [a.split("; ") for q, a in taught.items() if like(q, lessons.ORDER)]
                for order in ordered:
                    assert (order if extreme == "highest" else order[::-1])[:2] == [best, second]
                    checked += 1
        for question, answer in taught.items():
            if like(question, lessons.RANKED):
                values = [float(re.sub(r"[$%,]", "", part.rsplit(": ", 1)[1])) for part in answer.split("; ")]
                assert values == sorted(values, reverse=True)
    assert checked >= 10


def test_a_value_read_off_stands_behind_its_bracket():
    checked = 0
    for sheet, _ in drawn(bars.bars, 60):
        for question, answer in sheet.facts.parts.items():
            if like(question, lessons.READ_OFF):
                where, value = (re.sub(r"[$%,]", "", part) for part in answer.rsplit(": ", 1))
                ends = [float(text) for text in re.findall(r"[\d.]+", where)]
                step = abs(ends[-1]) * 0.05 if len(ends) == 1 else 0
                assert min(ends) - step <= float(value) <= max(ends) + step
                checked += 1
    assert checked >= 20


def test_things_at_one_height_stand_in_no_order():
    assert scene_lessons.in_order([("red star", 10), ("red star", 10), ("blue star", 20)], 5)
    assert not scene_lessons.in_order([("red star", 10), ("blue star", 12)], 5)
    sheet = desk(0)
    level = [("red star", 100, 200), ("blue star", 300, 201), ("red cross", 500, 400)]
    scene_lessons.spread(sheet, level, ["", "", ""])
    assert "red star; blue star; red cross" in sheet.facts.whole.values()
    assert not any("top to bottom" in question for question in sheet.facts.whole)
    assert not any(
        "star" in question and re.search("higher|lower", question) for question in sheet.facts.parts
    )
    assert scene_lessons.numbered(["red star", "blue cup"]) == "1 red star; 2 blue cup"


@pytest.mark.parametrize(("kind", "mark"), [(pie, "slice"), (lines, "point"), (bars.bars, "bar")])
def test_slices_and_points_are_not_tall(kind, mark):
    found = {
        word
        for _, asked in drawn(kind, 60)
        for question in asked
        for word in re.findall(rf"Which {mark} is the (\w+)\?", question)
    }
    wanted = {"slice": {"largest", "smallest"}, "point": {"highest", "lowest"}}
    assert found == wanted.get(mark, {"tallest", "longest", "shortest"})
    assert all(form_of(f"Which {mark} is the {word}?") in ("highest", "lowest") for word in found)
