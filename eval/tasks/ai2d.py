"""AI2D: a question about a diagram with four options, scored by the letter, strictly and tolerantly.

The direct prompt and its 16 tokens are those of lmms-eval's `ai2d`, whose extraction is the strict metric.
"""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.eval.choice import is_right_strictly, tolerant
from minimax_vl.eval.data.ai2d import LETTERS, SPLITS, VARIANTS, read_ai2d
from minimax_vl.eval.data.dataset import Question
from minimax_vl.eval.tasks.task import Style, Task, Verdict
from minimax_vl.eval.tasks.thought import final_answer


def body(question: Question) -> str:
    lines = (f"{letter}. {option}" for letter, option in zip(LETTERS, question.options))
    return "\n".join([question.text, *lines])


def judge(reply: str, answers: Sequence[str], options: Sequence[str], style: str) -> Verdict:
    """Both readings of the letter. In `cot` they read what stands after the tag."""
    answer = final_answer(reply)[0] if style == "cot" else reply
    letter, rule = tolerant(answer, options)
    strictly = any(is_right_strictly(answer, right) for right in answers)
    return Verdict({"strict": float(strictly), "tolerant": float(letter in answers)}, letter, rule)


AI2D = Task(
    name="ai2d",
    title="AI2D",
    metrics={
        "strict": "accuracy with lmms-eval's extraction: a letter and nothing else, or a letter and a full stop first",
        "tolerant": "accuracy with ours: any clear statement of one letter or of one option's text",
    },
    styles={
        "direct": Style(
            "",
            "\nAnswer with the option's letter from the given choices directly.",
            16,
            "the prompt of lmms-eval",
        ),
        "cot": Style(
            "",
            '\nThink step by step. Then write the option\'s letter on a last line that starts with "Answer:".',
            1024,
            "thinks before a tagged letter; the release's own prompt is not published",
        ),
        "plain": Style("", "", 16, "question and options only"),
    },
    splits=SPLITS,
    variants=VARIANTS,
    read=read_ai2d,
    body=body,
    judge=judge,
    chance=0.25,
    sample="ai2d",
)
