"""Pictures to begin with, each with a question; all of them are in the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

EXAMPLES = Path(str(resources.files("minimax_vl"))) / "assets" / "examples"
QUESTIONS: dict[str, tuple[str, str]] = {  # file -> (what it is, a question)
    "receipt.png": ("Receipt", "What is the total?"),
    "form.png": ("A real scan", "What is the registration number?"),
    "schedule.jpg": ("Timetable", "When does Grubs tutor stop?"),
    "prices.jpg": ("Price list", "How much is the headline?"),
}


def cards() -> list[Any]:
    """The examples as Gradio's chatbot shows them while it is empty."""
    return [
        {
            "icon": str(EXAMPLES / name),
            "display_text": f"{kind}: {question}",
            "text": question,
            "files": [str(EXAMPLES / name)],
        }
        for name, (kind, question) in QUESTIONS.items()
        if (EXAMPLES / name).is_file()
    ]
