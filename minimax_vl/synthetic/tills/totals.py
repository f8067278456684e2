"""Below the goods: subtotal, tax, rounding, the total in one of its many names, tender, tax summary, farewell."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic import names
from minimax_vl.synthetic.tills import asked
from minimax_vl.synthetic.tills.goods import Bought
from minimax_vl.synthetic.tills.strip import Strip

TOTALS = (
    "TOTAL|TOTAL|Total|Total|GRAND TOTAL|Grand Total|NET TOTAL|Total Amount|TOTAL AMT|Amount Due|TOTAL DUE|"
    "Total Payable|Total Amt Rounded|NETT|Total (RM)|TOTAL RM|Net Total|Rounded Total (RM)|Bal Due|Total Rounded|"
    "Total Sales (Inclusive of GST)|Total Incl. GST@6%|TOTAL INCL GST|Total Due|BALANCE DUE|Total Sales|"
    "TOTAL SALES INCL GST|Amt Due|Total To Pay|BAR TOTAL"
).split("|")
NETS = (
    "Total Excl. GST",
    "Total Sales (Excluding GST)",
    "Total 0% supplies",
    "Total Before Tax",
    "Taxable Amount",
)
# A sum before tax and one with it, both called totals: which of them is *the* total has to be learned.
BEFORE_AND_WITH = (
    ("Total Sales (Excluding GST)", "Total Sales (Inclusive of GST)"),
    ("Total Excl. GST", "Total Incl. GST"),
    ("Total (Excl. GST)", "Total (Incl. GST)"),
    ("TOTAL EXCLUDING GST", "TOTAL INCLUDING GST"),
    ("Total Amount Excl. Tax", "Total Amount Incl. Tax"),
    ("(Excluded GST) Sub Total", "Total"),
    ("Total Before GST", "Total After GST"),
    ("Total 6% supplies (excl. GST)", "Total 6% supplies (incl. GST)"),
)
BEFORE_TAX = (
    "What is the total before tax?",
    "What is the total excluding GST?",
    "How much is the total without tax?",
)
CASH = ("CASH", "Cash", "CASH TEND", "Paid", "CASH TENDERED", "Tendered", "Cash Tendered")
CARDS = ("VISA", "MASTERCARD", "DEBIT", "AMEX", "Credit Card", "VISA TEND", "Debit Card")
CHANGES = ("CHANGE", "Change", "CHANGE DUE", "Balance", "Cash Change")
SUBTOTALS = ("SUBTOTAL", "Sub Total", "SUB TOTAL", "Subtotal", "Sub-Total", "SUB-TOTAL", "Sub Ttl")
ASIAN_TAXES = ("GST 6%", "Total GST", "GST", "GST @6%", "Add GST 6%", "SST 6%", "GST Amount", "Tax")
WESTERN_TAXES = (
    "TAX",
    "TAX 1",
    "Sales Tax",
    "Tax",
    "SALES TAX",
    "TAXES",
    "Tax Total",
    "VAT",
    "State Tax",
    "Local Tax",
)
FAREWELLS = (
    "THANK YOU|THANK YOU, PLEASE COME AGAIN|THANK YOU FOR SHOPPING WITH US|PLEASE COME AGAIN|HAVE A NICE DAY|"
    "GOODS SOLD ARE NOT RETURNABLE|EXCHANGE WITHIN 7 DAYS WITH RECEIPT|NO CASH REFUND|Thank you!|Please come again|"
    "Price inclusive of GST|KEEP THIS RECEIPT FOR YOUR RECORDS|CUSTOMER COPY|Follow us on our website|ALL SALES FINAL|"
    "THIS IS A COMPUTER GENERATED RECEIPT|NO SIGNATURE REQUIRED|WI-FI PASSWORD|Have a great day!|*** SEE YOU AGAIN ***|"
    "Tell us how we did today|Returns within 30 days|Powered by POS|Gratuity not included|E. & O. E."
).split("|")  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One sum: what it is called in a question, its label as printed, the amount, and the ways of asking for it."""

    name: str
    label: str
    cents: int
    asked: tuple[str, ...]


def totals(strip: Strip, bought: list[Bought], *, asian: bool) -> str:
    """From the subtotal to the change; returns the total as printed, or '' when it did not fit."""
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    cents = sum(item.cents for item in bought) or values.cents(4.5)
    rate = rng.choice((0.06, 0.06, 0.06, 0.1) if asian else (0.05, 0.07, 0.0825, 0.0875, 0.2))
    tax = round(cents * rate) if sheet.chance(0.6) else 0
    twice = bool(tax) and asian and facts.teaching and sheet.chance(0.35)
    count = sum(item.count for item in bought)
    lines = _with_and_without(strip, cents, tax) if twice else _sums(strip, cents, tax, asian=asian)
    if twice and count and sheet.chance(0.4):
        amount = (values.amount(cents + tax), 1.0, 1.0)
        strip.row([("Total Qty:", 0.05, 0.0), (str(count), 0.45, 1.0), amount])
    total = lines[-1].cents
    cash = asian or sheet.chance(0.65)
    tender = rng.choice(CASH if cash else CARDS)
    if sheet.chance(0.8):
        paid = -(-total // (step := rng.choice((1, 100, 500, 1000, 5000)))) * step if cash else total
        lines.append(Line("cash" if cash else "card payment", tender, paid, asked.PART))
        if cash and sheet.chance(0.85):
            lines.append(Line("change", rng.choice(CHANGES), paid - total, asked.PART))
    if tax and asian and sheet.chance(0.15):
        lines.append(Line("", "Total includes 6% GST", tax, asked.LABEL))
    sign = rng.choice(("", values.currency))
    shown = _write(strip, lines, sign, labels_end=0.74 if twice and sheet.chance(0.5) else None)
    if not cash and sheet.chance(0.7):
        card = rng.choice(("*" * 12, "XXXX XXXX XXXX ", "************ ")) + values.digits(4)
        if strip.put(card):
            facts.ask(card[-4:], ("What are the last four digits of the card?", "Card number?"))
        auth = values.digits(6)
        if sheet.chance(0.5) and strip.put(
            f"{rng.choice(('AUTH CODE', 'Auth #', 'APPROVAL', 'Approval Code:'))} {auth}"
        ):
            facts.ask(auth, asked.FIELD, name="approval code")
    if (
        bought
        and sheet.chance(0.25)
        and strip.put(
            f"{rng.choice(('Total Qty:', 'ITEMS SOLD', 'No. of items:', 'Item(s) :'))} {count}",
            rng.choice((0.0, 0.5)),
        )
    ):
        facts.ask(str(count), ("How many items were sold?", "What is the number of items?"))
    if asian and tax and sheet.chance(0.5):
        _summary(strip, cents, tax)
    return shown


def _sums(strip: Strip, cents: int, tax: int, *, asian: bool) -> list[Line]:
    """The lines down to the total, which is the last; sums on the way may be called totals too."""
    sheet, rng = strip.sheet, strip.sheet.rng
    lines = []
    if tax or sheet.chance(0.45):
        lines.append(Line("subtotal", rng.choice(SUBTOTALS), cents, asked.SUBTOTAL))
    if asian and sheet.chance(0.2):
        lines.append(Line("", rng.choice(NETS), cents, asked.LABEL))
    if asian and sheet.chance(0.15):
        lines.append(Line("discount", rng.choice(("Discount", "DISCOUNT", "Disc")), 0, asked.PART))
    if sheet.chance(0.12 if asian else 0.05):
        charge = round(0.1 * cents)
        label = rng.choice(("Service Charge", "SVC CHG 10%", "Serv. Charge"))
        lines.append(Line("service charge", label, charge, asked.PART))
        cents += charge
    if tax or sheet.chance(0.1):
        lines.append(Line("tax", rng.choice(ASIAN_TAXES if asian else WESTERN_TAXES), tax, asked.TAX))
    total = cents + tax
    if asian and sheet.chance(0.45):
        if sheet.chance(0.4):
            label = rng.choice(("Total Incl. GST", "Total (Incl GST)", "Total Sales"))
            lines.append(Line("", label, total, asked.LABEL))
        rounded = (total + 2) // 5 * 5
        label = rng.choice(("Rounding", "ROUNDING ADJ", "Rounding Adjustment", "Round Amt"))
        lines.append(Line("rounding", label, rounded - total, asked.PART))
        total = rounded
    return [*lines, Line("total", rng.choice(TOTALS), total, asked.TOTAL)]


def _with_and_without(strip: Strip, net: int, tax: int) -> list[Line]:
    """The lines from the total before tax to the one with it."""
    sheet, rng = strip.sheet, strip.sheet.rng
    before, total = rng.choice(BEFORE_AND_WITH)
    lines = [Line("", before, net, BEFORE_TAX)]
    if sheet.chance(0.6):
        lines.append(Line("discount", rng.choice(("Discount", "DISCOUNT")), 0, asked.PART))
    lines.append(Line("tax", rng.choice(ASIAN_TAXES), tax, asked.TAX))
    rounding = 0
    if sheet.chance(0.6):
        rounding = (net + tax + 2) // 5 * 5 - net - tax if sheet.chance(0.5) else 0
        lines.append(Line("rounding", rng.choice(("Rounding", "Rounding Adj")), rounding, asked.PART))
    if "supplies" in total:  # a sum of sums: what is not taxed comes on top
        free = round(net * rng.uniform(0.2, 1.5))
        lines.append(Line("", total, net + tax + rounding, asked.LABEL))
        lines.append(Line("", "Total 0% supplies", free, asked.LABEL))
        total, rounding = rng.choice(("Total Payable", "Total Due", "Grand Total")), rounding + free
    return [*lines, Line("total", total, net + tax + rounding, asked.TOTAL)]


def _write(strip: Strip, lines: list[Line], sign: str, *, labels_end: float | None = None) -> str:
    """The lines, labels flush left, or right at `labels_end` of the width; returns the total as printed."""
    sheet, rng, values, facts = strip.sheet, strip.sheet.rng, strip.sheet.values, strip.sheet.facts
    start, end = rng.choice(((0.0, 1.0), (0.0, 1.0), (0.15, 1.0), (0.3, 1.0), (0.0, 0.9)))
    colon = rng.choice(("", "", ":", " :"))
    loud, shown = rng.choice((strip.body, strip.strong, strip.strong, strip.big)), ""
    ruled = sheet.chance(0.3)
    for line in lines:
        name, amount, label = line.name, line.cents, strip.show(line.label) + colon
        figure = values.amount(abs(amount))
        text = ("-" if amount < 0 else "") + (
            sign + figure if name in ("total", "subtotal", "cash") or sheet.chance(0.7) else figure
        )
        if name == "total" and ruled:
            strip.rule()
        print_ = loud if name == "total" else strip.body
        placed = [(label, start, 0.0) if labels_end is None else (label, labels_end, 1.0), (text, end, 1.0)]
        if not (strip.row(placed, print_) or strip.row(placed) or strip.pair(label, text)):
            continue
        facts.seen(text)
        if name == "total":
            shown = text
        if amount >= 0:
            put = facts.want if name in ("total", "tax", "subtotal") else facts.ask
            put(text, line.asked, name=name, label=label.rstrip(": "))
            if sheet.chance(0.2):
                facts.ask(text, asked.LABEL, label=label.rstrip(": "))
    return shown


def _summary(strip: Strip, net: int, tax: int) -> None:
    """The tax summary of Malaysian receipts: a code, the amount it was charged on, and the tax."""
    rng, values = strip.sheet.rng, strip.sheet.values
    if not strip.room(4):
        return
    strip.skip(0.5)
    code = rng.choice(("SR", "S", "SR @6%", "S = 6%", "GST S@6%", "SR 6%"))
    strip.row(
        [
            ("GST Summary", 0.0, 0.0),
            (rng.choice(("Amt(RM)", "Amount (RM)", "Net")), 0.66, 1.0),
            (rng.choice(("Tax(RM)", "GST")), 1.0, 1.0),
        ]
    )
    if (
        strip.row([(code, 0.0, 0.0), (values.amount(net), 0.66, 1.0), (values.amount(tax), 1.0, 1.0)])
        and rng.random() < 0.5
    ):
        strip.row([("ZRL", 0.0, 0.0), ("0.00", 0.66, 1.0), ("0.00", 1.0, 1.0)])
    if strip.sheet.facts.teaching and rng.random() < 0.4:  # a total that is none
        strip.row([("Total :", 0.0, 0.0), (values.amount(net), 0.66, 1.0), (values.amount(tax), 1.0, 1.0)])


def farewell(strip: Strip) -> None:
    """Thanks, rules of exchange and other small talk, as long as there is room."""
    sheet, rng = strip.sheet, strip.sheet.rng
    strip.skip(rng.uniform(0.2, 1.0))
    for text in rng.sample(FAREWELLS, rng.randint(0, 4)):
        strip.put(strip.show(text), 0.5)
    if sheet.chance(0.15):
        strip.put(" ".join(names.word(rng) for _ in range(3)), 0.5)
