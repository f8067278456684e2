"""What can be asked about a page, collected while it is drawn, and the ways of asking it."""

from __future__ import annotations

import random
from collections import Counter

DESCRIBE = ("Describe the image.", "What is shown?", "Write a caption for this image.", "What is this?")
KIND = ("What kind of document is this?", "What type of document is it?", "Which kind of page is this?")
READ = ("Read the text.", "What does the text say?", "Transcribe the page.")
CHECKED = (
    "Is {name} checked?",
    "Is the box {name} checked?",
    "Is {name} ticked?",
    "Has {name} been checked?",
)
FREE = frozenset((*DESCRIBE, *KIND))  # questions whose answers are our own words, not print

# Ways to ask for the value of a label; {name} is what people call it, {label} is what is printed.
NAMED = ("What is the {name}?", "What is the {name}?", "{name}?", "Tell me the {name}.", "Find the {name}.")
PRINTED = (
    "What is written after '{label}'?",
    "What is the value of {label}?",
    "What does it say for {label}?",
    "{label}?",
    "What is {label}?",
    "What stands next to '{label}'?",
)
REVERSE = ("Which label has the value {value}?", "What is {value}?", "Which field says '{value}'?")
CELL = (
    "What is the {column} of {row}?",
    "What is the {column} for {row}?",
    "{row}: {column}?",
    "What is {row}'s {column}?",
    "What does the table say under {column} for {row}?",
)
WHICH_ROW = ("Which {first} has {column} {value}?", "Which {first} has the {column} {value}?")
STARTS = (
    "Read the line that starts with '{start}'.",
    "Which line starts with '{start}'?",
    "Complete the line: {start}",
)
LINE = ("Read the {place} line.", "What does the {place} line say?", "What is written in the {place} line?")

MAX_ANSWER = 48  # characters; longer answers are left to the transcription
TRANSCRIPT = 160  # characters; a longer page is not asked for as a whole


class Facts:
    """Question and answer pairs of one page. A question is asked once, so it has one answer."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.caption = ""
        self.kind = ""
        self._answers: dict[str, str] = {}
        self._void: set[str] = set()
        self._marks: dict[str, str] = {}  # question -> what it is recognised by
        self._many: set[str] = set()
        self._seen: Counter[str] = Counter()

    def seen(self, mark: str) -> None:
        """Note a value on the page; questions that recognise their answer by it need it to be the only one."""
        self._seen[mark] += 1

    def ask(
        self, answer: str, forms: tuple[str, ...], *, mark: str = "", one_of_many: bool = False, **names: str
    ) -> None:
        """Add one pair, in a random one of `forms`. A second answer to the same question removes both.

        A question that gives a value and asks where it stands names it as `mark`; it is dropped when `seen` has
        met that value more than once. Cells and lines of goods are `one_of_many`: they do not crowd out the rest.
        """
        if not answer or len(answer) > MAX_ANSWER:
            return
        question = self.rng.choice(forms).format(**names)
        question = question[0].upper() + question[1:]
        if self._answers.get(question, answer) != answer:
            self._void.add(question)
        self._answers[question] = answer
        if mark:
            self._marks[question] = mark
        if one_of_many:
            self._many.add(question)

    def field(self, label: str, name: str, value: str) -> None:
        """A label and its value; `name` is what the label is called in a sentence, or '' for the label itself."""
        label = label.rstrip(":. ")
        self.seen(value)
        if name and self.rng.random() < 0.65:
            self.ask(value, NAMED, name=name)
        else:
            self.ask(value, PRINTED, label=label)
        if self.rng.random() < 0.15:
            self.ask(label, REVERSE, mark=value, value=value)

    def turns(self, text: str, count: int) -> list[tuple[str, str]]:
        """Up to `count` pairs in random order: most about what is on the page, some to read or describe it."""
        rng = self.rng
        pairs = [(q, a) for q, a in self._answers.items() if q not in self._void and self._plain(q)]
        extra: list[tuple[str, str]] = []
        if rng.random() < 0.5:
            extra.append((rng.choice(DESCRIBE), self.caption))
        if rng.random() < 0.15:
            extra.append((rng.choice(KIND), self.kind))
        if len(text) <= TRANSCRIPT and rng.random() < 0.8:
            extra.append((rng.choice(READ), text))
        taken = {question for question, _ in pairs + extra}
        lines = [pair for pair in self._lines(text) if pair[0] not in taken]
        extra += lines[: rng.randint(1, max(1, count // 5))]
        rng.shuffle(pairs)
        room = max(count - len(extra), 1)
        rare = [pair for pair in pairs if pair[0] not in self._many][: max(room * 3 // 5, 1)]
        pairs = rare + [pair for pair in pairs if pair not in rare]
        chosen = (pairs[:room] + extra)[:count]
        rng.shuffle(chosen)
        return chosen

    def _plain(self, question: str) -> bool:
        return question not in self._marks or self._seen[self._marks[question]] == 1

    def _lines(self, text: str) -> list[tuple[str, str]]:
        """Lines that can be named by their first words or their place on the page."""
        lines = text.split("\n")
        pairs = []
        for line in lines:
            words = line.split()
            start = " ".join(words[: self.rng.randint(1, 2)])
            unique = sum(other.startswith(start) for other in lines) == 1
            if unique and len(words) > 2 and len(line) <= MAX_ANSWER + 16:
                pairs.append((self.rng.choice(STARTS).format(start=start), line))
        for place, line in (("first", lines[0]), ("last", lines[-1])):
            if len(line) <= MAX_ANSWER + 16:
                pairs.append((self.rng.choice(LINE).format(place=place), line))
        self.rng.shuffle(pairs)
        return list(dict(pairs).items())
