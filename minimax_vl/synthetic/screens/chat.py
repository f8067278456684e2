"""A chat: bubbles of two or more people, with names and times."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.messages import remark
from minimax_vl.synthetic.screens.phone import head
from minimax_vl.synthetic.screens.shapes import dot

WITH = ("Who is the chat with?", "With whom is the chat?", "Whose chat is open?", "Which chat is open?")
SEEN = ("When was {name} last seen?", "At what time was {name} last seen?")
WROTE = ("Who wrote '{message}'?", "Who sent the message '{message}'?", "Who says '{message}'?")
DID_WRITE = ("Did {name} write '{message}'?", "Is '{message}' from {name}?")
WRITTEN_AT = (
    "When was '{message}' sent?",
    "At what time was '{message}' written?",
    "What time is on '{message}'?",
)
SAID_AT = ("What was written at {time}?", "Which message was sent at {time}?", "Read the message of {time}.")
WHO_AT = ("Who wrote at {time}?", "Who sent the message at {time}?")
LAST = ("What is the last message?", "Read the last message.", "What does the last bubble say?")
FIRST = ("What is the first message?", "Read the first message.", "What does the topmost bubble say?")
FIELD = ("What is written in the input field?", "What does the field at the bottom say?")
DAY = ("Which day is written between the messages?", "Which day is shown above the messages?")


@dataclass(frozen=True)
class Style:
    """How the bubbles of one chat look; sizes are in pixels."""

    own: Colour
    own_ink: Colour
    stamp: Print  # of times
    inside: bool  # whether a time stands in its bubble or below it
    radius: float
    gap: float
    widest: float


@dataclass(frozen=True)
class Bubble:
    """One message; `label` is the writer's name where the bubble carries it."""

    text: str
    lines: list[str]
    who: str
    label: str
    time: str
    mine: bool


def chat(screen: Screen, box: Box) -> None:
    """Bubbles of two or more people: the others' at the left, one's own at the right."""
    rng, em, facts, values = screen.rng, screen.em, screen.facts, screen.values
    group = screen.chance(0.45)
    person = screen.sheet.once(values.first_name)
    title = screen.sheet.once(lambda: values.title(1, 2)) if group else person
    seen = screen.when(screen.now - rng.randint(2, 200))
    state = f"{rng.randint(3, 40)} members" if group else rng.choice(("online", f"last seen {seen}"))
    under = state if screen.chance(0.6) else ""
    box = _input(screen, head(screen, box, title, back=True, under=under, forms=WITH))
    if under.endswith(seen):
        facts.ask(seen, SEEN, name=person)
    style = _style(screen, box)
    y = box.y0 + 0.5 * em
    if screen.chance(0.6):
        day = rng.choice(("Today", "Yesterday", values.date()))
        screen.say((box.x0 + box.x1) / 2, y, y + style.stamp.height, day, style.stamp, screen.look.dim, 0.5)
        facts.ask(day, DAY)
        y += style.stamp.height + 0.4 * em
    others = [screen.sheet.once(values.first_name) for _ in range(rng.randint(2, 4))] if group else [person]
    shown = _talk(screen, style, Box(box.x0, y, box.x1, box.y1), others, group=group)
    if shown:
        facts.ask(shown[-1], LAST)
        facts.ask(shown[0], FIRST)
    facts.caption = f"A chat {'in the group' if group else 'with'} {title}."
    facts.kind = "chat"


def _style(screen: Screen, box: Box) -> Style:
    rng, em, look = screen.rng, screen.em, screen.look
    own = look.accent if screen.chance(0.6) else blend(look.page, look.accent, 0.22)
    return Style(
        own=own,
        own_ink=look.on_accent if own == look.accent else look.ink,
        stamp=screen.print(0.8),
        inside=screen.chance(0.5),
        radius=max(screen.corner, 0.3 * em) * rng.choice((1, 1.6)),
        gap=rng.uniform(0.4, 0.9) * em,
        widest=box.width * rng.uniform(0.62, 0.78),
    )


def _talk(screen: Screen, style: Style, box: Box, others: list[str], *, group: bool) -> list[str]:
    """Bubbles from the top of the box as far as they fit; returns what they say."""
    rng, values = screen.rng, screen.values
    named, me, timed = group or screen.chance(0.35), rng.choice(("You", "You", "Me")), screen.chance(0.85)
    clock, y, last, tries = screen.now - rng.randint(60, 200), box.y0, "", 0
    shown: list[str] = []
    while tries < 6:  # a message that does not fit may be followed by a shorter one
        mine = screen.chance(0.45)
        who = me if mine else rng.choice(others)
        clock += rng.randint(1, 5)
        text = screen.sheet.once(lambda: remark(rng, values, screen.when(rng.randrange(1440))))
        lines = wrap(text.split(), screen.body, style.widest - 1.4 * screen.em)
        # The head names the only other one; of several bubbles in a row by one writer the first has the name.
        label = who if named and (mine or group or not shown) and (who != last or style.inside) else ""
        bubble = Bubble(text, lines, who, label, screen.when(clock) if timed else "", mine)
        end = _bubble(screen, style, bubble, Box(box.x0, y, box.x1, box.y1)) if " ".join(lines) == text else y
        if end == y:
            tries += 1
            continue
        _ask_bubble(screen, bubble, others, told=bool(label) or not (group or mine))
        shown.append(text)
        y, last = end + style.gap, who
    return shown


def _bubble(screen: Screen, style: Style, bubble: Bubble, room: Box) -> float:
    """Draw one bubble at the top of the room; returns where it ends, which is where it starts when it does not fit."""
    em, look, stamp = screen.em, screen.look, style.stamp
    timed = bool(bubble.time)
    widths = [screen.body.width(line) for line in bubble.lines]
    widths += [screen.small.width(bubble.label), stamp.width(bubble.time) * style.inside]
    wide, rows = max(widths) + 1.4 * em, len(bubble.lines)
    tall = rows * screen.body.height + 0.8 * em
    tall += bool(bubble.label) * screen.small.height + timed * style.inside * stamp.height
    end = room.y0 + tall + timed * (not style.inside) * stamp.height
    if end > room.y1 - 0.2 * em:
        return room.y0
    x = room.x1 - 0.7 * em - wide if bubble.mine else room.x0 + 0.7 * em
    frame = Box(x, room.y0, x + wide, room.y0 + tall)
    rounded(screen.canvas, frame, style.radius, style.own if bubble.mine else look.panel)
    x, y, ink = x + 0.7 * em, frame.y0 + 0.4 * em, style.own_ink if bubble.mine else look.ink
    if bubble.label:
        name_ink = ink if bubble.mine else look.accent
        screen.say(x, y, y + screen.small.height, bubble.label, screen.small, name_ink)
        y += screen.small.height
    for line in bubble.lines:
        screen.say(x, y, y + screen.body.height, line, ink=ink)
        y += screen.body.height
    if timed and style.inside:
        faint = blend(style.own, style.own_ink, 0.85) if bubble.mine else look.dim
        screen.say(frame.x1 - 0.7 * em, y, y + stamp.height, bubble.time, stamp, faint, 1.0)
    elif timed:
        side = frame.x1 - 0.7 * em if bubble.mine else frame.x0 + 0.2 * em
        screen.say(side, frame.y1, end, bubble.time, stamp, look.dim, float(bubble.mine))
    return end


def _ask_bubble(screen: Screen, bubble: Bubble, others: list[str], *, told: bool) -> None:
    """Ask who wrote a message, where the page has told that, and when."""
    facts, text, time = screen.facts, bubble.text, bubble.time
    if told:
        facts.ask(bubble.who, WROTE, one_of_many=True, message=text)
    # In a group the left side alone does not tell who wrote; one's own messages are asked for less, to balance.
    if (bubble.mine or told) and screen.chance(0.1 if bubble.mine and others[1:] else 0.3):
        wrong = [name for name in others if name != bubble.who]
        true = not bubble.mine and (not wrong or screen.chance(0.6))
        name = bubble.who if true else screen.rng.choice(wrong)
        facts.ask("yes" if true else "no", DID_WRITE, one_of_many=True, message=text, name=name)
    if time:
        mark = f"bubble {time}"
        facts.seen(mark)
        facts.ask(time, WRITTEN_AT, one_of_many=True, message=text)
        facts.ask(text, SAID_AT, mark=mark, one_of_many=True, time=time)
        if told:
            facts.ask(bubble.who, WHO_AT, mark=mark, one_of_many=True, time=time)


def _input(screen: Screen, box: Box) -> Box:
    """The field to write in along the foot; returns the room above it."""
    em = screen.em
    rest, foot = box.split(-(screen.body.height + 1.5 * em))
    screen.fill(foot, screen.look.bar if screen.look.bar != screen.look.accent else screen.look.page)
    field = Box(foot.x0 + 0.7 * em, foot.y0 + 0.4 * em, foot.x1 - 2.9 * em, foot.y1 - 0.4 * em)
    rounded(screen.canvas, field, 2 * screen.corner, blend(screen.look.page, screen.look.ink, 0.12))
    hint = screen.rng.choice(
        ("Message", "Type a message", "Write here...", "Nachricht", "Mensaje", "Text message", "Aa")
    )
    if screen.body.width(hint) < field.width - 1.6 * em:
        screen.say(field.x0 + 0.8 * em, field.y0, field.y1, hint, ink=screen.look.dim)
        screen.facts.ask(hint, FIELD)
    middle = (foot.x1 - 1.45 * em, (foot.y0 + foot.y1) / 2)
    dot(screen.canvas, *middle, 1.9 * em, screen.look.accent)
    screen.icon(
        screen.rng.choice(("forward", "plus", "play")),
        middle[0],
        foot.y0,
        foot.y1,
        screen.look.on_accent,
        0.8,
    )
    return rest
