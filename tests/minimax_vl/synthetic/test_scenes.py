"""Laws of drawn scenes: counts add up, colours are what they are called, statements hold or do not."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.canvas import LANDMARK, LANDMARKS
from minimax_vl.synthetic.palette import BRIGHT, SHADES, names, shade
from minimax_vl.synthetic.pen import Pen
from minimax_vl.synthetic.scenes import boxes, scene, shapes, words
from minimax_vl.synthetic.scenes.garden import garden
from minimax_vl.synthetic.scenes.things import THINGS
from minimax_vl.synthetic.sheet import Sheet

FONTS = {split: FontBook.load(None, split) for split in SPLITS}


def desk(seed: int, size: tuple[int, int] = (336, 336), split: str = "train") -> Sheet:
    return Sheet(size, FONTS[split], random.Random(seed), 1.0)


@pytest.mark.parametrize("kind", [k for k, _ in scene.DRAWS], ids=lambda k: k.__name__)
@pytest.mark.parametrize("size", [(336, 336), (448, 672), (672, 336)])
def test_every_kind_draws_on_any_page(kind, size):
    for seed in range(4):
        sheet = desk(seed, size)
        kind(sheet)
        asked = sheet.facts._answers
        assert len(asked) >= 3 and re.fullmatch(r"[A-Z].*\.", sheet.facts.caption), seed
        assert sheet.canvas.pixels.std() > 2, seed
        assert not any("{" in q for q in asked), seed


def test_the_moon_is_not_marked_as_the_sun():
    sun, seen = LANDMARK + LANDMARKS.index("sun"), set()
    for seed in range(40):
        sheet = desk(seed)
        garden(sheet)
        night = sheet.facts.caption.endswith("the moon.")
        assert night != any(code == sun for *_, code in sheet.canvas.landmarks), seed
        seen.add(night)
    assert seen == {True, False}


@pytest.mark.parametrize("split", SPLITS)
def test_a_shade_is_nearest_to_its_own_name(split):
    rng = random.Random(0)
    known = [(name, np.array(s)) for name, both in SHADES.items() for group in both for s in group]
    for name in SHADES:
        for _ in range(20):
            colour = np.array(shade(rng, name, split))
            assert min(known, key=lambda k: np.abs(k[1] - colour).sum())[0] == name, (name, colour)


def test_shades_of_the_held_out_split_are_its_own():
    for name, (train, heldout) in SHADES.items():
        assert not set(train) & set(heldout), name


def test_colours_of_one_picture_are_told_apart():
    for seed in range(50):
        chosen = names(random.Random(seed), 4)
        assert len(set(chosen)) == len(chosen) and not {"red", "brown"} <= set(chosen)


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_a_shape_lies_around_its_place(shape):
    sheet = desk(0)
    with Pen(sheet.canvas, paper=(255, 255, 255)) as pen:
        shapes.draw_shape(pen, shape, 150, 120, 40, (255, 0, 0))
    rows, columns = np.nonzero(sheet.canvas.pixels[:, :, 1] < 128)
    assert (
        abs((rows.min() + rows.max()) / 2 - 120) <= 8 and abs((columns.min() + columns.max()) / 2 - 150) <= 8
    )
    assert max(np.ptp(rows), np.ptp(columns)) >= 60
    assert sheet.canvas.pixels[121, 151, 1] < 128


def test_side_is_the_opposite_seen_from_the_other():
    rng = random.Random(0)
    for _ in range(200):
        one, other = (
            shapes.Item("circle", "red", "", rng.uniform(0, 300), rng.uniform(0, 300), 20) for _ in "ab"
        )
        here, there = shapes.side(one, other), shapes.side(other, one)
        assert (here, there) == ("", "") or shapes.OPPOSITE[here] == there


def test_relations_asked_both_ways_agree():
    """ "Is A left of B?" and "Where is A, seen from B?" of one page give one answer."""
    checked = 0
    for seed in range(100):
        sheet = desk(seed)
        shapes.shapes(sheet)
        asked = sheet.facts._answers
        for question, answer in asked.items():
            found = re.fullmatch(r"Is the (.+) (left of|right of|above|below) the (.+)\?", question)
            if not found:
                continue
            one, told, other = found.groups()
            for form in shapes.RELATIVE:
                where = asked.get(form.format(one=one, other=other))
                if where:
                    checked += 1
                    assert (answer == "yes") == (shapes.SIDES[where] == told), f"{seed}: {question}"
    assert checked >= 5


def test_counts_of_colours_add_up_to_all():
    for seed in range(40):
        sheet = desk(seed, (336, 672))
        boxes.boxes(sheet)
        by_color: dict[str, int] = {}
        total = 0
        for question, answer in sheet.facts._answers.items():
            if match := re.match(
                r"How many (?:(yellow|blue|black) )?(?:block|item|object|shape)s (?:are there|can you|are in the pic)",
                question,
            ):
                if match[1]:
                    by_color[match[1]] = int(answer)
                else:
                    total = int(answer)
        assert len(by_color) == 3 and sum(by_color.values()) == total, seed


def test_statements_about_numbers_of_items_hold_exactly_when_they_say_so():
    checked = {True: 0, False: 0}
    for seed in range(40):
        sheet = desk(seed)
        content = [boxes._scatter(sheet) for _ in range(3)]
        for _ in range(8):
            statement, truth, _ = boxes._items(sheet, content, towers=False)
            word, count, color, kind = re.fullmatch(
                r"There (?:is|are) (exactly|only|at least) (\w+) (\w+) (\w+?)s?", statement
            ).groups()
            wanted = int(count) if count.isdigit() else words.NUMBERS.index(count)
            have = sum(
                b.color == color and kind in (b.kind, "item", "object") for box in content for b in box
            )
            assert truth == (have >= wanted if word == "at least" else have == wanted), f"{seed}: {statement}"
            checked[truth] += 1
    assert min(checked.values()) > 50


def test_blocks_do_not_overlap_and_touch_where_they_say():
    for seed in range(60):
        box = boxes._scatter(desk(seed))
        for i, a in enumerate(box):
            assert 0 <= a.x <= boxes.SIDE - a.size and 0 <= a.y <= boxes.SIDE - a.size
            assert a.touches("any") == any(a.touches(wall) for wall in ("left", "right", "top", "bottom"))
            for b in box[:i]:
                apart = (
                    a.x + a.size <= b.x or b.x + b.size <= a.x or a.y + a.size <= b.y or b.y + b.size <= a.y
                )
                assert apart, seed


def test_true_and_false_are_asked_alike_often():
    given = []
    for seed in range(60):
        sheet = desk(seed)
        scene.draw(sheet)
        given += [
            a in ("true", "yes") for a in sheet.facts._answers.values() if a in ("true", "false", "yes", "no")
        ]
    assert 0.4 < np.mean(given) < 0.6


def test_words_read_as_english():
    assert words.several(1, "orange ball") == "an orange ball"
    assert words.several(3, "box") == "three boxes"
    assert words.plural("story") == "stories" and words.plural("toy") == "toys"
    assert words.joined(["a", "b", "c"]) == "a, b and c"
    assert words.sentence("two cups") == "Two cups."
    assert set(BRIGHT) <= set(SHADES)


def test_a_plural_leads_back_to_its_noun():
    nouns = {
        *THINGS,
        *shapes.SHAPES,
        *(f"red {thing}" for thing in THINGS),
        "box",
        "cherry",
        "glass",
        "house",
        "toy",
    }
    assert {noun: words.singular(words.plural(noun)) for noun in nouns} == {noun: noun for noun in nouns}
