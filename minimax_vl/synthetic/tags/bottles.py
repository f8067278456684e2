"""Labels of bottles and jars: a name in large letters, what is in it, how much of it."""

from __future__ import annotations

import random

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Beside, Block, Mark, Rule, Text, Words
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import COUNTRIES, code

WORDS = wordings("""
volume | Volume, Contents, Vol. | Inhalt | Contenu | Contenido | Isipadu
net weight | Net weight, Net Wt, Net wt., NET | Nettogewicht, Gewicht | Poids net | Peso neto | Berat bersih
lot number, batch number | Lot, Lot No., Batch, L | Los, Charge | Lot | Lote | No. Kelompok
country of origin | Origin, Country of origin | Origin | Origine | Origin | Origin
region | Region | Region | Region | Region | Wilayah
bottle number | Bottle No. | Flasche Nr. | Bouteille no. | Botella no. | No. Botol
alcohol content | Alcohol, ALC. | Alkohol | Alcool | Alcohol | Alkohol
vintage, year of the vintage | Vintage, Year, Harvest | Jahrgang | Millesime | Cosecha | Tahun
best before date | Best before, Best Before, BBE | MHD | A consommer avant | Consumir antes de | Baik sebelum
""")
DRINKS = {  # with the least and the most alcohol in percent
    "Red Wine": (11, 15), "White Wine": (10, 14), "Rose Wine": (10, 13), "Cider": (4, 8), "Pale Ale": (4, 7),
    "Stout": (4, 9), "Dry Gin": (37, 47), "Rum": (37, 45), "Sherry": (15, 20), "Vermouth": (14, 18),
    "Wheat Beer": (4, 6), "Mead": (8, 14),
}  # fmt: skip
LIQUIDS = (
    "Olive Oil|Apple Vinegar|Maple Syrup|Soy Sauce|Chili Oil|Elderflower Cordial|Hand Soap|Shampoo|Bath Oil|"
    "Sunflower Oil|Lemonade|Ginger Beer|Mineral Water|Dish Soap|Sesame Oil|Tomato Juice"
).split("|")
SOLIDS = (
    "Orange Marmalade|Wild Honey|Raspberry Jam|Pickled Onions|Sauerkraut|Black Olives|Plum Jam|Hazelnut Spread|"
    "Gherkins|Lime Pickle|Peach Halves|Tomato Chutney"
).split("|")
SLOGANS = (
    "Made by hand since {year}|Founded in {year}|A family house since {year}|Established {year}|Est. {year}"
).split("|")


def bottle(sheet: Sheet) -> None:
    """The front of a bottle or jar: a large name in the middle, a kind, a year, how much is in it."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "pale", "pale", "dark", "dark", "bright")), mono=0.0)
    kind, language = rng.choice(rng.choice((list(DRINKS), LIQUIDS, SOLIDS))), tongue(rng)
    title = sheet.once(lambda: _estate(rng))
    called = (
        title,
        (
            "What is the name on the label?",
            "What is it called?",
            "Which brand is it?",
            "Read the large name.",
        ),
    )
    what = (
        kind,
        ("What is in it?", "What kind of product is it?", "What does it contain?", "What is the product?"),
    )
    since = str(rng.randint(1780, 2015))
    founded = (
        since,
        (
            "When was the house founded?",
            "In which year was the maker founded?",
            "Since which year has it been made?",
        ),
    )
    name = Text(
        text=title,
        scale=rng.uniform(1.9, 2.6),
        weight="bold",
        align=0.5,
        asks=[called],
        wanted=True,
        coloured=sheet.chance(0.5),
    )
    blocks: list[Block] = [
        name,
        Text(text=kind, scale=1.3, align=0.5, asks=[what], band=sheet.chance(0.3), wanted=True),
    ]
    if sheet.chance(0.6):
        blocks.insert(0, Mark(square=False, scale=rng.uniform(2.4, 4), spare=True))
    if sheet.chance(0.55):
        blocks.insert(
            rng.choice((1, len(blocks))),
            Text(
                text=rng.choice(SLOGANS).format(year=since), scale=0.9, align=0.5, asks=[founded], spare=True
            ),
        )
    blocks.append(Rule(thick=0.05))
    size = rng.choice(("750 ml", "500 ml", "330 ml", "0.7 L", "1 L", "250 ml", "350 ml"))
    size, held = (f"{rng.randint(8, 60) * 10} g", "net weight") if kind in SOLIDS else (size, "volume")
    drawn = {
        held: lambda: size,
        "lot number": lambda: code(rng, rng.choice(("L9999", "A99-9", "L99A"))),
        "country of origin": lambda: rng.choice(COUNTRIES),
        "region": lambda: names.town(rng),
        "bottle number": lambda: code(rng, "9999"),
    }
    if kind in DRINKS:
        drawn["alcohol content"] = lambda: f"{rng.uniform(*DRINKS[kind]):.1f}% vol"
        drawn["vintage"] = lambda: str(rng.randint(2016, 2025))
    else:
        drawn["best before date"] = sheet.values.date
    fields, lacking = chosen(
        stock, drawn, WORDS, language, count=several(sheet, 2, len(drawn)), first=(held,)
    )
    look = rng.choice(LOOKS)
    blocks.append(
        Fields(
            fields=fields,
            lacking=lacking,
            look=look,
            columns=rng.randint(1, 3),
            lead=0.5,
            align=0.5,
            bold=rng.choice(("", "label", "value")),
        )
    )
    if sheet.chance(0.5 * sheet.level):
        place = sheet.values.address()
        ways = ("What is the address of the maker?", "Where is it bottled?", "Where was it filled?")
        blocks.append(
            Words(
                text=f"{rng.choice(('Bottled at', 'Filled by hand at', 'Produced at'))} {place}",
                scale=0.9,
                align=0.5,
                asks=[(place, ways)],
                spare=True,
                lead=0.5,
            )
        )
    if sheet.chance(0.25):
        mark: list[Block] = [Mark(square=True, scale=4.0)]
        blocks[-1:] = [Beside(left=[blocks[-1]], right=mark, share=0.7, lead=0.5)]
    stick(
        sheet,
        stock,
        blocks,
        Cut(
            "glass",
            rng.uniform(0.9, 1.4),
            rng.choice(("square", "round", "cut")),
            rng.choice(("", "single", "double")),
            most=30,
        ),
    )
    facts.kind = "bottle label"
    facts.caption = f"A label of {kind} called {title.rstrip('.')}, {size}."


def _estate(rng: random.Random) -> str:
    """What a house puts in large letters."""
    word = names.word(rng).title()
    form = rng.choice(
        (
            "{}",
            "{} Hill",
            "{} & Sons",
            "Old {}",
            "Chateau {}",
            "{} Valley",
            "Casa {}",
            "{} Farm",
            "{} Brothers",
        )
    )
    return form.format(names.surname(rng) if rng.random() < 0.5 else word)
