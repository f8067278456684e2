"""Running text: paragraphs, letters, and signs with a few large lines."""

from __future__ import annotations

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import signature
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

SMALL_WORDS = (
    "the of and to in a is for on with as by at from was that are it this be or not will can has".split()
)
PLACES = ORDINALS[:5]
GREETINGS = ("Dear", "Hello", "Hi", "Attn:")
CLOSINGS = ("Sincerely,", "Best regards,", "Yours truly,", "Kind regards,", "Yours faithfully,", "Thank you,")


def wrap(words: list[str], print_: Print, room: float) -> list[str]:
    """Break words into lines no wider than `room` pixels; a word wider than that is dropped."""
    lines: list[str] = []
    line, width, space = "", 0.0, print_.width(" ")
    for word in words:
        length = print_.width(word)
        if length > room:
            continue
        if line and width + space + length > room:
            lines.append(line)
            line, width = word, length
        else:
            line, width = (f"{line} {word}", width + space + length) if line else (word, length)
    return [*lines, line] if line else lines


def sentence(sheet: Sheet) -> str:
    """A row of dictionary words with small words between them, numbers now and then, and a full stop."""
    rng, values = sheet.rng, sheet.values
    words = []
    for _ in range(rng.randint(4, 14)):
        draw = rng.random()
        words.append(
            rng.choice(SMALL_WORDS) if draw < 0.35 else values.any() if draw < 0.42 else values.word()
        )
        if rng.random() < 0.08:
            words[-1] += ","
    text = " ".join(words).rstrip(",.")
    return text[0].upper() + text[1:] + rng.choice("...!?")


def paragraphs(sheet: Sheet, x0: float, x1: float, y: float, bottom: float, *, limit: int = 8) -> float:
    """Paragraphs as far as wanted; asks for their first and last words."""
    rng, canvas, body = sheet.rng, sheet.canvas, sheet.body
    count = min(limit, max(1, sheet.count(1, 6)))
    for _ in range(count):
        text = " ".join(sentence(sheet) for _ in range(sheet.count(1, 4)))
        lines = wrap(text.split(), body, x1 - x0)
        lines = lines[: max(int((bottom - y) // sheet.leading), 0)]
        if not lines:
            break
        indent = rng.choice((0, 0, 0, body.size))
        for number, line in enumerate(lines):
            shift = indent if number == 0 and body.width(line) + indent <= x1 - x0 else 0
            canvas.write(x0 + shift, y, line, body, sheet.ink)
            y += sheet.leading
        y += rng.randint(sheet.leading // 3, sheet.leading)
        first, last = lines[0].split(), lines[-1].split()
        sheet.paragraphs.append(first[0])
        if len(sheet.paragraphs) <= len(PLACES):
            place = PLACES[len(sheet.paragraphs) - 1]
            for answer, part in (
                (" ".join(first[:3]), "are the first three words"),
                (first[0], "is the first word"),
                (last[-1] if last else "", "is the last word"),
            ):
                asked = sheet.facts.ask(answer, (f"What {part} of the {{place}} paragraph?",), place=place)
                if len(sheet.paragraphs) > 1:
                    sheet.facts.think(asked, numbered(sheet.paragraphs))
    return y


def letter(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """Sender, date, recipient, greeting, body, signature."""
    rng, canvas, body, values, facts = sheet.rng, sheet.canvas, sheet.body, sheet.values, sheet.facts

    def line(draw, *forms: str, skip: float = 1.0, right: bool = False, print_: Print = body) -> str:
        nonlocal y
        text = sheet.fitting(draw, print_, x1 - x0)
        if not text or y + print_.height > bottom:
            return ""
        canvas.write(x1 - print_.width(text) if right else x0, y, text, print_, sheet.ink)
        y += max(sheet.leading, print_.height) * skip
        facts.ask(text, forms) if forms else None
        return text

    for taken in ("date", "subject", "company"):
        sheet.free(taken)  # asked for below, so no field that follows may be called that
    right = sheet.chance(0.3)
    sender = line(
        values.company,
        "Which company sent the letter?",
        "Who is the letter from?",
        right=right,
        print_=sheet.bold,
    )
    if sheet.chance(0.7):
        line(values.street, "What is the street of the sender?", right=right)
        line(values.city_line, right=right)
    y += sheet.leading * 0.5
    line(
        values.date,
        "What is the date?",
        "When was the letter written?",
        "What is the date of the letter?",
        skip=1.5,
        right=right,
    )
    name = sheet.once(values.person)
    line(lambda: name, "Who is the letter addressed to?", "Who is the recipient?")
    if sheet.chance(0.5):
        line(values.street, "What is the street of the recipient?")
    y += sheet.leading * 0.5
    if sheet.chance(0.4):
        subject = values.title(2, 4)
        if line(lambda: f"Re: {subject}", skip=1.4, print_=sheet.bold):
            facts.ask(subject, ("What is the subject?", "What is the letter about?", "Subject?"))
    called = name if name.split()[0].endswith(".") else name.split()[0].rstrip(",")
    line(lambda: f"{rng.choice(GREETINGS)} {called},", "What is the greeting?", skip=1.3)
    y = paragraphs(sheet, x0, x1, y, bottom - 3.2 * sheet.leading, limit=4)
    closed = line(lambda: rng.choice(CLOSINGS), skip=1.3)
    if closed and sheet.chance(0.4) and y + 3 * sheet.leading < bottom:
        signature(canvas, rng, x0, y - 4, 7 * body.size, 1.6 * sheet.leading, sheet.ink)
        y += 1.6 * sheet.leading
    signed = line(
        lambda: sheet.once(values.person),
        "Who signed the letter?",
        "Who wrote the letter?",
        "What is the name of the signer?",
    )
    facts.caption = (
        f"A letter{f' from {sender}' if sender else ''}{f', signed by {signed}' if signed else ''}."
    )
    return y


def sign(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """A few lines of large print, centred or not, each in its own size."""
    rng, canvas, values = sheet.rng, sheet.canvas, sheet.values
    centred = sheet.chance(0.6)
    shown: list[str] = []
    for _ in range(rng.randint(1, 5)):
        print_ = sheet.fonts.print(
            sheet.fonts.pick(rng) if sheet.chance(0.5) else rng.choice(sheet.fonts.upright),
            rng.randint(18, 44),
        )
        text = sheet.fitting(
            lambda: rng.choice((values.phrase, values.any, values.company, sheet.values.scramble))(),
            print_,
            x1 - x0,
        )
        if not text or y + print_.height > bottom:
            continue
        x = x0 + (x1 - x0 - print_.width(text)) / 2 if centred else x0
        canvas.write(x, y, text, print_, sheet.accent if sheet.chance(0.3) else sheet.ink)
        y += print_.height + rng.randint(2, 24)
        shown.append(text)
        sheet.facts.ask(
            text,
            ("What does line {place} say?", "Read line {place}.", "Line {place}?"),
            place=str(canvas.text.count("\n") + 1),  # a title above is line 1
        )
    if shown:
        sheet.facts.caption = f"A sign that says {shown[0].rstrip('.')}."
    return y
