"""A folder in a window: a side bar of places, names with size, date and type, one row selected."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.screens.desktop import desk, field, file_name, menu, window
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.shapes import framed
from minimax_vl.synthetic.screens.words import counted
from minimax_vl.synthetic.sheet import Sheet

SELECTED = ("Which file is selected?", "What is the name of the selected file?", "Which file is highlighted?")
HEADS = (  # of names, sizes, dates and types
    "Name|Size|Date modified|Type", "Name|Size|Modified|Kind", "File|Size|Changed|Type", "Nom|Taille|Date|Type",
    "Nombre|Peso|Fecha|Tipo", "Nama|Saiz|Tarikh|Jenis", "Name|Umfang|Datum|Typ",
)  # fmt: skip
SIZE = ("What is the size of {row}?", "How large is {row}?", "{row}: size?")
SIZE_OF = ("Which file has a size of {value}?", "Which file is {value}?")
DATE = ("When was {row} changed?", "What is the date of {row}?", "On which date was {row} modified?")
DATE_OF = ("Which file was changed on {value}?", "Which file has the date {value}?")
TYPE = ("What type of file is {row}?", "What is the type of {row}?")
PATH = ("What is written in the address line?", "What is the path?", "Which path does the address line show?")
PLACE = ("Which place is selected at the left?", "Which entry of the side bar is highlighted?")
COUNT = ("What does the status line say?", "Read the line at the bottom of the window.")
KINDS = {
    "pdf": "PDF", "docx": "Document", "xlsx": "Spreadsheet", "txt": "Text", "png": "Image", "jpg": "Image",
    "csv": "Table", "zip": "Archive", "mp3": "Audio", "mp4": "Video", "html": "Web page", "pptx": "Slides",
    "py": "Script", "log": "Log", "json": "Data",
}  # fmt: skip


def files(sheet: Sheet) -> None:
    """A folder: a side bar of places, names with size, date and type, one row selected."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    screen, box = desk(sheet, ems=28)
    em, look = screen.em, screen.look
    folder = sheet.once(lambda: values.title(1, 1))
    box = window(screen, box, folder)
    box = menu(screen, box) if screen.chance(0.4) else box
    line, box = box.split(screen.body.height + 1.1 * em)
    for number, name in enumerate(("back", "forward")):
        screen.icon(name, line.x0 + (1 + 1.6 * number) * em, line.y0, line.y1, look.dim)
    path = rng.choice(
        (
            f"C:/Users/{values.first_name()}/{folder}",
            f"/home/{values.word()}/{folder}",
            f"Home > {folder}",
            f"This PC > D: > {folder}",
        )
    )
    address = Box(line.x0 + 4 * em, line.y0 + 0.25 * em, line.x1 - 0.6 * em, line.y1 - 0.25 * em)
    field(screen, address)
    if screen.body.width(path) < address.width - em:
        screen.say(address.x0 + 0.5 * em, address.y0, address.y1, path)
        facts.ask(path, PATH)
    box, status = box.split(-(screen.small.height + 0.5 * em))
    screen.fill(status, look.panel)
    if box.width > 42 * em and screen.chance(0.7):
        side, box = box.cut(9.5 * em)
        _places(screen, side)
    screen.fill(box, look.page)
    _listing(screen, box, status, folder)
    facts.kind = "list of files"


def _places(screen: Screen, box: Box) -> None:
    em = screen.em
    names = screen.rng.sample(
        "Desktop Documents Downloads Music Pictures Videos Network Trash Home Projects".split(), 7
    )
    step = screen.body.height + 0.8 * em
    names = names[: int((box.height - em) // step)]
    chosen = screen.rng.randrange(max(len(names), 1))
    for number, name in enumerate(names):
        row = Box(
            box.x0 + 0.3 * em,
            box.y0 + 0.5 * em + number * step,
            box.x1 - 0.3 * em,
            box.y0 + 0.5 * em + (number + 1) * step,
        )
        if number == chosen:
            framed(
                screen.canvas,
                row,
                screen.corner,
                blend(screen.look.panel, screen.look.accent, 0.3),
                screen.look.accent,
            )
            screen.facts.ask(name, PLACE)
        screen.icon("folder", row.x0 + 0.9 * em, row.y0, row.y1, screen.look.accent, 0.9)
        screen.say(row.x0 + 1.8 * em, row.y0, row.y1, name)


def _listing(screen: Screen, box: Box, status: Box, folder: str) -> None:
    """The table of files, and what the status line counts."""
    rng, em, facts, sheet = screen.rng, screen.em, screen.facts, screen.sheet
    wide = {
        "size": 6 * em,
        "date": screen.body.width("28 September 2029") + em,
        "type": screen.body.width("Spreadsheet") + em,
    }
    keys = rng.sample(sorted(wide), 3)
    while keys and sum(wide[key] for key in keys) > 0.62 * box.width:
        keys.pop()
    starts, x = {}, box.x1 - sum(wide[key] for key in keys)
    for key in keys:
        starts[key] = x + em * 0.5
        x += wide[key]
    name_room = box.width - sum(wide[key] for key in keys) - 3.2 * em
    head, box = box.split(screen.body.height + 0.7 * em)
    screen.fill(head, screen.look.panel)
    titles: dict[str, str] = dict(
        zip(("name", "size", "date", "type"), rng.choice(HEADS).split("|"), strict=True)
    )
    screen.say(head.x0 + 2.2 * em, head.y0, head.y1, titles["name"])
    for key in keys:
        screen.say(starts[key], head.y0, head.y1, titles[key])
    least = screen.body.height + 0.3 * em
    count, step = share_out(box.height - 0.3 * em, sheet.count(5, 40), least, least * 2)
    drawn = (
        sheet.fitting(lambda: sheet.once(lambda: file_name(screen)), screen.body, name_room)
        for _ in range(count)
    )
    names = [name for name in drawn if name]
    chosen = rng.choice(names) if names and screen.chance(0.8) else ""
    striped = screen.chance(0.3)
    for number, name in enumerate(names):
        row = Box(box.x0 + 2, box.y0 + number * step, box.x1 - 2, box.y0 + (number + 1) * step)
        if striped and number % 2:
            screen.fill(row, blend(screen.look.page, screen.look.ink, 0.05))
        _file(screen, row, name, starts, chosen=name == chosen)
    facts.want(chosen, SELECTED)
    if "size" in keys:
        facts.lack(SIZE, row="")
    summary = counted(len(names), "item") + (", 1 selected" if chosen else "")
    screen.say(status.x0 + 0.7 * em, status.y0, status.y1, summary, screen.small)
    facts.ask(summary, COUNT)
    facts.caption = f"A window with the folder {folder} and {counted(len(names), 'file')}."


def _file(screen: Screen, row: Box, name: str, starts: dict[str, float], *, chosen: bool) -> None:
    """One file with what stands in the columns that start at `starts`."""
    rng, em, look = screen.rng, screen.em, screen.look
    if chosen:
        screen.fill(row, look.accent)
    ink = look.on_accent if chosen else look.ink
    screen.icon("page", row.x0 + 1.1 * em, row.y0, row.y1, ink if chosen else look.accent)
    screen.say(row.x0 + 2.2 * em - 2, row.y0, row.y1, name, ink=ink)
    size = f"{rng.randint(1, 999)} KB" if rng.random() < 0.7 else f"{rng.uniform(1, 90):.1f} MB"
    values = {"size": size, "date": screen.day(rng.randint(0, 2500)), "type": KINDS[name.rpartition(".")[2]]}
    forms = {"size": (SIZE, SIZE_OF), "date": (DATE, DATE_OF), "type": (TYPE, ())}
    for key, x in starts.items():
        screen.say(x, row.y0, row.y1, values[key], ink=ink if chosen else look.dim)
        screen.cell(name, key, values[key], *forms[key])
