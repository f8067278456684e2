"""What can be asked about a page, collected while it is drawn, and the ways of asking it."""

from __future__ import annotations

import random
import re
from collections import Counter

from minimax_vl.synthetic.absent import absent, foreign
from minimax_vl.synthetic.canvas import Canvas
from minimax_vl.synthetic.regions import regions

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
NOT_THERE = "not in the image"  # the one answer to a question about what the page does not have
MAX_ANSWER = 128  # characters: an address of four lines; longer answers are left to the transcription
MAX_TAUGHT = 230  # characters of a figure spelled out on a training page
MAX_THOUGHT = 240  # characters of a thought; what takes more is answered at once
TAUGHT_CAPTIONS = 0.55  # of such pages are to be described
TRANSCRIPT = 200  # characters; a longer page is not asked for as a whole
COMMON = frozenset(
    "what which where when does have this that with from name many much written after value stands next tell find "
    "says line read shown".split()
)
ABSENT_SHARE = 0.08  # of the questions, about what the page does not have


class Facts:
    """Question and answer pairs of one page. A question is asked once, so it has one answer."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.caption = ""
        self.caption_thought = ""  # what it has to count
        self.kind = ""
        self.lines = True  # whether the page may be asked for by its lines
        self.teaching = False  # whether `teach` is heard: on pages of the training split
        # Questions that only training asks, and their answers: all of a figure, and steps towards it.
        self.whole: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self.thoughts: dict[str, str] = {}  # question -> what is to be written before its answer
        self._answers: dict[str, str] = {}
        self._void: set[str] = set()
        self._doubted: set[str] = set()
        self._marks: dict[str, str] = {}  # question -> what it is recognised by
        self._many: set[str] = set()
        self._wanted: set[str] = set()
        self._seen: Counter[str] = Counter()
        self._lacks: list[tuple[tuple[str, ...], dict[str, str]]] = []

    def seen(self, mark: str) -> None:
        """Note a value on the page; questions that recognise their answer by it need it to be the only one."""
        self._seen[mark] += 1

    def ask(
        self,
        answer: str,
        forms: tuple[str, ...],
        *,
        mark: str = "",
        one_of_many: bool = False,
        **names: str,
    ) -> str:
        """Add one pair, in a random one of `forms`. A second answer to the same question removes both.

        A question that gives a value and asks where it stands names it as `mark`; it is dropped when `seen` has
        met that value more than once. Cells and lines of goods are `one_of_many`: they do not crowd out the rest.
        Returns the question, or '' when the answer is empty or too long to be asked for.
        """
        if not answer or len(answer) > MAX_ANSWER:
            return ""
        question = self.rng.choice(forms).format(**names)
        question = question[0].upper() + question[1:]
        if self._answers.get(question, answer) != answer:
            self._void.add(question)
        self._answers[question] = answer
        if mark:
            self._marks[question] = mark
        if one_of_many:
            self._many.add(question)
        return question

    def teach(self, answer: str, forms: tuple[str, ...], *, whole: bool = False, **names: str) -> str:
        """Add one pair for training pages alone, in a random one of `forms`; `whole` spells the figure out.

        Answers that list things do so in an order which the picture tells. Longer ones than MAX_TAUGHT are left out.
        Returns the question, or '' where none was added.
        """
        if not self.teaching or not answer or len(answer) > MAX_TAUGHT:
            return ""
        question = self.rng.choice(forms).format(**names)
        question = question[0].upper() + question[1:]
        if question in self._answers:
            return ""
        (self.whole if whole else self.parts)[question] = answer
        return question

    def think(self, question: str, thought: str) -> None:
        """Note what of the picture has to be spelled out before the question is answered, on training pages alone.

        A small decoder reads a value off an axis well and subtracts well, but hardly ever both within one token.
        """
        if self.teaching and question and thought and len(thought) <= MAX_THOUGHT:
            self.thoughts[question] = thought

    def thought_out(self) -> list[tuple[str, str, str]]:
        """(question, answer, thought) of what is thought about before it is answered."""
        asked = ((question, self._answers[question], thought) for question, thought in self.thoughts.items())
        return [one for one in asked if one[0] not in self._void | self._doubted]

    def doubt(self, question: str) -> None:
        """Leave out a question whose answer the picture does not tell for sure.

        It is dropped after all others are drawn and chosen, so that the page stays what it is but for this question.
        """
        self._doubted.add(question)

    def want(self, answer: str, forms: tuple[str, ...], **names: str) -> None:
        """Add one pair that people want from such a page before anything else."""
        self._wanted.add(self.ask(answer, forms, mark="", one_of_many=False, **names))

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

    def lack(self, forms: tuple[str, ...], **names: str) -> None:
        """Ways to ask for what would stand here but does not: the one name given as '' is a word not on the page."""
        self._lacks.append((forms, names))

    def turns(self, canvas: Canvas, count: int, reading: float = 0.2) -> list[tuple[str, str]]:
        """Up to `count` pairs in random order: most about what is on the page, some to describe it.

        Up to `reading` of them ask for its lines.
        """
        rng, text = self.rng, canvas.text
        pairs = [(q, a) for q, a in self._answers.items() if q not in self._void and self._plain(q)]
        taught = bool(self.whole or self.parts)
        extra = [
            (question, NOT_THERE)
            for question in self._missing(text, min(count, len(pairs)) if taught else count)
        ]
        if self.caption and rng.random() < (TAUGHT_CAPTIONS if taught else 0.4):
            extra.append((rng.choice(DESCRIBE), self.caption))
            self.think(extra[-1][0], self.caption_thought)
        if rng.random() < 0.12:
            extra.append((rng.choice(KIND), self.kind))
        if self.lines and len(text) <= TRANSCRIPT and rng.random() < 0.8:
            extra.append((rng.choice(READ), text))
        taken = {question for question, _ in pairs + extra}
        lines = [pair for pair in regions(canvas, rng) if pair[0] not in taken] if self.lines else []
        extra += lines[: rng.randint(1, max(1, int(count * reading)))]
        rng.shuffle(pairs)
        room = max(count - len(extra), 1)
        pairs.sort(
            key=lambda pair: pair[0] not in self._wanted or rng.random() < 0.3
        )  # seldom behind the rest
        rare = [pair for pair in pairs if pair[0] not in self._many][: max(room * 3 // 5, 1)]
        pairs = rare + [pair for pair in pairs if pair not in rare]
        chosen = (pairs[:room] + extra)[:count]
        rng.shuffle(chosen)
        return [pair for pair in chosen if pair[0] not in self._doubted]

    def _missing(self, text: str, count: int) -> list[str]:
        """Questions without an answer here, as many as their share of `count` draws."""
        rng = self.rng
        wanted = sum(rng.random() < ABSENT_SHARE for _ in range(count))
        questions: list[str] = []
        for forms, names in rng.sample(self._lacks, min(len(self._lacks), wanted // 2 + 1)):
            word = foreign(rng, text)
            if word and rng.random() < 0.6:
                question = rng.choice(forms).format(**{key: value or word for key, value in names.items()})
                questions.append(question[0].upper() + question[1:])
        questions += absent(rng, text, wanted, drawn=not self.lines)
        return [question for question in questions[:wanted] if question not in self._answers]

    def _plain(self, question: str) -> bool:
        return question not in self._marks or self._seen[self._marks[question]] == 1


def only_there(question: str, text: str, others: str) -> bool:
    """Whether a word of the question is printed in `text`, and none of them in `others`, the text of other pages.

    Such a question needs no number of a page. Words that questions are made of do not count.
    """
    words = [word for word in re.findall(r"[A-Za-z0-9]{4,}", question) if word.lower() not in COMMON]
    return any(inside(text, word) for word in words) and not any(inside(others, word) for word in words)


def inside(text: str, words: str) -> bool:
    """Whether words are printed somewhere, in capitals or not."""
    return words.lower() in text.lower()
