"""Train nano's byte-level BPE: 2,048 ids, digits always single, all bytes present, same words -> same file.

The corpus is drawn here and not by the renderer: a changed page layout must not change the ids of shipped
weights. The shipped tokenizer used Debian's `wamerican-small` (SCOWL):
`python scripts/train_tokenizer.py /usr/share/dict/american-english-small minimax_vl/assets/nano/tokenizer.json`
"""

from __future__ import annotations

import argparse
import json
import random
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 2048
LINES = 120_000
LONGEST = 10  # bytes in a token: a longer one would ask the model to read a long word in a single step
SPECIAL = ["<pad>", "<beginning_of_sentence>", "<end_of_sentence>", "<function_call>", "<image>"]
THOUGHT = [
    "<think>",
    "</think>",
]  # ids of their own, but shown where ids are decoded, as thinking models have them
SPECIAL += THOUGHT
SPECIAL += [f"<reserved_{i}>" for i in range(len(SPECIAL), 16)]

# Every turn starts with one of these, so they are worth whole-word tokens.
HEADERS = ["system ai_setting=assistant", "user name=user", "ai name=assistant"]
QUESTIONS = """What is the {}?|How much is the {}?|What is written after {}?|What is written next to {}?|{}?
Who is the {}?|Which {} is shown?|Read the line that starts with {}.|What does the {} say?|When is the {}?
What is the value of {}?|What is the {} of {}?|How many {} are there?|Is {} checked?|Is the {} ticked?
Describe the image.|Describe the image in one sentence.|Read the text.|What is the title?|Where is the {}?
What kind of document is this?|Which store is the receipt from?|What colour is the {}?|List the {}.
What is the invoice number?|What is the date?|Who is the invoice billed to?|What is the phone number?
In the row {}, what is the {}?|Which item costs {}?|What is the first word of the {} paragraph?""".replace(
    "\n", "|"
)
CAPTIONS = """A receipt from {} with {} items, total {}.|A table of {} with {} rows and {} columns.|not in the image
A form titled {} with {} fields.|An invoice from {} to {} for {}.|A letter from {} to {} about {}.|yes|no
A page titled {} with {} paragraphs.|A list of {} entries.|The image shows a {} with a {}.|Yes|No|checked
A red circle above a blue square.|Two green triangles to the left of a small yellow star.""".replace(
    "\n", "|"
)
LABELS = """Invoice|Invoice No.|Invoice Number|Invoice Date|Date|Due Date|Time|Ship To|Bill To|Sold To|Qty|Quantity|Item
Description|Amount|Unit Price|Price|Subtotal|Sub Total|Total|Grand Total|Net|GST|VAT|Tax|Tax Rate|Discount|Change
Cash|Card|Visa|Balance|Balance Due|Paid|Tel|Phone|Fax|Mobile|Email|E-mail|Website|Registration No.|Reg. No.|Customer
Customer ID|Order|Order #|Order Number|Cashier|Table|Receipt|Receipt No.|Ref|Reference|Account|Account No.|Name
First Name|Last Name|Full Name|Company|Address|Street|City|State|Zip Code|Postcode|Country|Department|Manager
Signature|Status|Notes|Remarks|Comments|Subject|From|To|Dear|Sincerely|Page|Section|Chapter|Figure|Report|Summary
Year|Month|Week|Day|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Weight|Height|Width|Length|Size
Colour|Color|Code|Serial No.|Model|Type|Category|Brand|Supplier|Vendor|Delivery|Payment|Method|Terms|Currency|Rate
Score|Rank|Average|Minimum|Maximum|Points|Member|Student|Patient|Doctor|Room|Floor|Gate|Seat|Flight|Ticket|Station
Employee|Project|Contract|Policy|License|Passport|Born|Age|Gender|Thank you|Welcome|Please|Open|Closed|Market|Store
Shop|Bakery|Cafe|Restaurant|Hotel|Pharmacy|Bank|School|University|Hospital|Office|Center|Road|Avenue|Lane|Drive
Limited|Ltd|Inc|Co.|LLC|GmbH|Sdn Bhd|Group|Services|Supplies|Trading|International""".replace("\n", "|")
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August"]
MONTHS += ["September", "October", "November", "December"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", type=Path, help="UTF-8 text file, one word a line")
    parser.add_argument("out", type=Path, help="tokenizer.json to write")
    args = parser.parse_args()
    words = args.words.read_text(encoding="utf-8").split()
    tokenizer = train([w for w in words if w.isascii() and "'" not in w and len(w) > 1])
    raw = json.loads(tokenizer.to_str())
    for token in raw["added_tokens"]:
        token["special"] = token["content"] not in THOUGHT
    args.out.write_text(json.dumps(raw, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    print(f"{args.out}: {tokenizer.get_vocab_size()} ids")


def train(words: list[str]) -> Tokenizer:
    """A tokenizer of exactly `VOCABULARY` ids: the special strings first, then bytes, then merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=LONGEST,
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(words), trainer)
    if tokenizer.get_vocab_size() != VOCABULARY:
        raise SystemExit(
            f"{tokenizer.get_vocab_size()} ids instead of {VOCABULARY}: the word list is too short"
        )
    return tokenizer


def corpus(words: list[str], lines: int = LINES) -> Iterator[str]:
    """Lines as nano's conversations hold them: a header, a question and an answer."""
    rng = random.Random(0)
    questions, captions, labels = QUESTIONS.split("|"), CAPTIONS.split("|"), LABELS.split("|")

    def word() -> str:
        drawn = rng.choice(words)
        return rng.choices([drawn, drawn.capitalize(), drawn.upper()], [5, 4, 2])[0]

    def label() -> str:
        drawn = (
            rng.choice(labels) if rng.random() < 0.6 else " ".join(word() for _ in range(rng.randint(1, 2)))
        )
        return rng.choices([drawn, drawn.lower(), drawn.upper()], [6, 3, 2])[0]

    for _ in range(lines):
        yield rng.choice(HEADERS[1:] if rng.random() < 0.9 else HEADERS)
        yield _fill(rng, rng.choice(questions), label)
        kind = rng.random()
        if kind < 0.15:
            yield _fill(rng, rng.choice(captions), label)
        elif kind < 0.7:
            yield " ".join(word() for _ in range(rng.randint(1, 6)))
        else:
            yield f"{label()}{rng.choice([' ', ': ', ' - '])}{_value(rng, word)}"


def _fill(rng: random.Random, template: str, label) -> str:
    while "{}" in template:
        template = template.replace("{}", label() if rng.random() < 0.9 else str(rng.randint(2, 99)), 1)
    return template


def _value(rng: random.Random, word) -> str:
    """Money, dates, times, codes, addresses: what stands behind a label."""
    n = rng.randint(1, 9999)
    letters = "".join(rng.choices(string.ascii_uppercase, k=rng.randint(2, 5)))
    mixed = "".join(rng.choices(string.ascii_letters + string.digits, k=rng.randint(3, 8)))
    month = rng.choice(MONTHS)
    return rng.choice(
        [
            f"${n / 100:,.2f}",
            f"{rng.choice(['USD', 'EUR', 'GBP', 'RM', '€', '£'])} {n:,}.{n % 100:02d}",
            f"{n % 28 + 1} {month} {2000 + n % 30}",
            f"{month[:3]} {n % 28 + 1}, {2000 + n % 30}",
            f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/{2000 + n % 30}",
            f"{n % 24:02d}:{n % 60:02d} {rng.choice(['AM', 'PM', 'am', 'pm'])}",
            f"{letters}-{n}",
            mixed,
            f"({n % 900 + 100}) 555-{n:04d}",
            f"{word().lower()}.{word().lower()}@{word().lower()}.{rng.choice(['com', 'org', 'net'])}",
            f"www.{word().lower()}.com",
            f"{n % 300} {word().capitalize()} {rng.choice(['Street', 'Road', 'Avenue', 'Lane', 'St', 'Rd'])}",
            f"{word().capitalize()} {rng.choice(['Ltd', 'Inc.', '& Co.', 'LLC', '& Sons', 'Group'])}",
            f"{n % 40}{rng.choice(['%', ' kg', ' cm', ' mm', ' ml', ' pcs', ' x'])}",
        ]
    )


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
