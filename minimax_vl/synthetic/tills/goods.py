"""What was bought: lines of goods in the many arrangements of tills, each with its price in cents."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic import names
from minimax_vl.synthetic.tills import asked
from minimax_vl.synthetic.tills.strip import Strip

STYLES = (
    "plain",
    "plain",
    "flag",
    "flag",
    "count",
    "coded",
    "columns",
    "columns",
    "below",
    "below",
    "price below",
)
HEADS = (
    "QTY|U/P|AMT",
    "Qty|Price|Amount",
    "QTY|U.PRICE|TOTAL",
    "Qty|S/Price|Amount",
    "QTY|RM|RM",
    "Qty|Unit|Total",
)


@dataclass(frozen=True)
class Bought:
    """One line of goods."""

    name: str
    count: int
    cents: int  # of the whole line


def _name(strip: Strip, room: int) -> str:
    """Goods as tills shorten them: capitals, sizes, cut to so many characters."""
    sheet, rng = strip.sheet, strip.sheet.rng
    draw = rng.random()
    if draw < 0.3:
        text = sheet.values.goods()
    elif draw < 0.7:
        text = " ".join(names.word(rng) for _ in range(rng.randint(1, 3)))
    else:
        brand = rng.choice((names.initials(rng), names.invented(rng)))
        grams, pieces = rng.randint(1, 900), rng.randint(2, 60)
        packs = (
            f"{grams}G",
            f"{rng.randint(1, 20)}X{pieces}",
            f"({names.initials(rng, 1, 2)})",
            f"{pieces}PCS",
            f"-{pieces}",
        )
        size = rng.choice((*packs, "", "L", "1.5L", "S/L"))
        text = f"{brand} {names.word(rng)} {size}".strip()
    text = text[:room].strip() if rng.random() < 0.5 else text
    return text.upper() if strip.upper or rng.random() < 0.3 else text.title()


def _code(strip: Strip) -> str:
    rng, digits = strip.sheet.rng, strip.sheet.values.digits
    return rng.choice(
        (
            digits(13),
            digits(12),
            digits(rng.randint(4, 7)),
            f"{names.initials(rng, 1, 2)}{digits(4)}",
            digits(9),
        )
    )


def goods(strip: Strip, *, asian: bool, reserve: int) -> list[Bought]:
    """Lines of goods down to `reserve` lines above the bottom; asks for prices, counts and codes."""
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    style = rng.choice(STYLES)
    sign = values.currency if sheet.chance(0.25) else ""
    flag = (
        rng.choice(("S", "SR", "T", "F", "N", "X", "*S", "Z", ""))
        if style in ("flag", "below", "coded")
        else ""
    )
    head = rng.choice(HEADS if asian else HEADS[:2]).split("|")
    ends = sorted((rng.uniform(0.36, 0.5), rng.uniform(0.62, 0.76), 1.0))
    if style == "columns" and strip.row(
        [("Item", 0.0, 0.0), *((h, e, 1.0) for h, e in zip(head, ends, strict=True))]
    ):
        strip.rule()
    bought: list[Bought] = []
    wanted = sheet.count(3, 20 if strip.room(30) else 9)
    for _ in range(2 * wanted):
        if len(bought) >= wanted or not strip.room(reserve + 2):
            break
        count = rng.choice((1, 1, 1, 1, 2, 3, 4, 10))
        each = values.cents(4.2)
        name = sheet.once(lambda: _name(strip, 24))
        price = sign + values.amount(each * count)
        marked = f"{price} {flag}" if flag and not sheet.chance(0.1) else price
        code = _code(strip)
        if style == "plain" or style == "flag":
            done = strip.pair(name, marked)
        elif style == "count":
            done = strip.pair(f"{count} {name}", price)
            if done and count > 1:
                facts.ask(str(count), asked.COUNT, one_of_many=True, item=name)
        elif style == "coded":
            done = strip.pair(f"{code} {name}", marked) or strip.pair(
                f"{code[:4]} {name[:14]}".strip(), marked
            )
            name = name if done and sheet.canvas.lines[-1][0].text.endswith(name) else ""
        elif style == "columns":
            cells = [
                (str(count), ends[0], 1.0),
                (values.amount(each), ends[1], 1.0),
                (values.amount(each * count), 1.0, 1.0),
            ]
            done = strip.room(reserve + 3) and strip.put(name) and strip.row([(code[:6], 0.0, 0.0), *cells])
            price = values.amount(each * count)
            if done:
                facts.ask(str(count), asked.COUNT, one_of_many=True, item=name)
        elif style == "below":
            done = strip.room(reserve + 3) and strip.put(name)
            detail = rng.choice(
                (
                    f"{count} X {values.amount(each)}",
                    f"{code}  {count} x {values.amount(each)}",
                    f"{count} @ {values.amount(each)}",
                )
            )
            done = done and strip.row([(detail, 0.04, 0.0), (marked, 1.0, 1.0)])
            if done:
                facts.ask(code, asked.CODE, one_of_many=True, item=name) if code in detail else None
        else:
            done = (
                strip.room(reserve + 3)
                and strip.put(f"{code[:8]} {name}")
                and strip.pair(f"   {count}", price)
            )
        if not done:
            continue
        bought.append(Bought(name, count, each * count))
        facts.seen(price)
        if name:
            facts.ask(price, asked.PRICE, one_of_many=True, item=name)
            if sheet.chance(0.2):
                facts.ask(name, asked.WHICH_ITEM, mark=price, one_of_many=True, price=price)
    facts.lack(asked.PRICE, item="")
    return bought
