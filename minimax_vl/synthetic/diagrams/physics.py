"""Forces on a block, circuits, and triangles with their sides: numbers at arrows and symbols."""

from __future__ import annotations

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen, Point, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
FORCE = (
    "How large is the force to the {way}?",
    "What is the force acting {way}?",
    "What is the size of the {way} force?",
)


def forces(sheet: Sheet, box: Box) -> bool:
    """A block with two to four arrows, their sizes beside them; False when they do not fit."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    label = figure_type(sheet, box).label
    x0, y0, x1, y1 = box
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    half = min(x1 - x0, y1 - y0)
    block = half * rng.uniform(0.1, 0.15)
    if half < 12 * label.height:
        return False
    ways = ["left", "right", *rng.sample(("up", "down"), rng.randint(0, 2))]
    sizes = {way: rng.randint(1, 20) * rng.choice((1, 5)) for way in ways}
    if sheet.chance(0.2):
        sizes["right"] = sizes["left"]
    found = names(rng, 2, among=("red", "blue", "green", "orange", "purple"))
    arrow, body = (shade(rng, name, sheet.fonts.split) for name in found)
    ends: dict[str, Point] = {}
    with Pen(canvas, box, paper=sheet.paper) as pen:
        pen.rectangle(cx - block, cy - block, cx + block, cy + block, body, sheet.ink, thick=1.5)
        for way in ways:
            dx, dy = WAYS[way]
            length = block * 1.5 + half * 0.16 * sizes[way] / max(sizes.values())
            ends[way] = (cx + dx * length, cy + dy * length)
            pen.arrow((cx + dx * block, cy + dy * block), ends[way], arrow, 3, head=12)
    for way in ways:
        dx, dy = WAYS[way]
        text = f"{sizes[way]} N"
        x = ends[way][0] + dx * (label.width(text) / 2 + 6)
        centred(canvas, x, ends[way][1] + dy * label.height * 0.8, text, label, sheet.ink)
        facts.ask(text, FORCE, way=way)
    net = sizes["right"] - sizes["left"]
    side = "right" if net > 0 else "left" if net < 0 else ""
    facts.ask(
        f"{abs(net)} N",
        (
            "What is the net force from left to right?",
            "What is the horizontal net force?",
            "How large is the difference of the two horizontal forces?",
        ),
    )
    facts.ask(
        side or "it stays at rest",
        (
            "In which direction is the block pushed: left or right?",
            "Does the block move to the left or to the right?",
        ),
    )
    facts.ask(str(len(ways)), ("How many arrows are there?", "How many forces act on the block?"))
    facts.ask(found[1], ("What color is the block?",))
    facts.ask(found[0], ("What color are the arrows?",))
    missing = [way for way in WAYS if way not in ways]
    if missing:
        facts.ask(NOT_THERE, FORCE, way=missing[0])
    way = rng.choice(ways)
    near = [
        f"{n} N"
        for n in [*sizes.values(), *(int(n) for n in numbers_near(sheet, sizes[way], least=1))]
        if n != sizes[way]
    ]
    ask_choice(sheet, rng.choice(FORCE).format(way=way), f"{sizes[way]} N", near)
    ask_choice(
        sheet, "How many forces act on the block?", str(len(ways)), numbers_near(sheet, len(ways), least=1)
    )
    if side:
        ask_choice(
            sheet,
            "In which direction does the block move horizontally?",
            f"To the {side}",
            [f"To the {OPPOSITE[side]}", "It does not move", "In a circle"],
        )
    ways = [way for way in WAYS if way in ways]  # in an order that the picture tells
    lessons.listed(
        sheet, [(way, f"{sizes[way]} N") for way in ways], ("List the forces.", "What are the forces?")
    )
    facts.caption = f"A block with {len(ways)} forces: {', '.join(f'{sizes[w]} N {w}' for w in ways)}."
    return True


def circuit(sheet: Sheet, box: Box) -> bool:
    """A loop with a battery, a switch, resistors or lamps; False when they do not fit."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    label = figure_type(sheet, box).label
    x0, y0, x1, y1 = box
    pad = label.width("R2 = 100 Ohm") if x1 - x0 > 30 * label.size else label.width("12 V") + 14
    left, right, top, bottom = (
        x0 + pad * 0.7,
        x1 - pad * 0.7,
        y0 + label.height * 2.4,
        y1 - label.height * 2.2,
    )
    if right - left < 140 or bottom - top < 110:
        return False
    volts, count = rng.choice((1.5, 3, 5, 6, 9, 12, 24)), rng.randint(1, 3)
    ohms = [rng.choice((2, 4, 5, 8, 10, 15, 20, 47, 50, 100, 150, 220, 470)) for _ in range(count)]
    lamps = sheet.chance(0.35)
    closed, has_switch = sheet.chance(0.5), sheet.chance(0.6)
    ink, r = sheet.ink, max(9.0, label.size * 0.7)
    battery_y = (top + bottom) / 2
    spots = [left + (right - left) * (k + 1) / (count + 1) for k in range(count)]
    switch_x = (left + right) / 2
    with Pen(canvas, box, paper=sheet.paper) as pen:
        pen.line(
            (
                (left, battery_y - 6),
                (left, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, battery_y + 6),
            ),
            ink,
            1.8,
        )
        pen.line(((left - r * 1.4, battery_y - 6), (left + r * 1.4, battery_y - 6)), ink, 2)
        pen.line(((left - r * 0.7, battery_y + 6), (left + r * 0.7, battery_y + 6)), ink, 3.5)
        for x in spots:
            if lamps:
                pen.ellipse(x, top, r * 1.1, r * 1.1, (255, 240, 150), ink, 1.8)
                d = r * 0.75
                pen.line(((x - d, top - d), (x + d, top + d)), ink, 1.5)
                pen.line(((x - d, top + d), (x + d, top - d)), ink, 1.5)
            else:
                pen.rectangle(x - r * 2, top - 3, x + r * 2, top + 3, sheet.paper)
                zigzag = [(x - r * 2, top)] + [
                    (x - r * 2 + r * (0.33 + 0.67 * k), top + (-1 if k % 2 else 1) * r * 0.7)
                    for k in range(6)
                ]
                pen.line([*zigzag, (x + r * 2, top)], ink, 1.8)
        if has_switch:
            pen.rectangle(switch_x - r * 1.6, bottom - 3, switch_x + r * 1.6, bottom + 3, sheet.paper)
            tip = (switch_x + r * 1.6, bottom) if closed else (switch_x + r * 1.3, bottom - r * 1.5)
            pen.line(((switch_x - r * 1.6, bottom), tip), ink, 2)
            for x in (-1, 1):
                pen.ellipse(switch_x + x * r * 1.6, bottom, 3, 3, ink)
    battery = f"{volts:g} V"
    canvas.write(
        max(left - r * 1.6 - label.width(battery), 2), battery_y - label.height / 2, battery, label, ink
    )
    letter = "L" if lamps else "R"
    marks = [f"{letter}{k + 1}" for k in range(count)] if count > 1 else [letter]
    for x, mark, ohm in zip(spots, marks, ohms, strict=True):
        centred(canvas, x, top - r * 1.2 - label.height * 0.6, mark, label, ink)
        if not lamps:
            centred(canvas, x, top + r * 1.2 + label.height * 0.6, f"{ohm} Ohm", label, ink)
            facts.ask(f"{ohm} Ohm", ("What is the resistance of {name}?", "How large is {name}?"), name=mark)
    if not lamps and label.width("470 Ohm") > (right - left) / (count + 1) * 0.95:
        canvas.clipped = True
    part = "lamp" if lamps else "resistor"
    facts.ask(
        battery,
        (
            "What is the voltage of the battery?",
            "How many volts does the battery have?",
            "What is the voltage?",
        ),
    )
    asked = facts.ask(
        str(count), (f"How many {part}s are there?", f"How many {part}s does the circuit have?")
    )
    facts.think(asked, numbered(marks))
    ask_choice(
        sheet,
        f"How many {part}s are in the circuit?",
        str(count),
        numbers_near(sheet, count),
        thought=numbered(marks),
    )
    ask_choice(
        sheet,
        "What is the voltage of the battery?",
        battery,
        [f"{v:g} V" for v in (1.5, 3, 5, 6, 9, 12, 24) if v != volts],
    )
    if has_switch:
        facts.ask("closed" if closed else "open", ("Is the switch open or closed?",))
        facts.ask(
            "yes" if closed else "no", ("Does a current flow?", "Can current flow through the circuit?")
        )
        ask_choice(
            sheet,
            "What is the state of the switch?",
            "Closed" if closed else "Open",
            ["Open" if closed else "Closed", "Missing", "Burnt"],
        )
    else:
        facts.ask(NOT_THERE, ("Is the switch open or closed?",))
    if count > 1 and not lamps and len(set(ohms)) == count:
        facts.ask(
            marks[ohms.index(max(ohms))],
            ("Which resistor is the largest?", "Which resistor has the highest resistance?"),
        )
        if sum(ohms) < 400:
            facts.ask(
                f"{sum(ohms)} Ohm", ("What is the total resistance?", "What is the sum of the resistances?")
            )
    if not lamps:
        told = [f"{ohm} Ohm" for ohm in ohms]
        lessons.listed(
            sheet, list(zip(marks, told, strict=True)), ("List the resistors.", "What are the resistances?")
        )
    extra = ", a switch" if has_switch else ""
    facts.caption = f"A circuit with a {battery} battery{extra} and {count} {part}{'s' if count > 1 else ''}."
    return True


def triangle(sheet: Sheet, box: Box) -> bool:
    """A right triangle with the lengths of its sides; False when it does not fit."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    label = figure_type(sheet, box).label
    x0, y0, x1, y1 = box
    base, height = rng.randint(2, 30), rng.randint(2, 30)
    unit = rng.choice(("cm", "m", "mm", "in", "ft"))
    w = (x1 - x0) * rng.uniform(0.45, 0.6)
    h = min((y1 - y0) - label.height * 3, w * rng.uniform(0.5, 1.1))
    if h < 5 * label.height or w < label.width("999 cm") * 2:
        return False
    a = ((x0 + x1 - w) / 2, (y0 + y1 + h) / 2 - label.height)
    b, c = (a[0] + w, a[1]), (a[0], a[1] - h)
    name = rng.choice(("red", "blue", "green", "yellow", "orange"))
    with Pen(canvas, box, paper=sheet.paper) as pen:
        pen.polygon([a, b, c], shade(rng, name, sheet.fonts.split), sheet.ink, 2)
        pen.line(((a[0], a[1] - 12), (a[0] + 12, a[1] - 12), (a[0] + 12, a[1])), sheet.ink, 1.5)
    corners = rng.choice(("ABC", "PQR", "XYZ"))
    for corner, (x, y), dx, dy in zip(corners, (a, b, c), (-1, 1, -1), (1, 1, -1), strict=True):
        centred(canvas, x + dx * label.size * 0.8, y + dy * label.height * 0.6, corner, label, sheet.ink)
    centred(canvas, (a[0] + b[0]) / 2, a[1] + label.height * 0.8, f"{base} {unit}", label, sheet.ink)
    text = f"{height} {unit}"
    canvas.write(a[0] - label.width(text) - 8, (a[1] + c[1]) / 2 - label.height / 2, text, label, sheet.ink)
    facts.ask(
        f"{base} {unit}",
        (
            "How long is the base?",
            f"How long is the side {corners[0]}{corners[1]}?",
            "What is the length of the bottom side?",
        ),
    )
    facts.ask(
        text,
        (
            "How high is the triangle?",
            f"How long is the side {corners[0]}{corners[2]}?",
            "What is the length of the vertical side?",
        ),
    )
    longest = ("How long is the longest side?", f"How long is the side {corners[1]}{corners[2]}?")
    facts.doubt(facts.ask(NOT_THERE, longest))  # not in print, but it follows from the other two
    facts.ask(corners[0], ("At which corner is the right angle?", "Which corner has the right angle?"))
    facts.ask(name, ("What color is the triangle?",))
    sides = [(f"{corners[0]}{corners[1]}", f"{base} {unit}"), (f"{corners[0]}{corners[2]}", text)]
    lessons.listed(sheet, sides, ("List the sides.", "How long are the sides?"))
    if base * height % 2 == 0 and base * height < 200:
        facts.ask(f"{base * height // 2}", (f"What is the area in square {unit}?",))
    wrong = [
        f"{n} {unit}"
        for n in (height, base + 1, base + 2, base + height, abs(base - height) + 1)
        if n != base
    ]
    ask_choice(sheet, "How long is the base?", f"{base} {unit}", wrong)
    ask_choice(
        sheet, "Which corner has the right angle?", corners[0], [corners[1], corners[2], "None of them"]
    )
    facts.caption = f"A right triangle with sides of {base} {unit} and {height} {unit}."
    return True
