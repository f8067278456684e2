"""Laws of what only training asks: figures spelled out in the order they show, and never on held-out pages."""

from __future__ import annotations

import random
import re
from itertools import pairwise, product

import pytest

from minimax_vl.synthetic import SPLITS, FontBook, lessons, sample
from minimax_vl.synthetic.charts import bars, chart, pies
from minimax_vl.synthetic.charts import lessons as chart_lessons
from minimax_vl.synthetic.charts.questions import Asker
from minimax_vl.synthetic.choices import LETTERS, ask_choice
from minimax_vl.synthetic.diagrams import diagram, layers, nodes, parts, sequences, trees, webs
from minimax_vl.synthetic.diagrams import lessons as diagram_lessons
from minimax_vl.synthetic.facts import DESCRIBE, MAX_TAUGHT
from minimax_vl.synthetic.pages import PICTURES
from minimax_vl.synthetic.scenes import boxes, dials, garden, scene, shapes, tableaux, words
from minimax_vl.synthetic.scenes import lessons as scene_lessons
from minimax_vl.synthetic.sheet import Sheet

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
BOX = (10, 10, 550, 438)
DRAWS = (chart.draw, diagram.draw, scene.draw)
OPTION = re.compile(r"^([A-D])\. (.*)$", re.MULTILINE)


def desk(seed: int, split: str = "train", size: tuple[int, int] = (448, 560)) -> Sheet:
    return Sheet(size, FONTS[split], random.Random(seed), 1.0)


def taught(sheet: Sheet) -> dict[str, str]:
    return sheet.facts.whole | sheet.facts.parts


def asked_by(pairs: dict[str, str], form: str) -> dict[str, str]:
    """Name -> answer of the questions that `form` made with one name."""
    pattern = (
        re.escape(form)
        .replace(r"\{name\}", "(.+)")
        .replace(r"\{label\}", "(.+)")
        .replace(r"\{thing\}", "(.+)")
    )
    matches = {question: re.fullmatch(pattern, question) for question in pairs}
    return {match[1]: pairs[question] for question, match in matches.items() if match}


def rows(answer: str) -> list[tuple[str, str]]:
    """ "A: 1; B: 2" as pairs."""
    return [(one, other) for one, other in (part.rsplit(": ", 1) for part in answer.split("; "))]


@pytest.mark.parametrize("draw", DRAWS, ids=("chart", "diagram", "scene"))
def test_held_out_pages_never_hear_a_lesson(draw):
    heard = 0
    for seed in range(12):
        for split in SPLITS:
            sheet = desk(seed, split)
            draw(sheet)
            heard += len(taught(sheet)) if split == "train" else 0
            assert split == "train" or not taught(sheet), seed
            assert all(0 < len(answer) <= MAX_TAUGHT for answer in taught(sheet).values()), seed
            assert not any("{" in question for question in taught(sheet)), seed
    assert heard > 30


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_training_pages_ask_lessons_and_fit_into_their_row(kind):
    spelled = 0
    for index in range(12):
        for size in ((336, 336), (672, 672)):
            page = sample("train", index, size, FONTS["train"], kinds=(kind,))
            assert sum(map(lessons.cost, page.turns)) <= lessons.room(size), index
            assert len({question for question, _ in page.turns}) == len(page.turns), index
            spelled += any("; " in answer for _, answer in page.turns)
    assert spelled > 12


def charts_captured(monkeypatch: pytest.MonkeyPatch, draw, count: int):
    """(sheet, chart, whether its values are printed) of charts drawn, as their questions saw them."""
    made: list[Asker] = []
    begin = Asker.__init__

    def spy(self: Asker, *args, **options) -> None:
        begin(self, *args, **options)
        made.append(self)

    monkeypatch.setattr(Asker, "__init__", spy)
    for seed in range(count):
        sheet = desk(seed)
        if draw(sheet, BOX) and not sheet.canvas.clipped:
            yield sheet, made[-1].chart, made[-1].exact


@pytest.mark.parametrize("draw", [bars.bars, bars.histogram, pies.pie])
def test_a_chart_spelled_out_gives_its_labels_in_order_with_their_values(monkeypatch, draw):
    checked = 0
    for sheet, made, _ in charts_captured(monkeypatch, draw, 25):
        for question, answer in sheet.facts.whole.items():
            if question in chart_lessons.VALUES:
                pairs = rows(answer)
                assert [label for label, _ in pairs] == made.labels
                values = [float(value.strip("$%").replace(",", "")) for _, value in pairs]
                assert values == pytest.approx(made.values[0])
                checked += 1
    assert checked >= 10


def test_series_spelled_out_agree_with_the_legend_and_the_cells(monkeypatch):
    checked = 0
    for sheet, made, _ in charts_captured(monkeypatch, bars.grouped, 25):
        for question, answer in taught(sheet).items():
            if question in chart_lessons.LEGEND:
                assert [name for name, _ in rows(answer)] == made.series
                for name, color in rows(answer):
                    told = {
                        a
                        for q, a in sheet.facts._answers.items()
                        if q.startswith("What color") and f" {name}?" in q
                    }
                    assert told <= {color}, question
            elif question in chart_lessons.VALUES:
                for (name, told), series, values in zip(rows(answer), made.series, made.values, strict=True):
                    assert name == series
                    shown = re.findall(r"[\d,.]*\d", re.sub(r", ", " ", told))
                    assert [float(v.replace(",", "")) for v in shown] == pytest.approx(values)
                checked += 1
    assert checked >= 8


def test_a_value_lies_between_the_numbers_it_is_said_to(monkeypatch):
    checked = 0
    for sheet, made, _ in charts_captured(monkeypatch, bars.bars, 25):
        for form in chart_lessons.BRACKET:
            for label, answer in asked_by(taught(sheet), form).items():
                value = made.values[0][made.labels.index(label)]
                ends = [
                    float(text.strip("$%").replace(",", "")) for text in re.findall(r"[$\d][\d,.]*%?", answer)
                ]
                if answer.startswith("at "):
                    assert value == pytest.approx(ends[0], abs=0.02 * made.step)
                else:
                    assert ends[0] < value < ends[1] and ends[1] - ends[0] == pytest.approx(made.step)
                checked += 1
    assert checked >= 20


def test_values_read_off_an_axis_are_written_without_zeros_only_in_training(monkeypatch):
    for sheet, made, exact in charts_captured(monkeypatch, bars.bars, 30):
        asker = Asker(sheet, made, "bar chart", "bar", "bars", exact=exact)
        for value in made.values[0]:
            text = asker.show(value)
            assert exact or not re.search(r"\.\d*0%?$", text)
            sheet.facts.teaching = False
            assert asker.show(value) == made.measure.show(value)
            sheet.facts.teaching = True


@pytest.mark.parametrize("kind", [webs.web, webs.chain, sequences.flow, sequences.cycle])
def test_arrows_are_those_that_are_drawn(monkeypatch, kind):
    drawn: list[tuple[str, str]] = []

    def spy(pen, one, other, style, **options):
        drawn.append((one.name, other.name))
        return nodes.join(pen, one, other, style, **options)

    monkeypatch.setitem(kind.__globals__, "join", spy)
    checked = 0
    for seed in range(25):
        drawn.clear()
        sheet = desk(seed)
        if not kind(sheet, BOX):
            continue
        for question, answer in taught(sheet).items():
            if question in diagram_lessons.ARROWS:
                told = [tuple(arrow.split(" -> ")) for arrow in answer.split("; ")]
                assert sorted(told) == sorted(drawn), seed
                checked += 1
        for forms, ends in ((diagram_lessons.TARGETS, (0, 1)), (diagram_lessons.SOURCES, (1, 0))):
            for form in forms:
                for name, answer in asked_by(taught(sheet), form).items():
                    found = {pair[ends[1]] for pair in drawn if pair[ends[0]] == name}
                    assert set(answer.split(", ")) == (found or {diagram_lessons.NOTHING}), f"{seed}: {name}"
    assert checked >= 5


def test_a_ring_is_told_from_its_top_on(monkeypatch):
    made: list[nodes.Node] = []
    teach = sequences._teach_ring
    monkeypatch.setattr(sequences, "_teach_ring", lambda sheet, ring: (made.extend(ring), teach(sheet, ring)))
    for seed in range(20):
        made.clear()
        sheet = desk(seed)
        if sequences.cycle(sheet, BOX):
            told = next(a for q, a in taught(sheet).items() if q in diagram_lessons.IN_ORDER or "stages" in q)
            first = told.split(" -> ")[0].split("; ")[0]
            assert next(n for n in made if n.name == first).y <= min(n.y for n in made) + 1, seed


def test_letters_spelled_out_are_those_asked_one_by_one():
    checked = 0
    for seed in range(60):
        sheet = desk(seed)
        if not parts.parts(sheet, (15, 15, 545, 433)):
            continue
        for question, answer in taught(sheet).items():
            if "letters" not in question or "\n" in question:
                continue
            for letter, name in rows(answer):
                for form in parts.STANDS:
                    told = sheet.facts._answers.get(form.format(letter=letter), name)
                    assert told == name, f"{seed}: {letter}"
                checked += 1
    assert checked >= 10


def test_a_choice_is_taught_with_the_letter_that_its_text_has():
    kinds = dict.fromkeys(("named", "each", "yes", "no", "letter", "again"), 0)
    for seed in range(160):
        sheet = desk(seed)
        assert ask_choice(sheet, "Which one?", "Egg", ["Larva", "Pupa", "Adult", "Fly"])
        for question, answer in taught(sheet).items():
            options = dict(OPTION.findall(question))
            assert not options or list(options) == list(LETTERS)
            if not options:
                assert (answer == "yes") == question.endswith((" it Egg?", "answer Egg?")), question
                kinds[answer] += 1
            elif "; " in answer:
                assert {options[one] for one, verdict in rows(answer) if verdict == "yes"} == {"Egg"}
                assert [one for one, _ in rows(answer)] == list(LETTERS)
                kinds["each"] += 1
            elif ", " in answer:
                text, letter = answer.split(", ")
                assert text == "Egg" == options[letter]
                kinds["named"] += 1
            elif "Which one?" in question:
                assert options[answer] == "Egg"
                kinds["again"] += 1
            else:
                assert question.endswith(
                    (f"stands before {options[answer]}?", f"letter of {options[answer]}?")
                )
                kinds["letter"] += 1
    assert min(kinds.values()) >= 4, kinds


def test_things_are_listed_as_they_lie(monkeypatch):
    checked = 0
    placed: list[shapes.Item] = []
    teach = shapes._teach
    monkeypatch.setattr(shapes, "_teach", lambda sheet, items: (placed.extend(items), teach(sheet, items)))
    for seed in range(40):
        placed.clear()
        sheet = desk(seed)
        shapes.shapes(sheet)
        both = len({item.size for item in placed}) > 1
        name = {id(item): item.full if both else item.name for item in placed}
        across, down = (sorted(placed, key=lambda item: getattr(item, axis)) for axis in "xy")
        for question, answer in sheet.facts.whole.items():
            if question in scene_lessons.PLACES:
                assert all(where for _, where in rows(answer))
                continue
            order = down if "top to bottom" in question else across
            told = [name[id(item)] for item in order]
            if question.startswith(("Count", "Number")):
                told = [f"{number} {one}" for number, one in enumerate(told, 1)]
            assert answer.split("; ") == told, f"{seed}: {question}"
            checked += 1
        for way, forms in scene_lessons.BEYOND.items():
            order = {"left": across, "right": across[::-1], "above": down, "below": down[::-1]}[way]
            for form in forms:
                for thing, answer in asked_by(taught(sheet), form).items():
                    at = next(k for k, item in enumerate(order) if name[id(item)] == thing)
                    wanted = sorted(name[id(item)] for item in order[:at]) or [scene_lessons.NOTHING]
                    assert sorted(answer.split("; ")) == wanted, f"{seed}: {form} {thing}"
    assert checked >= 20


def test_a_size_is_told_only_beside_another_one():
    """One size alone cannot be seen; captions and lists then leave it out."""
    large = [shapes.Item("circle", color, "large", x, 100, 30) for color, x in (("red", 60), ("blue", 300))]
    sheet = desk(0)
    assert shapes.caption(sheet, large) == "A red circle left of a blue circle."
    mixed = [large[0], shapes.Item("circle", "blue", "small", 300, 100, 12)]
    assert shapes.caption(sheet, mixed) == "A large red circle left of a small blue circle."


def test_towers_are_told_from_the_base_up():
    block = boxes.Block
    tower = [block("blue", "square", 40, 80, 20), block("black", "square", 40, 59, 20)]
    sheet = desk(0)
    boxes._teach(sheet, [tower, tower[:1], tower[::-1]], True, boxes.DOWN)
    assert sheet.facts.whole["List the top tower from the base to the top."] == "blue; black"
    assert set(sheet.facts.parts.values()) >= {"2, 1, 2", "black: 2; blue: 3"}


def test_a_mixture_keeps_captions_and_puts_most_of_the_whole_last():
    own = [(f"Is thing {k} red?", "yes") for k in range(20)] + [
        (DESCRIBE[0], "A page of things."),
        ("Which?\nA. 1\nB. 2", "B"),
    ]
    last = 0
    for seed in range(40):
        made = lessons.mixed(
            own, {"List everything.": "a; b; c"}, {"How many?": "3"}, {}, 200, random.Random(seed)
        )
        questions = [question for question, _ in made]
        assert {DESCRIBE[0], "Which?\nA. 1\nB. 2", "List everything.", "How many?"} <= set(questions)
        assert sum(map(lessons.cost, made)) <= 200
        last += questions[-1] == "List everything."
    assert 20 <= last < 40


def test_easy_figures_are_among_the_hard_ones():
    """Large print at the last level too; held-out pages have none of it."""
    ems = [
        sample("train", i, (672, 672), FONTS["train"], kinds=("chart",)).glyphs[:, 2].mean()
        for i in range(24)
    ]
    assert sum(em > 20 for em in ems) >= 3


def test_layers_and_groups_are_spelled_out_as_asked_one_by_one():
    layered = grouped = 0
    for seed in range(40):
        sheet = desk(seed)
        if layers.layers(sheet, BOX):
            told = next(
                a for q, a in sheet.facts.whole.items() if q.startswith(("List the layers from", "Name all"))
            )
            order = told.split("; ")
            for (above, below), way in product(pairwise(order), ("below", "inside")):
                for form in layers.NEXT[way]:
                    assert sheet.facts._answers.get(form.format(name=above), below) == below, (
                        f"{seed}: {above}"
                    )
            layered += 1
        sheet = desk(seed)
        if trees.tree(sheet, BOX):
            (told,) = sheet.facts.whole.values()
            for group, leaves in rows(told):
                for leaf, form in product(leaves.split(", "), trees.PARENT[:2]):
                    assert sheet.facts._answers.get(form.format(name=leaf), group) == group, f"{seed}: {leaf}"
            grouped += 1
    assert min(layered, grouped) >= 10


@pytest.mark.parametrize(
    "kind", [dials.dice, dials.clock, dials.flag, tableaux.field, tableaux.shelf, garden.garden]
)
def test_what_is_spelled_out_agrees_with_the_counts(kind):
    checked = 0
    for seed in range(25):
        sheet = desk(seed)
        kind(sheet)
        for answer in taught(sheet).values():
            for name, count in rows(answer) if ": " in answer else ():
                for form in words.COUNT:
                    thing = name if kind is garden.garden else words.plural(name)
                    told = sheet.facts._answers.get(form.format(things=thing), count)
                    assert not count.isdigit() or told == count, f"{seed}: {name}"
                    checked += told is not count
        if kind is dials.dice:
            (shown,) = sheet.facts.whole.values()
            dots = [int(value) for value in shown.split(", ")]
            total = [a for q, a in sheet.facts._answers.items() if "in all" in q or "of the dice" in q]
            assert total == [str(sum(dots))], seed
    assert checked or kind not in (tableaux.shelf, garden.garden)


def test_only_training_draws_figures_more_often():
    share = {}
    for split in SPLITS:
        pages = [sample(split, index, (224, 224), FONTS[split], level=0.3) for index in range(160)]
        share[split] = sum(page.kind in PICTURES for page in pages) / len(pages)
    assert share["train"] > 1.25 * share["heldout"]
