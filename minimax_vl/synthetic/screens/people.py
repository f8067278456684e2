"""Lists of people on a telephone: conversations, mails, contacts and calls."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.messages import remark
from minimax_vl.synthetic.screens.phone import badge, head, tabs

UNREAD = (
    "How many unread messages from {row}?",
    "How many unread messages does {row} have?",
    "Which number is in the badge of {row}?",
    "{row}: how many unread?",
)
UNREAD_OF = ("Which chat has {value} unread messages?", "Who has the badge {value}?")
PREVIEW = (
    "What is the last message from {row}?",
    "What does the chat with {row} show?",
    "{row}: what was written?",
)
PREVIEW_OF = ("Who wrote '{value}'?", "In which chat is '{value}' written?")
AT = (
    "When was the last message of {row}?",
    "Which time or day does the chat with {row} show?",
    "{row}: when?",
)
AT_OF = ("Which chat has the time {value}?", "Whose last message is from {value}?")
FEET = {
    "chats": "Chats|Calls|Updates|Groups", "mails": "Inbox|Sent|Drafts|Spam",
    "contacts": "Recents|Contacts|Favorites|Keypad", "calls": "Recents|Contacts|Favorites|Keypad",
}  # fmt: skip
NUMBER = ("What is the number of {row}?", "What is {row}'s phone number?", "Which number does {row} have?")
NUMBER_OF = ("Whose number is {value}?", "Who has the number {value}?")
MAIL = ("What is the email address of {row}?", "What is {row}'s email?")
MAIL_OF = ("Whose email address is {value}?",)
MAILED = (
    "When was the mail from {row} sent?",
    "Which time or day stands with the mail from {row}?",
    "{row}: when?",
)
CALLED = ("When was the call with {row}?", "Which time or day stands with the call of {row}?", "{row}: when?")
CALL = ("Which kind of call is the one with {row}?", "Was the call of {row} missed, incoming or outgoing?")
SUBJECT = ("What is the subject of the mail from {row}?", "What is {row}'s mail about?", "{row}: subject?")
SUBJECT_OF = ("Who wrote the mail '{value}'?", "Who is '{value}' from?")


TITLES = {
    "chats": "Chats|Messages|Conversations|Nachrichten|Mensajes", "mails": "Inbox|All mail|Posteingang",
    "contacts": "Phone book|Phone|Telefonbuch|Buku telefon", "calls": "Calls|Recents|Anrufe|Panggilan",
}  # fmt: skip
WHEN = {"chats": (AT, AT_OF), "mails": (MAILED, ()), "calls": (CALLED, ())}  # how to ask for it, and back
KINDS = {"chats": "list of chats", "mails": "mailbox", "contacts": "contact list", "calls": "call list"}


@dataclass(frozen=True)
class Style:
    """What the rows of one list have in common."""

    kind: str
    pictured: bool
    square: bool  # pictures without round corners
    ruled: bool
    mail: bool  # contacts with addresses for mail, not numbers


def people(screen: Screen, box: Box) -> None:
    """A list with a picture, a name and a smaller line in each row: conversations, mails, contacts or calls."""
    rng, em, facts = screen.rng, screen.em, screen.facts
    kind = rng.choice(("chats", "chats", "mails", "contacts", "calls"))
    style = Style(kind, screen.chance(0.8), screen.chance(0.2), screen.chance(0.6), screen.chance(0.3))
    title = rng.choice(TITLES[kind].split("|"))
    box = head(screen, box, title)
    if screen.chance(0.5):
        box = tabs(screen, box, FEET[kind].split("|"), chosen=1 if kind == "contacts" else 0)
    tall = screen.bold.height + screen.small.height + 0.6 * em
    count, step = share_out(box.height - 0.4 * em, screen.sheet.count(4, 30), tall, tall * 1.8)
    y, clock = box.y0 + 0.2 * em, screen.now
    for _ in range(count):
        clock -= rng.randint(1, 90)
        when = screen.when(clock) if clock > 0 else "Yesterday" if clock > -400 else screen.day(-clock // 200)
        if _row(screen, style, Box(box.x0, y, box.x1, y + step), "" if kind == "contacts" else when):
            y += step
    facts.lack(NUMBER if kind == "contacts" else WHEN[kind][0], row="")
    facts.caption = f"A list of {'conversations' if kind == 'chats' else kind} on a phone, titled {title}."
    facts.kind = KINDS[kind]


def _row(screen: Screen, style: Style, row: Box, when: str) -> bool:
    """One person; returns whether a name that fits was drawn."""
    rng, em, values, look, kind = screen.rng, screen.em, screen.values, screen.look, style.kind
    x, end, tall = row.x0 + 0.8 * em, row.x1 - 0.8 * em, screen.bold.height
    name = screen.sheet.fitting(
        lambda: screen.sheet.once(values.company if rng.random() < 0.12 else values.person),
        screen.bold,
        end - x - 4 * em - screen.small.width(when),
    )
    if not name:
        return False
    unread = str(rng.choice(("", "", rng.randint(1, 12), rng.randint(1, 120)))) if kind == "chats" else ""
    if style.pictured:
        side = min(2.2 * em, row.height * 0.78)
        tint = blend((rng.randint(30, 200), rng.randint(60, 180), rng.randint(30, 200)), look.accent, 0.3)
        pale = blend(tint, (255, 255, 255), 0.75)
        radius = 4 if style.square else side
        x = screen.tile(x, row.y0, row.y1, side, "person", tint, pale, radius=radius)
    under, forms, back = _under(screen, kind, end - x - 3 * em * bool(unread), mail=style.mail)
    top = row.y0 + (row.height - tall - screen.small.height) / 2
    low = top + tall
    ink = (200, 40, 40) if under == "missed" and not look.dark else look.ink
    screen.say(x, top, low, name, screen.body if kind == "calls" else screen.bold, ink)
    if when:
        screen.say(end, top, low, when, screen.small, look.accent if unread else look.dim, 1.0)
        screen.cell(name, "when", when, *WHEN[kind])
    if under:
        screen.say(x, low, low + screen.small.height, under, screen.small, look.dim)
        screen.cell(name, "under", under, forms, back)
    if unread:
        badge(screen, end - 0.9 * em, low + screen.small.height / 2, unread, look.accent)
        screen.cell(name, "unread", unread, UNREAD, UNREAD_OF)
    if style.ruled:
        screen.under(x, row.x1, row.y1 - screen.thin)
    return True


def _under(
    screen: Screen, kind: str, room: float, *, mail: bool
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The smaller line below a name, how to ask for it, and how to ask back."""
    values, rng, print_ = screen.values, screen.rng, screen.small
    if kind == "calls":
        return rng.choice(("missed", "incoming", "outgoing")), CALL, ()
    if kind == "contacts":
        draw, forms, back = (values.email, MAIL, MAIL_OF) if mail else (values.phone, NUMBER, NUMBER_OF)
    elif kind == "mails":
        draw, forms, back = lambda: values.title(2, 4), SUBJECT, SUBJECT_OF
    else:
        draw, forms, back = lambda: remark(rng, values, screen.when(rng.randrange(1440))), PREVIEW, PREVIEW_OF
    return screen.sheet.fitting(lambda: screen.sheet.once(draw), print_, room), forms, back
