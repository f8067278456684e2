"""Labels of food packs: what it is, what is in it, how long it keeps, what it weighs."""

from __future__ import annotations

import datetime

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Bars, Block, Text, Words
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import COUNTRIES, article, brand, calendar, code, food, pricing

WORDS = wordings("""
best before date | Best before, BBE | Haltbar bis, MHD | A consommer avant | Consumir antes de | Baik sebelum
lot number, batch number | Lot, Lot No., Batch, L | Los, Charge | Lot | Lote | No. Kelompok
net weight | Net weight, Net Wt, Net wt., NET | Nettogewicht, Gewicht | Poids net | Peso neto | Berat bersih
packing date, date of packing | Packed on, Packed, Pack date | Verpackt am | Emballe le | Envasado el | Tarikh bungkus
price | Price, PRICE | Price, Preis | Price, Prix | Price, Precio | Price, Harga
price per kilogram | Price/kg, per kg | Preis/kg | Prix/kg | Precio/kg | Harga/kg
country of origin | Origin, Country of origin | Origin | Origine | Origin | Origin
storage temperature | Store at, Keep at | Lagern bei | Conserver a | Conservar a | Simpan pada
number of servings | Servings, Portions | Portionen | Portions | Raciones | Hidangan
plant number, approval number | Plant No., Est. No., Approval No. | Betrieb | No. d'agrement | No. RGSEAA | No. Kilang
""")
STUFFS = (
    "water|sugar|salt|wheat flour|sunflower oil|rice|milk powder|cocoa butter|tomato paste|onion|garlic|yeast|"
    "eggs|cream|corn starch|glucose syrup|vinegar|spices|lemon juice|pepper|oats|honey|palm oil|soy lecithin|"
    "pectin|barley malt|rapeseed oil|potato|carrot|paprika|mustard seed|citric acid|almonds|raisins|whey|butter|"
    "basil|coconut"
).split("|")
ALLERGENS = {
    "wheat flour": "wheat", "milk powder": "milk", "eggs": "eggs", "cream": "milk", "soy lecithin": "soy",
    "oats": "gluten", "barley malt": "gluten", "mustard seed": "mustard", "almonds": "almonds", "whey": "milk",
    "butter": "milk",
}  # fmt: skip
KEPT = (
    "Store in a cool, dry place.|Keep refrigerated.|Keep frozen.|Refrigerate after opening.|"
    "Shake well before use.|Keep out of direct sunlight.|Once opened, consume within 3 days.|"
    "Protect from heat and light."
).split("|")
INGREDIENTS = {
    "en": ("Ingredients:", "INGREDIENTS:"), "de": ("Zutaten:",), "fr": ("Ingredients:",), "es": ("Ingredientes:",),
    "ms": ("Ramuan:",),
}  # fmt: skip


def _kept_dates(sheet: Sheet) -> tuple[str, str]:
    """When it was packed and until when it is good: the second is the later one."""
    rng = sheet.rng
    packed, write = (
        datetime.date(rng.randint(2015, 2028), rng.randint(1, 12), rng.randint(1, 28)),
        calendar(sheet),
    )
    best = packed + datetime.timedelta(days=rng.choice((4, 9, 21, 60, 180, 365, 700)))
    return write(packed), write(best)


def pack(sheet: Sheet) -> None:
    """The back of a pack, or the sticker of a scale in a shop."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    stock = Stock(sheet, rng.choice(("white", "white", "pale", "bright", "dark")))
    language, product, maker = tongue(rng), food(rng), sheet.once(lambda: brand(rng))
    packed, best = _kept_dates(sheet)
    per_kilo, weighed = (
        rng.randint(150, 4200),
        sheet.chance(0.4),
    )  # weighed: as a scale prints it, with a price
    grams = rng.randint(20, 1900) if weighed else rng.randint(2, 80) * 25
    before, behind = pricing(sheet)
    weight = f"{grams / 1000:.3f} kg" if weighed else f"{grams} g"
    drawn = {
        "best before date": lambda: best,
        "net weight": lambda: weight,
        "lot number": lambda: code(rng, rng.choice(("L99999", "A9999", "L 999 99", "9999A", "L9999-9"))),
        "packing date": lambda: packed,
        "country of origin": lambda: rng.choice(COUNTRIES),
        "storage temperature": lambda: rng.choice(
            ("2 - 8 C", "4 C", "-18 C", "0 - 4 C", "below 7 C", "15 - 25 C")
        ),
        "number of servings": lambda: str(rng.randint(1, 16)),
        "plant number": lambda: code(rng, rng.choice(("AA 999 EC", "P-9999", "999"))),
    }
    if weighed:
        drawn["price per kilogram"] = lambda: before + values.amount(per_kilo) + behind
        drawn["price"] = lambda: before + values.amount(round(per_kilo * grams / 1000)) + behind
    first = ("best before date", *(("price",) if weighed else ()), "net weight")
    fields, lacking = chosen(stock, drawn, WORDS, language, count=several(sheet, 3, len(drawn)), first=first)
    what = (
        product,
        ("What is the product?", "Which food is it?", "What is the product called?"),
    )
    who = (maker, ("What is the brand?", "Which brand is it?", "Who makes it?"))
    head: list[Block] = [
        Text(
            text=product,
            scale=rng.uniform(1.4, 1.9),
            weight="bold",
            asks=[what],
            wanted=True,
            coloured=sheet.chance(0.3),
        ),
        Text(text=maker, asks=[who], spare=True, lead=0.1, band=sheet.chance(0.2)),
    ]
    if sheet.chance(0.4):
        head.reverse()
    body = Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=rng.randint(1, 2),
        fewest=2,
        lead=0.5,
        boxed=sheet.chance(0.25),
        striped=sheet.chance(0.2),
        bold=rng.choice(("", "label", "value")),
    )
    blocks = [*head]
    texts = _contents(sheet, language) if not weighed or sheet.chance(0.5) else []
    blocks += [body, *texts] if sheet.chance(0.5) else [*texts, body]
    if sheet.chance(0.5):
        number = article(rng)
        ways = ("What is the barcode number?", "Which number is printed below the barcode?")
        blocks.append(
            Bars(number=number, asks=[(number, ways)], share=rng.uniform(0.6, 0.9), spare=True, lead=0.5)
        )
    stick(
        sheet,
        stock,
        blocks,
        Cut(
            rng.choice(("card", "wood", "wall", "glass")),
            rng.uniform(0.7, 1.3),
            rng.choice(("square", "round")),
            rng.choice(("", "", "single")),
        ),
    )
    facts.kind = "food label"
    facts.caption = f"A food label of {product}" + (f", best before {best}." if _printed(body, best) else ".")


def _printed(block: Fields, value: str) -> bool:
    return any(one.value == value for one in block.fields)


def _contents(sheet: Sheet, language: str) -> list[Block]:
    """Ingredients, allergens, and how to keep it."""
    rng = sheet.rng
    stuffs = rng.sample(STUFFS, sheet.count(3, 14))
    listed = [f"{stuffs[0]} ({rng.randint(20, 80)}%)" if sheet.chance(0.4) else stuffs[0], *stuffs[1:]]
    label = rng.choice(INGREDIENTS[language])
    whole = ", ".join(listed)
    asks = [
        (whole, ("What are the ingredients?", "List the ingredients.", "Which ingredients does it have?")),
        (listed[0], ("What is the first ingredient?", "Which ingredient is listed first?")),
        (listed[-1], ("What is the last ingredient?", "Which ingredient is listed last?")),
    ]
    blocks: list[Block] = [Words(text=f"{label} {whole}.", scale=0.9, asks=asks, spare=True, lead=0.5)]
    held = list(dict.fromkeys(ALLERGENS[stuff] for stuff in stuffs if stuff in ALLERGENS))
    if held and sheet.chance(0.75):
        told = ", ".join(held)
        ways = (
            "Which allergens does it contain?",
            "What are the allergens?",
            "What does the allergy note say it contains?",
        )
        blocks.append(
            Words(
                text=f"{rng.choice(('Contains:', 'Allergens:', 'CONTAINS'))} {told}",
                weight="bold",
                scale=0.9,
                asks=[(told, ways)],
                spare=True,
            )
        )
    if sheet.chance(0.6):
        kept = rng.choice(KEPT)
        ways = (
            "What does the storage note say?",
            "What is the advice on storing or using it?",
            "Which advice is printed?",
        )
        blocks.append(Words(text=kept, scale=0.9, asks=[(kept, ways)], spare=True))
    return blocks
