"""Published scores of the release and its peers, each with what is known about how it was measured.

A number is comparable with a run only when split, variant, prompt and extraction are known and the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """A score of somebody else, 0..100; None where the publisher does not say."""

    model: str
    score: float
    split: str | None
    variant: str | None
    style: str | None
    source: str


OWN, MINIMAX, LMMS = "the publisher's own report", "table of the MiniMax-01 report", "run by lmms-eval"

DOCVQA = (
    Published("MiniMax-VL-01, 456B", 96.4, None, None, "cot", MINIMAX),
    Published("Qwen2-VL-72B", 96.5, "test", None, None, OWN),
    Published("Qwen2-VL-72B", 97.1, None, None, "cot", MINIMAX),
    Published("InternVL2.5-78B", 95.1, "test", None, "direct", OWN),
    Published("InternVL2.5-78B", 96.1, None, None, "cot", MINIMAX),
    Published("Claude 3.5 Sonnet", 95.2, "test", None, None, OWN),
    Published("Claude 3.5 Sonnet", 94.2, None, None, "cot", MINIMAX),
    Published("GPT-4o", 91.1, None, None, "cot", MINIMAX),
    Published("Gemini 1.5 Pro", 91.5, None, None, "cot", MINIMAX),
    Published("Gemini 2.0 Flash", 92.9, None, None, "cot", MINIMAX),
    Published("Llama-3.2-90B", 90.1, None, None, "cot", MINIMAX),
    Published("Qwen2.5-VL-3B", 93.9, "test", None, None, OWN),
    Published("Qwen2.5-VL-3B", 92.4, "val", None, "direct", LMMS),
    Published("LLaVA-OneVision-7B", 87.1, "val", None, "direct", LMMS),
    Published("InternVL2.5-1B", 84.8, "test", None, "direct", OWN),
    Published("SmolVLM2-2.2B", 79.98, "val", None, None, OWN),
    Published("moondream2 (2025-04)", 79.3, None, None, None, OWN),
    Published("Donut, 0.2B", 67.5, "test", None, None, OWN),
)
AI2D = (
    Published("MiniMax-VL-01, 456B", 83.3, "test", None, "cot", MINIMAX),
    Published("Qwen2-VL-72B", 88.1, "test", "mask", None, OWN),
    Published("Qwen2-VL-72B", 84.4, "test", None, "cot", MINIMAX),
    Published("InternVL2.5-78B", 89.1, "test", "mask", None, OWN),
    Published("InternVL2.5-78B", 95.7, "test", "no-mask", None, OWN),
    Published("InternVL2.5-78B", 86.8, "test", None, "cot", MINIMAX),
    Published("GPT-4o", 84.6, "test", "mask", None, OWN),
    Published("GPT-4o", 94.2, "test", "no-mask", None, OWN),
    Published("GPT-4o", 83.1, "test", None, "cot", MINIMAX),
    Published("Claude 3.5 Sonnet", 81.2, "test", "mask", None, OWN),
    Published("Claude 3.5 Sonnet", 94.7, "test", "no-mask", None, OWN),
    Published("Llama-3.2-90B", 78.9, "test", None, "cot", MINIMAX),
    Published("LLaVA-OneVision-7B", 81.4, "test", "mask", "direct", LMMS),
    Published("Qwen2.5-VL-3B", 81.6, "test", "mask", None, OWN),
    Published("Qwen2.5-VL-3B", 78.6, "test", "mask", "direct", LMMS),
    Published("InternVL2.5-1B", 69.3, "test", "mask", None, OWN),
    Published("InternVL2.5-1B", 77.8, "test", "no-mask", None, OWN),
    Published("SmolVLM2-2.2B", 70.0, "test", "mask", None, OWN),
    Published("LLaVA-OneVision-0.5B", 57.1, "test", "mask", None, OWN),
    Published("Donut, fine-tuned", 30.8, "test", "mask", None, OWN),
)
SCORES = {"docvqa": DOCVQA, "ai2d": AI2D}
# How many questions a whole split has: smaller copies of it go round, under its name.
WHOLE = {("docvqa", "val"): 5349, ("docvqa", "test"): 5188, ("ai2d", "test"): 3088}


def comparability(entry: Published, settings: Mapping[str, Any]) -> str:
    """ "comparable", or "not comparable: ..." with every reason."""
    reasons = []
    asked, whole = settings["questions"], WHOLE.get((settings["task"], settings["split"]))
    if settings["drawn_here"]:
        reasons.append("this run asks about drawn samples, not the benchmark")
    elif settings["limit"] is settings["ids"] is None and whole not in (None, asked):
        reasons.append(f"this copy of the data has {asked:,} questions, the whole {whole:,}")
    if settings["limit"] is not None or settings["ids"] is not None:
        reasons.append("this run asks a sample of the questions")
    if settings.get("scoring") == "likelihood":  # absent from runs before there were two ways
        reasons.append("this run ranks the letters by their likelihood")
    if settings["max_tiles"] is not None:
        reasons.append(f"this run cuts images into {settings['max_tiles']} tiles at most")
    if settings.get("second_look"):
        reasons.append("this run looks twice where the model is unsure (--no-second-look: once)")
    for what, theirs, ours in (
        ("split", entry.split, settings["split"]),
        ("variant", entry.variant, settings["variant"]),
        ("prompt", entry.style, settings["prompt_style"]),
    ):
        if theirs is None and ours is not None:
            reasons.append(f"its {what} is not stated")
        elif theirs != ours:
            reasons.append(f"its {what} is {theirs}, ours {ours}")
    if entry.source == MINIMAX and not reasons:
        reasons.append("its prompt and token budget are not published")
    return f"not comparable: {'; '.join(reasons)}" if reasons else "comparable"
