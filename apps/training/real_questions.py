"""What is asked about a real page: its known fields in many wordings, its print by place, and what it does not have."""

from __future__ import annotations

import random
from collections import Counter

from minimax_vl.apps.training.real_pictures import NEVER, Turn, of_figure, of_photograph, of_shapes
from minimax_vl.apps.training.real_rows import CUT, Row, Word
from minimax_vl.synthetic.absent import absent
from minimax_vl.synthetic.facts import DESCRIBE, KIND, NOT_THERE
from minimax_vl.synthetic.regions import BELOW, STARTS
from minimax_vl.synthetic.scenes.words import article

RIGHT = (
    "What is written to the right of '{other}'?",
    "What stands to the right of '{other}'?",
    "Read the words to the right of '{other}'.",
)
# What a labelled field is called, and questions of its own; every second question is in the words of its source.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Invoice #": (
        "invoice number",
        ("What number does this invoice have?", "Invoice #?", "What is the invoice no.?"),
    ),
    "Invoice Date": (
        "invoice date",
        ("When was the invoice issued?", "What is the date of the invoice?", "Invoice Date?"),
    ),
    "Invoice Month": ("invoice month", ("For which month is the invoice?", "Which month is billed?")),
    "Advertiser": (
        "advertiser",
        ("Who is the advertiser?", "Which advertiser is billed?", "Name the advertiser."),
    ),
    "Property": (
        "property",
        ("What is the station?", "Which station sent the invoice?", "What is the property (station)?"),
    ),
    "Product": ("product", ("Which product is advertised?", "What does it say for Product?")),
    "Account Executive": (
        "account executive",
        ("Who is the account executive?", "Name the account executive."),
    ),
    "Order #": ("order number", ("What number does the order have?", "Order #?")),
    "number": (
        "registration number",
        ("What is the registration no.?", "Registration No.?", "Which number is registered?"),
    ),
    "title": (
        "title of the form",
        ("What is this form called?", "What is the form's title?", "Which form is this?"),
    ),
    "received": (
        "date received",
        ("When was the form received?", "On what date was it received?", "Date received?"),
    ),
    "registrant": (
        "name of the registrant",
        ("Who is the registrant?", "Name of registrant?", "Which registrant filed this form?"),
    ),
}
ASKED = ("What is the {name}?", "{name}?", "Tell me the {name}.", "Find the {name}.")
BLANK = 0.55  # of the height of a word box: a wider gap on a line parts two columns
LONGEST = 100  # characters of an answer that is read off the page


def questions(row: Row, seen: list[Word], rng: random.Random, count: int, *, whole: bool) -> list[Turn]:
    """Up to `count` pairs, each question once; `seen` are the words in view, `whole` whether all of the image is."""
    if row.source in ("forms_fara", "invoices_fcc"):
        pairs = _of_document(row, seen, rng, count, whole)
    elif row.source == "photos_coco":
        pairs = of_photograph(row, rng)
    elif row.source == "shapes_nlvr":
        pairs = of_shapes(row, rng)
    else:
        pairs = of_figure(row, rng)
    once = list(dict(pairs).items())
    rng.shuffle(once)
    return once[:count]


def _of_document(row: Row, seen: list[Word], rng: random.Random, count: int, whole: bool) -> list[Turn]:
    text = " ".join(word.text for word in seen)  # cut words are strangers in it, which no answer runs across
    pairs: list[Turn] = []
    for name, question, answer in row.fields:
        if answer.isascii() and (whole or f" {answer} " in f" {text} "):
            ways = (question, *FIELDS[name][1], *(form.format(name=FIELDS[name][0]) for form in ASKED))
            pairs += [
                (_capital(q), answer) for q in rng.sample((question, rng.choice(ways)), rng.randint(1, 2))
            ]
    printed = " ".join(word.text for word in row.words)
    wanted = sum(rng.random() < 0.1 for _ in range(count))
    if printed:
        pairs += [(question, NOT_THERE) for question in absent(rng, printed, wanted)]
    else:
        pairs += [(f"What is the {name}?", NOT_THERE) for name in rng.sample(NEVER, min(wanted, 2))]
    if whole and rng.random() < 0.3:
        pairs.append((rng.choice(DESCRIBE), _caption_of_document(row, printed)))
    if whole and rng.random() < 0.12:
        pairs.append((rng.choice(KIND), _kind_of_document(row, printed)))
    if row.source == "forms_fara":  # their words were recognised, not exported, and some are wrong
        return pairs
    return pairs + reading(seen, rng)[: max(count - len(pairs), 2)]


def _kind_of_document(row: Row, printed: str) -> str:
    if row.source == "forms_fara":
        return "form"
    return next((kind for kind in ("invoice", "contract", "order") if kind.upper() in printed), "invoice")


def _caption_of_document(row: Row, printed: str) -> str:
    known = {name: answer for name, _, answer in row.fields}
    if row.source == "forms_fara":
        return f"A form titled {known['title']}." if "title" in known else "A government form."
    kind = article(_kind_of_document(row, printed)).capitalize()
    return f"{kind} of the station {known['Property']}." if "Property" in known else f"{kind}."


def phrases(words: list[Word]) -> list[Word]:
    """Words of one line with no more than a blank between them, as one piece of text; from top to bottom."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y0 + w.y1):
        last = lines[-1][0] if lines else None
        if last and abs(last.y0 + last.y1 - word.y0 - word.y1) < 0.6 * min(last.height, word.height):
            lines[-1].append(word)
        else:
            lines.append([word])
    pieces: list[Word] = []
    for line in lines:
        start = len(pieces)
        for word in sorted(line, key=lambda w: w.x0):
            last = pieces[-1] if len(pieces) > start else None
            if last and -2 < word.x0 - last.x1 < BLANK * word.height:
                top, bottom = min(last.y0, word.y0), max(last.y1, word.y1)
                pieces[-1] = Word(last.x0, top, word.x1, bottom, f"{last.text} {word.text}")
            else:
                pieces.append(word)
    return pieces


def reading(words: list[Word], rng: random.Random) -> list[Turn]:
    """Questions that read the print by its place: right of, below, the rest of a line. In random order."""
    everything = phrases(words)
    pieces = [piece for piece in everything if len(piece.text) <= LONGEST and CUT not in piece.text]
    times = Counter(piece.text for piece in pieces)
    pairs: list[Turn] = []
    for piece in rng.sample(pieces, min(len(pieces), 40)):
        if times[piece.text] > 1 or sum(c.isalpha() for c in piece.text) < 2 or len(piece.text) > 40:
            continue
        right, below = _right_of(piece, everything), _below(piece, everything)
        if right and right in pieces and rng.random() < 0.6:
            pairs.append((rng.choice(RIGHT).format(other=piece.text), right.text))
        if below and below in pieces and rng.random() < 0.6:
            pairs.append((rng.choice(BELOW).format(other=piece.text), below.text))
    starts = [piece for piece in pieces if len(piece.text.split()) > 2]
    for piece in rng.sample(starts, min(len(starts), 4)):
        start = " ".join(piece.text.split()[:2])
        if sum(other.text.startswith(start) for other in pieces) == 1:
            pairs.append((rng.choice(STARTS).format(start=start), piece.text))
    rng.shuffle(pairs)
    return pairs


def _right_of(piece: Word, pieces: list[Word]) -> Word | None:
    """The nearest piece on the same line, if it is near, but clearly a piece of its own."""
    row = [
        p
        for p in pieces
        if p.x0 > piece.x1 and abs(p.y0 + p.y1 - piece.y0 - piece.y1) < 0.7 * min(p.height, piece.height)
    ]
    nearest = min(row, key=lambda p: p.x0, default=None)
    apart = nearest.x0 - piece.x1 if nearest else 0.0
    return nearest if 0.95 * piece.height < apart < 14 * piece.height else None


def _below(piece: Word, pieces: list[Word]) -> Word | None:
    """The piece straight below at a usual distance of lines, when it is the only one there."""
    near = [
        p
        for p in pieces
        if 0.6 * piece.height < p.y0 - piece.y0 < 2.2 * piece.height
        and min(p.x1, piece.x1) - max(p.x0, piece.x0) > 0
    ]
    return near[0] if len(near) == 1 and abs(near[0].x0 - piece.x0) < piece.height else None


def _capital(question: str) -> str:
    return question[0].upper() + question[1:]
