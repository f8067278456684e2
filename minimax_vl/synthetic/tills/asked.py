"""How people ask about receipts, field by field; the first wordings of a field are the commonest."""

from __future__ import annotations

COMPANY = (
    "What is the name of the company on this receipt?",
    "Which company issued the receipt?",
    "What is the name of the company on this receipt?",
    "Which company issued the receipt?",
    "What is the company name?",
    "What is the name of the store?",
    "Which store is the receipt from?",
    "Company?",
)
ADDRESS = (
    "What is the address of the company?",
    "What is the address of the company?",
    "What is the address on the receipt?",
    "What is the address of the store?",
    "Where is the store?",
    "Address?",
)
TOTAL = (
    "What is the total amount?",
    "How much is the total on this receipt?",
    "What is the total amount?",
    "How much is the total on this receipt?",
    "What is the total?",
    "Total?",
    "How much was paid in total?",
)
DATE = (
    "What is the date on the receipt?",
    "When was this receipt issued?",
    "What is the date on the receipt?",
    "When was this receipt issued?",
    "What is the date?",
    "Date?",
)
TIME = ("What is the time on the receipt?", "What is the time on the receipt?", "What is the time?", "Time?")
PHONE = (
    "What is the telephone number on the receipt?",
    "What is the telephone number on the receipt?",
    "What is the phone number?",
    "Tel?",
)
FAX = ("What is the fax number?", "Fax?")
SUBTOTAL = ("What is the subtotal?", "What is the subtotal?", "Subtotal?", "How much is the subtotal?")
TAX = ("What is the tax amount?", "What is the tax amount?", "What is the tax?", "How much tax was charged?")
PART = ("What is the {name}?", "How much is the {name}?", "{name}?")
FIELD = ("What is the {name}?", "{name}?", "What is the {name} on the receipt?")
PRICE = ("What does {item} cost?", "How much is {item}?", "What is the price of {item}?", "{item}?")
WHICH_ITEM = ("Which item costs {price}?", "What was bought for {price}?")
COUNT = ("How many {item}?", "What is the quantity of {item}?")
CODE = ("What is the code of {item}?", "Which code does {item} have?")
LABEL = ("What is written after '{label}'?", "How much is {label}?", "{label}?")
