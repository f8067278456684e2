"""Captions are taken apart into what they name, and compared with the true ones in any order."""

from __future__ import annotations

import random

import pytest

from minimax_vl.apps.evaluate import table
from minimax_vl.eval.captions import agreement, facts, named
from minimax_vl.eval.drawn import Record, Result
from minimax_vl.synthetic import FontBook
from minimax_vl.synthetic.scenes import scene
from minimax_vl.synthetic.scenes.words import NUMBERS
from minimax_vl.synthetic.sheet import Sheet


@pytest.mark.parametrize(
    ("caption", "things"),
    [
        (
            "Three red cups, a ball and a blue cup on a table.",
            ["three red cups", "a ball", "a blue cup", "table"],
        ),
        (
            "A playing field with two red players and a ball.",
            ["a playing field", "two red players", "a ball"],
        ),
        ("Two dice showing six and one.", ["two dice", "six", "one"]),
        ("A red clock that shows 6:05.", ["a red clock", "6:05"]),
        ("A flag with two stripes: red and blue.", ["a flag", "two stripes", "red", "blue"]),
        ("", []),
    ],
)
def test_what_a_caption_names(caption, things):
    assert sorted(named(caption).elements()) == sorted(things)


def caption(page: int, answer: str, reply: str) -> Record:
    return Record(page, "caption", (336, 336), "What is shown?", answer, reply, answer == reply, 9)


def test_what_is_named_may_stand_in_any_order_and_is_counted_once():
    other = Record(3, "count", (336, 336), "How many?", "3", "4", False, 1)
    result = Result(
        [
            caption(1, "A red cup and a ball.", "A ball and a red cup."),  # two of two
            caption(2, "A red cup and a ball.", "A red cup, a red cup and a hat."),  # one of three
            caption(4, "A ball.", ""),  # none named, which is no share of nothing
            other,
        ]
    )
    assert agreement(result)["things named"].value == pytest.approx(3 / 6)
    rows = table(result)
    assert rows["caption"]["things named"].value == pytest.approx(3 / 6)
    # The second states a red cup, two of it, a hat, one of it: its attribute holds, its count does not.
    assert rows["caption"]["facts named"].value == pytest.approx((4 + 1) / (4 + 4 + 1))
    assert rows["caption"]["facts found"].value == pytest.approx((4 + 1) / (4 + 4 + 2))
    assert rows["caption"]["attributes"].value == pytest.approx(3 / 4)
    assert rows["caption"]["counts"].value == pytest.approx(2 / 4)
    assert "relations" not in rows["caption"]
    assert rows["caption"]["exact"].value == 0
    assert "things named" not in rows["all"]
    assert "things named" not in table(Result([other]))


@pytest.mark.parametrize(
    ("caption", "stated"),
    [
        (
            "Two red cups and a ball on a table.",
            "attribute red cup, count red cup 2, attribute ball, count ball 1, relation on a table",
        ),
        (
            "A red star left of an oval.",
            "attribute red star, count red star 1, attribute oval, count oval 1, relation a red star left of an oval",
        ),
        (
            "Three towers of one, two and one blocks.",
            "attribute tower, count tower 3, count value 0 one, count value 1 two, count value 2 one",
        ),
        (
            "Two dice showing six and one.",
            "attribute dice, count dice 2, count value 0 six, count value 1 one",
        ),
        ("A die showing six.", "attribute die, count die 1, count value 0 six"),
        ("A red clock that shows 6:05.", "attribute red clock, count red clock 1, count value 0 6:05"),
        ("A thermometer that shows -8.", "attribute thermometer, count thermometer 1, count value 0 -8"),
        (
            "A flag with two stripes: red and blue.",
            "attribute flag, count flag 1, attribute stripe, count stripe 2, attribute red, count red 1, "
            "attribute blue, count blue 1",
        ),
        (
            "A sad face, a happy face and a sad face.",
            "attribute sad face, count sad face 2, attribute happy face, count happy face 1",
        ),
        (
            "Six cherries, two boxes and two glasses.",
            "attribute cherry, count cherry 6, attribute box, count box 2, attribute glass, count glass 2",
        ),
        ("", ""),
    ],
)
def test_what_a_caption_states(caption, stated):
    found = sorted(" ".join(map(str, fact)) for fact in facts(caption))
    assert found == sorted(filter(None, stated.split(", ")))


def test_a_relation_holds_with_both_its_things_alone():
    result = Result(
        [
            caption(1, "A red star above a blue oval.", "A red star above a blue oval."),
            caption(2, "A red star above a blue oval.", "A red star above a red oval."),
        ]
    )
    assert agreement(result)["relations"].value == pytest.approx(1 / 2)


def test_every_kind_of_scene_has_a_caption_that_is_taken_apart_whole():
    """Each number of a true caption is a count, and no part of it is left over as a thing of its own."""
    fonts, odd = FontBook.load(None, "heldout"), {*NUMBERS, "a", "an", "of", "on", "above", "below"}
    for seed in range(8):
        for draw, _ in scene.DRAWS:
            sheet = Sheet((448, 560), fonts, random.Random(seed), 1.0)
            draw(sheet)
            stated = facts(sheet.facts.caption)
            assert stated and not [
                fact for fact in stated if fact[0] == "attribute" and set(fact[1].split()) & odd
            ], sheet.facts.caption
