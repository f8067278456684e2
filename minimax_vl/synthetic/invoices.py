"""Invoices: seller, reference fields, the billed party, line items and totals."""

from __future__ import annotations

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import logo
from minimax_vl.synthetic.rows import key_values
from minimax_vl.synthetic.sheet import Sheet

BILLED = ("Who is the invoice billed to?", "Who is the customer?", "Billed to?", "Which customer is billed?")
SELLER = ("Who issued the invoice?", "Which company is the invoice from?", "What is the name of the seller?")
TOTALS = {
    "total": (
        "What is the total?",
        "How much is the total?",
        "Total?",
        "What is the total amount?",
        "What is the amount due?",
    ),
    "subtotal": ("What is the subtotal?", "Subtotal?", "How much is the subtotal?"),
    "tax": ("What is the tax?", "How much tax is charged?", "Tax?"),
}
SHORT = {"item": "Item", "qty": "Qty", "price": "Price", "amount": "Sum"}  # heads where long ones would meet
ITEM = {
    "qty": ("What is the quantity of {item}?", "How many {item}?", "{item}: quantity?"),
    "price": ("What is the unit price of {item}?", "What is the price of one {item}?"),
    "amount": (
        "What is the amount for {item}?",
        "How much is charged for {item}?",
        "{item}: amount?",
        "{item}?",
    ),
}


def invoice(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """One invoice over the whole room."""
    rng, canvas, values, edge = sheet.rng, sheet.canvas, sheet.values, x0
    word = rng.choice(("INVOICE", "Invoice", "TAX INVOICE", "Bill", "STATEMENT"))
    for taken in ("total", "amount due", "customer", "bill-to", "company", "vendor"):
        sheet.free(taken)  # asked for under another name below, so no field may be called that
    if sheet.chance(0.3):
        side = sheet.heading.height
        logo(canvas, rng, x0, y, side, sheet.accent)
        x0 += side + 8
    seller = sheet.fitting(lambda: sheet.once(values.company), sheet.heading, (x1 - x0) * 0.6)
    if seller:
        canvas.write(x0, y, seller, sheet.heading, sheet.accent if sheet.chance(0.4) else sheet.ink)
        sheet.facts.ask(seller, SELLER)
    if (x1 - x0) - sheet.heading.width(seller + word) > 16:
        canvas.write(x1 - sheet.heading.width(word), y, word, sheet.heading, sheet.ink)
    y += sheet.heading.height + 6
    x0 = edge
    y = _parties(sheet, x0, x1, y, bottom)
    return _items(sheet, x0, x1, y, bottom)


def _parties(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """The billed party at the left; reference fields beside it, or below it on a narrow page."""
    canvas, values, body = sheet.canvas, sheet.values, sheet.body
    beside = x1 - x0 > 28 * body.size
    half = x0 + (x1 - x0) * 0.45 if beside else x1
    top = y
    label = sheet.rng.choice(("Bill To", "BILL TO", "Billed To", "Sold To", "Customer")) + sheet.rng.choice(
        ("", ":")
    )
    canvas.write(x0, y, label, sheet.bold, sheet.ink)
    y += sheet.leading
    billed = sheet.fitting(
        lambda: sheet.once(lambda: sheet.rng.choice((values.company, values.person))()), body, half - x0
    )
    for text in (
        billed,
        *(sheet.fitting(draw, body, half - x0) for draw in (values.street, values.city_line)),
    ):
        if text and y + sheet.leading < bottom:
            canvas.write(x0, y, text, body, sheet.ink)
            y += sheet.leading
    sheet.facts.ask(billed, BILLED)
    sheet.facts.caption = f"An invoice{f' to {billed}' if billed else ''}"
    left, start = (half + body.size, top) if beside else (x0, y + 4)
    end = key_values(sheet, left, x1, start, min(bottom, start + 6.5 * sheet.leading), limit=5)
    return max(y, end) + sheet.leading * 0.4


def _items(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    rng, canvas, values, body = sheet.rng, sheet.canvas, sheet.values, sheet.body
    wide = x1 - x0 > 24 * body.size
    heads = {
        "item": rng.choice(("Description", "Item", "Product", "Service")),
        **(
            {
                "qty": rng.choice(("Qty", "Quantity", "Units")),
                "price": rng.choice(("Price", "Unit Price", "Rate")),
            }
            if wide
            else {}
        ),
        "amount": rng.choice(("Amount", "Total", "Line Total", "Sum")),
    }
    ends = {"qty": x0 + (x1 - x0) * 0.58, "price": x0 + (x1 - x0) * 0.78, "amount": x1 - 4}
    heads = _apart(heads, x0 + 4, ends, sheet.bold)
    wide = "qty" in heads
    step = sheet.leading + rng.randint(0, 5)
    boxed, total = sheet.chance(0.5), 0
    if y + 6 * step > bottom:
        return y

    def line(cells: dict[str, str], print_, ink) -> None:
        nonlocal y
        for key, text in cells.items():
            x = x0 + 4 if key == "item" else ends[key] - print_.width(text)
            canvas.write(x, y + (step - body.height) / 2, text, print_, ink)
        y += step

    if sheet.chance(0.4):
        canvas.fill(x0, y, x1, y + step, sheet.accent)
        line(heads, sheet.bold, sheet.paper)
    else:
        canvas.rule(x0, x1, y, sheet.line)
        line(heads, sheet.bold, sheet.ink)
    canvas.rule(x0, x1, y, sheet.line)
    room = (x1 - x0) * (0.42 if wide else 0.6)
    count = 0
    for _ in range(sheet.count(2, 16)):
        name = sheet.fitting(lambda: sheet.once(values.goods), body, room)
        if not name or y + 5.5 * step > bottom:
            continue
        number, each = rng.randint(1, 40), values.cents()
        amount = number * each if wide else each
        cells = {
            "item": name,
            "qty": str(number),
            "price": values.amount(each),
            "amount": values.amount(amount),
        }
        cells = {key: cells[key] for key in heads}
        if (wide and body.width(cells["price"]) > (x1 - x0) * 0.19) or body.width(cells["amount"]) > (
            x1 - x0
        ) * 0.21 + 40 * (not wide):
            continue
        for key in heads:
            if key != "item":
                sheet.facts.ask(cells[key], ITEM[key], one_of_many=True, item=name)
        line(cells, body, sheet.ink)
        if boxed:
            canvas.rule(x0, x1, y, sheet.line)
        total, count = total + amount, count + 1
    return _totals(sheet, x0, x1, y + 4, bottom, total, count)


def _apart(heads: dict[str, str], left: float, ends: dict[str, float], print_: Print) -> dict[str, str]:
    """The heads where none meets the next; else short ones, and where they meet too, those of two columns."""

    def clear(some: dict[str, str]) -> bool:
        stop = left + print_.width(some["item"])
        for key in list(some)[1:]:
            if ends[key] - print_.width(some[key]) < stop + print_.width(" "):
                return False
            stop = ends[key]
        return True

    short = {key: SHORT[key] for key in heads}
    two = {key: heads[key] for key in ("item", "amount")}
    short_two = {key: SHORT[key] for key in two}
    return next((some for some in (heads, short, two) if clear(some)), short_two)


def _totals(sheet: Sheet, x0: float, x1: float, y: float, bottom: float, cents: int, count: int) -> float:
    rng, canvas, values = sheet.rng, sheet.canvas, sheet.values
    tax = round(cents * rng.choice((0.05, 0.06, 0.1, 0.15, 0.2))) if sheet.chance(0.6) else 0
    signed = sheet.chance(0.5)
    lines = [
        ("subtotal", rng.choice(("Subtotal", "Sub Total")), cents),
        ("tax", rng.choice(("Tax", "VAT", "GST", "Sales Tax")), tax),
    ]
    lines = (lines if tax else []) + [
        ("total", rng.choice(("Total", "TOTAL", "Amount Due", "Total Due", "Grand Total")), cents + tax)
    ]
    for name, label, amount in lines:
        print_ = sheet.bold if name == "total" else sheet.body
        text = values.amount(amount, currency=signed)
        start = (
            x1
            - 4
            - max(print_.width(text), 9 * sheet.body.size * 0.6)
            - print_.width(label)
            - sheet.body.size
        )
        if y + sheet.leading > bottom or start < x0:
            break
        canvas.write(start, y, label, print_, sheet.ink)
        canvas.write(x1 - 4 - print_.width(text), y, text, print_, sheet.ink)
        sheet.facts.ask(text, TOTALS[name])
        y += sheet.leading
        if name == "total":
            sheet.facts.caption += f" with {count} item{'s' * (count != 1)}, total {text}"
    sheet.facts.caption += "."
    return y
