"""Other wordings: the same answers, now and then, of questions that the renderer really asks."""

from __future__ import annotations

import numpy as np
import pytest

from minimax_vl.apps.training.several import Turn
from minimax_vl.apps.training.wordings import SELLER, SHARE, WORDINGS, reworded
from minimax_vl.synthetic.tills import asked

COMPANY = "Which company issued the receipt?"


def test_a_share_of_the_questions_is_asked_otherwise_and_no_answer_changes():
    turns, rng = [Turn(COMPANY, "Alder Sdn Bhd"), Turn("What is the tax?", "3.10")], np.random.default_rng(0)
    said = [reworded(turns, rng) for _ in range(600)]
    assert all([turn.answer for turn in some] == ["Alder Sdn Bhd", "3.10"] for some in said)
    assert {some[1].question for some in said} == {"What is the tax?"}
    assert {some[0].question for some in said} == {COMPANY, *SELLER}
    assert sum(some[0].question != COMPANY for some in said) / 600 == pytest.approx(SHARE, abs=0.05)


def test_no_question_comes_twice_with_two_answers():
    turns = [Turn(COMPANY, "Alder"), Turn(COMPANY, "Birch", 1), Turn(SELLER[0], "Cedar", 1)]
    for seed in range(60):
        questions = [turn.question for turn in reworded(turns, np.random.default_rng(seed))]
        others = [question for question in questions if question != COMPANY]
        assert len(others) == len(set(others))


def test_the_renderer_asks_so():
    assert set(WORDINGS) <= {*asked.COMPANY, *asked.TOTAL, *asked.DATE, *asked.ADDRESS}
