"""Small drawn worlds: a table with things on it, a field of players, a shelf of objects."""

from __future__ import annotations

import itertools
from collections import Counter

from minimax_vl.synthetic.canvas import Colour, darker
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen
from minimax_vl.synthetic.scenes import lessons, words
from minimax_vl.synthetic.scenes.shapes import zone
from minimax_vl.synthetic.scenes.things import THINGS, draw_thing
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered, repeats

Placed = tuple[str, str, float, float, float]  # thing, colour, x, y, half side
COLORS = ("red", "blue", "yellow", "orange", "purple", "pink", "brown", "green", "black", "white")


def table(sheet: Sheet) -> None:
    """A table top with one to six things in a row."""
    rng, canvas = sheet.rng, sheet.canvas
    h, w = canvas.height, canvas.width
    pool = ("cup", "apple", "book", "bottle", "lamp", "hat")
    chosen = [rng.choice(pool) for _ in range(rng.randint(1, sheet.most(3, 6)))]
    if sheet.chance(0.4):
        kinds = rng.sample(pool, 2)
        chosen = [rng.choice(kinds) for _ in chosen]
    r = min(w / (2.6 * len(chosen) + 1), h * 0.17)
    top = h * rng.uniform(0.55, 0.7)
    colors = names(rng, 4, among=COLORS[:8])
    placed: list[Placed] = [
        (thing, rng.choice(colors), w * (i + 0.5) / len(chosen), top - r, r) for i, thing in enumerate(chosen)
    ]
    back = rng.choice(((235, 230, 220), (220, 232, 240), (240, 225, 225), (228, 238, 222)))
    wood = rng.choice(((165, 115, 70), (140, 95, 60), (190, 150, 105)))
    with Pen(canvas, paper=back) as pen:
        pen.rectangle(0, top - 1, w, top + h * 0.06, wood)
        for x in (0.08, 0.88):
            pen.rectangle(w * x, top + h * 0.06, w * (x + 0.05), h, darker(wood, 30))
        _draw(sheet, pen, placed)
    _ask(sheet, placed, pool, "on the table")
    sheet.facts.caption = _caption(placed, " on a table")


def shelf(sheet: Sheet) -> None:
    """Things of all kinds, apart from each other, on a plain ground."""
    rng, canvas = sheet.rng, sheet.canvas
    h, w = canvas.height, canvas.width
    columns = rng.randint(1, sheet.most(2, 4))
    rows = rng.randint(1, max(1, min(3, round(columns * h / w) + 1)))
    cell = min(w / columns, h / rows)
    pool = rng.sample(sorted(THINGS), rng.randint(1, 4)) if sheet.chance(0.5) else sorted(THINGS)
    colors = names(rng, 4, among=COLORS[:8])
    placed: list[Placed] = []
    for row in range(rows):
        for column in range(columns):
            if sheet.chance(0.8) or not placed:
                x = (column + 0.5) * w / columns + rng.uniform(-0.08, 0.08) * cell
                y = (row + 0.5) * h / rows + rng.uniform(-0.08, 0.08) * cell
                placed.append((rng.choice(pool), rng.choice(colors), x, y, cell * rng.uniform(0.24, 0.36)))
    ground = (
        shade(rng, "white", sheet.fonts.split)
        if sheet.chance(0.7)
        else rng.choice(((225, 235, 245), (245, 240, 220)))
    )
    with Pen(canvas, paper=ground) as pen:
        _draw(sheet, pen, placed)
    _ask(sheet, placed, tuple(THINGS), "in the picture")
    sheet.facts.caption = _caption(placed, "")


def field(sheet: Sheet) -> None:
    """A playing field with players of two teams and a ball."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    h, w = canvas.height, canvas.width
    unit, split = min(h, w), sheet.fonts.split
    one, other = names(rng, 2, among=("red", "blue", "yellow", "orange", "purple", "white", "black"))
    teams = {one: rng.randint(1, 5), other: rng.randint(1, 5)}
    columns = 5
    spots = [(c, r) for c in range(columns) for r in range(3)]
    chosen = rng.sample(spots, sum(teams.values()) + 1)
    places = [((c + 0.5) * w / columns, (r + 0.55) * h / 3.2) for c, r in chosen]
    worn = [one] * teams[one] + [other] * teams[other]
    line: Colour = (235, 240, 235)
    with Pen(canvas, paper=rng.choice(((70, 150, 70), (90, 165, 80), (60, 135, 75)))) as pen:
        pen.rectangle(w * 0.03, h * 0.03, w * 0.97, h * 0.97, None, line, thick=2.5)
        pen.line(((w / 2, h * 0.03), (w / 2, h * 0.97)), line, 2.5)
        pen.ellipse(w / 2, h / 2, unit * 0.12, unit * 0.12, None, line, 2.5)
        for color, (x, y) in zip(worn, places, strict=False):
            draw_thing(pen, "person", x, y, unit * 0.09, shade(rng, color, split))
        ball_x, ball_y = places[-1]
        pen.ellipse(ball_x, ball_y, unit * 0.03, unit * 0.03, (250, 250, 250), (20, 20, 20), 1.5)
        pen.landmark(ball_x, ball_y, "ball")
    # Row by row: (row, column) of each player, with the colour and where it is seen.
    painted = sorted(
        (spot[::-1], color, lessons.pointed(sheet, color, *place))
        for spot, color, place in zip(chosen, worn, places, strict=False)
    )
    shirts = [told for *_, told in painted]
    for color, count in teams.items():
        asked = facts.ask(
            str(count), ("How many players wear {color}?", "How many {color} players are there?"), color=color
        )
        facts.think(asked, numbered([told for _, worn_, told in painted if worn_ == color]))
    words.ask_count(sheet, len(shirts), "player", shirts)
    facts.caption_thought = numbered(shirts, repeats([color for _, color, _ in painted]))
    facts.ask(zone(sheet, ball_x, ball_y), ("Where is the ball?", "In which part of the field is the ball?"))
    if abs(ball_x - w / 2) > 0.05 * w:
        facts.ask(
            "left" if ball_x < w / 2 else "right",
            ("In which half of the field is the ball?", "Is the ball in the left or the right half?"),
        )
    told = teams[one] + rng.choice((0, 0, 1, -1))
    if told > 0:
        be, who = ("is", "player") if told == 1 else ("are", "players")
        words.ask_truth(sheet, f"There {be} exactly {words.number(told)} {one} {who}", told == teams[one])
    words.ask_presence(sheet, ["ball", "player"], ["tree", "car", "house"])
    words.ask_in_vain(sheet, ["car", "house", "kite"])
    ranked = sorted(teams.items(), key=lambda team: (-team[1], team[0]))
    lessons.listed(sheet, ranked, ("Count the players of each team.", "How many players has each team?"))
    parts = [words.several(count, f"{color} player") for color, count in ranked]
    facts.caption = words.sentence(f"a playing field with {words.joined([*parts, 'a ball'])}")


def _draw(sheet: Sheet, pen: Pen, placed: list[Placed]) -> None:
    for thing, color, x, y, r in placed:
        draw_thing(pen, thing, x, y, r, shade(sheet.rng, color, sheet.fonts.split))


def _ask(sheet: Sheet, placed: list[Placed], pool: tuple[str, ...], where: str) -> None:
    """Counts, colours, neighbours and presence of things that stand apart."""
    rng, facts = sheet.rng, sheet.facts
    kinds = Counter(thing for thing, *_ in placed)
    named = Counter(f"{color} {thing}" for thing, color, *_ in placed)
    row = sorted(placed, key=lambda p: p[2])
    in_a_row = max(p[3] for p in placed) - min(p[3] for p in placed) < placed[0][4] * 0.6
    # `placed` runs row by row, each from left to right.
    seen = [
        (thing, f"{color} {thing}", lessons.pointed(sheet, f"{color} {thing}", x, y))
        for thing, color, x, y, _ in (row if in_a_row else placed)
    ]
    asked = facts.ask(str(len(placed)), (f"How many things are {where}?", f"How many objects are {where}?"))
    spots = [told for *_, told in seen]
    facts.think(asked, numbered(spots))
    facts.caption_thought = numbered(spots, repeats([name for _, name, _ in seen]))
    for thing, count in rng.sample(sorted(kinds.items()), min(4, len(kinds))):
        words.ask_count(sheet, count, thing, [told for kind, _, told in seen if kind == thing])
        if count == 1:
            color = next(c for t, c, *_ in placed if t == thing)
            words.ask_color(sheet, thing, color)
    for name, count in rng.sample(sorted(named.items()), min(3, len(named))):
        words.ask_count(sheet, count, name, [told for _, other, told in seen if other == name])
    absent = [thing for thing in pool if thing not in kinds]
    words.ask_presence(sheet, sorted(kinds), absent)
    words.ask_in_vain(sheet, absent)
    lessons.counted(sheet, (thing for thing, *_ in placed), (color for _, color, *_ in placed))
    if in_a_row and len(row) > 1:
        lessons.everything(sheet, [name for _, name, _ in seen])
        for a, b in rng.sample(list(itertools.pairwise(row)), min(2, len(row) - 1)):
            if named[f"{a[1]} {a[0]}"] == 1:
                facts.ask(
                    f"{b[1]} {b[0]}",
                    ("What is to the right of the {thing}?", "What stands right of the {thing}?"),
                    thing=f"{a[1]} {a[0]}",
                )
            if named[f"{b[1]} {b[0]}"] == 1:
                facts.ask(
                    f"{a[1]} {a[0]}",
                    ("What is to the left of the {thing}?", "What stands left of the {thing}?"),
                    thing=f"{b[1]} {b[0]}",
                )
        facts.ask(
            f"{row[0][1]} {row[0][0]}", ("What is on the far left?", "What is the first thing on the left?")
        )
        facts.ask(
            f"{row[-1][1]} {row[-1][0]}",
            ("What is on the far right?", "What is the last thing on the right?"),
        )
    elif len(placed) > 1:
        lessons.everything(sheet, [name for _, name, _ in seen], "row by row")
        thing, color, x, y, _ = rng.choice(placed)
        if named[f"{color} {thing}"] == 1:
            facts.ask(
                zone(sheet, x, y),
                ("Where is the {thing}?", "In which part of the picture is the {thing}?"),
                thing=f"{color} {thing}",
            )
    name, count = rng.choice(sorted(named.items()))
    told = count if rng.random() < 0.5 else count + 1
    be, noun = ("is", name) if told == 1 else ("are", words.plural(name))
    words.ask_truth(sheet, f"There {be} exactly {words.number(told)} {noun}", told == count)


def _caption(placed: list[Placed], where: str) -> str:
    groups: dict[str, list[Placed]] = {}
    for item in sorted(placed, key=lambda p: p[2]):
        groups.setdefault(f"{item[1]} {item[0]}", []).append(item)
    listed = sorted(groups.items(), key=lambda g: (-len(g[1]), g[1][0][2]))
    return words.sentence(words.joined([words.several(len(items), name) for name, items in listed]) + where)
