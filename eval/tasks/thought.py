"""Replies that think first: the answer is what stands after the last tag, and thoughts are never judged."""

from __future__ import annotations

import re

THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.S | re.I)
TAG = re.compile(r"(?im)^[\s*_#>]*(?:final\s+)?answer[*_]*\s*:[*_]*[ \t]*(?:\n\s*)?(.*?)[*_\s]*$")


def final_answer(reply: str) -> tuple[str, str]:
    """(answer, rule): the text after the last line that begins with "Answer:", else all that is no thought."""
    spoken = THOUGHT.sub("", reply).strip()
    found = TAG.findall(spoken)
    return (found[-1].strip(), "tag") if found else (spoken, "no tag")
