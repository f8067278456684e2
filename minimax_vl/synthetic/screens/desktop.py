"""A desktop: a window with its title, menu and tool bar before a wallpaper, and the dialogs that open there."""

from __future__ import annotations

from dataclasses import replace

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.shapes import dot, framed, wallpaper
from minimax_vl.synthetic.screens.words import LANGUAGES, MENUS
from minimax_vl.synthetic.sheet import Sheet

TITLE = (
    "What is the title of the window?",
    "What is written in the title bar?",
    "What is the window called?",
    "Window title?",
)
MENU_FIRST = ("What is the first menu?", "Which menu is at the left?")
MENU_LAST = ("What is the last menu?", "Which menu is furthest to the right?")
CLOCK = (
    "What time is it on the task bar?",
    "What time does the task bar show?",
    "Which time is at the bottom right?",
)
ENDINGS = "pdf docx xlsx txt png jpg csv zip mp3 mp4 html pptx py log json".split()


def file_name(screen: Screen) -> str:
    """A name with an ending, as people and cameras give them."""
    rng, values = screen.rng, screen.values
    stem = rng.choice((
        values.word(), f"{values.word()}_{values.word()}", f"{values.word()}-{rng.randint(1, 99)}", values.title(1, 2),
        f"IMG_{values.digits(4)}", f"{values.word()}{rng.randint(2010, 2029)}", f"scan{values.digits(3)}",
    ))  # fmt: skip
    return f"{stem}.{rng.choice(ENDINGS)}"


def classic(screen: Screen) -> None:
    """Grey boxes with square corners, as desktops had in the nineties."""
    title = screen.rng.choice(((0, 0, 128), (0, 80, 160), (0, 100, 100), (90, 30, 110)))
    screen.look = replace(
        screen.look, dark=False, page=(255, 255, 255), panel=(212, 208, 200), bar=(212, 208, 200), ink=(0, 0, 0),
        dim=(70, 70, 70), line=(150, 150, 145), accent=title, on_accent=(255, 255, 255), corner=0.0,
    )  # fmt: skip
    screen.corner, screen.switches = 0.0, "square"


def desk(sheet: Sheet, *, ems: float = 30, fill: float = 0.5) -> tuple[Screen, Box]:
    """A screen with or, in `fill` of the draws, without a wallpaper and a task bar; and the room for one window."""
    rng, canvas = sheet.rng, sheet.canvas
    page = Box(0, 0, canvas.width, canvas.height)
    screen = Screen(sheet, page, ems=ems)
    if screen.chance(0.25):
        classic(screen)
    screen.fill(page, screen.look.page)
    if sheet.chance(fill) or min(page.width, page.height) < 28 * screen.size:
        return screen, page
    wallpaper(canvas, rng, page)
    room = page
    if sheet.chance(0.6):
        room, line = page.split(-(screen.body.height + 0.9 * screen.em))
        ink = screen.bar(line, screen.look.panel)
        screen.icon(
            rng.choice(("menu", "home", "square", "star")),
            1.4 * screen.em,
            line.y0,
            line.y1,
            screen.look.accent,
        )
        now = screen.when(screen.now)
        screen.say(line.x1 - screen.em, line.y0, line.y1, now, ink=ink, align=1.0)
        sheet.facts.ask(now, CLOCK)
        sheet.free("time")  # a field of that name would ask for this one too
    across, down = room.width * rng.uniform(0.01, 0.06), room.height * rng.uniform(0.01, 0.06)
    left, top = across * rng.uniform(0.3, 1.7), down * rng.uniform(0.3, 1.7)
    return screen, Box(room.x0 + left, room.y0 + top, room.x1 - 2 * across + left, room.y1 - 2 * down + top)


def window(screen: Screen, box: Box, title: str) -> Box:
    """The frame and title bar of a window; returns the room inside."""
    rng, em, look, canvas = screen.rng, screen.em, screen.look, screen.canvas
    edge = blend(look.line, look.ink, 0.35)
    radius = 0 if box.x0 == 0 else screen.corner
    framed(canvas, box, radius, look.panel, edge, screen.thin)
    inner = box.inset(screen.thin)
    bar, rest = inner.split(screen.body.height + rng.uniform(0.4, 0.9) * em)
    square = look.panel == (212, 208, 200)
    colour = (
        look.accent
        if square or screen.chance(0.3)
        else blend(look.panel, look.ink, rng.choice((0.0, 0.06, 0.12)))
    )
    rounded(canvas, Box(bar.x0, bar.y0, bar.x1, bar.y1 + radius), radius, colour)
    canvas.fill(bar.x0, bar.y1, bar.x1, bar.y1 + radius + 1, look.panel)
    ink = look.on_accent if colour == look.accent else look.ink
    middle, left = (bar.y0 + bar.y1) / 2, bar.x0 + 0.7 * em
    right = bar.x1 - 0.5 * em
    lights = screen.chance(0.35) and not square
    if lights:
        for light in ((235, 95, 85), (240, 190, 60), (90, 195, 80)):
            dot(canvas, left + 0.4 * em, middle, 0.75 * em, light)
            left += 1.2 * em
        left += 0.4 * em
    else:
        for name in ("close", "square", "minus"):
            if square:
                side = Box(right - 1.15 * em, middle - 0.55 * em, right, middle + 0.55 * em)
                framed(canvas, side, 0, look.panel, look.dim, 1)
            screen.icon(name, right - 0.57 * em, bar.y0, bar.y1, look.ink if square else ink, 0.75)
            right -= 1.4 * em
    print_ = screen.bold if square or screen.chance(0.4) else screen.body
    if print_.width(title) < right - left - em:
        centred = lights or screen.chance(0.2)
        x = max((bar.x0 + bar.x1 - print_.width(title)) / 2, left) if centred else left
        if x + print_.width(title) < right:
            screen.say(x, bar.y0, bar.y1, title, print_, ink)
            screen.facts.ask(title, TITLE)
    return rest


def menu(screen: Screen, box: Box) -> Box:
    """A line of menus; returns the room below it."""
    language = screen.rng.choice(LANGUAGES)
    names = MENUS[language].split("|")
    if len(names) > 5 and screen.chance(0.5):
        names = [*names[: screen.rng.randint(3, 5)], names[-1]]
    line, rest = box.split(screen.body.height + 0.5 * screen.em)
    screen.fill(line, screen.look.panel)
    x, drawn = line.x0 + 0.7 * screen.em, []
    for name in names:
        if x + screen.body.width(name) > line.x1 - screen.em:
            break
        x = screen.say(x, line.y0, line.y1, name) + 1.1 * screen.em
        drawn.append(name)
    if len(drawn) > 1:
        screen.facts.ask(drawn[0], MENU_FIRST)
        screen.facts.ask(drawn[-1], MENU_LAST)
        number = screen.rng.randrange(len(drawn) - 1)
        screen.facts.ask(
            drawn[number + 1],
            ("Which menu is right of {name}?", "What comes after the menu {name}?"),
            name=drawn[number],
        )
    return rest


def tools(screen: Screen, box: Box) -> Box:
    """A bar of icons without words; returns the room below it."""
    line, rest = box.split(1.9 * screen.em)
    screen.fill(line, screen.look.panel)
    x, ink = line.x0 + 1.2 * screen.em, blend(screen.look.ink, screen.look.accent, 0.5)
    for name in screen.rng.choices(
        ("page", "folder", "search", "plus", "back", "forward", "star", "mail", "gear", "again"), k=9
    ):
        if x > line.x1 - 1.5 * screen.em:
            break
        screen.icon(name, x, line.y0, line.y1, ink)
        x += screen.rng.choice((1.7, 1.7, 2.6)) * screen.em
    screen.under(line.x0, line.x1, line.y1 - 1)
    return rest


def field(screen: Screen, box: Box) -> Colour:
    """A sunken field to write in or to list things in; returns its colour."""
    ground = (
        screen.look.page
        if screen.look.page != screen.look.panel
        else blend(screen.look.page, screen.look.ink, 0.05)
    )
    framed(
        screen.canvas, box, screen.corner, ground, blend(screen.look.line, screen.look.ink, 0.2), screen.thin
    )
    return ground
