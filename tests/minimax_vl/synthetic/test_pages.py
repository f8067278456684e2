"""Laws of drawn pages: they repeat, their labels are true, and the two splits share nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from minimax_vl.errors import InvalidRequest
from minimax_vl.synthetic import SPLITS, FontBook, sample
from minimax_vl.synthetic.canvas import LANDMARK
from minimax_vl.synthetic.degrade import degrade
from minimax_vl.synthetic.facts import ABSENT_SHARE, FREE, NOT_THERE
from minimax_vl.synthetic.pages import KINDS, PICTURES

SIZES = ((336, 336), (672, 672), (1008, 336), (1344, 1008))
PRINTED = tuple(kind for kind in KINDS if kind not in PICTURES)  # kinds whose answers are print
FONTS = {split: FontBook.load(None, split) for split in SPLITS}


def pages(split: str = "train", count: int = 24, level: float = 1.0, kinds: tuple[str, ...] | None = None):
    """A few pages of every size; failures name the size and the index that draw them again."""
    for size in SIZES:  # fewer of the larger ones, which take ten times as long
        for index in range(max(count * 300 // max(size), 2)):
            yield f"{split} {index} at {size}", size, sample(split, index, size, FONTS[split], level, kinds)


@pytest.mark.parametrize("split", SPLITS)
def test_same_arguments_draw_the_same_page(split):
    fresh = FontBook.load(None, split)  # nothing of an earlier page may leak through the glyph cache
    for index in (0, 7, 31):
        first, second = (
            sample(split, index, (336, 336), FONTS[split]),
            sample(split, index, (336, 336), fresh),
        )
        assert np.array_equal(first.image, second.image) and np.array_equal(first.glyphs, second.glyphs)
        assert (first.turns, first.kind, first.text) == (second.turns, second.kind, second.text)


def test_index_size_and_level_each_change_the_page():
    base = sample("train", 5, (336, 336), FONTS["train"])
    assert sample("train", 6, (336, 336), FONTS["train"]).text != base.text
    assert sample("train", 5, (336, 672), FONTS["train"]).text != base.text
    assert sample("train", 5, (336, 336), FONTS["train"], level=0.5).text != base.text


def test_splits_share_neither_seed_nor_family():
    train, heldout = ({face.family for face in FONTS[split].faces} for split in SPLITS)
    assert not train & heldout
    assert len(heldout) >= 6
    texts = {split: {page.text for _, _, page in pages(split, 6, kinds=PRINTED)} for split in SPLITS}
    assert not texts["train"] & texts["heldout"]


def test_a_training_folder_never_yields_a_held_out_family():
    folder = FONTS["heldout"].faces[0].path.parent
    with pytest.raises(InvalidRequest, match="no training face"):
        FontBook.load(folder, "train")


def test_fonts_of_the_other_split_are_refused():
    with pytest.raises(InvalidRequest):
        sample("heldout", 0, (336, 336), FONTS["train"])


def all_printed(where, page):
    """Every answer stands on the page, but for the page's own words and what is reckoned about a small table."""
    printed = " ".join(page.text.split())
    for question, answer in page.turns:
        own_words = question in FREE or answer in ("yes", "no", NOT_THERE)
        reckoned = page.kind == "lookup" and question in page.thoughts and not question.startswith("Which")
        assert own_words or reckoned or " ".join(answer.split()) in printed, (
            f"{where}: {question} -> {answer}"
        )


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_answers_are_printed_and_questions_are_asked_once(split, level):
    for where, size, page in pages(split, 12, level, PRINTED):
        assert page.image.shape == (*size, 3) and page.image.dtype == np.uint8, where
        assert page.turns and len({question for question, _ in page.turns}) == len(page.turns), where
        all_printed(where, page)


@pytest.mark.parametrize("kind", PRINTED)
def test_every_kind_can_be_drawn_at_every_size_and_its_answers_are_printed(kind):
    for where, size, page in pages(count=3, kinds=(kind,)):
        assert page.kind == kind and page.image.shape == (*size, 3), where
        all_printed(where, page)


def test_a_kind_that_nobody_draws_is_refused():
    with pytest.raises(InvalidRequest, match="newspaper"):
        sample("train", 0, (336, 336), FONTS["train"], kinds=("newspaper",))


def test_some_questions_have_no_answer_and_their_words_are_not_on_the_page():
    asked = [(q, a, page) for _, _, page in pages(count=60, kinds=PRINTED) for q, a in page.turns]
    absent = [(q, page) for q, a, page in asked if a == NOT_THERE]
    assert ABSENT_SHARE / 2 < len(absent) / len(asked) < ABSENT_SHARE * 2
    for question, page in absent:
        for word, where in (("tax", "GST"), ("email", "@"), ("subtotal", "SUBTOTAL"), ("patient", "Patient")):
            assert word not in question.lower() or where not in page.text, f"{question}: {page.text}"


def test_every_printed_character_has_a_label_and_the_labels_spell_the_text():
    for where, _, page in pages(count=12):
        printed = page.glyphs[page.glyphs[:, 3] < LANDMARK]
        codes = printed[:, 3].astype(np.uint8).tobytes().decode("ascii")
        assert codes == "".join(page.text.split()), where


def test_glyph_centres_lie_on_their_ink():
    seen = total = 0
    for where, (height, width), page in pages(count=12):
        for x, y, em, _ in page.glyphs[page.glyphs[:, 3] < LANDMARK]:
            assert 0 <= x <= width and 0 <= y <= height and 5 <= em <= 60, where
            reach = max(
                em * 0.5, 4
            )  # half an em around the centre holds ink and paper, whatever the character
            rows = slice(max(int(y - reach), 0), int(y + reach) + 1)
            columns = slice(max(int(x - reach), 0), int(x + reach) + 1)
            window = page.image[rows, columns].astype(int).sum(-1)
            seen += bool(window.max() - window.min() > 60)
            total += 1
    assert seen > 0.995 * total  # fading and thresholds may take a full stop away, no more


def test_a_lone_character_is_labelled_at_its_own_ink():
    from minimax_vl.synthetic.canvas import Canvas

    fonts = FONTS["train"]
    for character in "aO.,-'Wg":
        canvas = Canvas(80, 80, (255, 255, 255))
        canvas.write(20, 20, character, fonts.print(fonts.faces[0], 30), (0, 0, 0))
        rows, columns = np.nonzero(canvas.pixels[:, :, 0] < 255)
        ((x, y, em, code),) = canvas.glyphs
        assert (x, y) == ((columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2), (
            character
        )
        assert (em, chr(code)) == (30, character)


def test_every_kind_of_page_turns_up():
    roomy = (sample("train", index, (672, 672), FONTS["train"]) for index in range(300))
    assert {page.kind for page in roomy} == set(KINDS)  # a mixture needs room


@pytest.mark.parametrize("split", SPLITS)
def test_a_page_with_a_rude_word_is_drawn_again(split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from minimax_vl.synthetic import pages as module

    def text() -> str:
        return sample(split, 5, (336, 336), FONTS[split], kinds=("lookup",)).text

    word = text().split()[0]
    monkeypatch.setattr(module, "RUDE", re.compile(re.escape(word)))
    assert word not in text()


def test_easy_pages_have_larger_print():
    easy, hard = (
        [np.median(p.glyphs[:, 2]) for _, _, p in pages(level=level, kinds=("keyvalue", "table", "prose"))]
        for level in (0.0, 1.0)
    )
    assert np.mean(easy) > np.mean(hard) + 3


def test_wear_is_mild_and_moves_nothing():
    import random

    page = sample("train", 3, (336, 336), FONTS["train"])
    worn = degrade(page.image, random.Random(0))
    assert worn.shape == page.image.shape and worn.dtype == np.uint8
    assert not np.array_equal(worn, page.image)
    a, b = page.image.astype(float).ravel(), worn.astype(float).ravel()
    assert np.corrcoef(a, b)[0, 1] > 0.85


def test_the_renderer_needs_no_torch():
    import subprocess
    import sys

    code = "import sys, minimax_vl.synthetic as s; s.FontBook.load(None, 'train'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
