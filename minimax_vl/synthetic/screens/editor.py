"""An editor of code: numbered lines, words in colour, tabs of files, a status line."""

from __future__ import annotations

import random

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import Values

LINE = (
    "What is on line {number}?",
    "What does line {number} say?",
    "Read line {number}.",
    "Which code is on line {number}?",
)
NUMBER = (
    "What is the number of the line '{line}'?",
    "On which line is '{line}'?",
    "Which line says '{line}'?",
)
DEFINED = ("On which line is {name} defined?", "Which line defines {name}?")
FILE = ("Which file is open?", "Which tab is active?", "What is the name of the open file?")
CURSOR = (
    "Where is the cursor?",
    "At which line and column is the cursor?",
    "What does the status line say about the cursor?",
)
ACTIVE = ("Which line number is highlighted?", "Which line is highlighted?", "On which line is the cursor?")
LANGUAGE = (
    "Which language is shown in the status line?",
    "Which programming language does the status line name?",
)
KEYWORDS = frozenset(
    "def return if else for in while class import from int void const let function var float double public static "
    "fn new SELECT FROM WHERE ORDER BY INSERT INTO VALUES UPDATE SET AND bool true false True False None null".split()
)
# Page, print, numbers of lines, keywords, strings, comments.
THEMES: tuple[tuple[Colour, Colour, Colour, Colour, Colour, Colour], ...] = (
    ((30, 30, 30), (212, 212, 212), (133, 133, 133), (86, 156, 214), (206, 145, 120), (106, 153, 85)),
    ((40, 42, 54), (248, 248, 242), (140, 150, 190), (255, 121, 198), (241, 250, 140), (125, 145, 190)),
    ((255, 255, 255), (30, 30, 30), (120, 120, 120), (0, 0, 200), (163, 21, 21), (0, 120, 0)),
    ((253, 246, 227), (70, 90, 100), (120, 130, 130), (110, 130, 0), (30, 125, 120), (115, 125, 125)),
    ((39, 40, 34), (248, 248, 242), (144, 144, 138), (249, 38, 114), (230, 219, 116), (140, 138, 120)),
    ((13, 17, 23), (201, 209, 217), (130, 138, 146), (255, 123, 114), (165, 214, 255), (139, 148, 158)),
)  # fmt: skip


def editor(sheet: Sheet) -> None:
    """Code from some line on, as far as the page goes."""
    rng, facts, canvas = sheet.rng, sheet.facts, sheet.canvas
    page = Box(0, 0, canvas.width, canvas.height)
    ground, ink, dim, keyword, string, comment = rng.choice(THEMES)
    screen = Screen(sheet, page, dark=True, ems=24, mono=True)
    em = screen.em
    screen.fill(page, ground)
    bar = blend(ground, ink, 0.1)
    language = rng.choice(tuple(ENDINGS))
    name = f"{sheet.values.word()}.{ENDINGS[language]}"
    head, box = page.split(screen.body.height + 0.9 * em)
    _tabs(screen, head, name, ENDINGS[language], (ground, bar, ink, dim))
    box, foot = box.split(-(screen.body.height + 0.5 * em))
    step = screen.body.height * rng.uniform(1.0, 1.35)
    pitch, first = screen.body.width("0"), rng.choice((1, 1, rng.randint(2, 400)))
    rows = int((box.height - 0.4 * em) // step)
    gutter = (len(str(first + rows)) + 2) * pitch
    columns = int((box.width - gutter - 0.5 * em) // pitch)
    lines = code(rng, sheet.values, language, rows, columns)
    chosen = rng.choice([number for number, line in enumerate(lines) if line] or [0])
    y = box.y0 + 0.2 * em
    said = [" ".join(line.split()) for line in lines]
    for index, line in enumerate(lines):
        number = str(first + index)
        strong = index == chosen
        if strong:
            screen.fill(Box(box.x0 + gutter - 0.5 * pitch, y, box.x1, y + step), blend(ground, ink, 0.12))
        screen.say(box.x0 + gutter - pitch, y, y + step, number, ink=ink if strong else dim, align=1.0)
        column, remark = 0, False
        for word in line.split(" "):
            remark = remark or word.startswith(("#", "//", "--"))
            colour = (
                comment
                if remark
                else keyword
                if word.strip("():;,{}") in KEYWORDS
                else string
                if word[:1] in "'\""
                else ink
            )
            if word:
                screen.say(box.x0 + gutter + column * pitch, y, y + step, word, ink=colour)
            column += len(word) + 1
        y += step
        if said[index]:
            facts.ask(said[index], LINE, one_of_many=True, number=number)
            if sum(said[index] in other for other in said) == 1 and len(said[index]) > 3:
                facts.ask(number, NUMBER, one_of_many=True, line=said[index])
            for start in ("def ", "function ", "int ", "fn "):
                if said[index].startswith(start) and "(" in said[index]:
                    facts.ask(number, DEFINED, name=said[index].removeprefix(start).split("(")[0])
    facts.ask(str(first + chosen), ACTIVE)
    _foot(screen, foot, f"Ln {first + chosen}, Col {rng.randint(1, 60)}", language, bar)
    facts.caption = f"An editor with the file {name}, lines {first} to {first + len(lines) - 1}."
    facts.kind = "code editor"


def _tabs(
    screen: Screen, line: Box, name: str, ending: str, colours: tuple[Colour, Colour, Colour, Colour]
) -> None:
    """Tabs of open files, the front one as bright as the page."""
    ground, bar, ink, dim = colours
    em, x = screen.em, line.x0
    screen.fill(line, bar)
    names = [
        screen.sheet.once(lambda: f"{screen.values.word()}.{ending}") for _ in range(screen.rng.randint(0, 3))
    ]
    front = screen.rng.randint(0, min(len(names), 1))
    names.insert(front, name)
    for number, file in enumerate(names):
        tab = Box(x, line.y0, x + screen.body.width(file) + 2.6 * em, line.y1)
        if tab.x1 > line.x1:
            break
        if number == front:
            screen.fill(tab, ground)
            screen.canvas.fill(tab.x0, tab.y0, tab.x1, tab.y0 + max(0.15 * em, 2), screen.look.accent)
            screen.facts.want(file, FILE)
        screen.say(tab.x0 + 0.7 * em, tab.y0, tab.y1, file, ink=ink if number == front else dim)
        screen.icon("close", tab.x1 - 0.9 * em, tab.y0, tab.y1, dim, 0.6)
        x = tab.x1 + 1


def _foot(screen: Screen, line: Box, cursor: str, language: str, bar: Colour) -> None:
    """The status line: where the cursor is, the encoding, the language."""
    strong = screen.chance(0.5)
    screen.fill(line, screen.look.accent if strong else bar)
    ink = screen.look.on_accent if strong else (235, 235, 235) if sum(bar) < 380 else (30, 30, 30)
    x = screen.say(line.x0 + 0.6 * screen.em, line.y0, line.y1, cursor, ink=ink)
    screen.facts.ask(cursor, CURSOR)
    for text, forms in (("UTF-8", ()), (language, LANGUAGE)):
        if x + screen.body.width(text) + 3 * screen.em < line.x1:
            x = screen.say(x + 2 * screen.em, line.y0, line.y1, text, ink=ink)
            if forms:
                screen.facts.ask(text, forms)


ENDINGS = {"Python": "py", "JavaScript": "js", "C": "c", "SQL": "sql", "Rust": "rs"}
# Blocks of code by language: {f} names what is defined, {a} to {c} are variables, {n} and {m} numbers, {w} a word.
BLOCKS = {
    "Python": """
def {f}({a}, {b}):
    {c} = {a} * {n}
    if {c} > {b}:
        return {c} - {m}
    return {b}

def {f}({a}):
    # {w} {a}
    for {b} in {a}:
        print({b}, "{w}")

class {F}:
    {a} = {n}
    {b} = "{w}"

{a} = [{n}, {m}]
{b} = {f}({a})
print({b})

while {a} < {n}:
    {a} += {m}
    {b} = {a} % {n}

import {w}
from {f} import {a}
""",
    "JavaScript": """
function {f}({a}, {b}) {{
  let {c} = {a} + {n};
  if ({c} > {b}) {{
    return {m};
  }}
  return {c};
}}

const {a} = "{w}";
let {b} = {n};

for (let {a} = 0; {a} < {n}; {a}++) {{
  {f}({a}, {m});
}}

// {w} {f}
var {c} = {f}({n});
""",
    "C": """
int {f}(int {a}, int {b}) {{
    int {c} = {a} + {n};
    while ({c} > {b})
        {c} -= {m};
    return {c};
}}

float {a} = {n}.{m};

for (int {a} = 0; {a} < {n}; {a}++)
    {f}({a});

// {w} {f}
const int {b} = {m};
""",
    "SQL": """
SELECT {a}, {b}
FROM {f}
WHERE {a} > {n}
ORDER BY {b};

UPDATE {f}
SET {a} = {n}
WHERE {b} = '{w}';

INSERT INTO {f}
VALUES ({n}, '{w}');

-- {w}
SELECT {c} FROM {f};
""",
    "Rust": """
fn {f}({a}: i32) -> i32 {{
    let {b} = {a} * {n};
    if {b} > {m} {{
        return {b};
    }}
    {a}
}}

let mut {a} = {n};
while {a} < {m} {{
    {a} += 1;
}}

const {b}: u32 = {n};

// {w}
let {c} = {f}({m});
""",
}


def code(rng: random.Random, values: Values, language: str, rows: int, columns: int) -> list[str]:
    """Up to `rows` lines of up to `columns` characters that look like a program."""
    lines: list[str] = []
    while len(lines) < rows:
        block = _block(rng, values, language)
        for _ in range(6):  # one that fits whole, else what fits of it
            if max(map(len, block)) <= columns:
                break
            block = _block(rng, values, language)
        lines += [line for line in block if len(line) <= columns]
    return lines[:rows]


def _block(rng: random.Random, values: Values, language: str) -> list[str]:
    """The lines of one definition, loop or statement, and an empty one."""
    words = ["".join(letter for letter in values.word().lower() if letter.isalpha())[:9] for _ in range(5)]
    name = words[0] + rng.choice(("", f"_{words[4]}"))
    form = rng.choice(BLOCKS[language].strip().split("\n\n"))
    text = form.format(
        f=name,
        F=words[0].title(),
        a=words[1],
        b=words[2],
        c=words[3],
        w=words[4],
        n=rng.randint(2, 999),
        m=rng.randint(1, 99),
    )
    return [*text.split("\n"), ""]
