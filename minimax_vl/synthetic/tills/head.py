"""The head of a receipt: who sells, where, and under which numbers."""

from __future__ import annotations

import string
from collections.abc import Callable

from minimax_vl.synthetic import malaysia, names
from minimax_vl.synthetic.tills import asked
from minimax_vl.synthetic.tills.strip import Strip

ASIAN_PHONES = ("TEL : ", "TEL:", "Tel: ", "TEL.", "Phone: ", "Tel ", "PHONE : ", "", "H/P : ")
WESTERN_PHONES = ("Tel: ", "Phone: ", "TEL ", "", "", "PH: ", "Phone ")
INVOICES = (
    "TAX INVOICE|TAX INVOICE|INVOICE|RECEIPT|CASH BILL|SIMPLIFIED TAX INVOICE|OFFICIAL RECEIPT|CASH SALES|"
    "-TAX INVOICE-|Tax Invoice|SALES RECEIPT|CUSTOMER COPY"
).split("|")


def asian_address(strip: Strip) -> str:
    text = malaysia.address(strip.sheet.rng)
    return text.upper() if strip.upper or strip.sheet.chance(0.5) else text.title()


def western_address(strip: Strip) -> str:
    rng, values = strip.sheet.rng, strip.sheet.values
    code = values.digits(5)
    state = "".join(rng.choices(string.ascii_uppercase, k=2))
    street = values.street() + rng.choice(
        ("", "", "", f" #{rng.randint(1, 400)}", f" Suite {rng.randint(1, 900)}")
    )
    last = rng.choice(
        (f"{values.city()}, {state} {code}", f"{code} {values.city()}", f"{values.city()} {state} {code}")
    )
    return strip.show(f"{street} {last}")


def head(strip: Strip, *, asian: bool) -> str:
    """The block that says who sells; returns the company as printed, over however many lines."""
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    align = 0.5 if sheet.chance(0.88) else 0.0
    if asian and sheet.chance(0.12):  # a customer's name or a running number is jotted above
        strip.put(
            values.person().lower() if sheet.chance(0.5) else values.digits(rng.randint(3, 8)),
            rng.random() * 0.6,
        )
        strip.skip(0.5)
    if sheet.chance(0.08):  # what some tills print before the shop's name
        order = values.digits(rng.randint(2, 4))
        notes = (
            f"Your order number is {order}",
            "Cash Sale",
            "CUSTOMER COPY",
            f"Order {order}",
            "** REPRINT **",
            "WELCOME",
        )
        strip.put(rng.choice(notes), align, rng.choice((strip.body, strip.strong, strip.big)))
        strip.rule()
    if facts.teaching and sheet.chance(0.08):  # what the paper is, above who it is from
        strip.put(rng.choice(INVOICES), align, rng.choice((strip.body, strip.strong)))
    company = _beside_number(strip, align) if asian and facts.teaching and sheet.chance(0.12) else ""
    if not company:
        company = _company(strip, align, asian=asian)
        number = _registration(strip)
        if asian and company and sheet.chance(0.7) and strip.put(number, align):
            _ask_registration(strip, number)
    if sheet.chance(0.9):
        text = asian_address(strip) if asian else western_address(strip)
        parts = sheet.chance(0.75)
        lines = strip.block(text, align, parts=parts, most=6) or strip.block(text, align)
        facts.want(" ".join(lines), asked.ADDRESS)
    _numbers(strip, align, asian=asian)
    if sheet.chance(0.65 if asian else 0.15):
        strip.skip(0.4)
        strip.put(rng.choice(INVOICES), align, rng.choice((strip.body, strip.strong, strip.big)))
    if asian and company and sheet.chance(0.15) and strip.room(14):
        _customer(strip)
    return company


def _registration(strip: Strip) -> str:
    rng, values = strip.sheet.rng, strip.sheet.values
    letter, digits = rng.choice("ADHKMPTUVWX"), values.digits(rng.randint(5, 7))
    forms = (
        f"({digits}-{letter})",
        f"({digits} {letter})",
        f"CO.REG.NO: {digits}-{letter}",
        f"ROC NO. {digits}{letter}",
    )
    return rng.choice((*forms, values.digits(12)))


def _ask_registration(strip: Strip, number: str) -> None:
    bare = number.split(":")[-1].split("NO. ")[-1].strip(" ()")
    name = strip.sheet.rng.choice(("registration number", "company registration number"))
    strip.sheet.facts.ask(bare, asked.FIELD, name=name)


def _beside_number(strip: Strip, align: float) -> str:
    """A company with its number on the same line, of which the name is only a part; '' when it has no room."""
    rng, name = strip.sheet.rng, malaysia.firm(strip.sheet.rng)
    number = _registration(strip)
    print_ = rng.choice((strip.body, strip.body, strip.strong))
    if not strip.block(f"{name} {number}", align, print_, most=2):
        return ""
    strip.sheet.facts.want(name, asked.COMPANY)
    _ask_registration(strip, number)
    return name


def _customer(strip: Strip) -> None:
    """The firm that is billed, below the one that bills: the wrong answer to who issued the receipt."""
    rng, facts = strip.sheet.rng, strip.sheet.facts
    strip.put(rng.choice(("Bill To :", "Sold To:", "M/S :", "Customer:", "Deliver To")))
    name = strip.block(malaysia.firm(rng), 0.0, most=2)
    facts.ask(" ".join(name), ("Who is the receipt billed to?", "Who is the customer?", "Who was billed?"))
    address = strip.block(asian_address(strip), 0.0, most=3, parts=True)
    facts.ask(" ".join(address), ("What is the address of the customer?",))


def _company(strip: Strip, align: float, *, asian: bool) -> str:
    sheet, rng = strip.sheet, strip.sheet.rng
    draw: Callable[[], str] = (lambda: malaysia.firm(rng)) if asian else (lambda: names.western_firm(rng))
    if asian and strip.upper is False and sheet.chance(0.3):
        print_ = strip.body
        name = draw().title().replace("Sdn Bhd", rng.choice(("Sdn Bhd", "Sdn. Bhd.")))
    else:
        print_ = rng.choice((strip.body, strip.strong, strip.strong, strip.big, strip.big))
        name = draw() if asian else strip.show(draw())
    if not asian and sheet.chance(0.4):  # a name set large, as shops put their mark there
        face = rng.choice(sheet.fonts.upright)
        print_ = sheet.fonts.print(
            sheet.fonts.bolder(face), min(round(strip.body.size * rng.uniform(1.6, 2.6)), 44)
        )
    lines = strip.block(name, align, print_, most=2) or strip.block(name, align, strip.body, most=2)
    company = " ".join(lines)
    sheet.facts.want(company, asked.COMPANY)
    if company and sheet.chance(0.12):  # a motto or the branch, which is not the company
        strip.put(
            strip.show(f"{rng.choice(('', 'Branch: ', 'Store #', ''))}{names.word(rng)} {names.word(rng)}"),
            align,
        )
    return company


def _asian_phone(strip: Strip) -> str:
    rng, digits, area = strip.sheet.rng, strip.sheet.values.digits, strip.sheet.rng.randint(2, 9)
    bare = (
        f"{area}-{digits(8)}",
        f"{area}-{digits(4)} {digits(4)}",
        f"{area}{digits(8)}",
        f"1{area}-{digits(7)}",
    )
    return rng.choice(("0", "0", "+60")) + rng.choice(bare)


def _numbers(strip: Strip, align: float, *, asian: bool) -> None:
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    if sheet.chance(0.7):
        tel = _asian_phone(strip) if asian and not sheet.chance(0.2) else values.phone()
        label = rng.choice(ASIAN_PHONES if asian else WESTERN_PHONES)
        fax = "0" + f"{rng.randint(2, 9)}-{values.digits(8)}"
        if asian and sheet.chance(0.3) and strip.put(f"{label}{tel}  FAX : {fax}", align):
            facts.ask(fax, asked.FAX)
            facts.want(tel, asked.PHONE)
        elif strip.put(label + tel, align):
            facts.want(tel, asked.PHONE)
    if asian and sheet.chance(0.6):
        gst = values.digits(12)
        shown = rng.choice(
            ("GST ID : {}", "GST NO:{}", "GST REG NO : {}", "(GST ID No : {})", "GST ID NO. {}")
        )
        if strip.put(shown.format(gst), align):
            facts.ask(gst, asked.FIELD, name=rng.choice(("GST number", "GST ID")))
    if sheet.chance(0.12):
        text = rng.choice((values.website(), values.email()))
        if strip.put(text, align):
            facts.ask(text, asked.FIELD, name="email" if "@" in text else "website")
