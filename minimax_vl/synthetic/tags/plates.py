"""Type plates of machines: many short fields, on paper or in light print on dark metal."""

from __future__ import annotations

import random
from collections.abc import Callable

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Beside, Block, Mark, Rule, Text
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, tongue, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import COUNTRIES, code

HEAVY = (
    "Air Compressor|Induction Motor|Water Pump|Drill Press|Welding Machine|Gearbox|Centrifuge|Transformer|"
    "Hydraulic Pump|Generator|Lathe|Band Saw|Chiller|Boiler|Crane Hoist|Milling Machine|Conveyor|Press"
).split("|")
LIGHT = (
    "Dishwasher|Refrigerator|Power Supply|Battery Charger|Space Heater|Vacuum Cleaner|Microwave Oven|"
    "Laser Printer|Hair Dryer|Coffee Machine|Washing Machine|Fan|Toaster|Monitor|Blender|Router|Sewing Machine|"
    "Rice Cooker"
).split("|")
MAKERS = (
    "Works|Industries|Machines|Electric|Motors|Tools|Technik|Pumps|Engineering|Manufacturing|Corp.|GmbH|Co. Ltd"
).split("|")
MACHINE = wordings("""
model, model number | Model, Model No., MODEL, Mod. | Modell | Modele | Modelo | Model
serial number | Serial No., S/N, Serial Number | Serien-Nr., Fabr.-Nr. | No. de serie | No. de serie | No. Siri
voltage, rated voltage | Voltage, Rated Voltage, Input, U | Spannung | Tension | Voltaje, Tension | Voltan
frequency | Frequency, Freq. | Frequenz | Frequence | Frecuencia | Frekuensi
power, rated power | Power, Rated Power, Output, P | Leistung | Puissance | Potencia | Kuasa
current, rated current | Current, Amps, Rated Current | Strom | Courant | Corriente | Arus
year of manufacture | Year, Mfg. Year, Year of Mfg. | Baujahr | Annee | Ano de fabr. | Tahun
mass, mass of the machine | Mass, Weight, Net Mass | Masse, Gewicht | Masse, Poids | Peso, Masa | Berat
speed, rated speed | Speed, RPM, Rated Speed | Drehzahl | Vitesse | Velocidad | Kelajuan
protection class | IP Code, Protection, IP Rating | Schutzart | Indice IP | Proteccion | Perlindungan
maximum pressure | Max. Pressure, Pressure | Max. Druck | Pression max. | Presion max. | Tekanan maks.
capacity | Capacity, Volume | Inhalt | Capacite | Capacidad | Kapasiti
insulation class | Ins. Class, Insulation | Isol.-Kl. | Classe isol. | Clase aisl. | Kelas penebat
part number | Part No., P/N | Teile-Nr. | Piece no. | No. de pieza | No. Bahagian
phase | Phase, Phases, Ph | Phasen | Phases | Fases | Fasa
""")


def plate(sheet: Sheet) -> None:
    """The plate that a maker rivets to a machine."""
    rng, facts = sheet.rng, sheet.facts
    tone = rng.choice(("metal", "metal", "dark", "dark", "white", "white", "bright"))
    stock = Stock(sheet, tone, mono=0.12)
    language = tongue(rng)
    heavy = sheet.chance(0.6)
    maker, machine = f"{names.stem(rng)} {rng.choice(MAKERS)}", rng.choice(HEAVY if heavy else LIGHT)
    who = (
        maker,
        (
            "Who made the machine?",
            "Who is the manufacturer?",
            "What is the name of the manufacturer?",
            "Which company made it?",
        ),
    )
    what = (
        machine,
        ("What kind of machine is it?", "What machine is the plate of?", "Which machine is this?"),
    )
    name = Text(
        text=maker,
        scale=rng.uniform(1.3, 1.9),
        weight="bold",
        asks=[who],
        align=rng.choice((0, 0.5)),
        coloured=True,
        wanted=True,
    )
    kind = Text(text=machine, scale=1.1, asks=[what], align=name.align, lead=0.1, band=sheet.chance(0.25))
    head: list[Block] = [name, kind]
    if sheet.chance(0.4):
        name.align = kind.align = 0.0
        head = [Beside(left=[Mark(square=False, scale=2.4)], right=head, share=rng.uniform(0.16, 0.22))]
    drawn = _ratings(rng, heavy=heavy)
    first = ("model", "serial number")
    fields, lacking = chosen(stock, drawn, MACHINE, language, count=several(sheet, 4, 15), first=first)
    body = Fields(
        fields=fields,
        lacking=lacking,
        look=rng.choice(LOOKS),
        columns=rng.randint(1, 3),
        lead=0.5,
        boxed=sheet.chance(0.4),
        bold=rng.choice(("", "label", "value")),
        fewest=3,
    )
    foot: list[Block] = []
    if sheet.chance(0.55):
        land = rng.choice(COUNTRIES)
        made = (
            land,
            ("Where was it made?", "In which country was it made?", "What is the country of origin?"),
        )
        foot = [
            Text(
                text=f"{rng.choice(('Made in', 'MADE IN'))} {land}",
                scale=0.9,
                align=0.5,
                asks=[made],
                spare=True,
            )
        ]
    if sheet.chance(0.25):
        note = rng.choice(NOTES)
        ways = ("What does the warning say?", "Which warning is printed?", "Read the warning.")
        foot.append(
            Text(text=note, scale=0.9, weight="bold", align=0.5, band=True, asks=[(note, ways)], spare=True)
        )
    shape, frame = rng.choice(("round", "round", "square", "cut")), rng.choice(("", "single", "double"))
    screwed = sheet.chance(0.5) and shape != "cut" and not frame
    ruled: list[Block] = [Rule(thick=0.12)] if sheet.chance(0.4) else []
    stick(
        sheet,
        stock,
        [*head, *ruled, body, *foot],
        Cut("steel", rng.uniform(0.5, 0.9), shape, frame, screwed=screwed),
    )
    facts.kind = "type plate"
    facts.caption = f"A type plate of a machine, {machine}, made by {maker.rstrip('.')}."


def _ratings(rng: random.Random, *, heavy: bool) -> dict[str, Callable[[], str]]:
    """What a plate can state: of a machine in a workshop, or of a device that stands in a home or an office."""
    three = heavy and rng.random() < 0.5
    volts = (
        ("400 V", "3 x 400 V", "380-415 V", "480 V")
        if three
        else ("230 V", "110-127 V", "220-240 V", "120 V", "100 V")
    )
    drawn: dict[str, Callable[[], str]] = {
        "model": lambda: code(rng, rng.choice(("AA-999", "A999-9A", "AAA 99.9", "99A9", "A-9999", "AA999A"))),
        "serial number": lambda: code(
            rng, rng.choice(("99999999", "AA9999999", "99-99999", "A9999-999", "#########"))
        ),
        "voltage": lambda: rng.choice(volts),
        "frequency": lambda: rng.choice(("50 Hz", "60 Hz", "50/60 Hz")),
        "power": lambda: (
            f"{rng.uniform(0.4, 55 if three else 4):.1f} kW" if heavy else f"{rng.randint(2, 240) * 10} W"
        ),
        "current": lambda: f"{rng.uniform(0.2, 60 if heavy else 12):.1f} A",
        "year of manufacture": lambda: str(rng.randint(1988, 2026)),
        "mass": lambda: f"{rng.randint(12, 1900)} kg" if heavy else f"{rng.uniform(0.5, 70):.1f} kg",
        "protection class": lambda: f"IP{rng.choice((20, 21, 44, 54, 55, 65, 66, 67))}",
        "part number": lambda: code(rng, "999.999-99"),
        "phase": lambda: "3" if three else "1",
    }
    if heavy:
        drawn |= {
            "speed": lambda: f"{rng.randint(60, 600) * 5} {rng.choice(('rpm', '1/min'))}",
            "maximum pressure": lambda: f"{rng.uniform(2, 300):.1f} bar",
            "capacity": lambda: f"{rng.randint(2, 500)} L",
            "insulation class": lambda: rng.choice("ABEFH"),
        }
    return drawn


NOTES = (
    "Disconnect before opening|For indoor use only|Hot surface|Read the manual|Do not immerse in water|"
    "Danger: high voltage|No user serviceable parts inside|Keep away from children"
).split("|")
