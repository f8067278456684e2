"""Slides of words: the title of a talk, bullets of two levels, an agenda, two columns under headings."""

from __future__ import annotations

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import counted, followed, given, nth
from minimax_vl.synthetic.slides.blocks import GROWTH, Row, flat, kept, largest, write
from minimax_vl.synthetic.slides.frame import card, on_band, plain, titled
from minimax_vl.synthetic.slides.grids import grid
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.words import CLOCKS, NUMBERS

COVER = {
    "title": (
        "What is the title of the presentation?",
        "What is the title of the talk?",
        "What is the title?",
    ),
    "subtitle": ("What is the subtitle?", "What does the subtitle say?"),
    "speaker": (
        "Who is the speaker?",
        "Who gives the presentation?",
        "Who presents this?",
        "Name of the speaker?",
    ),
    "affiliation": ("Where is the speaker from?", "What is the affiliation of the speaker?", "Affiliation?"),
    "event": ("At which event is the talk given?", "What is the name of the event?", "What is the event?"),
    "day": ("On what date is the talk?", "When is the presentation given?", "What is the date of the talk?"),
}
MARKS = ("disc", "disc", "square", "-", ">", "*", "1.", "1)", "01")
STARTS = ("At what time is '{topic}'?", "When does '{topic}' start?", "What is the time of '{topic}'?")
AT = ("What is on the agenda at {at}?", "What starts at {at}?")
SPEAKS = ("Who speaks about '{topic}'?", "Who presents '{topic}'?")
SPEAKS_ABOUT = ("What does {who} speak about?", "What is the topic of {who}?")
UNDER_HEAD = (
    "What is the {place} point under '{head}'?",
    "What does the {place} point under {head} say?",
    "Read the {place} point under the heading {head}.",
)
COUNT_UNDER = ("How many points are under '{things}'?", "How many points stand under the heading {things}?")
UNDER = ("Which {thing} does '{sub}' belong to?", "Under which {thing} does '{sub}' stand?")


def cover(look: Look) -> bool:
    """The title of a talk, and some of a subtitle, who speaks, of what firm, where and when."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    banded, align = rng.random() < 0.3, rng.choice((0.0, 0.0, 0.5))
    room = plain(look, banded=banded, without=("date", "firm"))
    drawn = {
        "subtitle": (0.6, words.point(sheet)),
        "speaker": (0.85, words.person(sheet)),
        "affiliation": (0.6, words.affiliation(sheet)),
        "event": (0.45, words.meeting(sheet)),
        "day": (0.6, sheet.values.date()),
    }
    shown = {name: text for name, (share, text) in drawn.items() if rng.random() < share}
    if "speaker" not in shown:
        shown.pop("affiliation", None)
    shown = {"title": words.title(sheet), **shown}
    groups = [[Row(shown["title"], look.display, scale=rng.uniform(1.5, 2.1), lines=4, ink=look.title_ink)]]
    for name in list(shown)[1:]:
        before = rng.choice(("Presented by ", "Speaker: ", "", "", "")) if name == "speaker" else ""
        face = look.bold if name == "speaker" else look.face
        groups.append([Row(before + shown[name], face, gap=1.4 if name == "speaker" else 0.45)])
    groups, size = kept(look, groups, room.inset(0, 0.06 * room.height), look.most)
    if not size:
        return False
    rows = flat(groups)
    if banded:
        rows, room = on_band(look, rows, room, size, align)
    write(look, rows, room, size, align=align, anchor=rng.choice((0.25, 0.45, 0.6)))
    shown = dict(list(shown.items())[: len(groups)])
    given(look, shown, COVER)
    by = f" by {shown['speaker']}" if "speaker" in shown else ""
    facts.caption = f"The title slide of a presentation titled {shown['title']}{by}."
    facts.kind = "title slide"
    return True


def bullets(look: Look) -> bool:
    """Points under a title, some with points of their own."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    mark, deep = rng.choice(MARKS), rng.random() < 0.45
    points: list[tuple[str, list[str]]] = []
    for _ in range(sheet.count(3, 9)):
        subs = rng.randint(0, 2) if deep else 0
        text = sheet.once(lambda: words.point(sheet))
        points.append((text, [sheet.once(lambda: words.point(sheet)) for _ in range(subs)]))
    groups = []
    for number, (text, subs) in enumerate(points, 1):
        shown = mark.replace("1", str(number)) if "1" in mark else mark
        gap = 0.7 if deep else 0.5
        main = Row(
            text, look.bold if deep and mark == "square" else look.face, indent=1.5, gap=gap, mark=shown
        )
        groups.append(
            [main, *(Row(sub, look.face, 0.85, 2.9, 0.25, mark="-", ink=look.soft) for sub in subs)]
        )
    groups, size = kept(look, groups, room, look.most)
    if not size:
        return False
    write(look, flat(groups), room, size, anchor=rng.choice((0.0, 0.0, 0.3)))
    points = points[: len(groups)]
    thing = (
        "main point" if any(subs for _, subs in points) else rng.choice(("bullet point", "point", "bullet"))
    )
    nth(look, [text for text, _ in points], thing)
    followed(look, [text for text, _ in points], thing)
    counted(look, len(points), f"{thing}s")
    for text, subs in points:
        for place, sub in zip(ORDINALS, subs):
            name = "only" if len(subs) == 1 else place
            facts.ask(
                sub, ("What is the {place} point under '{text}'?",), one_of_many=True, place=name, text=text
            )
            facts.ask(text, UNDER, one_of_many=True, thing=thing, sub=sub)
    facts.lack(("What is listed under '{text}'?", "What does the slide say about {text}?"), text="")
    facts.caption = (
        f"A slide titled {title} with {NUMBERS[len(points)]} {thing}{'s' if len(points) > 1 else ''}."
    )
    return True


def agenda(look: Look) -> bool:
    """What comes when: times or numbers, topics, and who speaks."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    timed, spoken = rng.random() < 0.75, rng.random() < 0.5
    style, minutes = rng.randrange(CLOCKS), rng.randint(28, 40) * 15
    rows = []
    for number in range(1, sheet.count(3, 9) + 1):
        mark = words.clock(style, minutes) if timed else f"{number:02d}"
        topic = sheet.once(lambda: words.title(sheet))
        rows.append([mark, topic] + ([sheet.once(lambda: words.person(sheet))] if spoken else []))
        minutes += rng.choice((15, 30, 30, 45, 60))
    first, style = rng.choice((look.bold, look.face)), rng.choice(("plain", "rules", "stripes"))
    count = grid(look, rows, room, look.most, aligned=(0.0, 0.0, 0.0), first=first, style=style)
    if not count:  # too wide: the topics take several lines, and the names are left out
        rows = [row[:2] for row in rows]
        wide = max(map(len, (row[0] for row in rows))) * 0.6 + 0.8
        groups = [[Row(topic, look.face, indent=wide, gap=0.5, mark=mark)] for mark, topic in rows]
        groups, size = kept(look, groups, room, look.most)
        if not size:
            return False
        count = len(groups)
        write(look, flat(groups), room, size)
    rows = rows[:count]
    nth(look, [row[1] for row in rows], "item on the agenda")
    followed(look, [row[1] for row in rows], "item on the agenda")
    for mark, topic, *speaker in rows:
        if timed:
            facts.ask(mark, STARTS, one_of_many=True, topic=topic)
            facts.ask(topic, AT, one_of_many=True, at=mark)
        for who in speaker:
            facts.ask(who, SPEAKS, one_of_many=True, topic=topic)
            facts.ask(topic, SPEAKS_ABOUT, one_of_many=True, who=who)
    facts.lack(STARTS, topic="")
    facts.caption = f"An agenda slide titled {title}."
    return True


def columns(look: Look) -> bool:
    """Two or three headings side by side, points under each."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    wide = room.width > 0.9 * room.height
    count = 3 if wide and room.width > 24 * look.most and rng.random() < 0.4 else 2
    gap = look.most * rng.uniform(0.8, 1.6)
    boxes = room.columns(count, gap) if wide else room.rows(count, gap)
    heads = [sheet.once(lambda: words.heading(sheet)) for _ in boxes]
    points = [[sheet.once(lambda: words.point(sheet)) for _ in range(sheet.count(2, 6))] for _ in boxes]
    carded, mark = rng.random() < 0.4, rng.choice(("disc", "square", "-", ""))
    pad = 0.6 * look.most if carded else 0
    while True:  # the last points go until all columns fit
        cells = [
            (box.inset(pad), _column(look, head, some, mark, None if carded else look.title_ink))
            for box, head, some in zip(boxes, heads, points)
        ]
        size = largest(look, cells, look.most, grow=GROWTH)
        if size or max(map(len, points)) == 1:
            break
        points = [some[: max(len(some) - 1, 1)] for some in points]
    if not size:
        return False
    for box, (inner, rows) in zip(boxes, cells):
        if carded:
            card(look, box, "panel", size)
        elif wide and box is not boxes[0]:
            look.canvas.post(box.x0 - 0.5 * gap, box.y0, box.y1, look.line)
        write(look, rows, inner, size, anchor=0.0)
    for head, some in zip(heads, points):
        for place, text in zip(("only",) if len(some) == 1 else ORDINALS, some):
            facts.ask(text, UNDER_HEAD, one_of_many=True, place=place, head=head)
            facts.ask(head, UNDER, one_of_many=True, thing="heading", sub=text)
        counted(look, len(some), head, COUNT_UNDER)
    places = ("left", "right") if len(heads) == 2 else ("left", "middle", "right")
    for place, head in zip(places if wide else ("upper", "lower"), heads):
        facts.ask(head, ("What is the {place} heading?", "Which heading is the {place} one?"), place=place)
    facts.lack(UNDER_HEAD, place="first", head="")
    facts.caption = f"A slide titled {title} with the headings {', '.join(heads[:-1])} and {heads[-1]}."
    return True


def _column(look: Look, head: str, texts: list[str], mark: str, ink: Colour | None) -> list[Row]:
    rows = [Row(text, look.face, indent=1.3 if mark else 0, gap=0.5, mark=mark, lines=4) for text in texts]
    return [Row(head, look.bold, 1.15, ink=ink), *rows]
