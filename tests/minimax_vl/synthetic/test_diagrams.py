"""Laws of drawn diagrams: arrows run one way, choices hold one right answer, letters name the option they stand by."""

from __future__ import annotations

import random
import re

import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.choices import LETTERS, ask_choice
from minimax_vl.synthetic.diagrams import diagram, vocab
from minimax_vl.synthetic.diagrams.sequences import AFTER, BEFORE, cycle, flow
from minimax_vl.synthetic.diagrams.webs import EATEN, EATS, chain, web
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.sheet import Sheet

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
OPTION = re.compile(r"^([A-D])\. (.*)$", re.MULTILINE)


def desk(seed: int, size: tuple[int, int] = (560, 560), split: str = "train") -> Sheet:
    return Sheet(size, FONTS[split], random.Random(seed), 1.0)


def drawn(kind, count: int):
    for seed in range(count):
        sheet = desk(seed)
        if kind(sheet, (15, 15, 545, 545)) and not sheet.canvas.clipped:
            yield seed, sheet, dict(sheet.facts._answers)


def answers(asked: dict[str, str], forms: tuple[str, ...], group: str) -> dict[str, str]:
    """name -> answer, of the open questions made by `forms`."""
    found = {}
    for form in forms:
        pattern = re.escape(form).replace(r"\{name\}", "(?P<name>.+)").replace(r"\{step\}", group)
        for question, answer in asked.items():
            match = re.fullmatch(pattern, question)
            if match and answer != NOT_THERE:
                found[match["name"]] = answer
    return found


@pytest.mark.parametrize("kind", [k for k, _ in diagram.DRAWS], ids=lambda k: k.__name__)
def test_every_kind_finds_room_and_asks(kind):
    found = list(drawn(kind, 12))
    assert len(found) >= 2, "many boxes should hold one"
    for seed, sheet, asked in found:
        assert len(asked) >= 5 and sheet.facts.caption.endswith("."), f"{kind.__name__} {seed}"
        assert all(em >= 10 for _, _, em, _ in sheet.canvas.glyphs), f"{kind.__name__} {seed}"


@pytest.mark.parametrize("kind", [k for k, _ in diagram.DRAWS], ids=lambda k: k.__name__)
def test_choices_are_four_different_ones_answered_by_a_letter(kind):
    for seed, _, asked in drawn(kind, 12):
        for question, answer in asked.items():
            options = OPTION.findall(question)
            if options:
                assert [letter for letter, _ in options] == list(LETTERS), f"{seed}: {question}"
                assert len({text.lower() for _, text in options}) == 4, f"{seed}: {question}"
                assert answer in LETTERS, f"{seed}: {question}"


@pytest.mark.parametrize("kind", [k for k, _ in diagram.DRAWS], ids=lambda k: k.__name__)
def test_a_choice_agrees_with_the_open_question(kind):
    for seed, _, asked in drawn(kind, 12):
        for question, answer in asked.items():
            options = dict(OPTION.findall(question))
            plain = question.removeprefix("Question: ").split("\n")[0]
            if options and plain in asked:
                assert options[answer].lower() == asked[plain].lower(), f"{seed}: {plain}"


@pytest.mark.parametrize(("kind", "step"), [(cycle, "stage"), (flow, "step")])
def test_before_undoes_after(kind, step):
    checked = 0
    for seed, _, asked in drawn(kind, 25):
        after, before = answers(asked, AFTER, step), answers(asked, BEFORE, step)
        assert len(set(after.values())) == len(after), f"{seed}: two names come before the same one"
        for name, first in before.items():
            checked += first in after
            assert after.get(first, name) == name, f"{seed}: {first} -> {name}"
    assert checked >= 5


@pytest.mark.parametrize("kind", [chain, web])
def test_nobody_eats_what_eats_it(kind):
    for seed, _, asked in drawn(kind, 30):
        prey, eater = answers(asked, EATS, ""), answers(asked, EATEN, "")
        for name, food in prey.items():
            assert {a.lower() for n, a in prey.items() if n.lower() == food.lower()} != {name.lower()}, seed
            if food in eater:
                assert eater[food].lower() == name.lower() or kind is web, f"{seed}: {name} eats {food}"


def test_too_few_wrong_answers_ask_nothing():
    sheet = desk(0)
    assert not ask_choice(sheet, "Which?", "Egg", ["Larva", "larva ", "Egg", "", "Larva"])
    assert not sheet.facts._answers
    assert ask_choice(sheet, "Which?", "Egg", ["Larva", "Pupa", "Adult"])


def test_prompts_are_those_of_the_harnesses():
    """A changed prompt is a changed benchmark."""
    from minimax_vl.synthetic.choices import PROMPTS

    assert (
        PROMPTS[0]
        == "{question}\n{options}\nAnswer with the option's letter from the given choices directly."
    )
    assert (
        PROMPTS[3]
        == "Question: {question}\nOptions:\n{options}\nPlease select the correct answer from the options above."
    )


def test_letters_are_drawn_evenly():
    given = [
        a for k, _ in diagram.DRAWS for _, _, asked in drawn(k, 8) for q, a in asked.items() if "\nA. " in q
    ]
    for letter in LETTERS:
        assert 0.15 < given.count(letter) / len(given) < 0.35, letter


def test_held_out_words_stay_out_of_training():
    for draw in (vocab.cycle, vocab.layers, vocab.flow):
        train = {draw(desk(seed, (336, 336)))[0] for seed in range(120)}
        heldout = {draw(desk(seed, (336, 336), "heldout"))[0] for seed in range(120)}
        assert heldout - train, draw.__name__
        assert not any(name.startswith("+") for name in heldout), draw.__name__


@pytest.mark.parametrize("size", [(336, 336), (672, 448), (672, 1008), (1008, 1344)])
def test_any_page_holds_a_diagram(size):
    fitting = 0
    for seed in range(4):
        sheet = desk(seed, size, "heldout")
        diagram.draw(sheet)
        fitting += not sheet.canvas.clipped and bool(sheet.facts.caption)
    assert fitting >= 2
