"""From logits to an id: greedy, or temperature, top-k, top-p and repetition penalty with a generator of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor

from minimax_vl.errors import InvalidRequest


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How the next id is drawn. The neutral values are the defaults: greedy, nothing cut off, nothing punished."""

    temperature: float = 0.0  # 0 takes the most likely id
    top_k: int = 0  # keep the k most likely ids; 0 keeps all
    top_p: float = 1.0  # keep the fewest ids whose probabilities reach p
    repetition_penalty: float = 1.0  # above 1 makes ids of the prompt and the answer less likely
    seed: int | None = None  # None draws another answer each time

    def __post_init__(self) -> None:
        check("temperature", self.temperature, "a number, 0 or more", lambda t: 0 <= t < math.inf)
        check("top_k", self.top_k, "0 (all) or a positive count", lambda k: k >= 0, Integral)
        check("top_p", self.top_p, "above 0, at most 1", lambda p: 0 < p <= 1)
        check(
            "repetition_penalty",
            self.repetition_penalty,
            "a number above 0; 1 is none",
            lambda x: 0 < x < math.inf,
        )
        if self.seed is not None:
            check(
                "seed", self.seed, "None, or an integer of 64 bits", lambda n: -(2**63) <= n < 2**63, Integral
            )


class Sampler:
    """Draws the ids of one answer. Its random numbers are its own, so a neighbour in the batch changes nothing."""

    def __init__(self, params: SamplingParams, prompt: Sequence[int] = ()) -> None:
        self.params = params
        self._seen = set(prompt) if params.repetition_penalty != 1 else None
        self._random = torch.Generator()  # on the CPU on every device: one seed, one answer
        if params.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(int(params.seed))

    @property
    def greedy(self) -> bool:
        """Whether the most likely id is taken, whatever came before."""
        return self.params.temperature == 0 and self._seen is None

    def pick(self, logits: Tensor) -> int:
        """logits [V] fp32 -> id."""
        if self._seen is not None:
            logits = penalise(logits, self._seen, _in_fp32(self.params.repetition_penalty))
        if self.params.temperature == 0:
            chosen = int(logits.argmax())
        else:
            weights = distribution(logits, self.params).cpu()  # [V]
            chosen = int(torch.multinomial(weights, 1, generator=self._random))
        if self._seen is not None:
            self._seen.add(chosen)
        return chosen


def distribution(logits: Tensor, params: SamplingParams) -> Tensor:
    """logits [V] -> probabilities [V] after temperature, top-k and top-p, in this order."""
    # Bounded, so that no temperature or penalty makes infinities, whose softmax is NaN.
    logits = logits.float().clamp(max=1e30) / max(_in_fp32(params.temperature), 1e-6)
    if 0 < params.top_k < logits.numel():
        kept, ids = logits.topk(params.top_k)
        logits = torch.full_like(logits, -torch.inf).scatter(0, ids, kept)
    probabilities = logits.softmax(0)
    if params.top_p < 1:
        ordered, ids = probabilities.sort(descending=True)
        # An id stays while the mass before it is short of p, so the most likely one always does.
        ordered = ordered * (ordered.cumsum(0) - ordered < _in_fp32(params.top_p))
        probabilities = torch.zeros_like(probabilities).scatter(0, ids, ordered)
        probabilities = probabilities / probabilities.sum()
    return probabilities


def penalise(logits: Tensor, seen: set[int], penalty: float) -> Tensor:
    """logits [V] with every id of `seen` made less likely when `penalty` is above 1.

    CTRL's rule (Keskar et al., 2019): positive logits are divided by it, negative ones multiplied.
    """
    ids = torch.tensor(sorted(seen), device=logits.device)
    values = logits[ids]
    return logits.index_copy(0, ids, torch.where(values > 0, values / penalty, values * penalty))


def _in_fp32(value: float) -> float:
    """A positive number as the nearest that fp32 has: as 0 or infinity it would make NaN of an id that is ruled out."""
    return float(min(max(value, 1e-38), 1e38))


def check(name: str, value: Any, expected: str, fine: Callable[[Any], bool], kind: type[Real] = Real) -> None:
    """Raises InvalidRequest unless `value` is a number of this kind, numpy's included, that is fine."""
    if not (isinstance(value, kind) and fine(value)):
        raise InvalidRequest(
            found=f"{name}={value!r}",
            expected=expected,
            cause="a typing error, or another library's value for leaving it out",
            next_step=f"leave {name} out for the default, or correct it",
        )
