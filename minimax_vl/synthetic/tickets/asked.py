"""The questions about one ticket; `on` says which of two is meant, as " on the left ticket", and is '' where one is."""

from __future__ import annotations

from collections import Counter

from minimax_vl.synthetic.facts import Facts
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tickets.clerk import Ticket
from minimax_vl.synthetic.tickets.words import TERMS

NAMED = (
    "What is the {name}{on}?",
    "What is the {name}{on}?",
    "Tell me the {name}{on}.",
    "Find the {name}{on}.",
)
LABELLED = (
    "What does it say for '{label}'{on}?",
    "What is the value of '{label}'{on}?",
    "What is printed for '{label}'{on}?",
)
REVERSED = (
    "Which field says '{value}'{on}?",
    "Which label belongs to {value}{on}?",
    "What label does {value} have{on}?",
)
# What people call a field when nothing else of its family is on the ticket.
ALONE = {
    "date": ("What is the date{on}?", "Which date is printed{on}?", "Date{on}?"),
    "time": ("What is the time{on}?", "Which time is printed{on}?", "What time does it say{on}?"),
    "money": ("How much does it cost{on}?", "What is the price{on}?"),
}
# what is given | what is asked for | questions
_PAIRS = """
seat | passenger | Who has seat {value}?; Who sits in seat {value}?
passenger | seat | Which seat does {value} have?; Where does {value} sit?
passenger | to | Where does {value} travel to?; Where is {value} going?
passenger | flight | Which flight does {value} take?
passenger | class | In which class does {value} travel?
from | to | Where does the journey from {value} go?; What is the destination of the journey from {value}?
to | from | From where does the journey to {value} start?
from | departure | When is the departure from {value}?; At what time does it leave {value}?
to | arrival | When does it arrive in {value}?; At what time is the arrival in {value}?
flight | gate | From which gate does flight {value} leave?; What is the gate of flight {value}?
flight | to | Where does flight {value} go?; What is the destination of flight {value}?
flight | boarding | When does boarding of flight {value} start?; What is the boarding time of flight {value}?
flight | date | On which date is flight {value}?
train | platform | From which platform does train {value} leave?
train | departure | When does train {value} leave?
line | to | Where does line {value} go?
title | venue | Where does {value} take place?; At which venue is {value}?
title | date | On which date is {value}?; When is {value}?
title | price | How much is a ticket for {value}?; What does {value} cost?
match | venue | In which stadium is {value}?; Where is {value} played?
match | date | On which date is {value}?
venue | title | What takes place at {value}?; What is on at {value}?
holder | seat | Which seat does {value} have?
plate | paid | How much was paid for {value}?
plate | entry | When did {value} enter?
plate | exit | When did {value} leave?
queue | service | What is number {value} waiting for?
queue | counter | To which counter does number {value} go?
owner | phone | What is the phone number of {value}?
owner | city | In which city does {value} live?
to | to_code | What is the airport code of {value}?
from | from_code | What is the airport code of {value}?
from_code | from | Which city has the code {value}?
to_code | to | Which city has the code {value}?
"""
PAIRS: tuple[tuple[str, str, tuple[str, ...]], ...] = tuple(
    (given, wanted, tuple(forms.split("; ")))
    for given, wanted, forms in (line.split(" | ") for line in _PAIRS.strip().splitlines())
)


def ask(sheet: Sheet, ticket: Ticket, on: str) -> None:
    """Note the questions about all that is on the ticket, about pairs of it, and about what it might have but lacks."""
    facts, shown = sheet.facts, ticket.shown()
    families = Counter(TERMS[key].family for key in shown)
    for key, entry in shown.items():
        term = TERMS[key]
        facts.seen(entry.value)
        bare = ALONE.get(term.family, ()) if families[term.family] == 1 else ()
        forms = (*term.asked, *bare) if sheet.chance(0.65) else NAMED
        _want(
            facts,
            entry.value,
            forms,
            major=key in ticket.stub or key in ("price", "fare", "title"),
            on=on,
            name=term.name,
        )
        if entry.label:
            _labelled(sheet, entry.label, entry.value, on)
    for given, wanted, forms in PAIRS:
        if given in shown and wanted in shown and sheet.chance(0.5):
            value = shown[given].value
            facts.ask(shown[wanted].value, forms, mark=value, value=value)
    for key in ticket.usual:
        term = TERMS[key]
        confused = term.family in ("money", "number") and families[term.family] > 0
        if key not in shown and not confused:
            forms = (f"What is the {term.name}{{on}}?", *term.asked)
            facts.lack(
                tuple(form.format(on=on) for form in forms)
            )  # `lack` fills in a foreign word for what is ''


def _want(facts: Facts, value: str, forms: tuple[str, ...], *, major: bool, on: str, name: str) -> None:
    (facts.want if major else facts.ask)(value, forms, on=on, name=name)


def _labelled(sheet: Sheet, label: str, value: str, on: str) -> None:
    """Ask by the printed label, and now and then for the label of a value."""
    label = label.rstrip(":. ")
    if sheet.chance(0.4):
        sheet.facts.ask(value, LABELLED, label=label, on=on)
    if len(value) > 2 and sheet.chance(0.2):
        sheet.facts.ask(label, REVERSED, mark=value, value=value, on=on)
