"""Captions are taken apart into what they name, and compared with the true ones in any order."""

from __future__ import annotations

import pytest

from minimax_vl.apps.evaluate import table
from minimax_vl.eval.captions import agreement, named
from minimax_vl.eval.drawn import Record, Result


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
    assert agreement(result).value == pytest.approx(3 / 6)
    rows = table(result)
    assert rows["caption"]["things named"].value == pytest.approx(3 / 6)
    assert rows["caption"]["exact"].value == 0
    assert "things named" not in rows["all"]
    assert "things named" not in table(Result([other]))
