"""Small coloured tables of schoolbooks: names and prices, days and counts, schedules, stem and leaf, x and y."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.facts import Facts
from minimax_vl.synthetic.reckoning import reckoned
from minimax_vl.synthetic.schoolbook import contents
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import listed, records

CELL = (
    "What is the {column} for {row}?",
    "What is the {column} for {row}?",
    "What is the {column} for {row}?",
    "What is the {column} of {row}?",
    "{row}: {column}?",
)
PLAIN = (
    "What is the column {number} for {row}?",
    "What is the column {number} for {row}?",
    "How much is {row}?",
    "{row}?",
)
MOST = ("Which {first} has the highest {column}?", "Which {first} has the most?")
LEAST = ("Which {first} has the lowest {column}?", "Which {first} has the fewest?")
HUES: tuple[Colour, ...] = (
    (150, 220, 200), (170, 205, 245), (205, 190, 250), (250, 175, 210), (200, 220, 140), (255, 215, 190),
    (215, 85, 220), (20, 180, 245), (235, 235, 235), (255, 240, 170), (190, 230, 170), (90, 130, 200),
)  # fmt: skip


def draw(sheet: Sheet) -> None:
    """One table that fills the picture or stands on white with room around it."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    canvas.fill(0, 0, canvas.width, canvas.height, (255, 255, 255))
    sheet.paper, sheet.ink = (255, 255, 255), (0, 0, 0)
    if sheet.chance(0.15):
        _stem_and_leaf(sheet)
        return
    for _ in range(6):  # until one fits
        title, heads, rows = contents(rng)
        if len({row[0].lower() for row in rows}) < len(rows):
            continue
        if _table(sheet, title, heads, rows):
            break
    facts.kind = "table"


def _table(sheet: Sheet, title: str, heads: list[str], rows: list[list[str]]) -> bool:
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    face = rng.choice(sheet.fonts.office) if sheet.chance(0.75) else sheet.fonts.pick(rng, mono=0.05)
    bold_face = sheet.fonts.bolder(face)
    lines = ([heads] if heads else []) + rows
    for size in range(rng.randint(16, 34 if min(canvas.height, canvas.width) < 500 else 44), 10, -2):
        body, bold = sheet.fonts.print(face, size), sheet.fonts.print(bold_face, size)
        pad, step = round(size * rng.uniform(0.4, 1.1)), round(size * rng.uniform(1.35, 1.9))
        widths = [max(bold.width(line[c]) for line in lines) + 2 * pad for c in range(len(rows[0]))]
        tall = step * (len(lines) + bool(title))
        if (
            sum(widths) <= 0.97 * canvas.width
            and tall <= 0.97 * canvas.height
            and bold.width(title) < sum(widths)
        ):
            break
    else:
        return False
    spare = (canvas.width - sum(widths)) * rng.uniform(0, 0.9) / len(widths)
    edges = [rng.uniform(0.0, 1.0) * max(canvas.width - sum(widths) - spare * len(widths), 0.0)]
    for width in widths:
        edges.append(edges[-1] + width + spare)
    y = rng.uniform(0.0, 1.0) * (canvas.height - tall)
    hue = rng.choice(HUES)
    pale: Colour = (255 - (255 - hue[0]) // 3, 255 - (255 - hue[1]) // 3, 255 - (255 - hue[2]) // 3)
    ruled = bool(heads) or sheet.chance(0.2)
    line_ink: Colour = (hue[0] // 2, hue[1] // 2, hue[2] // 2) if sheet.chance(0.6) else (170, 170, 170)
    aligned = [rng.choice((0.0, 0.0, 0.5))] + [rng.choice((0.5, 0.5, 1.0)) for _ in widths[1:]]
    if title:
        canvas.fill(edges[0], y, edges[-1], y + step, hue)
        canvas.write(
            (edges[0] + edges[-1] - bold.width(title)) / 2,
            y + (step - bold.height) / 2,
            title,
            bold,
            sheet.ink,
        )
        canvas.box(edges[0], y, edges[-1] + 1, y + step + 1, line_ink)
        facts.ask(title, ("What is the title of the table?", "What is the title?", "Title?"))
        y += step
    for number, line in enumerate(lines):
        head = bool(heads) and number == 0
        canvas.fill(
            edges[0],
            y,
            edges[-1],
            y + step,
            pale if (head or (not heads and number % 2 == 0)) else (255, 255, 255) if heads else hue,
        )
        for c, text in enumerate(line):
            print_ = bold if head else body
            x = edges[c] + pad + aligned[c] * (edges[c + 1] - edges[c] - 2 * pad - print_.width(text))
            canvas.write(x, y + (step - print_.height) / 2, text, print_, sheet.ink)
            if ruled:
                canvas.box(edges[c], y, edges[c + 1] + 1, y + step + 1, line_ink)
        y += step
    _ask(sheet, heads, rows)
    facts.caption = (
        f"A table titled {title}." if title else f"A table with {len(rows)} rows and {len(rows[0])} columns."
    )
    return True


def _ask(sheet: Sheet, heads: list[str], rows: list[list[str]]) -> None:
    rng, facts = sheet.rng, sheet.facts
    for row in rows:
        for c in range(1, len(row)):
            column = heads[c].lower() if heads and rng.random() < 0.7 else heads[c] if heads else ""
            if not column or rng.random() < 0.1:
                facts.ask(
                    row[c],
                    PLAIN[:2] if len(row) > 2 or heads else PLAIN,
                    one_of_many=True,
                    number=str(c + 1),
                    row=row[0],
                )
            else:
                facts.ask(row[c], CELL, one_of_many=True, column=column, row=row[0])
    facts.lack(
        CELL if heads and heads[-1] else PLAIN, column=heads[-1].lower() if heads else "2", number="2", row=""
    )
    figures = [_figure(row[-1]) for row in rows]
    known = [value for value in figures if value is not None]
    if len(known) == len(rows) and heads and heads[0]:
        column, first = heads[-1].lower(), heads[0].lower()
        for forms, pick in ((MOST, max), (LEAST, min)):
            best = pick(known)
            if known.count(best) == 1:
                asked = facts.ask(
                    rows[known.index(best)][0],
                    forms[: 1 if len(heads) > 2 else 2],
                    first=first,
                    column=column,
                )
                told = listed([row[0] for row in rows], [row[-1] for row in rows], marks=records(known, pick))
                facts.think(asked, told)
                facts.think(
                    _offered(facts, asked, rows[known.index(best)][0], [row[0] for row in rows]), told
                )
    if facts.teaching:
        row, c = rng.choice(rows), rng.randrange(1, len(rows[0]))
        form = CELL[0] if heads and heads[c] else PLAIN[0]
        asked = form.format(column=heads[c].lower() if heads else "", number=str(c + 1), row=row[0])
        _offered(facts, asked, row[c], [other[c] for other in rows])
    reckoned(facts, rng, heads, rows)


def _offered(facts: Facts, asked: str, answer: str, among: list[str]) -> str:
    """Ask with up to three others of a column to choose from, as schoolbooks do; '' and nothing on held-out pages."""
    others = sorted(set(among) - {answer})
    if not (asked and facts.teaching and others):
        return ""
    choices = [answer, *facts.rng.sample(others, min(len(others), facts.rng.randint(1, 3)))]
    facts.rng.shuffle(choices)
    return facts.ask(answer, ("{asked} Choices: {choices}.",), asked=asked, choices=", ".join(choices))


def _figure(text: str) -> float | None:
    digits = text.replace(",", "").replace("$", "")
    return float(digits) if digits.replace(".", "", 1).isdigit() else None


def _stem_and_leaf(sheet: Sheet) -> None:
    """Tens at the left of a rule, ones at the right."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    size = rng.randint(14, 26)
    face = rng.choice(sheet.fonts.office)
    body, bold = sheet.fonts.print(face, size), sheet.fonts.print(sheet.fonts.bolder(face), size)
    step = round(size * rng.uniform(1.2, 1.6))
    title = sheet.fitting(
        lambda: f"{names.word(rng)} {names.word(rng)} per {names.word(rng)}".capitalize(),
        bold,
        canvas.width * 0.9,
    )
    x, y = canvas.width * rng.uniform(0.04, 0.15), canvas.height * rng.uniform(0.02, 0.1)
    if title:
        canvas.write(x, y, title, bold, sheet.ink)
        facts.ask(title, ("What is the title of the table?", "What is the title?"))
        y += step
    post, hue = x + 4 * size, rng.choice(HUES)
    room = int((canvas.width - post - 20) / (size * 0.95))
    canvas.write(post - 8 - body.width("Stem"), y, "Stem", body, sheet.ink)
    canvas.write(post + 8, y, "Leaf", body, sheet.ink)
    canvas.rule(x, post + 6 * size, y + step - 3, hue, thick=2)
    top, y = y, y + step
    start = rng.randint(0, 5)
    for stem in range(start, start + rng.randint(3, 8)):
        if y + step > canvas.height:
            break
        leaves = " ".join(
            str(leaf)
            for leaf in sorted(rng.randrange(10) for _ in range(rng.randint(0, min(8, max(room, 1)))))
        )
        canvas.write(post - 8 - body.width(str(stem)), y, str(stem), body, sheet.ink)
        if leaves:
            canvas.write(post + 8, y, leaves, body, sheet.ink)
            facts.ask(
                leaves,
                (
                    "What is the leaf for {stem}?",
                    "Which leaves belong to stem {stem}?",
                    "Read the leaves of stem {stem}.",
                ),
                stem=str(stem),
            )
        y += step
    canvas.fill(post, top, post + 2, y, hue)
    facts.caption = "A stem-and-leaf plot."
    facts.kind = "table"
