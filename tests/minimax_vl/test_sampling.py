"""Laws of sampling: greedy is argmax, cut-offs keep what they say, a seed decides everything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from minimax_vl.errors import InvalidRequest
from minimax_vl.sampling import Sampler, SamplingParams, distribution, penalise

LOGITS = torch.tensor([2.0, 1.0, 0.5, -1.0, -3.0])


def test_greedy_is_the_largest_logit():
    assert [Sampler(SamplingParams()).pick(LOGITS.roll(i)) for i in range(5)] == list(range(5))


@given(st.integers(1, 5))
def test_top_k_keeps_the_k_likeliest(k):
    kept = distribution(LOGITS, SamplingParams(temperature=1.0, top_k=k))
    assert torch.equal(kept > 0, torch.arange(5) < k)
    assert kept.sum() == pytest.approx(1)


@given(st.floats(0.01, 1.0))
def test_top_p_keeps_the_fewest_that_reach_p(p):
    full = LOGITS.softmax(0)
    kept = distribution(LOGITS, SamplingParams(temperature=1.0, top_p=p)) > 0
    n = int(kept.sum())
    assert kept[:n].all()  # the likeliest ones
    assert float(full[: n - 1].sum()) < p + 1e-6
    assert float(full[:n].sum()) >= p - 1e-6


def test_temperature_sharpens():
    cold, warm = (distribution(LOGITS, SamplingParams(temperature=t))[0] for t in (0.5, 2.0))
    assert cold > LOGITS.softmax(0)[0] > warm


def test_draws_follow_the_distribution():
    sampler = Sampler(SamplingParams(temperature=1.0, seed=1))
    counts = torch.bincount(torch.tensor([sampler.pick(LOGITS) for _ in range(4000)]), minlength=5)
    torch.testing.assert_close(counts / 4000, LOGITS.softmax(0), atol=0.03, rtol=0)


def test_seed_decides_and_global_state_does_not():
    def draw(seed):
        torch.manual_seed(len(str(seed)))
        sampler = Sampler(SamplingParams(temperature=1.5, seed=seed))
        return [sampler.pick(LOGITS) for _ in range(40)]

    assert draw(7) == draw(7)
    assert draw(7) != draw(123_456)


def test_numbers_may_be_numpys():
    theirs = SamplingParams(temperature=np.float32(1.5), top_k=np.int64(3), seed=np.int64(7))
    ours = SamplingParams(temperature=1.5, top_k=3, seed=7)
    assert Sampler(theirs).pick(LOGITS) == Sampler(ours).pick(LOGITS)


def test_penalty_lowers_what_was_seen_and_nothing_else():
    punished = penalise(LOGITS, {0, 3}, 2.0)
    assert punished.tolist() == [1.0, 1.0, 0.5, -2.0, -3.0]


def test_penalty_counts_the_prompt_and_the_answer():
    sampler = Sampler(SamplingParams(repetition_penalty=10.0), prompt=[0])
    assert [sampler.pick(LOGITS) for _ in range(3)] == [1, 2, 0]


@pytest.mark.parametrize(
    "extreme",
    [
        {"temperature": 1e300},
        {"temperature": 10**400},
        {"temperature": 1e-300},
        {"temperature": 1.0, "top_p": 1e-300},
        {"repetition_penalty": 1e-300},
        {"temperature": 1.0, "repetition_penalty": 1e300},
        {"temperature": 1.0, "top_k": 10**30},
    ],
    ids=str,
)
def test_numbers_that_fp32_does_not_have_rule_nothing_in(extreme):
    ruled_out = torch.tensor([1.0, -torch.inf, 0.0, -1.0])
    sampler = Sampler(SamplingParams(seed=0, **extreme), prompt=[1, 2])
    assert 1 not in {sampler.pick(ruled_out) for _ in range(20)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1},
        {"temperature": float("inf")},  # -inf / inf: the id that is ruled out would become NaN
        {"temperature": float("nan")},
        {"temperature": None},
        {"temperature": "hot"},
        {"top_k": -1},
        {"top_k": 2.5},
        {"top_p": 0},
        {"top_p": 1.1},
        {"top_p": None},
        {"repetition_penalty": 0},
        {"repetition_penalty": float("inf")},
        {"seed": 1.5},
        {"seed": 2**63},
    ],
    ids=str,
)
def test_nonsense_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(InvalidRequest, match=f"{name}="):
        SamplingParams(**wrong)
