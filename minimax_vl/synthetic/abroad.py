"""How other countries write money, streets, places and dates, for training pages; all printable ASCII."""

from __future__ import annotations

import random
import string

CURRENCIES = (
    "GBP |CHF |kr |R$ |HK$|NT$|NZ$|CA$|MX$|PHP |THB |Rp |JPY |ZAR |AED |INR |PLN |CZK |SEK |NOK |DKK |KRW |"
    "TRY |EGP |KES |BRL |CNY |VND |PKR |NGN "
).split("|")
# {name}: what the street is called, {number}: of the house.
STREETS = (
    "{name}strasse {number}|{name}str. {number}|{name}weg {number}|Am {name} {number}|{name}platz {number}|"
    "{number} rue {name}|{number}, avenue {name}|{number} bd {name}|Via {name} {number}|"
    "Corso {name}, {number}|Calle {name} {number}|Av. {name} {number}|Plaza {name}, {number}|"
    "Rua {name}, {number}|{name}laan {number}|{name}straat {number}|{name}vej {number}|{name}gatan {number}|"
    "ul. {name} {number}|Jl. {name} No. {number}|Jalan {name} {number}|{number}, Jln {name}|"
    "{name} Sk. No: {number}|{number}/3 {name} Nagar|{number} {name} Marg|Plot {number}, {name} Close|"
    "Unit {number}, {name} Estate|Flat {number}, {name} House|{name} Mah. No {number}"
).split("|")
# {place}: a town; 9 stands for any digit, @ for any capital letter.
PLACES = (
    "{place} @@9 9@@|{place}, @@99 9@@|9999 @@ {place}|99999 {place}|D-99999 {place}|F-99999 {place}|"
    "{place} @9@ 9@9|{place} 999999|{place} - 999999|{place} 9999|CH-9999 {place}|{place}-@@ 99999-999|"
    "999-9999 {place}|99-999 {place}|999 99 {place}|99999 {place} (@@)|{place} 99999|{place}, @@@ 9999"
).split("|")
MONTHS = {
    "de": "Januar Februar Maerz April Mai Juni Juli August September Oktober November Dezember".split(),
    "fr": "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "ms": "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split(),
}
# d, m, y: numbers; the rest are months in words.
DATES = (
    "{y}/{m:02d}/{d:02d}|{y}.{m:02d}.{d:02d}|{d}. {de} {y}|{d} {fr} {y}|{d} de {es} de {y}|{d} {ms} {y}|"
    "{d}.{m}.{y}|{d:02d} {m:02d} {y}|{d} {en}. {y}|{en} {d}, '{short:02d}|{d:02d}{upper}{short:02d}|"
    "{y}{m:02d}{d:02d}|{d:02d}.{m:02d}.{short:02d}"
).split("|")


def street(rng: random.Random, name: str) -> str:
    """`name`: a word with a capital letter."""
    return rng.choice(STREETS).format(name=name, number=rng.randint(1, 320))


def place(rng: random.Random, town: str) -> str:
    """A town with its postal code, as its country has them."""
    drawn = {"9": string.digits, "@": string.ascii_uppercase}
    line = "".join(rng.choice(drawn[c]) if c in drawn else c for c in rng.choice(PLACES))
    return line.format(place=town)


def date(form: str, day: int, month: int, year: int) -> str:
    """`form`: one of DATES."""
    words = {language: months[month - 1] for language, months in MONTHS.items()}
    return form.format(
        d=day, m=month, y=year, short=year % 100, upper=MONTHS["en"][month - 1][:3].upper(), **words
    )
