"""Marks by which things are found again: spines of folders, call numbers of a library, places in a store."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.assets import DEPARTMENTS
from minimax_vl.synthetic.tags.blocks import Bars, Block, Mark, Rule, Text, Words
from minimax_vl.synthetic.tags.fields import (
    LOOKS,
    Field,
    Fields,
    chosen,
    told_apart,
    tongue,
    wordings,
)
from minimax_vl.synthetic.tags.label import Cut, grid, spread, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import code

SUBJECTS = (
    "Invoices|Contracts|Bank Statements|Taxes|Payroll|Personnel|Minutes|Orders|Delivery Notes|Insurance|"
    "Correspondence|Projects|Patents|Receipts|Leases|Audit|Drawings|Permits|Medical Records|Exams|Rechnungen|"
    "Vertraege|Factures|Contratos|Kontrak|Surat|Applications|Warranty|Maintenance|Budget"
).split("|")
TOPICS = (
    "History|Physics|Poetry|Law|Medicine|Biography|Travel|Music|Chemistry|Economics|Fiction|Geography|Art|"
    "Mathematics|Philosophy|Botany|Cookery|Sport|Children|Reference"
).split("|")
WORDS = wordings("""
file number | File No., File, No. | Akte | Dossier no. | Expediente | No. Fail
year | Year | Jahr | Annee | Ano | Tahun
department | Dept., Department | Abteilung | Service | Departamento | Jabatan
@keeper | Kept by, Owner | Verwalter | Responsable | Responsable | Penyimpan
year of destruction | Destroy after, Destroy | Vernichten | Detruire le | Destruir | Musnah selepas
maximum load | Max. load, Load | Max. Last | Charge max. | Carga max. | Beban maks.
part number | Part No., P/N | Teil-Nr. | Piece no. | Pieza no. | No. Bahagian
minimum stock | Min. | Min. | Min. | Min. | Min.
quantity | Qty | Menge | Quantite | Cantidad | Kuantiti
""")


Look = tuple[bool, bool, bool]  # what the marks of a page have in common: a band, a barcode, a line more


def folders(sheet: Sheet, stock: Stock, language: str, look: Look, whose: str) -> tuple[list[Block], str]:
    """The spine of a folder: a subject, a year or a range of letters or years."""
    rng = sheet.rng
    subject = sheet.once(lambda: rng.choice(SUBJECTS))
    first = rng.randint(0, 20)
    year = rng.randint(1985, 2024)
    span = rng.choice(
        (
            f"{chr(65 + first)} - {chr(65 + first + rng.randint(1, 5))}",
            str(year),
            f"{year} - {year + rng.randint(1, 6)}",
            f"{year}/{(year + 1) % 100:02d}",
            f"Vol. {rng.randint(1, 12)}",
            f"Q{rng.randint(1, 4)} {year}",
        )
    )
    asks = [
        (subject, ("What is in the folder?", "What is the subject of the folder?", "Which papers are in it?"))
    ]
    whole = f" of the folder {subject}" if whose else ""
    spanned = (
        (f"What stands below {subject}?",)
        if whose
        else ("Which years, letters or volume does the folder hold?", f"What stands below {subject}?")
    )
    blocks: list[Block] = [
        Text(
            text=subject,
            scale=1.5,
            weight="bold",
            align=0.5,
            band=look[0],
            asks=[] if whose else asks,
            wanted=True,
        ),
        Text(text=span, scale=2.0, weight="bold", align=0.5, asks=[(span, spanned)], wanted=True),
    ]
    drawn = {
        "file number": lambda: code(rng, rng.choice(("99/999", "A-999", "9.99.9"))),
        "department": lambda: rng.choice(DEPARTMENTS),
        "keeper": lambda: names.surname(rng),
        "year of destruction": lambda: str(year + rng.choice((11, 15, 31))),
    }
    fields, _ = chosen(stock, drawn, WORDS, language, count=int(look[2]) if whose else sheet.count(2, 4))
    blocks += _small(sheet, fields, whole)
    if whose:
        sheet.facts.ask(
            subject,
            ("Which folder is marked {span}?", "What is in the folder marked {span}?"),
            mark=span,
            span=span,
        )
    return blocks, f"the folder {subject}, {span}"


def books(sheet: Sheet, stock: Stock, language: str, look: Look, whose: str) -> tuple[list[Block], str]:
    """A call number in lines, as on the back of a library's book."""
    rng = sheet.rng
    number = sheet.once(lambda: code(rng, rng.choice(("999.99", "999", "999.9", "AA 999", "AA999.9"))))
    author = code(rng, rng.choice(("AAA", "A99", "AAA 9")))
    lines = [number, author, *([str(rng.randint(1950, 2024))] if look[2] else [])]
    topic = rng.choice(TOPICS)
    called = (number, ("What is the first line of the call number?", "What is the class number?"))
    below = (author, (f"What stands below {number}?", f"What is printed below {number}?"))
    asks = ([] if whose else [called], [below], [])  # of each line
    blocks: list[Block] = [Text(text=topic.upper(), align=0.5, band=True, lead=0)] if look[0] else []
    blocks += [
        Text(text=text, scale=1.9, weight="bold", align=0.5, asks=asked, lead=0.05, wanted=True)
        for text, asked in zip(lines, asks)
    ]
    if len(lines) > 2:
        year = lines[2]
        sheet.facts.ask(year, (f"Which year belongs to {number}?", f"What is the year of {number}?"))
    if whose:
        sheet.facts.ask(
            number,
            ("Which number has {author} below it?", "What stands above {author}?"),
            mark=author,
            author=author,
        )
    if not whose and look[1]:
        bars = code(rng, "9 9999 99999 999 9")
        ways = ("What is the barcode number?", "Which number is below the barcode?")
        blocks += [Rule(), Bars(number=bars, asks=[(bars, ways)], scale=2, share=0.9, spare=True)]
    return blocks, f"a library book, {' '.join(lines)}"


def bays(sheet: Sheet, stock: Stock, language: str, look: Look, whose: str) -> tuple[list[Block], str]:
    """A place in a store: aisle, bay and level in one code, with a barcode, what is kept there, or both."""
    rng = sheet.rng
    place = sheet.once(lambda: code(rng, rng.choice(("A-99-99", "A99-9", "99-99-9", "AA-99", "9A-99-9"))))
    asks = (
        place,
        (
            "What is the location code?",
            "Which place in the store is it?",
            "What is the code of the place?",
            "Read the large code.",
        ),
    )
    large = Text(
        text=place,
        scale=2.4,
        weight="bold",
        align=0.5,
        band=look[0],
        wanted=True,
        asks=[] if whose else [asks],
    )
    blocks: list[Block] = [large]
    if look[1]:
        digits = place.replace("-", "") + code(rng, "999")
        ways = (
            f"What is the number below the barcode of {place}?",
            f"Which number has the barcode of {place}?",
        )
        blocks.append(Bars(number=digits, asks=[(digits, ways)], scale=2.0, share=0.8, spare=True))
    elif not whose:
        blocks.append(Mark(square=True, scale=3.5, spare=True))
    if look[2]:
        item = sheet.once(sheet.values.goods)
        what = (f"What is stored at {place}?", f"What is kept at {place}?", f"Which item is at {place}?")
        blocks.append(Words(text=item, align=0.5, most=3, asks=[(item, what)]))
        sheet.facts.ask(place, ("Where is the {item}?", "At which place is the {item} kept?"), item=item)
    drawn = {
        "maximum load": lambda: f"{rng.randint(2, 60) * 50} kg",
        "part number": lambda: code(rng, "999-9999"),
        "minimum stock": lambda: str(rng.randint(2, 90)),
        "quantity": lambda: str(rng.randint(91, 900)),
    }
    fields, _ = chosen(stock, drawn, WORDS, language, count=2 * look[2] if whose else sheet.count(2, 4))
    return blocks + _small(sheet, fields, f" at {place}" if whose else ""), f"the place {place} in a store"


def _small(sheet: Sheet, fields: list[Field], whose: str) -> list[Block]:
    """A few fields below a mark, where it has any."""
    if not fields:
        return []
    return [
        Fields(
            fields=told_apart(fields, whose),
            look=sheet.rng.choice(LOOKS),
            scale=0.85,
            fewest=0,
            lead=0.5,
            align=sheet.rng.choice((0.0, 0.5)),
        )
    ]


# How a mark is filled, how wide it is at least in pixels, what it lies on, and what it and several are called.
Fill = Callable[[Sheet, Stock, str, Look, str], tuple[list[Block], str]]
MARKS: tuple[tuple[Fill, int, str, str, str], ...] = (
    (folders, 170, "wood", "folder label", "folder labels"),
    (books, 120, "cloth", "book label", "book labels"),
    (bays, 220, "shelf", "shelf label", "shelf labels"),
)


def mark(sheet: Sheet) -> None:
    """One mark, or several side by side."""
    rng, facts, canvas = sheet.rng, sheet.facts, sheet.canvas
    fill, least, ground, one, many = rng.choice(MARKS)
    stock = Stock(sheet, rng.choice(("white", "white", "pale", "bright", "dark")), mono=0.1)
    language, look = tongue(rng), (sheet.chance(0.5), sheet.chance(0.6), sheet.chance(0.5))
    cut = Cut(
        ground,
        rng.uniform(0.6, 1.0),
        rng.choice(("square", "round")),
        rng.choice(("", "", "single")),
        most=28,
    )
    across, down = canvas.width // least, canvas.height // 170
    most = min(across * down, sheet.most(3, 16))
    if most < 2 or sheet.chance(0.3):
        blocks, said = fill(sheet, stock, language, look, "")
        stick(sheet, stock, blocks, cut)
        facts.kind, facts.caption = one, f"A label of {said}."
        return
    columns, rows = spread(sheet, across, down, most)
    labels = []
    for _ in range(columns * rows):
        own = copy(stock)
        labels.append((own, fill(sheet, own, language, look, "several")[0]))
    grid(sheet, labels, columns, cut)
    facts.kind, facts.caption = many, f"{columns * rows} {many} in {rows} row{'s' * (rows > 1)}."
