"""The lines of date, time, bill number, cashier and table, above the goods of a receipt or at its end."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.tills import asked
from minimax_vl.synthetic.tills.strip import Strip
from minimax_vl.synthetic.values import MONTHS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Saturday", "Tuesday")


def date_text(strip: Strip) -> str:
    """A date in one of the forms tills print: mostly numeric, years of two or four digits."""
    rng = strip.sheet.rng
    d, m, y = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1999, 2026)
    if rng.random() < 0.15:
        return strip.sheet.values.date()
    month, short = MONTHS[m - 1][:3], y % 100
    common = (
        f"{d:02d}/{m:02d}/{y}",
        f"{d:02d}-{m:02d}-{y}",
        f"{d:02d}/{m:02d}/{short:02d}",
        f"{m:02d}/{d:02d}/{y}",
    )
    numeric = (
        f"{d:02d}-{m:02d}-{short:02d}", f"{m}/{d}/{y}", f"{m:02d}/{d:02d}/{short:02d}", f"{y}-{m:02d}-{d:02d}",
        f"{d:02d}.{m:02d}.{y}", f"{d}/{m}/{y}", f"{y}/{m:02d}/{d:02d}", f"{d:02d} {m:02d} {y}", f"{m}-{d}-{short:02d}",
        f"{d:02d}.{m:02d}.{short:02d}", f"{m:02d}/{d:02d}-{y}",
    )  # fmt: skip
    named = (
        f"{d:02d} {month} {y}",
        f"{d:02d}-{month.upper()}-{y}",
        f"{month} {d}, {y}",
        f"{d:02d}{month.upper()}'{short:02d}",
        f"{d:02d}-{month}-{y}",
    )
    return rng.choice(rng.choice((common, common, numeric, numeric, named)))


def _others(strip: Strip) -> tuple[tuple[str, Callable[[], str], str, float], ...]:
    """Labels, how a value is drawn, what it is called in a question ('' for the label), and how often it is there."""
    rng, values = strip.sheet.rng, strip.sheet.values
    bills = (
        "Bill No|Receipt #|Doc No|Invoice No|Inv No|Slip No.|Rcpt#|CS No|Bill#|Trans No|Chk|Check|Order #|Ref"
    )
    table = f"{rng.choice(('', '', 'A', 'C', 'T'))}{rng.randint(1, 80)}"
    till = str(rng.randint(1, 40)).zfill(rng.choice((1, 2, 3)))
    return (
        (bills, values.code, "", 0.75),
        (
            "Cashier|CASHIER|Served by|Server|Operator|Clerk|User|Staff|Your cashier",
            values.first_name,
            "cashier",
            0.6,
        ),
        ("Counter|POS|Terminal|Reg|Station|TE#|Till", lambda: till, "", 0.3),
        ("Table|TABLE|Table No|TBL", lambda: table, "table number", 0.2),
        ("Guests|Pax|Covers|Cover", lambda: str(rng.randint(1, 12)), "number of guests", 0.12),
        ("Member|Member ID|Customer|Cust|Ship To|Salesperson", values.person, "", 0.2),
        ("Store|ST#|Store No|Branch", lambda: values.digits(4), "store number", 0.15),
    )


def reference(strip: Strip) -> None:
    """Date, time, bill number, cashier, till and table, in the order and shape of one of many tills."""
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    date, time = date_text(strip), values.time().replace(" ", rng.choice(("", " ")))
    time = time.lower() if sheet.chance(0.15) else time
    lines: list[list[tuple[str, str, tuple[str, ...], str]]] = []
    form = rng.random()
    colon = rng.choice((": ", ":", " : ", " ", ":  "))
    if form < 0.25:  # bare, side by side
        prefix = rng.choice(("", "", f"{rng.choice(DAYS)} "))
        end = rng.choice((f"T{rng.randint(1, 9)} R{values.digits(6)}", "", "", f"#{values.digits(4)}"))
        if strip.row(
            [(prefix + date, 0.0, 0.0), (time, 0.5 if end else 1.0, 0.5 if end else 1.0)]
            + ([(end, 1.0, 1.0)] if end else [])
        ):
            facts.want(date, asked.DATE)
            facts.want(time, asked.TIME)
    elif form < 0.45:  # one string
        label = rng.choice(("Date", "DATE", "Date/Time", "", "", "INV DATE", "Trans. Date", "DD"))
        both = f"{time} {date}" if sheet.chance(0.2) else f"{date}{rng.choice((' ', ' ', '  ', ', '))}{time}"
        text = f"{label}{colon}{both}" if label else both
        if strip.put(text, rng.choice((0.0, 0.0, 0.5))):
            facts.want(date, asked.DATE)
            facts.want(time, asked.TIME)
    else:
        lines.append(
            [(rng.choice(("Date", "DATE", "Date", "Invoice Date", "Bill Date", "Dt")), date, asked.DATE, "")]
        )
        if sheet.chance(0.6):
            entry = (rng.choice(("Time", "TIME", "Time")), time, asked.TIME, "")
            lines[-1].append(entry) if sheet.chance(0.4) else lines.append([entry])
    for labels, draw, name, share in _others(strip):
        if sheet.chance(share * (0.4 + 0.6 * sheet.level)):
            label = rng.choice(labels.split("|"))
            if any(label.lower() == entry[0].lower() for line in lines for entry in line):
                continue
            forms = (
                asked.FIELD if name else ("What is the {name}?", "What is written after '{name}'?", "{name}?")
            )
            entry = (label, draw(), forms, name or label)
            lines[-1].append(entry) if lines and len(lines[-1]) == 1 and sheet.chance(0.3) else lines.append(
                [entry]
            )
    rng.shuffle(lines)
    apart = rng.choice((0.0, 0.0, 0.3, 0.35, 1.0))
    for line in lines:
        if not strip.room(9):
            break
        shown = [(strip.show(label), value, forms, name) for label, value, forms, name in line]
        if len(shown) == 2:
            done = strip.row(
                [(f"{a}{colon}{b}", (0.0, 1.0)[i], (0.0, 1.0)[i]) for i, (a, b, _, _) in enumerate(shown)]
            )
        elif apart:
            label, value = shown[0][:2]
            at, align = (apart, 0.0) if apart < 1 else (1.0, 1.0)
            done = strip.row([(label + colon.rstrip(), 0.0, 0.0), (value, at, align)])
        else:
            done = strip.put(f"{shown[0][0]}{colon}{shown[0][1]}")
        if done:
            for _, value, forms, name in shown:
                put = facts.want if forms in (asked.DATE, asked.TIME) else facts.ask
                put(value, forms, name=name)
