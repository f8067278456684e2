"""A page with a screen: which kind it is."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.screens import (
    accounts,
    apps,
    chat,
    dashboard,
    files,
    form,
    machines,
    people,
    pocket,
    shops,
    weather,
    web,
)
from minimax_vl.synthetic.screens.cells import spreadsheet
from minimax_vl.synthetic.screens.consoles import terminal
from minimax_vl.synthetic.screens.dialogs import dialog
from minimax_vl.synthetic.screens.editor import editor
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.phone import place, status
from minimax_vl.synthetic.sheet import Sheet


def _phone(
    app: Callable[[Screen, Box], None], ems: float = 20, *, clock: bool = True, large: float = 1
) -> Callable[[Sheet], None]:
    """An app on a telephone."""

    def draw(sheet: Sheet) -> None:
        box = place(sheet)
        screen = Screen(sheet, box, ems=ems, large=large)
        screen.fill(box, screen.look.page)
        ground = screen.look.bar if screen.chance(0.6) else screen.look.page
        app(screen, status(screen, box, ground, clock=clock))

    return draw


# name: how it is drawn, and how often among a hundred
DRAWS: dict[str, tuple[Callable[[Sheet], None], int]] = {
    "settings": (_phone(apps.settings), 12),
    "alarms": (_phone(apps.alarms, 16), 5),
    "locked": (_phone(pocket.locked, 22, clock=False), 4),
    "chat": (_phone(chat.chat, 22), 12),
    "people": (_phone(people.people, 22), 9),
    "weather": (_phone(weather.weather, large=1.8), 5),
    "bank": (_phone(accounts.bank, 24), 5),
    "departures": (_phone(accounts.departures, 24), 5),
    "dialog": (dialog, 8),
    "form": (form.form, 8),
    "files": (files.files, 8),
    "spreadsheet": (spreadsheet, 8),
    "news": (web.page(web.news), 4),
    "shop": (web.page(shops.shop, 21, large=1.2), 5),
    "plans": (web.page(shops.plans, large=1.4), 3),
    "login": (web.page(shops.login, 22, large=1.4), 4),
    "results": (web.page(web.results), 4),
    "terminal": (terminal, 9),
    "editor": (editor, 8),
    "cash": (machines.cash, 4),
    "tickets": (machines.tickets, 4),
    "dashboard": (dashboard.dashboard, 6),
    "calculator": (_phone(pocket.calculator, 12, large=1.3), 3),
}


def draw(sheet: Sheet) -> None:
    """One screen over the whole page."""
    name = sheet.rng.choices(tuple(DRAWS), [share for _, share in DRAWS.values()])[0]
    DRAWS[name][0](sheet)
