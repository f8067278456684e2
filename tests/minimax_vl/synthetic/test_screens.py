"""Laws of screens: answers are printed and true, switches show what is asked, sums and calculations are right."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.facts import FREE, NOT_THERE
from minimax_vl.synthetic.screens import screen
from minimax_vl.synthetic.screens.apps import ALARM_ON, ON
from minimax_vl.synthetic.screens.kit import ACCENTS, Screen, share_out
from minimax_vl.synthetic.screens.shapes import ICONS, icon, switch
from minimax_vl.synthetic.sheet import Sheet

SIZES = ((336, 336), (336, 672), (672, 336), (672, 672), (1008, 672), (1344, 672), (1344, 1008))
FONTS = {split: FontBook.load(None, split) for split in SPLITS}


def drawn(seed: int, size: tuple[int, int], level: float, split: str = "train", name: str = "") -> Sheet:
    """A sheet with one screen, of a design by name or of any."""
    sheet = Sheet(size, FONTS[split], random.Random(seed), level)
    (screen.DRAWS[name][0] if name else screen.draw)(sheet)
    return sheet


def pairs(sheet: Sheet) -> list[tuple[str, str]]:
    sheet.facts.kind = sheet.facts.kind or "screen"
    return sheet.facts.turns(sheet.canvas, 40)


def asked(sheet: Sheet) -> dict[str, str]:
    """All that is asked about the screen itself, not only what one draw of turns takes."""
    facts = sheet.facts
    return {q: a for q, a in facts._answers.items() if q not in facts._void and facts._plain(q)}


@pytest.fixture(scope="module")
def sheets() -> list[tuple[str, Sheet]]:
    """Every design, each at three of the sizes, with levels and fonts in turn."""
    found = []
    for number, name in enumerate(screen.DRAWS):
        for turn in range(3):
            size, level = SIZES[(number + 3 * turn) % len(SIZES)], (1.0, 0.0, 0.5)[(number + turn) % 3]
            split = SPLITS[(number + turn) % 2]
            found.append((f"{name} {number} {size} {level} {split}", drawn(number, size, level, split, name)))
    return found


def test_nothing_is_cut_off(sheets):
    clipped = [where for where, sheet in sheets if sheet.canvas.clipped]
    assert len(clipped) <= 0.05 * len(sheets), clipped


def test_answers_are_printed(sheets):
    for where, sheet in sheets:
        printed = " ".join(sheet.canvas.text.split())
        for question, answer in [*pairs(sheet), *asked(sheet).items()]:
            free = question in FREE or answer in ("yes", "no", NOT_THERE)
            assert free or " ".join(answer.split()) in printed, f"{where}: {question} -> {answer}"


def test_print_is_legible_and_within_what_others_use(sheets):
    for where, sheet in sheets:
        sizes = [size for _, _, size, _ in sheet.canvas.glyphs]
        assert min(sizes) >= (9 if sheet.canvas.width >= 900 else 11) and max(sizes) <= 60, where
        assert sheet.canvas.text.isascii() and len(sizes) >= 8, where


def test_no_print_lies_on_other_print(sheets):
    for where, sheet in sheets:
        pieces = [piece for line in sheet.canvas.lines for piece in line]
        for index, one in enumerate(pieces):
            for other in pieces[index + 1 :]:
                across = min(one.x1, other.x1) - max(one.x0, other.x0)
                down = min(one.y + one.size, other.y + other.size) - max(one.y, other.y)
                meet = across > 1 and down > 0.45 * min(one.size, other.size)
                assert not meet, f"{where}: {one.text} and {other.text}"


def test_screens_say_what_they_are(sheets):
    kinds = {sheet.facts.kind for _, sheet in sheets}
    assert len(kinds) >= len(screen.DRAWS) - 1  # a list of people is one of four kinds
    assert all(sheet.facts.caption.endswith((".", "!", "?")) for _, sheet in sheets)


def test_much_is_asked():
    counts = [len(pairs(drawn(seed, (672, 672), 1.0))) for seed in range(12)]
    assert np.mean(counts) >= 6


def test_every_design_turns_up():
    names = list(screen.DRAWS)
    shares = [share for _, share in screen.DRAWS.values()]
    assert set(random.Random(0).choices(names, shares, k=400)) == set(names)


def test_a_seed_is_a_page():
    for seed in (1, 2, 3):
        first, second = drawn(seed, (672, 336), 1.0), drawn(seed, (672, 336), 1.0)
        assert np.array_equal(first.canvas.pixels, second.canvas.pixels)
        assert pairs(first) == pairs(second)


@pytest.mark.parametrize("style", ["pill", "thin", "ring", "square"])
@pytest.mark.parametrize("on", [True, False])
def test_a_switch_has_its_knob_at_the_right_and_its_colour_when_it_is_on(style, on):
    sheet = Sheet((40, 60), FONTS["train"], random.Random(0), 1.0)
    sheet.canvas.fill(0, 0, 60, 40, (255, 255, 255))
    colours = {"accent": (0, 110, 230), "off": (170, 170, 170), "page": (255, 255, 255)}
    switch(sheet.canvas, Box(10, 10, 48, 30), on=on, style=style, **colours)
    window = sheet.canvas.pixels[10:30, 10:48].astype(int)
    assert (window[:, :, 2] - window[:, :, 0] > 60).any() == on
    shade = window.sum(2)[10]  # [w], along the middle; the knob is lighter than its track but in two cases
    shade = -shade if style == "thin" or (style == "ring" and not on) else shade
    left, right = shade[3:15].mean(), shade[-15:-3].mean()
    assert (right > left) == on


def test_switches_are_asked_as_they_are_drawn(monkeypatch):
    shown: list[bool] = []
    real = Screen.switch

    def noted(self, x1, y0, y1, *, on):
        shown.append(on)
        return real(self, x1, y0, y1, on=on)

    monkeypatch.setattr(Screen, "switch", noted)
    for name, forms in (("settings", ON), ("alarms", ALARM_ON)):
        starts = tuple(form.split("{")[0] for form in forms)
        for seed in range(6):
            shown.clear()
            sheet = drawn(seed, (672, 336), 1.0, name=name)
            told = [a for q, a in sheet.facts._answers.items() if a in ("yes", "no") and q.startswith(starts)]
            on = [
                (a == "yes") != bool(re.search(r"\boff\?", q))
                for q, a in sheet.facts._answers.items()
                if a in ("yes", "no")
            ]
            assert on == shown and (told or not shown)


def test_a_calculator_calculates():
    for seed in range(30):
        sheet = drawn(seed, (336, 336), 1.0, name="calculator")
        first, sign, second, result = re.search(
            r"([\d.]+) ([-+x/]) ([\d.]+) =\s*\n?(-?[\d.]+)", sheet.canvas.text
        ).groups()
        a, b = float(first), float(second)
        assert abs({"+": a + b, "-": a - b, "x": a * b, "/": a / b}[sign] - float(result)) < 1e-6, (
            sheet.canvas.text
        )


def test_sums_of_a_spreadsheet_add_up():
    seen = 0
    for seed in range(12):
        sheet = drawn(seed, (672, 672), 1.0, name="spreadsheet")
        rows = [re.match(r"\d+ .*?((?: \d+)+)$", line) for line in sheet.canvas.text.splitlines()]
        figures = [
            [int(figure) for figure in row[1].split()] for row in rows if row and re.search("[a-z]", row[0])
        ]
        *lines, sums = figures
        names = re.search(r"^\d+ (Total|Sum|Summe|Jumlah) ", sheet.canvas.text, re.MULTILINE)
        if names and len({len(line) for line in figures}) == 1:
            seen += 1
            assert [sum(column) for column in zip(*lines, strict=True)] == sums
    assert seen >= 3


def test_chats_tell_writers_apart():
    for seed in range(8):
        sheet = drawn(seed, (672, 672), 1.0, name="chat")
        wrote = {
            q: a for q, a in asked(sheet).items() if q.startswith(("Who wrote '", "Who sent the message '"))
        }
        x = {piece.text: piece.x0 for line in sheet.canvas.lines for piece in line}
        for question, writer in wrote.items():
            text = re.search("'(.*)'", question)[1]
            if text in x and writer in ("You", "Me"):
                assert x[text] > 0.1 * sheet.canvas.width


def test_departures_and_days_follow_each_other():
    for seed in range(6):
        sheet = drawn(seed, (672, 672), 1.0, name="departures")
        times = re.findall(r" (\d\d):(\d\d)$", sheet.canvas.text, re.MULTILINE)[1:]
        minutes = [int(hour) * 60 + int(minute) for hour, minute in times]
        assert all(0 < (b - a) % 1440 <= 60 for a, b in pairwise(minutes))


def test_lines_of_code_are_asked_by_their_numbers():
    for seed in range(5):
        sheet = drawn(seed, (672, 672), 1.0, name="editor")
        lines = dict(line.split(" ", 1) for line in sheet.canvas.text.splitlines() if re.match(r"\d+ ", line))
        found = 0
        for question, answer in asked(sheet).items():
            if number := re.search(r"line (\d+)[?.]", question):
                found += 1
                assert lines[number[1]] == answer
        assert found > 5


def test_rows_fill_their_room():
    for room, wanted in ((100, 3), (500, 30), (500, 2)):
        count, step = share_out(room, wanted, 20, 50)
        assert 20 <= step <= 50 and 0.8 * room <= count * step <= room + 1e-6
    assert share_out(10, 5, 20, 50)[0] == 0


def test_every_icon_leaves_ink():
    for name in ICONS:
        sheet = Sheet((30, 30), FONTS["train"], random.Random(0), 1.0)
        sheet.canvas.fill(0, 0, 30, 30, (255, 255, 255))
        icon(sheet.canvas, name, 15, 15, 20, ACCENTS[0])
        share = (sheet.canvas.pixels[:, :, 0] < 128).mean()
        assert 0.02 < share < 0.5, name


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("dashboard", "change"),
        ("spreadsheet", "total amount"),
        ("tickets", "total amount"),
        ("login", "password"),
        ("weather", "temperature"),
    ],
)
def test_a_page_is_not_said_to_lack_what_it_has_in_other_words(name, topic):
    question = f"What is the {topic}?"
    doubted = [question in drawn(seed, (672, 672), 1.0, name=name).facts._doubted for seed in range(8)]
    assert any(doubted)


def test_the_side_of_a_bubble_does_not_tell_whether_a_name_is_right():
    told = []
    for seed in range(60):
        sheet = drawn(seed, (1008, 672), 1.0, name="chat")
        everything = asked(sheet)
        wrote = {
            q.split("'", 1)[1].rpartition("'")[0]: a
            for q, a in everything.items()
            if q.startswith("Who wrote '")
        }
        for question, answer in everything.items():
            asked_for = re.fullmatch(r"Did (.+?) write '(.*)'\?|Is '(.*)' from (.+)\?", question)
            if asked_for and (text := asked_for[2] or asked_for[3]) in wrote:
                assert (answer == "yes") == (wrote[text] == (asked_for[1] or asked_for[4]))
                told += [answer] if wrote[text] not in ("You", "Me") else []
    assert {"yes", "no"} == set(told)


def test_what_is_counted_has_no_gaps():
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    for name, key in (
        ("cash", r"the (\w+) button (?:on|at) the (left|right)"),
        ("results", r"the (\w+) (result)"),
    ):
        for seed in range(60):
            places: dict[str, set[int]] = {}
            for question in asked(drawn(seed, (336, 336), 1.0, name=name)):
                if found := re.search(key, question):
                    places.setdefault(found[2], set()).add(ordinals.index(found[1]))
            assert all(some == set(range(len(some))) for some in places.values()), (name, seed, places)


def test_shops_have_as_much_as_they_lack():
    told = [a for seed in range(40) for a in asked(drawn(seed, (672, 672), 1.0, name="shop")).values()]
    yes, no = told.count("yes"), told.count("no")
    assert 0.35 < yes / (yes + no) < 0.65


def test_questions_name_one_thing_of_the_screen():
    for seed in range(12):
        editor = drawn(seed, (672, 672), 1.0, name="editor")
        lines = [" ".join(line.split()[1:]) for line in editor.canvas.text.splitlines()]
        for question in asked(editor):
            if quoted := re.search(r"(?:line is|line says|number of the line) '(.*)'\?", question):
                assert sum(quoted[1] in line for line in lines) == 1, question
        terminal = drawn(seed, (672, 672), 1.0, name="terminal")
        for question in asked(terminal):
            if program := re.search(r"PID (?:of|does) (\w+)", question):
                assert terminal.canvas.text.split().count(program[1]) == 1, question


def test_mails_are_not_called_chats():
    for seed in range(30):
        sheet = drawn(seed, (672, 336), 1.0, name="people")
        if sheet.facts.kind == "mailbox":
            forms = [form for forms, _ in sheet.facts._lacks for form in forms]
            assert not any("chat" in question for question in (*asked(sheet), *forms))
