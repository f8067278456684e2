"""Questions about what a page does not have: asked only where nothing printed could be argued to answer them."""

from __future__ import annotations

import random
import re

from minimax_vl.synthetic import names

# What it is called in a question | a pattern that must not be found anywhere on the page, any case
_TOPICS = """
tax amount | tax|gst|vat|sst|iva|btw|mwst
total amount | total|amount|\\bam[nt]|sum\\b|due|\\$|rm|\\d\\.\\d\\d|price|cost|fee|balance|pay|bill
subtotal | sub.?t|net|taxable|total
service charge | serv|svc|charge|gratuity|tip
tip | tip|gratuity|serv
cashier | cashier|serv|operator|clerk|user|staff|by\\b|admin|sales
discount | disc|saving|off|coupon|-\\d
change | chang|balance|\\bbal
cash paid | cash|tend|paid|pay
telephone number | tel|phone|ph:|call|mobile|cell|fax|h/p|\\d{3}.?\\d{3,4}.?\\d{4}|\\d{3}-\\d{4}|\\d{8}|\\+\\d
fax number | fax|facs
email address | @|mail
website | www|http|web|url|\\.com|\\.net|\\.org
time on the receipt | \\d\\d?:\\d\\d|time
date on the receipt | date|dated|\\d[/.-]\\d|\\b\\d{4}\\b|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|dd
due date | due|pay|until|expir|deadline
delivery date | deliver|ship
date of birth | birth|born|dob
invoice number | inv|no\\.|no:|#|number|bill|ref|doc|code
registration number | reg|no\\.|#|number|\\broc\\b|\\(\\d
order number | order|p\\.?o\\b|#|purchase
account number | acc|a/c|no\\.|#
policy number | polic
tracking number | track|awb|ship
licence plate | plate|licen|vehicle|car\\b|reg
GST number | gst|vat|tax|\\d{12}
table number | table|tbl
number of guests | guest|pax|cover|person
card number | card|visa|master|amex|debit|credit|xx|\\*\\*
doctor | doctor|dr\\.|physician|attend|patient
patient | patient|name
teacher | teach|instruct|professor
driver | driv
flight number | flight|gate
gate | gate
room number | room|rm\\b
seat | seat
signature date | sign|date
advertiser | advertis|client|sponsor
account executive | account|exec|sales|agent|rep\\b
name of the registrant | regist|name
interest rate | interest|rate|%
temperature | temp|\\bc\\b|deg
weight | weight|wt|kg|lb|\\bg\\b
height | height|length|cm|width
salary | salar|pay|wage
password | pass|code|pin
country of origin | origin|made|country
warranty period | warrant|guarant
"""
TOPICS = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (line.split(" | ", 1) for line in _TOPICS.strip().splitlines())
)
NEAR = 15  # of the topics, from the first on: what receipts and invoices commonly have, so that a lack must be seen
TILL = frozenset(("telephone number", "total amount", "tax amount", "subtotal", "cashier"))
SHOWN = frozenset(
    ("temperature", "weight", "height", "time on the receipt", "date on the receipt", "table number", "seat", "gate",
     "doctor", "patient", "teacher", "driver", "tip", "change", "discount", "interest rate", "salary", "room number")
)  # fmt: skip
ASKED = (
    "What is the {name}?",
    "What is the {name}?",
    "What is the {name}?",
    "{name}?",
    "Find the {name}.",
    "Tell me the {name}.",
)
LABELS = (
    "What is written after '{label}'?",
    "What does it say for {label}?",
    "What is the value of {label}?",
    "{label}?",
    "What stands next to '{label}'?",
)


def foreign(rng: random.Random, text: str) -> str:
    """One or two words in title case of which no first four letters occur in `text`; '' when a few draws failed."""
    lower = text.lower()
    for _ in range(6):
        words = [names.word(rng) for _ in range(rng.randint(1, 2))]
        if all(len(word) > 3 and word[:4] not in lower for word in words):
            return " ".join(words).title()
    return ""


def absent(rng: random.Random, text: str, count: int, *, drawn: bool = False) -> list[str]:
    """Up to `count` questions that a page printed with `text` does not answer: known fields, and labels of no sense.

    What is `drawn`, a scene or a chart, may show without a word what some fields name.
    """
    questions = []
    near, far = TOPICS[:NEAR], TOPICS[NEAR:]
    topics = rng.sample(near, NEAR) + rng.sample(far, 8) if rng.random() < 0.6 else rng.sample(far, 14)
    for name, pattern in topics:
        if len(questions) < count and not pattern.search(text) and not (drawn and name in SHOWN):
            form = rng.choice(ASKED).format(
                name=name + rng.choice(("", "", " on the receipt") if name in TILL else ("",))
            )
            questions.append(form[0].upper() + form[1:])
    label = foreign(rng, text)
    if label and questions and rng.random() < 0.3:
        questions[-1] = rng.choice(LABELS).format(label=label)
    return questions
