"""Faces like a hand's fill forms in and set no page; the package has none, so a printed face stands for them here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from minimax_vl.errors import InvalidRequest
from minimax_vl.synthetic import FontBook, fonts, sample, sheet
from minimax_vl.synthetic.canvas import Canvas

STAND_IN = "Tinos"


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> FontBook:
    monkeypatch.setattr(fonts, "HAND", (STAND_IN,))
    monkeypatch.setattr(sheet, "BY_HAND", 1.0)
    return FontBook.load(None, "train")


def test_no_page_is_set_in_a_hand(book: FontBook) -> None:
    assert {face.family for face in book.hand} == {STAND_IN}
    assert STAND_IN not in {f.family for f in (*book.faces, *book.upright, *book.office, *book.mono)}
    assert not FontBook.load(None, "heldout").hand, "held-out pages stay what they are"


@pytest.mark.parametrize("kind", ["form", "agency"])
@pytest.mark.parametrize("size", [(336, 336), (672, 672), (1344, 1008)])
def test_a_hand_writes_what_is_filled_in_alone(
    book: FontBook, kind: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hands, written = {face.path for face in book.hand}, []
    write = Canvas.write

    def noted(self, x, y, text, print_, ink):
        written.append((text, print_.path in hands))
        return write(self, x, y, text, print_, ink)

    monkeypatch.setattr(Canvas, "write", noted)
    for number in range(6):
        written.clear()
        page = sample("train", number, size, book, kinds=(kind,))
        by_hand = {text for text, hand in written if hand}
        asked = {q.removeprefix("What is the value of ").removesuffix("?") for q, _ in page.turns}
        assert by_hand and not asked & by_hand, "a label is printed"
        assert len(by_hand) < len(written)


def test_a_folder_of_hands_alone_sets_no_page(book: FontBook, tmp_path: Path) -> None:
    for face in book.hand:
        shutil.copy(face.path, tmp_path)
    with pytest.raises(InvalidRequest, match="no training face"):
        FontBook.load(tmp_path, "train")
