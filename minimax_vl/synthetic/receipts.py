"""Till receipts: a narrow strip with the shop, items and prices, totals, payment and a farewell."""

from __future__ import annotations

from minimax_vl.synthetic.sheet import Sheet

STORE = (
    "Which store is the receipt from?", "What is the name of the store?", "Which company issued the receipt?",
    "What is the company name?", "What is the store name?", "Company?",
)  # fmt: skip
TOTAL = (
    "What is the total?",
    "How much is the total?",
    "Total?",
    "What is the total amount?",
    "How much was paid in total?",
)
DATE = ("What is the date?", "When was the receipt issued?", "Date?", "What is the date of the receipt?")
TIME = ("What is the time?", "At what time was the receipt issued?", "Time?")
ADDRESS = ("What is the address?", "Where is the store?", "Address?", "What is the address of the store?")
PRICE = ("What does {item} cost?", "How much is {item}?", "What is the price of {item}?", "{item}?")
WHICH_ITEM = ("Which item costs {price}?", "What was bought for {price}?")
COUNT = ("How many {item}?", "What is the quantity of {item}?")
PART = ("What is the {name}?", "How much is the {name}?", "{name}?")
NUMBER = ("What is the receipt number?", "Receipt number?", "What is the number of the receipt?")
FAREWELLS = (
    "Thank you!", "THANK YOU", "Please come again", "THANK YOU, COME AGAIN", "Have a nice day", "SEE YOU AGAIN",
    "Goods sold are not returnable", "Thank you for shopping", "Keep this receipt", "*** END ***",
    "NO REFUND WITHOUT RECEIPT",
)  # fmt: skip


class Strip:
    """The paper of one receipt: a cursor that moves down, and centred, paired and ruled lines."""

    def __init__(self, sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> None:
        self.sheet, self.x0, self.x1, self.y, self.bottom = sheet, x0, x1, y, bottom
        self.upper = sheet.chance(0.4)
        self.step = max(round(sheet.body.height * sheet.rng.uniform(0.95, 1.2)), sheet.body.size)
        self.dash = sheet.rng.choice(((1, 0), (2, 2), (5, 3), (0, 0)))

    def room(self, lines: int = 1) -> bool:
        return self.y + lines * self.step <= self.bottom

    def show(self, text: str) -> str:
        return text.upper() if self.upper else text

    def centred(self, text: str, *, bold: bool = False) -> bool:
        """Write one line in the middle; False when it does not fit."""
        print_ = self.sheet.bold if bold else self.sheet.body
        width = print_.width(text)
        if not self.room() or width > self.x1 - self.x0:
            return False
        self.sheet.canvas.write(
            self.x0 + (self.x1 - self.x0 - width) / 2, self.y, text, print_, self.sheet.ink
        )
        self.y += self.step
        return True

    def pair(self, left: str, right: str, *, bold: bool = False) -> bool:
        """Write a label at the left and a value at the right edge of one line."""
        print_ = self.sheet.bold if bold else self.sheet.body
        if (
            not self.room()
            or print_.width(left) + print_.width(right) + self.sheet.body.size > self.x1 - self.x0
        ):
            return False
        self.sheet.canvas.write(self.x0, self.y, left, print_, self.sheet.ink)
        self.sheet.canvas.write(self.x1 - print_.width(right), self.y, right, print_, self.sheet.ink)
        self.y += self.step
        return True

    def rule(self) -> None:
        on, off = self.dash
        if on and self.room():
            self.sheet.canvas.rule(self.x0, self.x1, self.y + self.step * 0.3, self.sheet.ink, dash=(on, off))
            self.y += round(self.step * 0.6)


def receipt(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """One receipt. Sets the caption, since what was bought is known here."""
    strip = Strip(sheet, x0, x1, y, bottom)
    store = _head(strip)
    strip.rule()
    _reference(strip)
    strip.rule()
    items = _items(strip)
    strip.rule()
    total = _totals(strip, sum(cents for _, cents in items) or sheet.values.cents(4.5))
    if sheet.chance(0.7):
        strip.y += strip.step // 2
        for text in sheet.rng.sample(FAREWELLS, sheet.rng.randint(1, 2)):
            strip.centred(text)
    parts = ["A receipt"]
    if store:
        parts.append(f"from {store}")
    if items:
        parts.append(f"with {len(items)} item{'s' * (len(items) > 1)}")
    sheet.facts.caption = " ".join(parts) + (f", total {total}." if total else ".")
    return strip.y


def _head(strip: Strip) -> str:
    sheet, values, rng = strip.sheet, strip.sheet.values, strip.sheet.rng
    room = strip.x1 - strip.x0
    big = sheet.heading if sheet.chance(0.4) else sheet.bold
    store = sheet.fitting(lambda: strip.show(values.company()), big, room)
    if store and strip.room(2):
        sheet.canvas.write(strip.x0 + (room - big.width(store)) / 2, strip.y, store, big, sheet.ink)
        strip.y += max(strip.step, round(big.height * 1.05))
        sheet.facts.ask(store, STORE)
    else:
        store = ""
    lines = []
    for draw in (values.street, values.city_line)[: rng.choice((0, 1, 2, 2))]:
        line = sheet.fitting(lambda draw=draw: strip.show(draw()), sheet.body, room)
        if line and strip.centred(line):
            lines.append(line)
    sheet.facts.ask(" ".join(lines), ADDRESS)
    if not strip.room(12):  # a small page keeps its lines for the goods
        return store
    for label, draw, name, share in (
        ("Tel", values.phone, "phone number", 0.4),
        ("GST ID", lambda: values.digits(12), "GST number", 0.3),
        ("Reg. No.", values.code, "registration number", 0.2),
    ):
        value = draw()
        if sheet.chance(share * sheet.level) and strip.centred(f"{strip.show(label)}: {value}"):
            sheet.facts.ask(value, PART[:1] + PART[2:], name=name)
    if sheet.chance(0.4):
        strip.y += strip.step // 3
        strip.centred(
            rng.choice(("TAX INVOICE", "RECEIPT", "CASH BILL", "SALES RECEIPT", "Invoice", "CASH SALES")),
            bold=True,
        )
    return store


def _reference(strip: Strip) -> None:
    sheet, values = strip.sheet, strip.sheet.values
    date, time, number, cashier = values.date(), values.time(), values.code(), values.first_name()
    many = sheet.level if strip.room(10) else 0.0
    separator = sheet.rng.choice((": ", ": ", " : ", " "))

    def line(label: str, value: str, forms: tuple[str, ...]) -> None:
        apart = sheet.chance(0.4)
        text = strip.show(label) + separator + value
        if apart and strip.pair(strip.show(label) + separator.rstrip(), value):
            sheet.facts.ask(value, forms)
        elif not apart and strip.room() and sheet.body.width(text) <= strip.x1 - strip.x0:
            sheet.canvas.write(strip.x0, strip.y, text, sheet.body, sheet.ink)
            strip.y += strip.step
            sheet.facts.ask(value, forms)

    if sheet.chance(0.35):
        if strip.pair(date, time):
            sheet.facts.ask(date, DATE)
            sheet.facts.ask(time, TIME)
    else:
        line("Date", date, DATE)
        if sheet.chance(0.5):
            line("Time", time, TIME)
    if sheet.chance(0.6 * many):
        line(
            sheet.rng.choice(("Receipt No", "Receipt #", "Doc No.", "Bill No", "Rcpt", "Trans")),
            number,
            NUMBER,
        )
    if sheet.chance(0.4 * many):
        line("Cashier", cashier, ("Who is the cashier?", "Cashier?", "What is the name of the cashier?"))
    if sheet.chance(0.2 * many):
        line("Table", str(sheet.rng.randint(1, 60)), ("What is the table number?", "Which table?", "Table?"))


def _items(strip: Strip) -> list[tuple[str, int]]:
    """Lines of goods; leaves room for the totals. Returns names and prices in cents."""
    sheet, values, rng = strip.sheet, strip.sheet.values, strip.sheet.rng
    style = rng.choice(("plain", "plain", "count first", "two lines", "currency"))
    items: list[tuple[str, int]] = []
    reserve = 7 if strip.room(15) else 4  # lines kept free for the totals
    for _ in range(sheet.count(4, 18)):
        count = rng.choice((1, 1, 1, 2, 3, 4))
        each = values.cents(4.5)
        name = strip.show(sheet.once(values.goods))
        price = values.amount(each * count, currency=style == "currency")
        if not strip.room(reserve + (style == "two lines")):
            break
        if style == "two lines":
            if sheet.body.width(name) > strip.x1 - strip.x0:
                continue
            detail = f"{count} x {values.amount(each)}"
            if sheet.body.width(detail + price) + 2 * sheet.body.size > strip.x1 - strip.x0:
                continue
            sheet.canvas.write(strip.x0, strip.y, name, sheet.body, sheet.ink)
            strip.y += strip.step
            strip.pair("  " + detail, price)
        elif not strip.pair(f"{count} {name}" if style == "count first" else name, price):
            continue
        if style == "count first":
            sheet.facts.ask(str(count), COUNT, one_of_many=True, item=name)
        items.append((name, each * count))
        sheet.facts.ask(price, PRICE, one_of_many=True, item=name)
        sheet.facts.seen(price)
        if sheet.chance(0.25):
            sheet.facts.ask(name, WHICH_ITEM, mark=price, one_of_many=True, price=price)
    return items


def _totals(strip: Strip, cents: int) -> str:
    sheet, values, rng = strip.sheet, strip.sheet.values, strip.sheet.rng
    signed = sheet.chance(0.4)
    tax_name = rng.choice(("Tax", "GST 6%", "VAT", "Sales Tax", "Service Tax"))
    tax = round(cents * rng.choice((0.05, 0.06, 0.0825, 0.2))) if sheet.chance(0.6 * sheet.level) else 0
    total = cents + tax
    lines = []
    if tax or sheet.chance(0.3):
        lines += [("subtotal", rng.choice(("Subtotal", "Sub Total", "Sub-total")), cents)]
    if tax:
        lines += [(tax_name if "%" in tax_name else tax_name.lower(), tax_name, tax)]
    lines += [
        (
            "total",
            rng.choice(("Total", "Total", "TOTAL", "Grand Total", "Total Amount", "Net Total", "Amount Due")),
            total,
        )
    ]
    if sheet.chance(0.6 * sheet.level):
        paid = -(-total // 500) * 500 + rng.choice((0, 0, 1000))
        lines += [
            ("cash", rng.choice(("Cash", "CASH", "Paid")), paid),
            ("change", rng.choice(("Change", "CHANGE")), paid - total),
        ]
    shown = ""
    for name, label, amount in lines:
        text = values.amount(amount, currency=signed)
        if strip.pair(strip.show(label), text, bold=name == "total" and sheet.chance(0.7)):
            sheet.facts.ask(text, TOTAL if name == "total" else PART, name=name)
            shown = text if name == "total" else shown
    return shown
