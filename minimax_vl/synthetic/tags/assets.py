"""Tags by which owners count what they have: a number, its barcode, a few fields."""

from __future__ import annotations

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Bars, Beside, Block, Mark, Text, named
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import code

WORDS = wordings("""
department | Department, Dept., Dept | Abteilung | Service | Departamento | Jabatan
room | Room, Room No. | Room | Room | Room | Room
serial number | Serial No., S/N | Serien-Nr. | No. de serie | No. de serie | No. Siri
date of purchase | Purchased, Purchase Date, Acquired | Kaufdatum | Achat le | Fecha de compra | Tarikh beli
@person in charge, @custodian | Custodian, Assigned to, User | Nutzer | Responsable | Responsable | Penjaga
model | Model | Modell | Modele | Modelo | Model
next inspection | Next Inspection, Next Test, Test due | Naechste Pruefung | Controle | Proxima revision | Ujian
item, item description | Item, Description | Gegenstand | Article | Articulo | Barang
building | Building, Bldg | Gebaeude | Batiment | Edificio | Bangunan
cost centre | Cost Centre, Cost Ctr. | Kostenstelle | Centre de cout | Centro de coste | Pusat kos
""")
ITEMS = (
    "Laptop|Monitor|Office Chair|Projector|Printer|Microscope|Desk|Cordless Drill|Ladder|Router|Camera|Tablet|"
    "Scanner|Oscilloscope|Whiteboard|Fire Extinguisher|Fridge|Server|Forklift|Keyboard"
).split("|")


OWNED = ("Property of", "PROPERTY OF", "This item belongs to", "Owned by")


def asset(sheet: Sheet) -> None:
    """The tag by which an owner counts things: a number, its barcode, a few fields."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    stock = Stock(sheet, rng.choice(("white", "white", "metal", "bright", "pale", "dark")))
    language = tongue(rng)
    owner = sheet.once(values.company)
    number = code(rng, rng.choice(("999999", "A-99999", "AA 9999", "9999-999", "AAA-999999", "AA9999")))
    ways = (*named("asset number", "inventory number"), "Read the asset number.")
    owned = (
        owner,
        ("Who owns the item?", "Whose property is it?", "Who does the item belong to?", "Who is the owner?"),
    )
    head: list[Block] = [
        Text(text=rng.choice(OWNED), scale=0.85, align=0.5, spare=True),
        Text(
            text=owner,
            scale=1.4,
            weight="bold",
            align=0.5,
            asks=[owned],
            lead=0.05,
            band=sheet.chance(0.4),
            wanted=True,
        ),
    ]
    title = Text(
        text=rng.choice(("ASSET NO.", "Asset Tag", "INVENTORY NO.", "Inventory", "FIXED ASSET", "ASSET")),
        scale=0.9,
        align=0.5,
    )
    if sheet.chance(0.55):
        tag: list[Block] = [
            title,
            Bars(
                number=number,
                asks=[(number, ways)],
                scale=rng.uniform(2, 3.6),
                lead=0.1,
                share=rng.uniform(0.7, 1),
                wanted=True,
            ),
        ]
    else:
        large = Text(
            text=number,
            scale=rng.uniform(1.8, 2.6),
            weight="bold",
            align=0.5,
            asks=[(number, ways)],
            lead=0.1,
            wanted=True,
        )
        square = Mark(square=True, scale=rng.uniform(3.5, 5), spare=True)
        tag = (
            [Beside(left=[square], right=[title, large], share=0.34)] if sheet.chance(0.6) else [title, large]
        )
    drawn = {
        "department": lambda: rng.choice(DEPARTMENTS),
        "room": lambda: code(rng, rng.choice(("999", "A9.99", "9-999"))),
        "serial number": lambda: code(rng, "AA999999"),
        "date of purchase": values.date,
        "person in charge": values.person,
        "model": lambda: code(rng, "AA-9999"),
        "next inspection": lambda: f"{rng.randint(1, 12):02d}/{rng.randint(2024, 2031)}",
        "item": lambda: rng.choice(ITEMS),
        "building": lambda: code(rng, rng.choice(("A", "99", "A9"))),
        "cost centre": lambda: code(rng, "9999"),
    }
    fields, lacking = chosen(stock, drawn, WORDS, language, count=several(sheet, 2, 9))
    details = Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=rng.randint(1, 2),
        boxed=sheet.chance(0.3),
        bold=rng.choice(("", "label", "value")),
        lead=0.4,
        align=rng.choice((0.0, 0.5)),
    )
    foot: list[Block] = []
    if sheet.chance(0.4):
        foot = [
            Text(
                text=rng.choice(("Do not remove", "DO NOT REMOVE THIS TAG", "If found, please return")),
                scale=0.85,
                align=0.5,
                spare=True,
            )
        ]
    parts = [tag, [details]]
    rng.shuffle(parts)
    stick(
        sheet,
        stock,
        [*head, *parts[0], *parts[1], *foot],
        Cut(
            rng.choice(("wall", "steel", "wood")),
            rng.uniform(0.5, 0.9),
            rng.choice(("square", "round", "round")),
            rng.choice(("", "single")),
            hole=sheet.chance(0.15),
            most=32,
        ),
    )
    facts.kind = "asset tag"
    facts.caption = f"An asset tag of {owner.rstrip('.')} with the number {number}."


DEPARTMENTS = (
    "IT|Finance|Library|Workshop|Human Resources|Radiology|Physics|Purchasing|Maintenance|Kitchen|Warehouse|"
    "Reception|Design|Sales|Laboratory 2|Marketing"
).split("|")
