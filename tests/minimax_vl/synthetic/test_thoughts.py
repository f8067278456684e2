"""Laws of what training writes before an answer: it leads to that answer, fits, and is on no held-out page."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import pairwise
from operator import add, mul, sub, truediv

import pytest

from minimax_vl.synthetic import SPLITS, FontBook, lessons, sample
from minimax_vl.synthetic.charts import bars, lines, pies, points
from minimax_vl.synthetic.charts.questions import form_of
from minimax_vl.synthetic.facts import MAX_THOUGHT, NOT_THERE
from minimax_vl.synthetic.pages import PICTURES
from minimax_vl.synthetic.scenes import scene, words
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import (
    compared,
    listed,
    numbered,
    records,
    repeats,
    spot,
    steps,
    tallies,
    totals,
)

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
BOX = (10, 10, 550, 438)
OPTION = re.compile(r"^([A-D])\. (.*)$", re.MULTILINE)


def amount(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def pairs(thought: str) -> list[tuple[str, str]]:
    """ "A: 1!; B: 2 #1. whatever" as pairs, without marks."""
    parts = [part.rsplit(": ", 1) for part in thought.split(". ")[0].split("; ")]
    return [(name, re.sub(r"!$| #\d+$| [-+=]$| = \d+$", "", value)) for name, value in parts]


def marked(thought: str, mark: str) -> list[str]:
    """Names of the pairs whose value ends in a mark, a pattern."""
    return [
        part.rsplit(": ", 1)[0] for part in thought.split(". ")[0].split("; ") if re.search(f"{mark}$", part)
    ]


def charts(seeds: range):
    """(form, thought, answer) of what training charts ask."""
    for seed in seeds:
        for draw in (bars.bars, bars.grouped, bars.histogram, lines.lines, pies.pie, points.scatter):
            sheet = Sheet((448, 560), FONTS["train"], random.Random(seed), 1.0)
            if draw(sheet, BOX):
                for question, thought in sheet.facts.thoughts.items():
                    yield form_of(question), thought, sheet.facts._answers[question]


def test_a_thought_about_a_chart_leads_to_its_answer():
    seen: Counter[str] = Counter()
    for form, thought, answer in charts(range(60)):
        seen[form] += 1
        if form in ("value", "cell", "value at"):
            assert pairs(thought)[-1][1] == answer, (form, thought)
        elif form in ("difference", "cell difference", "sum"):
            one, sign, other = thought.rsplit(". ", 1)[1].rsplit(" ", 2)
            assert sign == ("+" if form == "sum" else "-")
            told = amount(one) + amount(other) * (1 if form == "sum" else -1)
            assert told == pytest.approx(amount(answer)) and {one, other} <= {v for _, v in pairs(thought)}
        elif form in ("most", "least", "highest", "lowest", "highest in", "lowest in", "best"):
            pick = min if form.startswith("l") else max
            name, value = pick(pairs(thought), key=lambda pair: amount(pair[1]))
            assert answer in (name, value) and marked(thought, "!")[-1] == name, (form, thought)
        elif form == "rank":
            told, two = thought.rsplit(". ", 1)
            (first, most), (second, value) = pairs(two)
            assert second == answer and first == marked(told, "!")[-1]
            assert {first: most, second: value}.items() <= dict(pairs(told)).items()
        elif form == "above":
            assert len(marked(thought, r" #\d+")) == int(answer)
            assert answer == "0" or (f" #{answer}" in thought and f" #{int(answer) + 1}" not in thought)
        elif form == "compare":
            sign = thought.rsplit(". ", 1)[1].split(" ")[1]
            assert answer == ("yes" if sign == ">" else "no"), thought
        elif form == "change":
            assert thought.endswith({"it rises": " +", "it falls": " -", "it stays the same": " ="}[answer])
        elif form == "trend":
            ways = {way for way in "+-" if marked(thought, f" [{way}]")}
            assert answer == {"+": "it rises", "-": "it falls", "+-": "it goes up and down"}.get(
                "".join(sorted(ways)), "it stays the same"
            )
        elif form in ("count", "groups", "slice groups", "series"):
            assert thought.rsplit("; ", 1)[-1].split()[0] == answer, (form, thought)
    asked = "value cell difference sum most highest above rank count groups series trend change compare"
    assert set(asked.split()) <= set(seen)


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_choices_and_counts_end_in_their_answer(kind):
    choices = counts = 0
    for index in range(110):
        page = sample("train", index, (672, 672), FONTS["train"], kinds=(kind,))
        for question, answer in page.turns:
            thought = page.thoughts.get(question, "")
            if options := dict(OPTION.findall(question)):
                if answer in options and not re.search("letter (stands|of)", question):
                    assert thought.rsplit(": ", 1)[-1] == options[answer] or thought == options[answer]
                    choices += 1
            elif thought[:2] == "1 " and question.startswith("How many"):
                assert thought.rsplit("; ", 1)[-1].split()[0] == answer, (question, thought)
                counts += 1
    assert counts > 10 and (kind != "diagram" or choices > 60)


def test_what_is_counted_in_a_scene_is_pointed_at_in_order():
    seen = 0
    for index in range(120):
        page = sample("train", index, (672, 672), FONTS["train"], kinds=("scene",))
        for question, thought in page.thoughts.items():
            if not (spots := re.findall(r"(?:^|; )\d+ ([a-j])(\d) ", thought)):
                continue
            assert len(spots) == len(thought.split("; ")), thought
            across, down = zip(*spots, strict=True)
            # Things of one row may stand a little higher or lower.
            downward = all(int(a) - int(b) < 2 for a, b in pairwise(down))
            assert list(across) == sorted(across) or downward, (question, thought)
            seen += 1
    assert seen > 150


def test_a_spot_is_a_tenth_of_the_picture():
    assert [spot(x, y) for x, y in ((0, 0), (0.29, 0.71), (1, 1), (-0.1, 0.999))] == ["a0", "c7", "j9", "a9"]


def test_papers_are_counted_and_compared_as_figures_are():
    extremes = places = 0
    for index in range(80):
        page = sample("train", index, (672, 672), FONTS["train"], kinds=("lookup", "prose"))
        for question, answer in page.turns:
            if not (thought := page.thoughts.get(question, "")):
                continue
            if page.kind == "lookup":
                if not question.startswith("Which"):
                    continue
                pick = min if re.search("lowest|fewest", question) else max
                assert pick(pairs(thought), key=lambda pair: amount(pair[1]))[0] == answer
                assert marked(thought, "!")[-1] == answer
                extremes += 1
            else:
                place = ("first", "second", "third", "fourth", "fifth").index(question.split()[-2]) + 1
                number, word = thought.split("; ")[-1].split()
                assert int(number) == place and ("last" in question or answer.split()[0] == word)
                places += 1
    assert extremes > 20 and places > 20


def test_what_is_reckoned_about_a_table_follows_from_its_thought():
    signs = {"+": add, "-": sub, "x": mul, "/": truediv}
    seen: Counter[str] = Counter()
    for index in range(400):
        page = sample("train", index, (672, 672), FONTS["train"], kinds=("lookup",))
        for question, answer in page.turns:
            thought = page.thoughts.get(question, "")
            last = thought.rsplit(". ", 1)[-1]
            if found := re.fullmatch(r"(\S+) ([-+x/]) (\S+)", last):
                one, sign, other = found.groups()
                got = float(answer.replace("$", "").replace(",", ""))
                assert got == pytest.approx(signs[sign](amount(one), amount(other))), (thought, answer)
                assert "$" not in answer or "." not in answer or re.search(r"\.\d\d$", answer), answer
                seen[sign] += 1
            elif re.search(r"^How many.* (have at least|or more)", question):
                assert len(marked(thought, r" #\d+")) == int(answer), thought
                seen["#"] += 1
            elif re.search("^How many people had|total of all", question):
                assert last.endswith(f" = {answer.replace(',', '')}"), (thought, answer)
                seen["="] += 1
            elif answer in ("yes", "no") and "enough" in question:
                assert answer == ("no" if " < " in last else "yes")
                seen["enough"] += 1
            elif re.search(r"\b(mode|median)\b", question):
                assert answer in thought.split(" ")
                seen["sorted"] += 1
    assert set(seen) == {*signs, "#", "=", "enough", "sorted"} and min(seen.values()) > 2, seen


def test_thoughts_are_short_belong_to_questions_and_stay_in_training():
    shown = 0
    for index in range(45):
        for split in SPLITS:
            page = sample(split, index, (672, 672), FONTS[split], kinds=tuple(sorted(PICTURES)))
            assert split == "train" or not page.thoughts
            told = [page.thoughts[question] for question, answer in page.turns if question in page.thoughts]
            assert all(0 < len(thought) <= MAX_THOUGHT for thought in told)
            assert not any(
                page.thoughts.get(question) for question, answer in page.turns if answer == NOT_THERE
            )
            shown += len(told)
    assert shown > 45


def test_a_row_has_few_thoughts_that_tell_the_rest():
    """Else all but the first question would look back at the words and not at the picture."""
    own = [(f"How much is {k}?", str(k)) for k in range(20)] + [("Which?\nA. 1\nB. 2", "B")]
    thoughts = {question: "a: 1; b: 2" for question, _ in own}
    for seed in range(20):
        made = lessons.mixed(own, {}, {}, thoughts, 900, random.Random(seed))
        assert sum(question in thoughts for question, _ in made) == lessons.THOUGHT_OUT + 1
        assert sum(lessons.cost(turn, thoughts[turn[0]]) for turn in made) <= 900


def told_by(draw: str, thought: str) -> list[str]:
    """What the caption of a scene must say, by its thought."""
    if draw in ("boxes", "towers"):
        counts = [part.rsplit(", ", 1)[-1].split(": ")[-1].split()[0] for part in thought.split("; ")]
        return [words.joined([words.number(int(count)) for count in counts])]
    if draw == "clock":
        hour, long = (int(re.findall(r"\d+", part)[0]) for part in thought.split("; "))
        return [f"{hour}:{long % 12 * 5:02d}."]
    if draw == "thermometer":
        return [f"shows {thought.split(', ')[-1].split(': ')[-1]}."]
    if draw == "garden":
        roof, *counts = (part.split(": ") for part in thought.split("; "))
        some = [(thing, 0 if spots == "none" else spots.count(", ") + 1) for thing, spots in counts]
        return [f"{roof[1]} roof", *(words.several(count, thing) for thing, count in some if count)]
    things = [re.sub(r"^\d+ ([a-j]\d )?| x\d+$", "", part) for part in thought.split("; ")]
    if draw == "dice":
        return [words.joined([words.number(int(value)) for value in things])]
    if draw == "flag":
        return [f"{words.number(len(things))} stripes: {words.joined(things)}"]
    marks = [(re.findall(r" x\d+$", part) or [""])[0] for part in thought.split("; ")]
    assert marks == repeats(things), thought
    kind = " player" if draw == "field" else ""
    return [words.several(count, thing + kind).removeprefix("a ") for thing, count in Counter(things).items()]


def test_a_scene_is_described_as_its_thought_found_it():
    seen: Counter[str] = Counter()
    for seed in range(40):
        for draw, _ in scene.DRAWS:
            sheet = Sheet((448, 560), FONTS["train"], random.Random(seed), 1.0)
            sheet.facts.teaching = True
            draw(sheet)
            caption, thought = sheet.facts.caption, sheet.facts.caption_thought
            if not thought:
                continue
            name = "towers" if "towers" in caption else draw.__name__
            assert all(told.lower() in caption.lower() for told in told_by(name, thought)), (caption, thought)
            seen[name] += 1
    asked = "shapes boxes towers garden table shelf field clock dice thermometer flag"
    assert set(seen) == set(asked.split()) and min(seen.values()) > 10, seen


def test_lists_and_numbers():
    assert (
        listed(["Mon", "Tue"], [12, "15%"]) == "Mon: 12; Tue: 15%"
        and listed(["Mon", "Tue"], [1, 2], 0) == "Mon: 1"
    )
    assert numbered(["red ball", "blue cup"]) == "1 red ball; 2 blue cup" and numbered([]) == "none"
    assert listed("ab", [1, 2], marks=["!", ""]) == "a: 1!; b: 2"
    assert listed("abc", [1, 2, 3], 1, steps([1, 2, 3])) == "a: 1; b: 2 +"


def test_marks_carry_on_what_has_been_found():
    assert records([3, 1, 4, 4, 5], max) == ["!", "", "!", "", "!"]
    assert records([3, 1, 4, 1], min) == ["!", "!", "", ""]
    assert tallies([False, True, True, False, True]) == ["", " #1", " #2", "", " #3"]
    assert steps([2, 2, 3, 1]) == ["", " =", " +", " -"]
    assert totals([3, 0, 4]) == [" = 3", " = 3", " = 7"]
    assert repeats(["cup", "hat", "cup", "cup"]) == ["", "", " x2", " x3"]
    assert numbered(["cup", "cup"], repeats(["cup", "cup"])) == "1 cup; 2 cup x2"
    assert [compared(2, other) for other in (1, 2, 3)] == [">", "=", "<"]
