"""Shipping labels: sender, recipient, what is sent and how, a sorting code, the barcode of the tracking number."""

from __future__ import annotations

import random
from dataclasses import dataclass

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Asked, Bars, Beside, Block, Mark, Rule, Text
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import COUNTRIES, code

CARRIERS = "Express|Parcel|Post|Logistics|Cargo|Freight|Couriers|Shipping|Delivery|Lines".split("|")
SERVICES = (
    "EXPRESS|PRIORITY|ECONOMY|STANDARD|NEXT DAY AIR|2-DAY|GROUND|OVERNIGHT|INTERNATIONAL|REGISTERED|SAME DAY|"
    "SAVER|PRIORITY MAIL|EXPRESS 12:00|PARCEL PLUS"
).split("|")
WARNINGS = (
    "FRAGILE|THIS SIDE UP|HANDLE WITH CARE|SIGNATURE REQUIRED|KEEP DRY|DO NOT BEND|DO NOT STACK|"
    "HEAVY PARCEL|PERISHABLE"
).split("|")
FROM = {
    "en": ("From:", "FROM", "Sender:", "SHIP FROM:"), "de": ("Von:", "Absender:"), "fr": ("De:", "Expediteur:"),
    "es": ("De:", "Remitente:"), "ms": ("Dari:", "Pengirim:"),
}  # fmt: skip
TO = {
    "en": ("To:", "TO", "Ship to:", "SHIP TO:", "Deliver to:"), "de": ("An:", "Empfaenger:"),
    "fr": ("A:", "Destinataire:"), "es": ("Para:", "Destinatario:"), "ms": ("Kepada:", "Penerima:"),
}  # fmt: skip
SENT = (
    "Who is the sender?",
    "Who sent the parcel?",
    "Who is the parcel from?",
    "What is the name of the sender?",
)
WORDS = wordings("""
weight | Weight, Wt, WEIGHT, Actual Wt | Gewicht | Poids | Peso | Berat
piece number | Piece, Package, Parcel, Box | Paket, Stueck | Colis | Bulto | Bungkusan
ship date, shipping date | Ship Date, Shipped, Ship date
reference, reference number | Ref, Reference, Ref. No. | Referenz, Ref. | Ref., Reference | Referencia, Ref.
size of the parcel | Dimensions, Dims, Size | Masse | Dimensions | Medidas | Ukuran
account number | Account, Acct No., Account No. | Account-Nr. | Compte no. | Cuenta no. | No. Akaun
content of the parcel | Contents, Description | Inhalt | Contenu | Contenido | Kandungan
declared value | Declared Value, Value | Warenwert | Valeur | Valor declarado | Nilai
route | Route, Tour, Route No. | Tour | Tournee | Ruta | Laluan
invoice number | Invoice No., Invoice | Rechnungsnr. | Facture no. | Factura no. | No. Invois
""")


@dataclass(frozen=True)
class Party:
    """Sender or recipient: the lines of an address, and what can be asked about them."""

    name: str
    firm: str
    street: str
    town: str
    zip_code: str
    country: str
    phone: str

    def blocks(self, rng: random.Random, who: str, ways: tuple[str, ...], *, scale: float) -> list[Block]:
        """Lines with their questions; `ways` ask for the person, `who` is the person's part in the parcel."""
        city = f"{self.zip_code} {self.town}" if rng.random() < 0.5 else f"{self.town} {self.zip_code}"
        goes = "does the parcel go to" if who == "recipient" else "does the parcel come from"
        first: list[Asked] = [(self.name, ways)]
        lines = [
            Text(text=self.name, scale=scale, weight=rng.choice(("bold", "plain")), asks=first, wanted=True)
        ]
        if self.firm:
            asks = (self.firm, (f"What is the company of the {who}?", f"Which company is the {who} with?"))
            lines.append(Text(text=self.firm, scale=scale, asks=[asks], spare=True))
        street = (self.street, (f"What is the street of the {who}?", f"On which street is the {who}?"))
        lines.append(Text(text=self.street, scale=scale, asks=[street]))
        town = (self.town, (f"Which city {goes}?", f"What is the city of the {who}?"))
        post = (self.zip_code, (f"What is the postal code of the {who}?", f"What is the {who}'s zip code?"))
        lines.append(Text(text=city, scale=scale, asks=[town, post]))
        if self.country:
            shown = self.country.upper() if rng.random() < 0.7 else self.country
            land = (shown, (f"Which country {goes}?", f"In which country is the {who}?"))
            # "Country" also tells that the parcel has a country of origin, which some pages are asked for.
            line = shown if who == "recipient" else f"Country: {shown}"
            lines.append(Text(text=line, scale=scale, asks=[land], spare=True))
        if self.phone:
            asks = (
                self.phone,
                (f"What is the phone number of the {who}?", f"What is the {who}'s phone number?"),
            )
            lines.append(Text(text=f"Tel {self.phone}", scale=scale, asks=[asks], spare=True))
        for line in lines:
            line.lead, line.shrinks = 0.05, False  # an address is in one size
        return [*lines]


def party(sheet: Sheet) -> Party:
    values, rng = sheet.values, sheet.rng
    return Party(
        sheet.once(values.person),
        values.company() if sheet.chance(0.35 * sheet.level) else "",
        sheet.once(values.street),
        sheet.once(values.city),
        code(rng, rng.choice(("99999", "99999", "99999-9999", "9999", "999999", "AA9 9AA", "AA99 9AA"))),
        rng.choice(COUNTRIES) if sheet.chance(0.6) else "",
        values.phone() if sheet.chance(0.45 * sheet.level) else "",
    )


def parcel(sheet: Sheet) -> None:
    """One label on a box or an envelope."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "white", "white", "pale", "bright")), mono=0.15)
    language = tongue(rng)
    carrier = f"{names.stem(rng)} {rng.choice(CARRIERS)}"
    sender, recipient = party(sheet), party(sheet)
    address, known = _address(sheet, language, sender, recipient)
    tracking = code(rng, rng.choice(TRACKING))
    ways = (
        "What is the tracking number?",
        "Tracking number?",
        "Read the tracking number.",
        "Find the tracking number.",
    )
    bars: list[Block] = [
        Text(
            text=rng.choice(("TRACKING #", "Tracking No.", "TRACKING NUMBER", "Shipment No. / Tracking")),
            scale=0.9,
        ),
        Bars(
            number=tracking,
            asks=[(tracking, ways)],
            scale=rng.uniform(2.2, 4.0),
            share=rng.uniform(0.75, 1),
            lead=0.1,
            wanted=True,
        ),
    ]
    middle = [_details(sheet, stock, language), *_sorting(sheet)]
    if sheet.chance(0.5):
        middle.reverse()
    blocks = [*_head(sheet, carrier)]
    for part in rng.choice(((address, middle, bars), (address, bars, middle), (middle, address, bars))):
        blocks += [Rule(thick=rng.choice((0.05, 0.12))), *part]
    stick(
        sheet,
        stock,
        blocks,
        Cut(
            "card",
            rng.uniform(1.1, 1.6),
            rng.choice(("square", "square", "round")),
            rng.choice(("", "", "single")),
        ),
    )
    facts.kind = "shipping label"
    whence = f" from {sender.name}" if known else ""
    facts.caption = f"A shipping label for a parcel{whence} to {recipient.name} in {recipient.town}."


TRACKING = (
    "1A 999 999 99 9999 9999", "9999 9999 9999", "AA999999999AA", "99999999999999", "AAA-9999-9999",
    "9999 9999 9999 99", "AA 999 999 999 AA", "#########",
)  # fmt: skip


def _head(sheet: Sheet, carrier: str) -> list[Block]:
    """The carrier, and the service in a band, beside it, or as a large letter."""
    rng, service = sheet.rng, sheet.rng.choice(SERVICES)
    who = (
        carrier,
        (
            "Which carrier ships the parcel?",
            "What is the name of the carrier?",
            "Who is the carrier?",
            "Which company delivers the parcel?",
        ),
    )
    how = (
        service,
        (
            "What is the service?",
            "Which service is it sent by?",
            "What kind of service is it?",
            "Which shipping service is printed?",
        ),
    )
    name = Text(
        text=carrier, scale=rng.uniform(1.2, 1.7), weight="bold", asks=[who], coloured=sheet.chance(0.5)
    )
    look = rng.random()
    if look < 0.35:
        return [name, Text(text=service, scale=1.4, weight="bold", align=0.5, band=True, asks=[how])]
    if look < 0.7:
        right: list[Block] = [Text(text=service, scale=1.3, weight="bold", align=1.0, asks=[how])]
        return [Beside(left=[name], right=right, share=0.58)]
    logo = Mark(square=False, scale=1.8)
    return [Beside(left=[logo], right=[name, Text(text=service, asks=[how], lead=0.0)], share=0.16)]


def _address(sheet: Sheet, language: str, sender: Party, recipient: Party) -> tuple[list[Block], bool]:
    """Sender and recipient beside or below each other, and whether the sender is there: not on all easy labels."""
    rng = sheet.rng
    to = _to(rng, language, recipient)
    if not sheet.chance(0.5 + 0.5 * sheet.level):
        sheet.facts.lack(SENT)
        return to, False
    label = Text(text=rng.choice(FROM[language]), scale=0.85)
    sent: list[Block] = [label, *sender.blocks(rng, "sender", SENT, scale=rng.choice((0.85, 1.0)))]
    if sheet.chance(0.9 if sheet.canvas.height < 450 else 0.45):
        ruled = sheet.chance(0.6)
        return [Beside(left=sent, right=to, share=rng.uniform(0.42, 0.5), ruled=ruled, lead=0.4)], True
    to[0].lead = 0.7
    return [*sent, *([Rule()] if sheet.chance(0.6) else []), *to], True


def _to(rng: random.Random, language: str, recipient: Party) -> list[Block]:
    ways = (
        "Who is the recipient?",
        "Who is the parcel for?",
        "Who receives the parcel?",
        "Who is it addressed to?",
    )
    label = Text(text=rng.choice(TO[language]), scale=rng.choice((0.85, 1.0)), weight="bold")
    return [label, *recipient.blocks(rng, "recipient", ways, scale=rng.choice((1.0, 1.2, 1.35)))]


def _details(sheet: Sheet, stock: Stock, language: str) -> Block:
    rng, values = sheet.rng, sheet.values
    kilos = f"{rng.uniform(0.1, 30):.{rng.randint(1, 2)}f} kg"
    pieces = rng.randint(1, 6)
    drawn = {
        "weight": lambda: kilos if sheet.chance(0.7) else f"{rng.randint(1, 60)} lb",
        "piece number": lambda: f"{rng.randint(1, pieces)}{rng.choice((' of ', '/', ' / '))}{pieces}",
        "ship date": values.date,
        "reference": values.code,
        "size of the parcel": lambda: " x ".join(str(rng.randint(5, 90)) for _ in range(3)) + " cm",
        "account number": lambda: values.digits(rng.randint(6, 9)),
        "content of the parcel": values.goods,
        "declared value": values.money,
        "route": lambda: code(rng, rng.choice(("999", "A-99", "A99", "99"))),
        "invoice number": lambda: code(rng, "AA-99999"),
    }
    fields, lacking = chosen(stock, drawn, WORDS, language, count=several(sheet, 2, 10), first=("weight",))
    return Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=rng.randint(1, 3),
        boxed=sheet.chance(0.3),
        bold=rng.choice(("", "label", "value")),
        scale=rng.choice((0.85, 1.0)),
        lead=0.4,
    )


def _sorting(sheet: Sheet) -> list[Block]:
    """The large code by which parcels are sorted, sometimes with a square code or a warning beside or below it."""
    rng = sheet.rng
    number = code(
        rng, rng.choice(("AA9-9A", "A99", "AAA 99-9", "99-9999", "9A-99", "AA 999", "A9 B99", "AAA-A9"))
    )
    ways = (
        "What is the sorting code?",
        "Read the large code.",
        "What does the large code say?",
    )
    large = Text(
        text=number,
        scale=rng.uniform(2.2, 3.4),
        weight="bold",
        align=rng.choice((0.0, 0.5)),
        lead=0.3,
        asks=[(number, ways)],
        spare=True,
        band=sheet.chance(0.25),
    )
    blocks: list[Block] = [large]
    if sheet.chance(0.4):
        blocks = [Beside(left=[large], right=[Mark(square=True, scale=4.2, spare=True)], share=0.66)]
    if sheet.chance(0.35):
        warning = rng.choice(WARNINGS)
        ways = ("Which warning is printed?", "What does the warning say?")
        blocks.append(
            Text(
                text=warning,
                scale=1.2,
                weight="bold",
                align=0.5,
                band=sheet.chance(0.6),
                asks=[(warning, ways)],
                spare=True,
            )
        )
    return blocks
