"""Dialogs: a message with an icon and buttons in a small window, now and then with a progress bar."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.screens.desktop import classic, file_name, window
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.messages import DIALOGS, WORK
from minimax_vl.synthetic.screens.shapes import wallpaper
from minimax_vl.synthetic.screens.words import LANGUAGES
from minimax_vl.synthetic.sheet import Sheet

MESSAGE = (
    "What does the message say?",
    "What does the dialog say?",
    "Read the message.",
    "What is the message?",
)
BUTTON = ("Which button is highlighted?", "Which button is in colour?", "What is the main button?")
LEFT = ("Which button is at the left?", "What does the left button say?", "Which is the first button?")
RIGHT = ("Which button is at the right?", "What does the right button say?", "Which is the last button?")
DONE = ("How many percent are done?", "How far is the progress bar?", "What is the progress?")
ABOUT = {  # what is named in a message, and how to ask for it
    "file": ("Which file is named in the message?", "Which file is the message about?"),
    "host": ("Which address is named in the message?", "To which host was the connection?"),
    "number": ("Which number is in the message?", "What number does the message mention?"),
    "version": ("Which version is named?", "What is the number of the version?"),
    "user": ("Who is named in the message?", "Which person does the message name?"),
    "disk": ("Which disk is named in the message?", "Which disk is the message about?"),
}
CODE = ("What is the error code?", "Which error code is shown?", "Error code?")
TITLES = {"en": "Warning", "de": "Hinweis", "fr": "Attention", "es": "Aviso", "ms": "Amaran"}


def dialog(sheet: Sheet) -> None:
    """One dialog over a wallpaper."""
    rng, facts = sheet.rng, sheet.facts
    page = Box(0, 0, sheet.canvas.width, sheet.canvas.height)
    # There is little else to read, so the print is larger than on other screens.
    screen = Screen(sheet, page, ems=rng.uniform(19, 26), large=rng.uniform(1.3, 2.4))
    if screen.chance(0.3):
        classic(screen)
    em, line, language = screen.em, screen.line, rng.choice(LANGUAGES)
    form, names = rng.choice(DIALOGS[language])
    slots = _slots(screen)
    wide = min(max(page.width * rng.uniform(0.7, 0.92), 15 * em), page.width * 0.97, 30 * em)
    signed = wide > 16 * em and screen.chance(0.7)
    text = form.format_map(slots)
    lines = wrap(text.split(), screen.body, wide - (5.5 if signed else 2.4) * em)
    progress, coded = form.startswith(WORK), language == "en" and screen.chance(0.25)
    tall = (len(lines) + 1.2 * coded + 2.2 * progress) * line + 2 * screen.body.height + 5.5 * em
    wallpaper(sheet.canvas, rng, page)
    x, y = (page.width - wide) / 2, max((page.height - tall) * rng.uniform(0.25, 0.6), 2)
    title = rng.choice((slots["app"], slots["app"], TITLES[language]))
    inner = window(screen, Box(x, y, x + wide, min(y + tall, page.height - 2)), title).inset(1.2 * em, em)
    x, y = inner.x0 + (3.4 * em if signed else 0), inner.y0
    if signed:
        colour = rng.choice(((215, 140, 0), (200, 40, 40), screen.look.accent))
        screen.icon(rng.choice(("alert", "info")), inner.x0 + 1.3 * em, y, y + 2.4 * em, colour, 2.4)
    for part in lines:
        screen.say(x, y, y + line, part)
        y += line
    if " ".join(lines) == text:
        facts.want(text, MESSAGE)
        for slot, forms in ABOUT.items():
            if f"{{{slot}}}" in form:
                facts.ask(slots[slot], forms)
    if coded:
        code = f"0x{rng.getrandbits(32):08X}"
        screen.say(x, y + 0.2 * line, y + 1.2 * line, f"Error code {code}", screen.small, screen.look.dim)
        facts.ask(code, CODE)
        y += 1.2 * line
    if progress:
        _progress(screen, Box(x, y + 0.6 * line, inner.x1, y + 1.2 * line))
    drawn = _buttons(screen, inner, names)
    facts.caption = f"A dialog titled {title}" + (f" with the buttons {', '.join(drawn)}." if drawn else ".")
    facts.kind = "dialog"


def _slots(screen: Screen) -> dict[str, str]:
    """What a message may name."""
    rng, values = screen.rng, screen.values
    return {
        "file": file_name(screen), "app": values.title(1, 1), "host": values.website(), "user": values.first_name(),
        "number": str(rng.randint(2, 900)), "version": f"{rng.randint(1, 20)}.{rng.randint(0, 20)}",
        "disk": rng.choice(("C:", "D:", "E:", "USB", values.title(1, 1))),
    }  # fmt: skip


def _progress(screen: Screen, room: Box) -> None:
    """A bar that is filled to some percentage, which stands behind it."""
    share, look = screen.rng.randint(1, 99), screen.look
    end = room.x1 - screen.body.width("100% ")
    track = Box(room.x0, room.y0, end, room.y1)
    rounded(screen.canvas, track, screen.corner, blend(look.panel, look.ink, 0.2))
    done = Box(room.x0, room.y0, room.x0 + max(track.width * share / 100, 3), room.y1)
    rounded(screen.canvas, done, screen.corner, look.accent)
    screen.say(room.x1, room.y0, room.y1, f"{share}%", align=1.0)
    screen.facts.ask(f"{share}%", DONE)


def _buttons(screen: Screen, inner: Box, names: list[str]) -> list[str]:
    """Buttons along the foot, one of them in colour; returns those that fitted."""
    main, align = screen.rng.randrange(len(names)), screen.rng.choice((0.5, 1.0, 1.0))
    foot = inner.y1 - screen.body.height - 0.7 * screen.em
    drawn = screen.buttons(inner.x0, inner.x1, foot, names, main=main, align=align)
    if main < len(drawn):
        screen.facts.want(drawn[main], BUTTON)
    if len(drawn) > 1:
        screen.facts.ask(drawn[0], LEFT)
        screen.facts.ask(drawn[-1], RIGHT)
    return drawn
