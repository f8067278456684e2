"""Price labels of shops: a product, its price in large print and by the kilogram, offers; one or a shelf of them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Bars, Beside, Block, Text
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, told_apart, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, grid, spread, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.wares import Ware, ware, wares
from minimax_vl.synthetic.tags.words import COUNTRIES, article, brand, code, pricing

WORDS = wordings("""
article number | Art. No., Item, SKU, Article | Art.-Nr. | Article no. | Art. no. | No. Item
country of origin | Origin | Origin | Origine | Origin | Origin
class | Class | Klasse | Categorie | Categoria | Gred
shelf | Shelf, Bay, Aisle | Regal | Rayon | Pasillo | Rak
last day of the price | Valid until, Ends | Gueltig bis | Valable jusqu'au | Hasta el | Sehingga
number of pieces in a pack | Pack of, Case, Units | VPE | Colisage | Unidades | Sepek
deposit | Deposit, plus deposit | Pfand | Consigne | Envase | Deposit
supplier | Supplier, Vendor | Lieferant | Fournisseur | Proveedor | Pembekal
""")
PER = {
    "kilogram": ("per kg", "1 kg =", "/kg", "Price per kg"),
    "litre": ("per L", "1 L =", "/L", "Price per litre"),
}
OLD = {
    "en": ("WAS", "Old price", "Was:", "Before"), "de": ("statt", "bisher"), "fr": ("au lieu de", "avant"),
    "es": ("antes", "Antes:"), "ms": ("Dahulu", "asal"),
}  # fmt: skip
FLAGS = (
    "OFFER|SALE|SPECIAL|WEEKLY DEAL|NEW|BEST PRICE|CLEARANCE|REDUCED|ANGEBOT|AKTION|PROMO|OFERTA|MURAH|PROMOTION"
).split("|")


@dataclass(frozen=True)
class Style:
    """What the labels of one shop have in common."""

    language: str
    around: tuple[str, str]  # what stands before and behind an amount
    align: float
    scale: float  # of the price
    named_first: bool
    branded: bool
    barred: bool
    beside: bool  # whether the price stands beside the name

    @classmethod
    def drawn(cls, sheet: Sheet) -> Style:
        rng = sheet.rng
        return cls(
            tongue(rng),
            pricing(sheet),
            rng.choice((0.0, 0.0, 0.5)),
            rng.uniform(2.4, 3.6),
            sheet.chance(0.75),
            sheet.chance(0.5),
            sheet.chance(0.5),
            sheet.chance(0.3),
        )


def price(sheet: Sheet) -> None:
    """One large label, or the labels of a shelf side by side."""
    rng, facts, canvas = sheet.rng, sheet.facts, sheet.canvas
    style = Style.drawn(sheet)
    stock = Stock(sheet, rng.choice(("white", "white", "bright", "pale", "dark")))
    shape, frame = rng.choice(("square", "round", "square")), rng.choice(("", "", "single"))
    across, down = max(canvas.width // 260, 1), max(canvas.height // 170, 1)
    most = min(across * down, sheet.most(2, 14))
    if most < 2 or sheet.chance(0.4 if max(canvas.height, canvas.width) < 900 else 0.15):
        product = ware(sheet)
        cut = Cut(rng.choice(("shelf", "wood", "wall")), rng.uniform(0.5, 0.9), shape, frame, most=24)
        stick(sheet, stock, _label(sheet, stock, style, product, ""), cut)
        facts.kind = "price label"
        facts.caption = f"A price label for {product.name}, {_shown(sheet, style, product.cents)}."
        return
    columns, rows = spread(sheet, across, down, most)
    labels = []
    for product in wares(sheet, columns * rows):
        own = copy(stock)
        labels.append((own, _label(sheet, own, style, product, f" of {product.name}")))
        shown = _shown(sheet, style, product.cents)
        facts.ask(
            product.name,
            ("Which product costs {price}?", "What costs {price}?", "What is sold for {price}?"),
            mark=shown,
            price=shown,
        )
    grid(sheet, labels, columns, Cut("shelf", 0.6, shape, frame, most=24))
    facts.kind, facts.caption = "price labels", f"A shelf with {len(labels)} price labels."


def _shown(sheet: Sheet, style: Style, cents: int) -> str:
    before, behind = style.around
    return before + sheet.values.amount(cents) + behind


def _label(sheet: Sheet, stock: Stock, style: Style, product: Ware, whose: str) -> list[Block]:
    """Blocks of one label; `whose` ends each question where there are several labels."""
    rng, align = sheet.rng, style.align
    reduced = sheet.chance(0.35 if not whose else 0.2)
    name = product.name
    ways = (
        "Which product is it?",
        "What is sold?",
        "Which product is the label for?",
        "What is the name of the product?",
    )
    title: list[Block] = [
        Text(text=name, scale=1.35, weight="bold", align=align, asks=[] if whose else [(name, ways)])
    ]
    if style.branded:
        maker = brand(rng)
        ways = (
            (f"What is the brand{whose}?", f"Which brand is the product{whose}?")
            if not whose
            else (f"What is the brand{whose}?",)
        )
        title.insert(
            rng.randint(0, 1), Text(text=maker, align=align, asks=[(maker, ways)], spare=True, lead=0.1)
        )
    large = _price(sheet, style, product, whose, reduced=reduced)
    unit = _per_unit(sheet, style, product, whose)
    if style.beside:
        body: list[Block] = [Beside(left=[*title, unit], right=large, share=0.55)]
    else:
        body = [*title, *large, unit] if style.named_first else [*large, *title, unit]
    if reduced or sheet.chance(0.15):
        body.insert(
            0, Text(text=rng.choice(FLAGS), scale=1.3, weight="bold", align=0.5, band=True, spare=True)
        )
    details = _details(sheet, stock, style, whose)
    if details.fields:
        body.append(details)
    if style.barred:
        number = article(rng)
        ways = (f"What is the barcode number{whose}?", f"Which number is below the barcode{whose}?")
        body.append(Bars(number=number, asks=[(number, ways)], scale=1.8, share=0.8, spare=True))
    return body


def _price(sheet: Sheet, style: Style, product: Ware, whose: str, *, reduced: bool) -> list[Block]:
    """The price, large; with the old one where it is reduced."""
    rng, shown = sheet.rng, _shown(sheet, style, product.cents)
    if whose:
        what = whose.removeprefix(" of ")
        ways = (
            f"What is the price of {what}?",
            f"How much does a pack of {what} cost?",
            f"What does a pack of {what} cost?",
            f"{what}: price?",
        )
    else:
        ways = (
            "What is the price?",
            "How much does it cost?",
            "What does the product cost?",
            "Price?",
            "Read the price.",
        )
    if reduced:
        new = (
            f"What is the new price{whose}?",
            f"What is the price{whose} now?",
            f"What is the reduced price{whose}?",
        )
        ways = new if not whose else ways[:3] + new
    large = Text(
        text=shown,
        scale=style.scale,
        weight="bold",
        align=0.5 if style.beside else style.align,
        lead=0.15,
        coloured=sheet.chance(0.4),
        asks=[(shown, ways)],
        wanted=True,
    )
    if not reduced:
        return [large]
    saved = max(round(product.cents * rng.uniform(0.08, 0.6)) // 5 * 5, 5)
    old, less = _shown(sheet, style, product.cents + saved), _shown(sheet, style, saved)
    ways = (
        f"What was the old price{whose}?",
        f"What was the price{whose} before?",
        f"What did the price{whose} use to be?",
    )
    before = Text(
        text=f"{rng.choice(OLD[style.language])} {old}", align=large.align, asks=[(old, ways)], lead=0.1
    )
    if sheet.chance(0.5):
        return [before, large]
    ways = (f"How much is saved on the price{whose}?", f"What is the discount on the price{whose}?")
    save = Text(
        text=f"{rng.choice(('SAVING', 'Your saving', 'Discount'))} {less}",
        weight="bold",
        align=large.align,
        lead=0.1,
        asks=[(less, ways)],
    )
    return [before, large, save] if sheet.chance(0.5) else [large, before, save]


def _per_unit(sheet: Sheet, style: Style, product: Ware, whose: str) -> Block:
    """How much is in the pack, and what a kilogram or a litre costs."""
    rng, unit, shown = sheet.rng, product.unit, _shown(sheet, style, product.per_unit)
    per = rng.choice(PER[unit])
    rate = (
        f"{per} {shown}"
        if per[-1] == "=" or per[0] == "P"
        else f"{shown} {per}"
        if per[0] != "/"
        else shown + per
    )
    ways = (
        f"What does a {unit}{whose} cost?",
        f"How much is a {unit}{whose}?",
        f"What is the price per {unit}{whose}?",
    )
    packed = (f"How much is in a pack{whose}?", f"What is the content of a pack{whose}?")
    content = product.content.replace(".", ",") if sheet.values.european else product.content
    asks = [(content, packed)]
    if product.amount == 1000:  # then the price of a kilogram is the price
        return Text(text=content, scale=0.9, align=style.align, asks=asks, spare=True, lead=0.15)
    return Text(
        text=f"{content}{rng.choice((', ', ' / ', ' - '))}{rate}",
        scale=0.9,
        align=style.align,
        asks=[*asks, (shown, ways)],
        spare=True,
        lead=0.15,
    )


def _details(sheet: Sheet, stock: Stock, style: Style, whose: str) -> Fields:
    """The small print of the shop."""
    rng, values = sheet.rng, sheet.values
    drawn = {
        "article number": lambda: code(rng, rng.choice(("999999", "9999999", "99-9999", "A99999"))),
        "country of origin": lambda: rng.choice(COUNTRIES),
        "class": lambda: rng.choice(("I", "II", "A", "Extra")),
        "shelf": lambda: code(rng, rng.choice(("A9", "99", "9-99", "A-99"))),
        "last day of the price": values.date,
        "number of pieces in a pack": lambda: str(rng.randint(2, 48)),
        "deposit": lambda: values.amount(rng.choice((8, 15, 25, 50))),
        "supplier": lambda: brand(rng),
    }
    count = several(sheet, 1, 2) if whose else several(sheet, 2, 8)
    fields, lacking = chosen(
        stock, drawn, WORDS, style.language, count=rng.randint(0, count) if whose else count
    )
    fields, lacking = (told_apart(fields, whose), []) if whose else (fields, lacking)
    return Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=1 if whose else rng.randint(1, 2),
        scale=0.85,
        align=style.align,
        bold=rng.choice(("", "label", "value")),
        fewest=0,
        lead=0.35,
    )
