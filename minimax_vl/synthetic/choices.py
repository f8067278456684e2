"""Four-choice questions, answered by a letter: the prompt forms that the AI2D harnesses use.

The forms are those of lmms-eval ("... directly.") and of VLMEvalKit ("Please select ..."), and a short one of ours.
"""

from __future__ import annotations

from collections.abc import Iterable

from minimax_vl.synthetic.sheet import Sheet

LETTERS = "ABCD"
PROMPTS = (
    "{question}\n{options}\nAnswer with the option's letter from the given choices directly.",
    "{question}\n{options}\nAnswer with the option's letter from the given choices directly.",
    "{question}\n{options}\nAnswer with the option's letter from the given choices directly.",
    "Question: {question}\nOptions:\n{options}\nPlease select the correct answer from the options above.",
    "{question}\n{options}\nAnswer with the option's letter.",
)
NAMED = (
    "{question}\n{options}\nGive the right option, then its letter.",
    "{question}\n{options}\nName the answer and its letter.",
)
LETTER_OF = ("{options}\nWhich letter stands before {text}?", "{options}\nWhat is the letter of {text}?")
EACH = (
    "{question}\n{options}\nSay for each option whether it is right.",
    "{question}\n{options}\nIs each option right?",
)
IS_IT = ("{question} Is it {text}?", "{question} Is the answer {text}?")


def ask_choice(sheet: Sheet, question: str, right: str, wrong: Iterable[str], *, thought: str = "") -> bool:
    """Ask with `right` and three of `wrong` in random order; False, and nothing asked, when three are not to be had.

    Training names the right text before its letter, and before that what `thought` spells out.
    """
    rng = sheet.rng
    others = list(dict.fromkeys(text for text in wrong if text and text.lower() != right.lower()))
    if len(others) < len(LETTERS) - 1:
        return False
    options = [right, *rng.sample(others, len(LETTERS) - 1)]
    rng.shuffle(options)
    listed = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True))
    letter = LETTERS[options.index(right)]
    asked = sheet.facts.ask(letter, PROMPTS, question=question, options=listed)
    thought = f"{thought}: {right}" if thought else right
    sheet.facts.think(asked, thought)
    if sheet.facts.teaching:
        _teach(sheet, question, options, right, thought)
    return True


def _teach(sheet: Sheet, question: str, options: list[str], right: str, thought: str) -> None:
    """The same choice in another order, and what it takes to make one: to weigh an option, and to know its letter.

    A letter asks for all of that at once. nano names the right text and then its letter far more often than the letter
    alone, and always knows the letter of a text (docs/log.md); so options are mostly weighed one by one here.
    """
    rng, facts = sheet.rng, sheet.facts
    options = rng.sample(options, len(options))
    listed = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True))
    letter, draw = LETTERS[options.index(right)], rng.random()
    if draw < 0.3:
        verdicts = ("yes" if text == right else "no" for text in options)
        told = "; ".join(f"{one}: {verdict}" for one, verdict in zip(LETTERS, verdicts, strict=True))
        facts.teach(told, EACH, question=question, options=listed)
    elif draw < 0.45:
        text = right if rng.random() < 0.5 else rng.choice([text for text in options if text != right])
        facts.teach("yes" if text == right else "no", IS_IT, question=question, text=text)
    elif draw < 0.7:
        facts.teach(f"{right}, {letter}", NAMED, question=question, options=listed)
    elif draw < 0.95:
        facts.think(facts.teach(letter, PROMPTS, question=question, options=listed), thought)
    elif not set(options) & set(LETTERS):
        k = rng.randrange(len(options))
        facts.teach(LETTERS[k], LETTER_OF, text=options[k], options=listed)


def numbers_near(sheet: Sheet, right: int, *, least: int = 0) -> list[str]:
    """Wrong counts beside a right one."""
    near = [n for n in range(right - 4, right + 5) if n != right and n >= least]
    return [str(n) for n in sheet.rng.sample(near, min(5, len(near)))]
