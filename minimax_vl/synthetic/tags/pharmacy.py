"""Labels that a pharmacy sticks on a bottle or box of medicine: for whom, what, how to take it, until when."""

from __future__ import annotations

import datetime
import random

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Bars, Beside, Block, Rule, Text, Words, named
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import calendar, code

WORDS = wordings("""
prescription number | Rx, Rx No., Rx #, RX | Rezept-Nr. | Ordonnance no. | Receta no. | No. Preskripsi
quantity | Qty, QTY, Quantity | Menge | Quantite | Cantidad | Kuantiti
number of refills | Refills, Refills left, REFILLS | Refills | Refills | Refills | Refills
@prescriber, @doctor | Prescriber, Prescribed by, Physician | Arzt | Medecin, Docteur | Doctor | Doktor
expiry date | Exp., Expires, Discard after | Verfall, Verwendbar bis | Exp., Peremption | Caduca, Cad. | Tarikh luput
date filled | Filled, Date filled, Dispensed | Abgabe am | Delivre le | Dispensado | Tarikh bekal
@manufacturer | Mfr., MFG, Manufacturer | Hersteller | Fabricant | Fabricante | Pengilang
@pharmacist | RPh, Pharmacist | Apotheker | Pharmacien | Farmaceutico | Ahli farmasi
date of birth | DOB, Date of birth | DOB, Born | DOB | DOB | DOB
drug code, NDC number | NDC | NDC | NDC | NDC | NDC
""")
PATIENT = {
    "en": ("Patient:", "PATIENT", "Name:", "Patient"),
    "de": ("Patient:",),
    "fr": ("Patient:",),
    "es": ("Patient / Paciente:",),
    "ms": ("Nama / Name:",),
}
ENDS = "ine|ol|azole|pril|statin|mycin|cillin|ide|oxen|amide|idine|ium|one|axel|ipine".split("|")
FORMS = {"tablet": "tabs", "capsule": "caps", "chewable tablet": "chew tabs"}
COUNTS = ("one", "two", "1", "2", "three")
TIMES = (
    "once a day|twice daily|three times a day|every 6 hours|every 8 hours|every 12 hours|at bedtime|"
    "every morning|with each meal|every 4 hours as needed|once a week|in the evening"
).split("|")
WHILE = (
    "",
    "",
    " with food",
    " for 7 days",
    " for 10 days",
    " as needed for pain",
    " with water",
)
WARNINGS = (
    "May cause drowsiness|Do not drink alcohol|Take with food|Keep out of reach of children|"
    "Finish all of this medicine|Avoid sunlight|Do not crush or chew|Keep in the refrigerator|Do not drive|"
    "Drink plenty of water"
).split("|")


def drug(rng: random.Random) -> str:
    """A medicine that does not exist."""
    stem = names.invented(rng, 1, 3)
    return (stem.rstrip("aeiou") or stem).capitalize() + rng.choice(ENDS)


def medicine(sheet: Sheet) -> None:
    """One label with the pharmacy at its top or bottom."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "white", "white", "pale")), mono=0.15)
    language = tongue(rng)
    patient, name = sheet.once(lambda: f"{names.given(rng)} {names.surname(rng)}"), drug(rng)
    strength = f"{rng.choice((5, 10, 20, 25, 40, 50, 100, 200, 250, 400, 500, 850))} {rng.choice(('mg', 'mg', 'mcg'))}"
    whom = (
        patient,
        ("Who is the medicine for?", "Who is the patient?", "What is the name of the patient?", "Patient?"),
    )
    what = (
        name,
        (
            "What is the medicine?",
            "What is the name of the drug?",
            "Which drug is it?",
            "Which medicine is it?",
        ),
    )
    how = (
        strength,
        ("What is the strength of the drug?", "How strong is the medicine?", "What is the strength?"),
    )
    made = rng.choice(list(FORMS))
    for_patient: list[Block] = [
        Text(
            text=f"{rng.choice(PATIENT[language])} {patient}",
            scale=1.15,
            weight=rng.choice(("bold", "plain")),
            asks=[whom],
            wanted=True,
        )
    ]
    medicine_ = Text(
        text=f"{name} {strength} {rng.choice((made + 's', made.upper() + 'S', FORMS[made]))}",
        scale=1.3,
        weight="bold",
        asks=[what, how],
        wanted=True,
        band=sheet.chance(0.25),
    )
    blocks = [for_patient, [medicine_], _dose(sheet, made)]
    if sheet.chance(0.4):
        blocks.append(blocks.pop(0))
    drawn = {
        "prescription number": lambda: code(rng, rng.choice(("9999999", "999999-99", "A999999", "9-999999"))),
        "quantity": lambda: str(rng.choice((10, 14, 20, 21, 28, 30, 42, 60, 90, 100))),
        "number of refills": lambda: rng.choice(("0", "1", "2", "3", "5", "none", "NO REFILLS")),
        "prescriber": lambda: f"Dr. {names.surname(rng)}",
        "manufacturer": lambda: (
            f"{names.invented(rng, 2, 3).title()} {rng.choice(('Pharma', 'Labs', 'Healthcare'))}"
        ),
        "pharmacist": lambda: names.initials(rng, 2, 3),
        "drug code": lambda: code(rng, "99999-999-99"),
    }
    filled = datetime.date(rng.randint(2012, 2027), rng.randint(1, 12), rng.randint(1, 28))
    write = calendar(sheet)
    drawn |= {
        "date filled": lambda: write(filled),
        "expiry date": lambda: write(filled + datetime.timedelta(days=rng.randint(150, 900))),
        "date of birth": lambda: write(filled - datetime.timedelta(days=rng.randint(900, 33000))),
    }
    fields, lacking = chosen(
        stock, drawn, WORDS, language, count=several(sheet, 3, 10), first=("expiry date", "prescriber")
    )
    body = Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=rng.randint(1, 3),
        fewest=2,
        lead=0.4,
        boxed=sheet.chance(0.2),
        bold=rng.choice(("", "label", "value")),
    )
    parts = [part for group in blocks for part in group]
    parts.insert(rng.choice((0, len(parts), len(parts))), body)
    house, shop = _house(sheet)
    rule: list[Block] = [Rule(thick=rng.choice((0.05, 0.12)))]
    parts = [*house, *rule, *parts] if sheet.chance(0.8) else [*parts, *rule, *house]
    if sheet.chance(0.55):
        parts += _warnings(sheet)
    ground = rng.choice(("glass", "glass", "wall", "wood"))
    stick(
        sheet,
        stock,
        parts,
        Cut(ground, rng.uniform(0.55, 0.9), rng.choice(("square", "round")), rng.choice(("", "single"))),
    )
    facts.kind = "medicine label"
    facts.caption = (
        f"A label for {patient.rstrip('.')} from {shop.rstrip('.')} on the medicine {name}, {strength}."
    )


def _dose(sheet: Sheet, made: str) -> list[Block]:
    """How to take it, as a sentence: in capitals on some labels."""
    rng = sheet.rng
    count, often = rng.choice(COUNTS), rng.choice(TIMES)
    some = made if count in ("one", "1") else f"{made}s"
    text = f"Take {count} {some} by mouth {often}{rng.choice(WHILE)}"
    text = text.upper() if sheet.chance(0.55) else f"{text}."
    often = often.upper() if text.isupper() else often
    ways = (
        "How should the medicine be taken?",
        "What are the directions?",
        "What is the dose?",
        "How is it to be taken?",
    )
    rate = (often, ("How often or when should it be taken?",))
    return [
        Words(
            text=text,
            scale=1.1,
            weight=rng.choice(("bold", "plain")),
            asks=[(text, ways), rate],
            wanted=True,
            most=5,
        )
    ]


def _house(sheet: Sheet) -> tuple[list[Block], str]:
    """The pharmacy with its address and telephone number, and its name."""
    rng, values = sheet.rng, sheet.values
    stem = names.surname(rng) if sheet.chance(0.5) else values.title(1, 1)
    shop = f"{stem} {rng.choice(('Pharmacy', 'Drug Store', 'Chemist', 'Apotheke', 'Pharmacie', 'Farmasi', 'Farmacia'))}"
    place, phone = values.address(), values.phone()
    who = (
        shop,
        ("Which pharmacy is it from?", "What is the name of the pharmacy?", "Which pharmacy filled it?"),
    )
    where = (place, ("What is the address of the pharmacy?", "Where is the pharmacy?"))
    call = (phone, ("What is the phone number of the pharmacy?", "What is the telephone number?"))
    align = rng.choice((0.0, 0.5))
    name = Text(text=shop, scale=1.3, weight="bold", align=align, asks=[who], band=sheet.chance(0.25))
    address = Text(text=place, scale=0.9, align=align, asks=[where], spare=True, lead=0.05)
    number = Text(
        text=f"{rng.choice(('Tel', 'Phone', 'PH', 'Tel.'))} {phone}",
        scale=0.9,
        align=align,
        asks=[call],
        spare=True,
        lead=0.05,
    )
    if sheet.chance(0.3):
        number.align = 1.0
        return [Beside(left=[name, address], right=[number], share=0.62)], shop
    return [name, address, number], shop


def _warnings(sheet: Sheet) -> list[Block]:
    """One warning in a band, which can be asked for, or several."""
    rng = sheet.rng
    first, *more = rng.sample(WARNINGS, rng.randint(1, 3))
    ways = ("Which warning is printed?", "What does the warning say?", "What is the warning?")
    asks = [] if more else [(first, ways)]
    blocks: list[Block] = [
        Text(text=first, weight="bold", align=0.5, band=True, asks=asks, spare=True, lead=0.5)
    ]
    blocks += [Text(text=text, scale=0.9, align=0.5, spare=True, lead=0.1) for text in more]
    if sheet.chance(0.2):
        number = code(rng, "999999999999")
        blocks.append(
            Bars(number=number, asks=[(number, named("barcode number"))], scale=1.6, share=0.6, spare=True)
        )
    return blocks
