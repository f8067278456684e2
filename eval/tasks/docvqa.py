"""DocVQA: a question about a page, the answer a short span of its text, scored by ANLS.

The direct prompt and its 32 tokens are those of lmms-eval's `docvqa_val`. The release publishes neither the prompt
nor the token budget of its "0-shot CoT"; `cot` is our reading of those words.
"""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.eval.data.dataset import Question
from minimax_vl.eval.data.docvqa import SPLITS, read_docvqa
from minimax_vl.eval.metrics import anls, exact_match
from minimax_vl.eval.tasks.task import Style, Task, Verdict
from minimax_vl.eval.tasks.thought import final_answer


def body(question: Question) -> str:
    return question.text


def judge(reply: str, answers: Sequence[str], options: Sequence[str], style: str) -> Verdict:
    """ANLS over all accepted answers, and exact match beside it."""
    answer, rule = final_answer(reply) if style == "cot" else (reply.strip(), "whole reply")
    exact = any(exact_match(answer, accepted) for accepted in answers)
    return Verdict({"ANLS": anls(answer, answers), "exact": float(exact)}, answer, rule)


DOCVQA = Task(
    name="docvqa",
    title="DocVQA",
    metrics={
        "ANLS": "average normalised Levenshtein similarity, as the official scorer computes it",
        "exact": "share of answers that equal an accepted one, case included",
    },
    styles={
        "direct": Style(
            "", "\nAnswer the question using a single word or phrase.", 32, "the prompt of lmms-eval"
        ),
        "cot": Style(
            "",
            "\nThink step by step. Then write the final answer, a single word or phrase from the document, on a"
            ' last line that starts with "Answer:".',
            1024,
            "thinks before a tagged answer; the release's own prompt is not published",
        ),
        "plain": Style("", "", 32, "the bare question"),
    },
    splits=("val", *(split for split in SPLITS if split != "val")),
    variants=(),
    read=read_docvqa,
    body=body,
    judge=judge,
    chance=None,
    sample="docvqa",
)
