"""A second look at the picture for an answer that the model is not sure of, and the surer answer of the two.

A patch that falls between two characters another way is read another way: with a margin of 3 % three of five unsure
answers of nano are others, and the surer one is right more often (docs/nano.md). Both answers are greedy ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from math import log
from typing import Any

from minimax_vl.reply import Reply, Timings

SURE = 0.7  # an answer whose every id has this probability is left as it is
MARGIN = 0.03  # of the picture's longer side, around it


def unsure(reply: Reply) -> bool:
    """Whether some id was less likely than SURE; `logprobs` were asked for."""
    return bool(reply.logprobs) and min(reply.logprobs) < log(SURE)


def surer(first: Reply, second: Reply) -> Reply:
    """The likelier of two answers to one question, with the time that both took."""
    best = second if sum(second.logprobs or ()) > sum(first.logprobs or ()) else first
    spent = {
        field.name: getattr(first.timings, field.name) + getattr(second.timings, field.name)
        for field in fields(Timings)
    }
    return best.but(timings=Timings(**spent), logprobs=best.logprobs)


def as_asked(reply: Reply, options: Mapping[str, Any]) -> Reply:
    """Without the logprobs that only this module wanted."""
    return reply if options.get("logprobs") else reply.but(timings=reply.timings, logprobs=None)
