"""What windows hold: a form to fill in, and a list of files."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.facts import CHECKED
from minimax_vl.synthetic.screens.desktop import desk, field, menu, tools, window
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.shapes import dot, framed
from minimax_vl.synthetic.sheet import Sheet

TAB = ("Which tab is selected?", "Which tab is open?", "Which tab is active?", "Selected tab?")
BUTTON = ("Which button is highlighted?", "Which button is in colour?")
CHOSEN = ("Which option is chosen for {name}?", "What is chosen for {name}?", "Which {name} is selected?")
BOXES = (
    "Remember me|Send a copy|Print receipt|Use default|Show all|Include tax|Urgent|Paid|Active|Confirmed|Newsletter"
).split("|")
RADIOS = {
    "payment": "Cash|Card|Transfer", "size": "Small|Medium|Large", "priority": "Low|Normal|High",
    "sex": "Female|Male|Other",
    "delivery": "Pick up|Post|Courier", "format": "A4|Letter|Legal", "quality": "Draft|Standard|Best",
}  # fmt: skip
TITLES = ("New customer", "Edit order", "Preferences", "Properties")
BUTTONS = (
    "OK|Cancel|Apply", "Save|Close", "Submit|Reset", "Speichern|Abbrechen", "Simpan|Batal", "Next|Back|Cancel"
)  # fmt: skip
SECTIONS = "General Details Address History Notes Payment Contacts Advanced Security Items".split()


def form(sheet: Sheet) -> None:
    """Labelled fields, boxes to tick, a choice of one, and buttons at the foot."""
    rng, facts = sheet.rng, sheet.facts
    screen, box = desk(sheet, ems=24)
    em = screen.em
    title = sheet.once(lambda: rng.choice((*TITLES, sheet.values.title(1, 3))))
    box = window(screen, box, title)
    box = menu(screen, box) if screen.chance(0.4) else box
    box = tools(screen, box) if screen.chance(0.25) else box
    box = _tabs(screen, box) if screen.chance(0.5) else box
    box, foot = box.split(-(screen.body.height + 1.7 * em))
    main, names, align = rng.choice((0, 0, 1)), rng.choice(BUTTONS).split("|"), rng.choice((0.0, 1.0))
    drawn = screen.buttons(foot.x0 + em, foot.x1 - em, foot.y0 + 0.4 * em, names, main=main, align=align)
    if main < len(drawn):
        facts.ask(drawn[main], BUTTON)
    box, above = box.inset(em, 0.5 * em), screen.chance(0.5)
    columns = 2 if box.width > 34 * em and screen.chance(0.6) else 1
    least = screen.body.height * (2 if above else 1) + 0.9 * em
    count, step = share_out(box.height, sheet.count(4, 24), least, least * 1.5)
    for number in range(count):
        row, draw = Box(box.x0, box.y0 + number * step, box.x1, box.y0 + (number + 1) * step), rng.random()
        if (draw < 0.15 and _boxes(screen, row)) or (0.15 < draw < 0.3 and _radios(screen, row)):
            continue
        for cell in row.columns(columns, 1.2 * em):
            _field(screen, cell, above=above)
    facts.caption = f"A window titled {title} with a form."
    facts.kind = "form on a screen"


def _field(screen: Screen, cell: Box, *, above: bool) -> None:
    """A label above or beside its field; nothing where a few draws did not fit."""
    em, tall = screen.em, screen.body.height
    room = cell.width if above else 9 * em
    left, top = (cell.x0, cell.y0 + tall) if above else (cell.x0 + room, cell.y0)
    inside = Box(left, top + 0.15 * em, cell.x1, top + tall + 0.6 * em)
    label, name, value = _label(screen, room - 0.4 * em, inside.width - 2.4 * em)
    if not value:
        return
    if above:
        screen.say(cell.x0, cell.y0, top, label)
    else:
        screen.say(cell.x0, inside.y0, inside.y1, f"{label}:")
    field(screen, inside)
    screen.say(inside.x0 + 0.5 * em, inside.y0, inside.y1, value)
    if screen.chance(0.2):  # one of several to choose from
        screen.icon("down", inside.x1 - 0.9 * em, inside.y0, inside.y1, screen.look.dim, 0.8)
    screen.facts.field(label, name, value)


def _label(screen: Screen, room: float, value_room: float) -> tuple[str, str, str]:
    """A label that fits, its name in a question, and a value that fits; the value is '' where a few draws failed."""
    for _ in range(6):
        label, name, draw = screen.sheet.label()
        value = screen.sheet.fitting(draw, screen.body, value_room)
        if value and screen.body.width(label + ":") <= room:
            return label, name, value
    return "", "", ""


def _tabs(screen: Screen, box: Box) -> Box:
    """Tabs at the head of a window, one of them in front; returns the room below them."""
    line, rest = box.split(screen.body.height + 0.9 * screen.em)
    names = screen.rng.sample(SECTIONS, 5)
    x, drawn = line.x0 + 0.5 * screen.em, 0
    chosen = screen.rng.randrange(3)
    screen.under(line.x0, line.x1, line.y1 - screen.thin, screen.look.dim)
    for number, name in enumerate(names):
        wide = screen.body.width(name) + 1.4 * screen.em
        if x + wide > line.x1:
            break
        tab = Box(x, line.y0 + 0.3 * screen.em, x + wide, line.y1)
        if number == chosen:
            framed(screen.canvas, tab, 0, screen.look.page, screen.look.dim, screen.thin)
            screen.canvas.fill(tab.x0, tab.y0, tab.x1, tab.y0 + max(0.16 * screen.em, 2), screen.look.accent)
            screen.facts.ask(name, TAB)
        screen.say((tab.x0 + tab.x1) / 2, tab.y0, tab.y1, name, align=0.5)
        x, drawn = x + wide + 2, drawn + 1
    return rest


def _boxes(screen: Screen, row: Box) -> bool:
    """A line of boxes to tick; returns whether any fitted."""
    em, x, side = screen.em, row.x0, round(screen.em * 0.95)
    middle = row.y0 + screen.line / 2 + 0.2 * em
    for _ in range(screen.rng.randint(1, 3)):
        name = screen.sheet.once(lambda: screen.rng.choice(BOXES))
        if x + side + 0.5 * em + screen.body.width(name) > row.x1:
            break
        checked = screen.chance(0.5)
        box = Box(x, middle - side / 2, x + side, middle + side / 2)
        framed(
            screen.canvas,
            box,
            min(screen.corner, 3),
            screen.look.accent if checked else screen.look.page,
            screen.look.dim,
            screen.thin,
        )
        if checked:
            screen.icon("tick", x + side / 2, box.y0, box.y1, screen.look.on_accent, 0.8)
        x = screen.say(x + side + 0.5 * em, box.y0, box.y1, name) + 1.5 * em
        screen.facts.ask("yes" if checked else "no", CHECKED, name=name)
    return x > row.x0


def _radios(screen: Screen, row: Box) -> bool:
    """A choice of one of three; returns whether it fitted."""
    em, rng = screen.em, screen.rng
    name = rng.choice(sorted(RADIOS))
    options = RADIOS[name].split("|")
    label = name.capitalize() + ":"
    wide = screen.body.width(label) + sum(screen.body.width(option) + 2.6 * em for option in options) + em
    if wide > row.width or not (screen.sheet.free(name) and screen.sheet.free(label.rstrip(":"))):
        return False
    y0, y1 = row.y0 + 0.2 * em, row.y0 + 0.2 * em + screen.line
    x = screen.say(row.x0, y0, y1, label) + em
    chosen = rng.randrange(3)
    for number, option in enumerate(options):
        dot(screen.canvas, x + em / 2, (y0 + y1) / 2, em, screen.look.dim)
        dot(screen.canvas, x + em / 2, (y0 + y1) / 2, em - 2 * screen.thin - 1, screen.look.page)
        if number == chosen:
            dot(screen.canvas, x + em / 2, (y0 + y1) / 2, 0.58 * em, screen.look.accent)
        x = screen.say(x + 1.4 * em, y0, y1, option) + 1.2 * em
    screen.facts.ask(options[chosen], CHOSEN, name=name)
    return True
