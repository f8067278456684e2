"""Government forms: small print, numbered boxes with typed answers, check boxes, received marks and date stamps."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import signature
from minimax_vl.synthetic.offices.cells import Field, ask
from minimax_vl.synthetic.offices.filling import answer, choices
from minimax_vl.synthetic.offices.stamps import date_stamp, received
from minimax_vl.synthetic.prose import sentence, wrap
from minimax_vl.synthetic.sheet import Sheet

TITLES = (
    "Amendment to Registration Statement|Dissemination Report|Supplemental Statement|Registration Statement|"
    "Annual Report|Short Form Registration|Application for Licence|Notice of Termination|Certificate of Origin|"
    "Statement of Interests|Quarterly Return|Request for Extension|Declaration of Goods|Report of Transactions|"
    "Record of Inspection"
).split("|")
TITLE = (
    "What is the title of this form?",
    "What is the title of this form?",
    "What is the form called?",
    "Title?",
)
NUMBER = (
    "What is the registration number?",
    "What is the registration number?",
    "Registration number?",
    "What is the registration no.?",
)
REGISTRANT = (
    "What is the name of the registrant?",
    "What is the name of the registrant?",
    "Who is the registrant?",
    "Name of registrant?",
)


def form(sheet: Sheet) -> None:
    """One page of a form, filled in on a typewriter, by a printer, or with a pen."""
    rng, canvas = sheet.rng, sheet.canvas
    sheet.whiten()
    w = canvas.width
    size = round(min(max(w / rng.uniform(74, 102), 10 if sheet.level > 0.8 else 11), 17))
    face = (
        rng.choice(sheet.fonts.office) if sheet.chance(0.7) else sheet.fonts.pick(rng, mono=0.1, slanted=0.01)
    )
    body, bold = sheet.fonts.print(face, size), sheet.fonts.print(sheet.fonts.bolder(face), size)
    typed = sheet.filled_in(
        sheet.fonts.print(sheet.fonts.pick(rng, mono=0.6, slanted=0.1), round(size * rng.uniform(0.95, 1.35)))
    )
    sheet.body, sheet.leading = body, body.height
    x0, x1 = w * rng.uniform(0.04, 0.08), w * rng.uniform(0.92, 0.97)
    y = canvas.height * rng.uniform(0.015, 0.04)
    mark = received(sheet, y) if sheet.chance(0.45) else None
    y = _masthead(sheet, x0, x1, y + (2.2 * body.height if mark else 0.4 * body.height), body, bold)
    y = _small_print(sheet, x0, x1, y, body)
    y = _boxes(sheet, x0, x1, y + 4, body, typed)
    while y + 9 * body.height < canvas.height and sheet.chance(0.96):
        block = rng.choice((choices, choices, answer, _boxes))
        end = block(sheet, x0, x1, y, body, typed)
        if end <= y:
            break
        y = end
    if sheet.chance(0.35) and y + 4 * body.height < canvas.height:
        canvas.rule(x0, x0 + 0.3 * w, y + 2.6 * body.height, sheet.ink)
        signature(canvas, rng, x0, y, 0.25 * w, 2.5 * body.height, sheet.ink)
        canvas.write(
            x0, y + 2.8 * body.height, rng.choice(("Signature", "Signed", "(Signature)")), body, sheet.ink
        )
        y += 4 * body.height
    if mark and y + 2.5 * body.height < canvas.height * 0.97:
        canvas.write(x0 + 0.1 * w, canvas.height * 0.97 - 1.5 * body.height, *mark)
    if sheet.chance(0.35):
        date_stamp(sheet)
    sheet.facts.kind = "form"


def _masthead(sheet: Sheet, x0: float, x1: float, y: float, body: Print, bold: Print) -> float:
    """Department at the left, title in the middle or at the right, a small approval number in the corner, a rule."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    body_of = rng.choice(("Bureau", "Office", "Board", "Commission"))
    office = rng.choice(
        (
            "U.S. Department of Justice",
            "United States Department of State",
            f"Department of {names.word(rng).title()}",
            f"{names.town(rng)} {body_of} of {names.word(rng).title()}",
        )
    )
    place = rng.choice(("Washington, DC 20530", sheet.values.city_line()))
    title = (
        rng.choice(TITLES)
        if sheet.chance(0.6)
        else f"{names.word(rng)} {names.word(rng)} {rng.choice(('Report', 'Statement', 'Form', 'Record'))}".title()
    )
    title_print = rng.choice((bold, bold, sheet.fonts.sized(bold, min(round(bold.size * 1.3), 30))))
    canvas.write(x0, y, office, bold, sheet.ink)
    canvas.write(x0, y + body.height, place, body, sheet.ink)
    below = bold.width(office) + 30 > 0.42 * (x1 - x0)
    top = y + (2.4 * body.height if below else 0)
    width = title_print.width(title)
    left = min(x0 + (x1 - x0) * rng.uniform(0.42, 0.55), x1 - width)
    canvas.write(left, top, title, title_print, sheet.ink)
    facts.want(title, TITLE)
    facts.caption = f"A form titled {title}."
    end = top + title_print.height
    if sheet.chance(0.6):
        act = rng.choice(("Foreign Agents Registration", names.word(rng).title()))
        under = f"Pursuant to the {act} Act of {rng.randint(1920, 1999)}, as amended"
        for line in wrap(under.split(), body, x1 - left):
            canvas.write(left, end, line, rng.choice((body, bold)), sheet.ink)
            end += body.height
    approval = f"OMB No. {sheet.values.digits(4)}-{sheet.values.digits(4)}"
    if sheet.chance(0.5) and x1 - body.width(approval) > left + width + 20 and not below:
        canvas.write(x1 - body.width(approval), y, approval, body, sheet.ink)
        facts.ask(approval.split()[-1], ("What is the OMB number?", "OMB No.?"))
    end = max(end, y + 2 * body.height) + 0.4 * body.height
    canvas.rule(x0, x1, end, sheet.ink, thick=rng.choice((1, 2, 4)))
    return end + 0.5 * body.height


def _small_print(sheet: Sheet, x0: float, x1: float, y: float, body: Print) -> float:
    for _ in range(sheet.rng.choice((0, 1, 1, 2))):
        text = " ".join(sentence(sheet) for _ in range(sheet.count(2, 8)))
        head = sheet.rng.choice(
            ("INSTRUCTIONS. ", "Privacy Act Statement. ", "Public Reporting Burden. ", "")
        )
        for line in wrap((head + text).split(), body, x1 - x0)[: sheet.rng.randint(3, 7)]:
            if y > 0.4 * sheet.canvas.height:
                break
            sheet.canvas.write(x0, y, line, body, sheet.ink)
            y += body.height
        y += 0.5 * body.height
    return y


def _registrant(sheet: Sheet) -> str:
    rng = sheet.rng
    ending = rng.choice(("LLP", "LLC", "Group", "International"))
    return rng.choice((names.western_firm(rng), f"{names.stem(rng)} {ending}", sheet.values.person()))


def _fields(sheet: Sheet) -> list[Field]:
    """The registrant and the registration number first, then any labels."""
    rng, values = sheet.rng, sheet.values
    number = rng.choice(
        (values.digits(4), values.digits(4), values.digits(5), values.digits(rng.randint(3, 7)))
    )
    fields = []
    if sheet.free("registrant") and sheet.free("registration number"):
        fields = [
            Field(
                rng.choice(("Name of Registrant", "Name of registrant", "Registrant")),
                REGISTRANT,
                lambda: _registrant(sheet),
            ),
            Field(
                rng.choice(("Registration No.", "Registration No.", "Registration Number")),
                NUMBER,
                lambda: number,
            ),
        ]
    for _ in range(rng.randint(0, 4)):
        label, name_asked, draw = sheet.label()
        fields.append(Field(label, (f"What is the {name_asked}?",) if name_asked else (), draw, minor=True))
    return fields


def _boxes(sheet: Sheet, x0: float, x1: float, y: float, body: Print, typed: Print) -> float:
    """Numbered boxes side by side: the label small at the top, the answer typed somewhere below it."""
    rng, canvas = sheet.rng, sheet.canvas
    fields = _fields(sheet)
    numbered, number = (
        sheet.chance(0.8),
        1 if fields and fields[0].asked == REGISTRANT else rng.randint(3, 20),
    )
    while fields:
        row, fields = fields[:2], fields[2:]
        tall = body.height + typed.height * rng.uniform(1.1, 2.2) + 4
        if y + tall > canvas.height * 0.93:
            break
        middle = x0 + (x1 - x0) * (rng.uniform(0.5, 0.68) if len(row) == 2 else 1)
        for field, left, right in zip(row, (x0, middle), (middle, x1), strict=False):
            prefix, number = f"{number}. " if numbered else "", number + 1
            if sheet.chance(0.8):
                canvas.box(left, y, right + 1, y + tall + 1, sheet.ink)
            if left + body.width(prefix + field.label) + 8 > right:
                continue
            canvas.write(left + 4, y + 2, prefix + field.label, body, sheet.ink)
            value = sheet.fitting(field.draw, typed, right - left - 12)
            if value:
                room = right - left - 8 - typed.width(value)
                canvas.write(
                    left + 4 + rng.random() * min(room, 60),
                    y + body.height + rng.uniform(1, 4),
                    value,
                    typed,
                    sheet.ink,
                )
            ask(sheet, field, value)
        y += tall
    return y + 0.5 * body.height
