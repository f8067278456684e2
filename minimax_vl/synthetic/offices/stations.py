"""Invoices, contracts and orders of broadcasting stations: a station, an agency, a grid of labelled cells, spots."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import logo
from minimax_vl.synthetic.offices.buying import day, fields, station
from minimax_vl.synthetic.offices.cells import Field, above, beside
from minimax_vl.synthetic.sheet import Sheet

TOTALS = {
    "Gross Total": ("What is the gross total?", "What is the gross amount?"),
    "Agency Commission": ("What is the agency commission?", "How much is the agency commission?"),
    "Net Amount Due": ("What is the net amount due?", "What is the net amount?", "How much is due?"),
}
SPOT = (
    "What is the {column} of line {row}?",
    "What is the {column} for line {row}?",
    "Line {row}: {column}?",
)


def invoice(sheet: Sheet) -> None:
    """A page of one station; the print is small, and on small pages the spots are left out."""
    rng, canvas, values, facts = sheet.rng, sheet.canvas, sheet.values, sheet.facts
    sheet.whiten()
    w, h = canvas.width, canvas.height
    size = round(min(max(w / rng.uniform(76, 108), 9 if sheet.level > 0.8 else 11), 18))
    face = (
        rng.choice(sheet.fonts.office)
        if sheet.chance(0.6)
        else sheet.fonts.pick(rng, mono=0.04, slanted=0.01)
    )
    body, bold = sheet.fonts.print(face, size), sheet.fonts.print(sheet.fonts.bolder(face), size)
    title = sheet.fonts.print(sheet.fonts.bolder(face), min(round(size * rng.uniform(1.4, 2.1)), 36))
    sheet.line = sheet.ink if sheet.chance(0.6) else sheet.line
    word = rng.choice(
        ("INVOICE", "INVOICE", "INVOICE", "CONTRACT", "ORDER", "Duplicate Invoice", "STATEMENT")
    )
    sign, number = station(rng), values.digits(rng.randint(6, 9)) + rng.choice(("", f"-{rng.randint(1, 4)}"))
    y = h * rng.uniform(0.02, 0.05)
    if sheet.chance(0.3):
        large = sheet.fonts.sized(title, min(round(1.5 * title.size), 44))
        _watermark(sheet, w * rng.uniform(0.25, 0.5), y, large)
    canvas.write(w * rng.uniform(0.4, 0.55), y, word, title, sheet.ink)
    page_number = f"Page {rng.randint(1, 3)} of {rng.randint(3, 6)}"
    canvas.write(w * 0.97 - body.width(page_number), y, page_number, body, sheet.ink)
    y += title.height * 1.1
    end_left = _left(sheet, sign, y, body, bold)
    end = max(end_left, _grids(sheet, fields(values, sign, number), y, body, bold))
    facts.ask(word, ("What is the title?", "What kind of paper is it?"))
    facts.kind = word.split()[-1].lower()
    article = "An" if facts.kind[0] in "io" else "A"
    facts.caption = f"{article} {facts.kind} of the station {sign}."
    if h - end > 12 * body.height:
        _spots(sheet, end + body.height, body, bold, sign)


def _left(sheet: Sheet, sign: str, y: float, body: Print, bold: Print) -> float:
    """The station's mark and address, and the agency that is billed."""
    rng, canvas, values, facts = sheet.rng, sheet.canvas, sheet.values, sheet.facts
    x = canvas.width * 0.03
    if sheet.chance(0.7):
        side = round(5 * body.height)
        logo(canvas, rng, x, y, side, sheet.ink)
        x += side + 10
    limit = canvas.width * 0.43
    print_ = rng.choice((body, bold, bold))
    main, billing = values.phone(), values.phone()
    attention = rng.choice(("Accounts Payable", values.person()))
    sender = (
        lambda: sign,
        values.street,
        values.city_line,
        lambda: f"Main: {main}",
        lambda: f"Billing: {billing}",
    )
    agency = (
        lambda: names.western_firm(rng),
        lambda: f"Attention: {attention}",
        values.street,
        values.city_line,
    )
    blocks = (
        (rng.choice(("Remit Address:", "", "Send Payment To:")), sender),
        (rng.choice(("Billing Address:", "Bill To:", "And:", "")), agency),
    )
    for number, (label, draws) in enumerate(blocks):
        if label:
            canvas.write(x, y, label, rng.choice((body, bold)), sheet.ink)
            y += body.height * 1.2
        for index, draw in enumerate(draws):
            text = sheet.fitting(draw, print_, limit - x)
            if text and y + body.height < canvas.height * 0.97:
                canvas.write(x, y, text, print_, sheet.ink)
                y += print_.height
                if number == 1 and index == 0:
                    facts.ask(
                        text,
                        (
                            "Which agency is billed?",
                            "Who is the invoice billed to?",
                            "What is the name of the agency?",
                        ),
                    )
                if text.startswith("Main: "):
                    facts.ask(
                        text[6:],
                        ("What is the main telephone number?", "What is the phone number of the station?"),
                    )
                if text.startswith("Attention: "):
                    facts.ask(
                        text[11:],
                        ("Who is it addressed to the attention of?", "What is written after 'Attention'?"),
                    )
        y += body.height * rng.uniform(0.8, 2.5)
    return y


def _grids(sheet: Sheet, entries: list[Field], y: float, body: Print, bold: Print) -> float:
    """The labelled cells, at the right: one column, two columns side by side, or boxes with labels above."""
    rng, canvas = sheet.rng, sheet.canvas
    x0, x1 = canvas.width * rng.uniform(0.45, 0.5), canvas.width * 0.98
    if sheet.chance(0.5):
        rng.shuffle(entries)
    look, gap = rng.random(), body.height * rng.choice((0, 0.6, 1.0))
    fonts = (body, rng.choice((body, body, bold)))
    ruled, shaded = sheet.chance(0.75), sheet.chance(0.35)
    if look < 0.25:
        return _paired(sheet, entries, (x0, x1, y), fonts, ruled=ruled, shaded=shaded)
    if look < 0.55:
        middle = x0 + (x1 - x0) * rng.uniform(0.52, 0.6)
        half = len(entries) // 2
        ends = []
        for column, (left, right) in ((entries[:half], (x0, middle - 4)), (entries[half:], (middle + 4, x1))):
            at = y
            while column:
                count = rng.randint(2, 5)
                at = (
                    beside(
                        sheet,
                        column[:count],
                        (left, right, at),
                        fonts,
                        split=rng.uniform(0.38, 0.46),
                        ruled=ruled,
                        shaded=shaded,
                    )
                    + gap
                )
                column = column[count:]
            ends.append(at)
        return max(ends)
    if look < 0.78:
        return beside(
            sheet, entries, (x0, x1, y), fonts, split=rng.uniform(0.3, 0.42), ruled=ruled, shaded=shaded
        )
    rows = []
    while entries:
        count = rng.randint(1, 3)
        rows.append(entries[:count])
        entries = entries[count:]
    return above(sheet, rows, (x0, x1, y), (body, bold))


def _paired(
    sheet: Sheet,
    entries: list[Field],
    box: tuple[float, float, float],
    fonts: tuple[Print, Print],
    *,
    ruled: bool,
    shaded: bool,
) -> float:
    """Rows of one field over the whole width or of two side by side; the last rows step in."""
    rng, (x0, x1, y) = sheet.rng, box
    middle, share = x0 + (x1 - x0) * rng.uniform(0.45, 0.55), rng.uniform(0.4, 0.48)
    label = share * (middle - x0)
    step_in, paired = rng.randint(6, 30), rng.uniform(0.2, 0.8)
    while entries:
        count = 2 if rng.random() < paired else 1
        row, entries = entries[:count], entries[count:]
        ends = [y]
        for field, left, right in zip(row, (x0, middle), (middle if len(row) == 2 else x1, x1), strict=False):
            split = label / (right - left) if left == x0 else share
            ends.append(
                beside(sheet, [field], (left, right, y), fonts, split=split, ruled=ruled, shaded=shaded)
            )
        y, step_in = max(ends), step_in - 1
        if step_in == 0:
            x0, paired, y = x0 + 0.12 * (x1 - x0), 0.0, y + rng.choice((0, 0, 3))
            label = 0.4 * (x1 - x0)
    return y


def _watermark(sheet: Sheet, x: float, y: float, print_: Print) -> None:
    """A pale word behind the title."""
    rng, pen = sheet.rng, x
    depth = rng.randint(4, 8)
    for character in rng.choice(("DUPLICATE", "DUPLICATE", "COPY", "REVISED", "PREEMPTED", "DRAFT")):
        glyph = print_.glyph(character)
        sheet.canvas.stain(pen + glyph.left, y + print_.ascent + glyph.top, glyph.mask // depth, sheet.ink)
        pen += glyph.advance


def _spots(sheet: Sheet, y: float, body: Print, bold: Print, sign: str) -> None:
    """The table of broadcast times, and the sums below it."""
    rng, canvas, values, facts = sheet.rng, sheet.canvas, sheet.values, sheet.facts
    w, step, total = canvas.width, round(body.height * rng.uniform(1.0, 1.35)), 0
    heads = ("Line", "Channel", "Description", "Date", "Length", "Air Time", "Ad-ID", "Rate")
    at = tuple(w * share for share in (0.02, 0.075, 0.16, 0.44, 0.54, 0.61, 0.71, 0.88))
    if rng.random() < 0.5:
        canvas.box(at[0] - 4, y - 1, w * 0.98, y + step, sheet.line)
    for x, head in zip(at, heads, strict=True):
        canvas.write(x, y, head, bold, sheet.ink)
    y += step
    for line in range(1, sheet.count(4, 30)):
        if y + 6 * step > canvas.height * 0.97:
            break
        cents = rng.randint(4, 400) * 500
        row = (
            str(line),
            sign,
            sheet.fitting(lambda: f"{names.word(rng)} {names.word(rng)}".title(), body, at[3] - at[2] - 8),
            day(rng, 2020),
            f":{rng.choice((15, 30, 60))}",
            f"{rng.randint(1, 12)}:{rng.randint(0, 59):02d} {rng.choice(('AM', 'PM'))}",
            "".join(rng.choices("ABCDEFGHIKLMNOPRSTUVYZ", k=rng.randint(3, 4))) + values.digits(4),
            "$" + values.amount(cents),
        )
        for x, text in zip(at, row, strict=True):
            if text:
                canvas.write(x, y, text, body, sheet.ink)
        for head, text in zip(heads[2:], row[2:], strict=True):
            facts.ask(
                text, SPOT, one_of_many=True, column=head.lower() if head != "Ad-ID" else head, row=str(line)
            )
        total, y = total + cents, y + step
    canvas.rule(at[0], w * 0.98, y + 2, sheet.line, thick=2)
    y += step
    for (label, forms), cents in zip(
        TOTALS.items(), (total, round(total * 0.15), total - round(total * 0.15)), strict=True
    ):
        text = "$" + values.amount(cents)
        canvas.write(w * 0.45, y, label, bold, sheet.ink)
        canvas.write(w * 0.78 - body.width(text), y, text, body, sheet.ink)
        facts.ask(text, forms)
        y += step
