"""Scores of one answer, and the mean of many with an interval that knows which questions share an image."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


def exact_match(reply: str, answer: str) -> bool:
    """Every character right, case included; runs of white space count as one blank."""
    return reply.split() == answer.split()


def anls(reply: str, answers: Sequence[str]) -> float:
    """Average normalised Levenshtein similarity of one reply, 0..1: the best over `answers`, 0 below one half.

    As the official DocVQA scorer computes it on a stripped reply (what lmms-eval's pipeline does): distance between
    lower-cased strings with white space collapsed, divided by the length of the longer *raw* string; a similarity of
    exactly 0.5 counts. TypeError for answers given as one string, whose letters would be taken for answers;
    ValueError for none.
    """
    if isinstance(answers, str):
        raise TypeError(f"answers is the string {answers!r}; a list of accepted answers is needed")
    if not answers:
        raise ValueError("no accepted answer to compare with")
    similarity = max(_similarity(reply.strip(), answer) for answer in answers)
    return similarity if similarity >= 0.5 else 0.0


def _similarity(reply: str, answer: str) -> float:
    from rapidfuzz.distance import Levenshtein

    longest = max(len(reply.upper()), len(answer.upper()))
    if longest == 0:
        return 1.0
    words = (" ".join(text.lower().split()) for text in (reply, answer))
    return 1 - Levenshtein.distance(*words) / longest


@dataclass(frozen=True)
class Mean:
    """A mean of scores with its 95 % interval, cut to 0..1."""

    value: float
    low: float
    high: float
    count: int
    clusters: int

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}], n={self.count}"


def clustered_mean(scores: Sequence[float], clusters: Sequence[Hashable]) -> Mean:
    """Mean of `scores` with a normal interval from the cluster-robust standard error.

    Questions about one image succeed and fail together, so residuals are summed within a cluster before they
    are squared; with one question an image this is the usual standard error. Needs at least one score.
    """
    if len(scores) != len(clusters) or not scores:
        raise ValueError(
            f"{len(scores)} scores and {len(clusters)} clusters; both must be equal and at least 1"
        )
    mean = sum(scores) / len(scores)
    residuals: dict[Hashable, float] = defaultdict(float)
    for score, cluster in zip(scores, clusters, strict=True):
        residuals[cluster] += score - mean
    groups = len(residuals)
    if groups == 1:
        return Mean(mean, 0.0, 1.0, len(scores), 1)
    variance = sum(r * r for r in residuals.values()) * groups / (groups - 1) / len(scores) ** 2
    half = 1.96 * math.sqrt(variance)
    return Mean(mean, max(0.0, mean - half), min(1.0, mean + half), len(scores), groups)
