"""What slides and notices say: topics, points, events, dishes, and days in several languages."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import MONTHS

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SUBJECTS = (
    "water supply|night trains|school meals|customer survey|solar roofs|library cards|sensor data|delivery times|"
    "pilot plant|web shop|safety rules|heat pumps|patient records|training course|stock levels|travel costs|"
    "coastal path|packaging|battery life|spare parts|market share|open data|cycle lanes|soil samples|staff rota|"
    "museum visits|energy use|paper archive|image search|apple harvest|tax forms|bee colonies|street lights|"
    "language classes|river ferry|fire drills|bread sales|cloud costs|help desk|supplier contracts|rain gauges|"
    "youth theatre|bus stops|waste sorting|timber prices|field trials|new tariff|ticket sales|loan book|sea ice"
).split("|")
VERBS = (
    "Review Reduce Extend Plan Train Test Launch Compare Measure Simplify Move Open Replace Publish Protect Support "
    "Repair Share Collect Merge Translate Check Finish Explain Improve Fund Record Inspect Automate Pause"
).split()
ADJECTIVES = (
    "Annual Modern Regional Open Quiet Better Digital Local Applied Early Green Late Shared Small".split()
)
STEPS = (
    "Plan|Collect|Clean|Design|Build|Test|Review|Release|Measure|Order|Pack|Ship|Deliver|Apply|Interview|Sign|Train|"
    "Draft|Edit|Print|Bind|Mix|Bake|Cool|Slice|Cut|Weld|Paint|Inspect|Load|Analyse|Report|Archive|Register|Pay|Confirm"
).split("|")
# what key figures count, by the form that the figure takes
FIGURES = {
    "count": "new customers|staff|countries|sites|patents filed|trees planted|orders a day|donors|members|repairs|"
    "visitors|volunteers|bus lines|open tickets|books lent|hours of training|flights|late trains|farms|beds",
    "share": "growth|return rate|satisfaction|uptime|market share|energy saved|recycled|on time|staff turnover|margin",
    "money": "revenue|savings|profit|donations|costs|investment|average order|debt|prize money|grants",
    "times": "faster|more visits|return on spending|more sales|lighter|the usual demand",
}
CLOCKS = 5
# what two things are compared by, and a unit of UNITS or a method of Values for it
CRITERIA = (
    "Price:money Weight:weight Delivery:days Range:distance Warranty:years Storage:memory Battery:hours Users:number "
    "Width:length Noise:noise Setup:minutes Score:decimal Support:phrase Colour:word Material:word Model:code"
).split()
UNITS = {
    "weight": ("kg", "g", "t"),
    "days": ("days", "weeks"),
    "distance": ("km", "miles"),
    "years": ("years",),
    "memory": ("GB", "TB"),
    "hours": ("h", "hours"),
    "length": ("cm", "mm"),
    "noise": ("dB",),
    "minutes": ("min", "minutes"),
}
EVENTS = (
    "Spring Concert|Jazz Night|Film Evening|Open Day|Science Slam|Flea Market|Poetry Reading|Harvest Festival|"
    "Chess Cup|Choir Rehearsal|Street Food Market|Charity Run|Photo Exhibition|Dance Workshop|Quiz Night|Garden Party|"
    "Lantern Parade|Pottery Class|Winter Bazaar|Chamber Music|Theatre Night|Repair Cafe|Bike Tour|Art Fair|Wine Tasting"
).split("|")
MEETINGS = ("Conference", "Summit", "Symposium", "Workshop", "Forum", "Congress", "Days", "Meeting", "Week")
ROLES = (
    "Head of Sales|Project Manager|Data Analyst|Chief Engineer|Director|Research Fellow|Architect|Editor|Consultant|"
    "Team Lead|Chief Financial Officer|Product Owner|Professor of Law|Nurse Manager|Designer|Buyer|Quality Manager|"
    "Software Engineer|Head Chef|Station Master|Legal Counsel|Curator|Managing Partner|Sales Manager|Geologist"
).split("|")
HALLS = (
    "Town Hall",
    "Main Stage",
    "Old Mill",
    "City Library",
    "Studio",
    "Community Centre",
    "Gallery",
    "Museum",
    "Club",
)
DISHES = (
    "Soup|Salad|Risotto|Curry|Stew|Pie|Noodles|Pasta|Tart|Dumplings|Burger|Wrap|Omelette|Skewers|Fillet|Steak|Lasagne|"
    "Goulash|Tacos|Fried Rice|Gratin|Ragout|Pancakes|Sandwich|Bruschetta|Schnitzel|Gnocchi|Casserole"
).split("|")
STUFFS = (
    "Tomato|Mushroom|Pumpkin|Chicken|Lamb|Salmon|Prawn|Beef|Spinach|Lentil|Duck|Tuna|Leek|Potato|Chickpea|Goat Cheese|"
    "Aubergine|Cod|Pork|Turkey|Beetroot|Crab|Tofu|Asparagus|Trout|Veal|Artichoke|Coconut"
).split("|")
WAYS = "Grilled Roasted Smoked Spicy Crispy Creamy Braised Baked Warm Marinated Stuffed Homemade".split()
SWEETS = (
    "Apple Crumble|Lemon Sorbet|Chocolate Mousse|Cheesecake|Panna Cotta|Fruit Salad|Ice Cream|Plum Cake|Rice Pudding|"
    "Tiramisu|Creme Brulee|Pear Tart|Waffles|Mango Pudding|Baklava|Walnut Cake|Yoghurt with Honey|Sticky Date Pudding"
).split("|")
DRINKS = (
    "Still Water|Espresso|Cappuccino|Green Tea|Apple Juice|Lemonade|House Red|House White|Draught Beer|Hot Chocolate|"
    "Iced Coffee|Ginger Beer|Mint Tea|Tomato Juice|Cider|Sparkling Water|Teh Tarik|Orange Juice|Tonic Water|Iced Tea"
).split("|")
SIDES = (
    "with rice|with new potatoes|with garlic bread|and green beans|with herbs|in white wine|with sour cream|"
    "and roast onions|with lime and mint|served cold|with a side salad|and pine nuts|with brown butter"
).split("|")
INGREDIENTS = (
    "tomatoes|basil|olive oil|capers|garlic|lemon|cream|walnuts|parmesan|leeks|mustard|bacon|rosemary|honey|olives|"
    "spring onions|chilli|lime|sesame|almonds|raisins|cinnamon|butter|mint|peas|ginger|thyme|black pepper|dill"
).split("|")
# what is sold: how a section may be headed
SECTIONS = {
    "starters": (
        "Starters",
        "To Begin",
        "Small Plates",
        "Vorspeisen",
        "Entrees",
        "Entrantes",
        "Soups & Salads",
    ),
    "mains": ("Mains", "Main Courses", "From the Grill", "Hauptgerichte", "Plats", "Platos Principales"),
    "sweets": ("Desserts", "Sweets", "To Finish", "Nachspeisen", "Postres", "Pencuci Mulut"),
    "drinks": ("Drinks", "Beverages", "Getraenke", "Boissons", "Bebidas", "Minuman"),
}
WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# language: opening hours, closed, and the days from Monday on
DOORS = {
    "English": (("Opening Hours", "Hours", "We Are Open", "Store Hours"), "Closed", WEEK),
    "short English": (("Hours", "Opening Times", "Open"), "closed", [day[:3] for day in WEEK]),
    "German": (
        ("Oeffnungszeiten", "Sprechzeiten", "Wir haben offen"),
        "geschlossen",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    ),
    "French": (
        ("Horaires", "Heures d'ouverture"),
        "ferme",
        "Lundi Mardi Mercredi Jeudi Vendredi Samedi Dimanche".split(),
    ),
    "Spanish": (
        ("Horario", "Horario de apertura"),
        "Cerrado",
        "Lunes Martes Miercoles Jueves Viernes Sabado Domingo".split(),
    ),
    "Malay": (
        ("Waktu Operasi", "Waktu Perniagaan"),
        "Tutup",
        "Isnin Selasa Rabu Khamis Jumaat Sabtu Ahad".split(),
    ),
}  # fmt: skip


def subject(sheet: Sheet) -> str:
    """What a talk or a point is about, in small letters."""
    return sheet.rng.choice(SUBJECTS) if sheet.chance(0.6) else sheet.values.words(1, 2)


def title(sheet: Sheet) -> str:
    """The title of a slide or a talk, of one to some eight words."""
    rng, about = sheet.rng, subject(sheet)
    text = rng.choice(
        (
            lambda: f"{rng.choice(ADJECTIVES)} {about}".title(),
            lambda: f"{_capital(about)} in {sheet.values.city()}",
            lambda: f"The Future of {about.title()}",
            lambda: f"{about.title()}: Results {rng.randint(1998, 2029)}",
            lambda: f"Why {about} matters".capitalize(),
            lambda: f"{rng.choice(VERBS)} the {about}",
            lambda: sheet.values.title(1, 4),
            lambda: f"{_capital(about)} and {subject(sheet)}",
            lambda: f"What we learned from {about}".capitalize(),
            lambda: about.title(),
        )
    )()
    return text.upper() if sheet.chance(0.08) else text


def short_title(sheet: Sheet) -> str:
    """One that fits everywhere."""
    return sheet.rng.choice(
        ("Agenda", "Results", "Overview", "Outlook", "Summary", "Status", "Plan", "Facts")
    )


def _capital(text: str) -> str:
    """The text with a capital at its start; names within it keep theirs."""
    return text[0].upper() + text[1:]


def point(sheet: Sheet) -> str:
    """A line under a bullet."""
    rng, values, about = sheet.rng, sheet.values, subject(sheet)
    draw = rng.random()
    if draw < 0.4:
        tail = rng.choice(
            ("", "", f" in {values.city()}", f" by {rng.choice(MONTHS)}", f" at {rng.randint(2, 60)} sites")
        )
        return f"{rng.choice(VERBS)} the {about}{tail}"
    if draw < 0.55:
        return f"{values.percent()} {rng.choice(('more', 'less', 'of all'))} {about}"
    if draw < 0.65:
        return f"{person(sheet)} {rng.choice(('leads', 'checks', 'plans', 'reports on'))} the {about}"
    if draw < 0.8:
        return values.words(1, 5).capitalize()
    if draw < 0.9:
        return f"{about.capitalize()}: {rng.choice((values.money, values.percent, values.number, values.code))()}"
    return (
        f"{about.capitalize()} {rng.choice(('since', 'until', 'after', 'before'))} {rng.randint(1990, 2030)}"
    )


def milestone(sheet: Sheet) -> str:
    """What happened in a year."""
    rng, values = sheet.rng, sheet.values
    return rng.choice(
        (
            lambda: f"Founded in {values.city()}",
            lambda: f"First {subject(sheet)}",
            lambda: f"{rng.choice(('Office', 'Shop', 'Plant', 'School'))} in {values.city()}",
            lambda: f"{rng.randint(2, 90) * 10} {rng.choice(('members', 'staff', 'customers', 'shops'))}",
            lambda: f"{names.surname(rng)} joins",
            lambda: f"Merger with {values.title(1, 1)}",
            lambda: f"{values.title(1, 2)} Prize",
            lambda: values.words(1, 3).capitalize(),
            lambda: f"New {subject(sheet)}",
        )
    )()


def heading(sheet: Sheet) -> str:
    """One or two words over a part of a slide."""
    word = sheet.rng.choice(
        (
            subject(sheet),
            sheet.values.words(1, 1),
            sheet.rng.choice(
                ("goals", "risks", "costs", "next steps", "strengths", "open questions", "method")
            ),
        )
    )
    return word.capitalize()


def person(sheet: Sheet) -> str:
    """First and last name, sometimes with a degree."""
    name = f"{names.given(sheet.rng)} {names.surname(sheet.rng)}"
    return f"{sheet.rng.choice(('Dr.', 'Prof.'))} {name}" if sheet.chance(0.12) else name


def affiliation(sheet: Sheet) -> str:
    town = sheet.values.city()
    return sheet.rng.choice(
        (
            f"University of {town}",
            f"{town} Institute of {sheet.rng.choice(('Design', 'Technology', 'Health', 'Law', 'Music', 'Trade'))}",
            sheet.values.company(),
            sheet.values.company(),
            f"City of {town}",
        )
    )


def meeting(sheet: Sheet) -> str:
    """The name of a conference."""
    word, rng = sheet.values.title(1, 1), sheet.rng
    name = f"{rng.choice((word, word.upper(), sheet.values.city()))} {rng.choice(MEETINGS)}"
    return f"{name} {rng.randint(2001, 2029)}" if sheet.chance(0.6) else name


def dish(sheet: Sheet, course: str) -> str:
    """What a line of a menu sells."""
    rng = sheet.rng
    if course in ("sweets", "drinks"):
        return rng.choice(SWEETS if course == "sweets" else DRINKS)
    if sheet.chance(0.12):
        return f"{names.invented(rng, 2, 3).capitalize()} {rng.choice(DISHES)}"
    way = f"{rng.choice(WAYS)} " if sheet.chance(0.45) else ""
    side = f" {rng.choice(SIDES)}" if sheet.chance(0.2) else ""
    return f"{way}{rng.choice(STUFFS)} {rng.choice(DISHES)}{side}"


def ingredients(sheet: Sheet) -> str:
    """The small print under a dish."""
    few = sheet.rng.sample(INGREDIENTS, sheet.rng.randint(1, 3))
    return ", ".join(few) if sheet.chance(0.6) else " and ".join(few[:2])


def clock(style: int, minutes: int) -> str:
    """A time of day in one of CLOCKS styles: 09:30, 9.30, 9:30 am, 9.30 h, 9 am."""
    hour, minute = divmod(minutes, 60)
    half = "am" if hour < 12 else "pm"
    if style == 4 and not minute:
        return f"{hour % 12 or 12} {half}"
    if style in (2, 4):
        return f"{hour % 12 or 12}:{minute:02d} {half}"
    return (f"{hour:02d}:{minute:02d}", f"{hour}.{minute:02d}", "", f"{hour}.{minute:02d} h")[style]
