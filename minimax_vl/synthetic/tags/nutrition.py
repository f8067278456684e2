"""Nutrition facts as American packs print them, and the table per 100 g of European ones."""

from __future__ import annotations

import random
from dataclasses import dataclass

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Beside, Block, Rule, Text, Words, named
from minimax_vl.synthetic.tags.fields import tongue
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.table import Row, Table
from minimax_vl.synthetic.tags.words import food

# Name, unit, what a day's worth is, and the most that a serving has.
VITAMINS = (
    ("Vitamin D", "mcg", 20, 10), ("Calcium", "mg", 1300, 400), ("Iron", "mg", 18, 12), ("Potassium", "mg", 4700, 900),
    ("Vitamin C", "mg", 90, 60), ("Vitamin A", "mcg", 900, 400), ("Zinc", "mg", 11, 6), ("Magnesium", "mg", 420, 160),
)  # fmt: skip
HELD = (
    "How much {nutrient} does one serving contain?", "How much {nutrient} is in a serving?",
    "What is the amount of {nutrient}?", "{nutrient}: amount?",
)  # fmt: skip
SHARED = (
    "What is the percent daily value of {nutrient}?", "What percentage of the daily value is the {nutrient}?",
    "What is the % daily value for {nutrient}?",
)  # fmt: skip
LACKED = ("How much {nutrient} does one serving contain?", "How much {nutrient} does it contain?")
SERVINGS = (
    "2/3 cup",
    "1 cup",
    "3 cookies",
    "1 bar",
    "2 tbsp",
    "1 slice",
    "12 chips",
    "1 bottle",
    "1 piece",
    "1/4 cup",
)


@dataclass(frozen=True)
class Serving:
    """What one serving of something holds, in grams; salt in milligrams of sodium."""

    fat: float
    saturated: float
    carbohydrate: float
    sugars: float
    added: float
    fiber: float
    protein: float
    sodium: int

    @classmethod
    def drawn(cls, rng: random.Random) -> Serving:
        fat, carbohydrate = float(rng.randint(0, 24)), float(rng.randint(1, 48))
        sugars = float(rng.randint(0, int(carbohydrate)))
        return cls(
            fat,
            float(rng.randint(0, int(fat) // 2 + int(fat > 0))),
            carbohydrate,
            sugars,
            float(rng.randint(0, int(sugars))),
            float(rng.randint(0, int(carbohydrate - sugars))),
            float(rng.randint(0, 21)),
            rng.randint(0, 160) * 5,
        )

    @property
    def calories(self) -> int:
        """From fat, carbohydrate and protein, to the next five as packs round it."""
        return round((9 * self.fat + 4 * self.carbohydrate + 4 * self.protein) / 5) * 5

    def grams(self, rng: random.Random) -> int:
        """Its weight: what it holds, and water."""
        return round(self.fat + self.carbohydrate + self.protein) + rng.randint(2, 60)


def american(sheet: Sheet) -> None:
    """The black and white panel: servings, calories in large print, nutrients with their shares of a day."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "white", "white", "pale", "dark")), mono=0.02)
    one, count = Serving.drawn(rng), rng.randint(1, 24)
    grams = one.grams(rng)
    size = f"{rng.choice(SERVINGS)} ({grams} g)" if sheet.chance(0.8) else f"{grams} g"
    calories = str(one.calories)
    ways = ("How many servings are in the container?", "How many servings per container are there?")
    said = "1 serving" if count == 1 else f"{'About ' if sheet.chance(0.3) else ''}{count} servings"
    parts = [
        Text(text=f"{said} per container", asks=[(str(count), ways)]),
        Text(text=f"Serving size {size}", weight="bold", lead=0.0, asks=[(size, named("serving size"))]),
    ]
    blocks: list[Block] = [
        Text(text="Nutrition Facts", scale=2.0, weight="bold"),
        Rule(thick=0.05, lead=0.05),
        *parts,
        Rule(thick=0.45),
        Text(text="Amount per serving", scale=0.85, weight="bold", lead=0.1, spare=True),
        _calories(calories, apart=sheet.chance(0.5)),
        Rule(thick=0.25, lead=0.1),
        Text(text="% Daily Value*", scale=0.85, weight="bold", align=1.0, lead=0.1),
        Table(_main(one), (HELD, SHARED), together=True),
        Rule(thick=0.45),
        Table(_vitamins(sheet), (HELD, SHARED), bold=False, together=True),
        Rule(thick=0.25),
    ]
    blocks.append(Words(text=f"* {rng.choice(FOOTNOTES)}", scale=0.8, spare=True))
    for nutrient in ("", "copper", "caffeine", "cholesterol"):
        facts.lack(LACKED, nutrient=nutrient)
    frame = rng.choice(("single", "single", ""))
    stick(
        sheet,
        stock,
        blocks,
        Cut(rng.choice(("card", "wall", "cloth", "glass")), rng.uniform(1.5, 2.0), frame=frame),
    )
    facts.kind = "nutrition label"
    facts.caption = f"A nutrition facts label, {calories} calories per serving."


def _calories(calories: str, *, apart: bool) -> Block:
    """The number that everyone looks for, at once behind its word or larger at the right edge."""
    ways = (
        "How many calories does one serving have?",
        "How many calories are in a serving?",
        "Calories?",
        "What is the number of calories?",
    )
    if not apart:
        return Text(
            text=f"Calories {calories}",
            scale=1.8,
            weight="bold",
            lead=0.0,
            asks=[(calories, ways)],
            wanted=True,
        )
    word = Text(text="Calories", scale=1.8, weight="bold")
    number = Text(text=calories, scale=2.3, weight="bold", align=1.0, asks=[(calories, ways)], wanted=True)
    return Beside(left=[word], right=[number], share=0.6, lead=0.0)


FOOTNOTES = (
    "The % Daily Value tells how much a nutrient in a serving adds to a daily diet of 2,000 calories.",
    "Percent daily values are based on a diet of 2,000 calories a day.",
    "Your daily values may be higher or lower, depending on your needs.",
)


def _main(one: Serving) -> list[Row]:
    def row(label: str, name: str, grams: float, day: int, deep: int = 0, *, spare: bool = False) -> Row:
        share = f"{round(100 * grams / day)}%" if day else ""
        return Row(label, name, (f"{grams:g}g", share), deep, spare)

    salt = Row("Sodium", "sodium", (f"{one.sodium}mg", f"{round(100 * one.sodium / 2300)}%"))
    return [
        row("Total Fat", "total fat", one.fat, 78),
        row("Saturated Fat", "saturated fat", one.saturated, 20, 1, spare=True),
        row("Trans Fat", "trans fat", 0, 0, 1, spare=True),
        salt,
        row("Total Carbohydrate", "total carbohydrate", one.carbohydrate, 275),
        row("Dietary Fiber", "dietary fiber", one.fiber, 28, 1, spare=True),
        row("Total Sugars", "total sugar", one.sugars, 0, 1, spare=True),
        row("Added Sugars", "added sugar", one.added, 50, 2, spare=True),
        row("Protein", "protein", one.protein, 0),
    ]


def _vitamins(sheet: Sheet) -> list[Row]:
    rows = []
    for label, unit, day, most in VITAMINS[: sheet.count(2, len(VITAMINS))]:
        amount = sheet.rng.randint(0, most)
        rows.append(
            Row(
                label,
                label[0].lower() + label[1:] if "Vitamin" not in label else label,
                (f"{amount}{unit}", f"{round(100 * amount / day)}%"),
                spare=bool(rows),
            )
        )
    return rows


# Labels by language; '-' sets one in below the row before.
EUROPEAN = {
    "en": "Energy|Fat|-of which saturates|Carbohydrate|-of which sugars|Fibre|Protein|Salt",
    "de": "Energie|Fett|-davon gesaettigt|Kohlenhydrate|-davon Zucker|Ballaststoffe|Eiweiss|Salz",
    "fr": "Energie|Matieres grasses|-dont satures|Glucides|-dont sucres|Fibres|Proteines|Sel",
    "es": "Valor energetico|Grasas|-saturadas|Hidratos de carbono|-azucares|Fibra|Proteinas|Sal",
    "ms": "Tenaga|Lemak|-lemak tepu|Karbohidrat|-gula|Serat|Protein|Garam",
}
NAMES = "energy|fat|saturated fat|carbohydrate|sugar|fibre|protein|salt".split("|")
TITLES = {
    "en": ("Nutrition", "Nutrition information", "Typical values", "NUTRITION"),
    "de": ("Naehrwerte", "Naehrwertangaben"),
    "fr": ("Valeurs nutritionnelles",), "es": ("Informacion nutricional",), "ms": ("Maklumat Pemakanan",),
}  # fmt: skip
HEADS = {
    "en": ("per 100 g", "per serving"), "de": ("pro 100 g", "pro Portion"), "fr": ("pour 100 g", "par portion"),
    "es": ("por 100 g", "por porcion"), "ms": ("setiap 100 g", "setiap hidangan"),
}  # fmt: skip


PORTIONS = {
    "en": ("1 serving =", "Serving size:", "1 portion ="), "de": ("1 Portion =",), "fr": ("1 portion =",),
    "es": ("1 porcion =",), "ms": ("1 hidangan =",),
}  # fmt: skip


def european(sheet: Sheet) -> None:
    """Rows of nutrients with what 100 g hold, and a portion."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "white", "pale", "pale", "bright", "dark")), mono=0.03)
    language, product, grams = tongue(rng), food(rng), rng.choice((15, 20, 25, 30, 40, 50, 60, 125, 150, 200))
    fat, carbohydrate = rng.randint(0, 350) / 10, rng.randint(0, 450) / 10
    protein, sugars = rng.randint(0, 120) / 10, rng.randint(0, round(carbohydrate * 10)) / 10
    per_100 = (
        fat,
        rng.randint(0, round(fat * 10)) / 10,
        carbohydrate,
        sugars,
        rng.randint(0, 50) / 10,
        protein,
        rng.randint(0, 30) / 10,
    )
    kcal = round(9 * fat + 4 * carbohydrate + 4 * protein)
    two, comma = sheet.chance(0.7), language in ("de", "fr", "es")
    scales = (1.0, grams / 100) if two else (1.0,)

    def shown(amount: float) -> str:
        text = f"{amount:.1f}"
        return (text.replace(".", ",") if comma else text) + " g"

    cells = [tuple(f"{round(4.184 * kcal * s)} kJ / {round(kcal * s)} kcal" for s in scales)]
    if sheet.canvas.width < 500:
        cells = [tuple(f"{round(kcal * s)} kcal" for s in scales)]
    cells += [tuple(shown(amount * s) for s in scales) for amount in per_100]
    rows = [
        Row(
            label.lstrip("-"),
            name,
            cell,
            int(label[0] == "-"),
            spare=name in ("fibre", "sugar", "saturated fat"),
        )
        for label, name, cell in zip(EUROPEAN[language].split("|"), NAMES, cells)
    ]
    heads = HEADS[language][: len(scales)]
    asks = (
        (
            "How much {nutrient} is in 100 g?",
            "What is the {nutrient} per 100 g?",
            "How much {nutrient} do 100 g contain?",
        ),
        (
            "How much {nutrient} is in one serving?",
            "What is the {nutrient} per serving?",
            "How much {nutrient} does a serving contain?",
        ),
    )[: len(scales)]
    title = rng.choice(TITLES[language])
    what = (product, ("Which product is it?", "Which food is the table for?", "What is the product?"))
    head: list[Block] = (
        [Text(text=product, scale=1.4, weight="bold", asks=[what], spare=True)] if sheet.chance(0.5) else []
    )
    head.append(Text(text=title, scale=1.3, weight="bold", band=sheet.chance(0.35)))
    table = Table(rows, asks, heads, bold=sheet.chance(0.5), ruled=sheet.chance(0.75))
    blocks: list[Block] = [*head, table]
    if two:
        portion = f"{grams} g"
        ways = ("How large is a serving?", "What is the size of a serving?", "How many grams is one serving?")
        said = f"{rng.choice(PORTIONS[language])} {portion}"
        blocks.append(Text(text=said, scale=0.9, asks=[(portion, ways)]))
    facts.lack(LACKED[1:], nutrient="")
    facts.lack(("How much {nutrient} is in 100 g?",), nutrient=rng.choice(("iron", "calcium", "alcohol")))
    stick(
        sheet,
        stock,
        blocks,
        Cut(
            rng.choice(("card", "wall", "glass")),
            rng.uniform(0.7, 1.1),
            rng.choice(("square", "round")),
            rng.choice(("", "single")),
        ),
    )
    facts.kind = "nutrition label"
    facts.caption = f"A table of nutrition values per 100 g{f' and per serving of {grams} g' if two else ''}."
