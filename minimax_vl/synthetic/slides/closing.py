"""Slides with little on them: a quotation, and thanks with the ways to reach the speaker."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import given
from minimax_vl.synthetic.slides.blocks import Row, flat, kept, tall, write
from minimax_vl.synthetic.slides.frame import plain
from minimax_vl.synthetic.slides.look import Look

QUOTED = (
    "{subject} is not a luxury, it is {other}",
    "We did not stop because of {subject}; we began with it",
    "Nobody who has seen {subject} will ask for {other} again",
    "First comes {subject}, then comes {other}",
    "Good {subject} needs patience and a little {other}",
    "Show me your {subject} and I will tell you who you are",
    "There is no {subject} without {other}",
    "I have learned more from {subject} than from any {other}",
)
AUTHOR = ("Who said this?", "Who is quoted?", "Who is the author of the quotation?", "Whose words are these?")
ROLE = ("What is the role of {who}?", "What does {who} do?", "Which position has {who}?")
PLACE = ("Which year is the quotation from?", "In which year was this said?")
GREETINGS = (
    "Thank you!|Thank You|Thanks for listening|Questions?|Any questions?|Let's talk|Get in touch|Contact|"
    "Vielen Dank!|Merci !|Gracias|Terima kasih"
).split("|")
LARGE = ("What is the largest line?", "What does the slide say in large print?", "What is the title?")
# what it is: (how often it is there, labels before it, questions)
CONTACT = {
    "name": (0.9, ("", ""), ("Who is the contact?", "Whom can one contact?", "What is the name of the contact?")),
    "role": (0.4, ("", ""), ("What is the position of the contact?", "What is the contact's job title?")),
    "firm": (0.5, ("", ""), ("Which organisation is the contact from?", "Where does the contact work?")),
    "email": (0.8, ("Email: ", "E-mail ", "", ""), ("What is the email address?", "Which email is given?", "Email?")),
    "phone": (0.6, ("Phone: ", "Tel. "), ("What is the phone number?", "Which number can one call?")),
    "website": (0.5, ("Web: ", "", ""), ("What is the website?", "What is the web address?", "Website?")),
    "address": (0.2, ("", "Address: "), ("What is the postal address?", "Which street address is given?")),
}  # fmt: skip


def quotation(look: Look) -> bool:
    """A sentence in quotation marks, and who said it."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room = plain(look, without=("date",))
    filled = rng.choice(QUOTED).format(subject=words.subject(sheet), other=sheet.values.words(1, 2))
    sentence = filled[0].upper() + filled[1:] + "."
    author, role = (
        names.given(rng) + " " + names.surname(rng),
        rng.choice(words.ROLES),
    )
    marked, dash = rng.random() < 0.6, rng.choice(("- ", "-- ", ""))
    quoted = f'"{sentence}"' if marked else sentence
    face = rng.choice((look.slanted, look.display, look.face))
    groups = [
        [Row(quoted, face, rng.uniform(1.2, 1.7), lines=9), Row(dash + author, look.bold, gap=1.3)],
        [Row(role, look.face, 0.9, gap=0.2, ink=look.soft)],
    ]
    inner = room.inset(0.05 * room.width, 0.05 * room.height)
    groups, size = kept(look, groups, inner.to(x0=inner.x0 + 1.2 * look.most), round(1.1 * look.most))
    if not size:
        return False
    align = rng.choice((0.0, 0.5))
    if align == 0.0:  # a bar beside it, a little longer
        high = min(1.3 * tall(look, flat(groups), inner.to(x0=inner.x0 + 1.2 * size), size), inner.height)
        inner = inner.inset(0, (inner.height - high) / 2)
        look.canvas.fill(*inner.to(x1=inner.x0 + max(0.25 * size, 3)).corners, look.accent)
        inner = inner.to(x0=inner.x0 + 1.2 * size)
    write(look, flat(groups), inner, size, align=align, anchor=0.45)
    facts.ask(author, AUTHOR)
    if len(sentence) < 125:
        facts.ask(sentence, ("What does the quotation say?", "Read the quotation.", "What is the quote?"))
    facts.ask(" ".join(sentence.split()[:3]), ("What are the first three words of the quotation?",))
    facts.ask(sentence.split()[-1].rstrip("."), ("What is the last word of the quotation?",))
    facts.ask(role, ROLE, who=author) if len(groups) > 1 else facts.lack(ROLE, who=author)
    facts.lack(PLACE)
    facts.caption = f"A slide with a quotation by {author}."
    return True


def thanks(look: Look) -> bool:
    """A word of thanks, and how to reach who spoke."""
    rng, sheet, facts, values = look.rng, look.sheet, look.sheet.facts, look.sheet.values
    room, greeting = plain(look, without=("firm",)), rng.choice(GREETINGS)
    drawn = {
        "name": words.person(sheet),
        "role": rng.choice(words.ROLES),
        "firm": words.affiliation(sheet),
        "email": values.email(),
        "phone": values.phone(),
        "website": values.website(),
        "address": values.address(),
    }
    shown = {name: text for name, text in drawn.items() if rng.random() < CONTACT[name][0]}
    groups = [[Row(greeting, look.display, rng.uniform(1.6, 2.4), ink=look.title_ink)]]
    for number, (name, text) in enumerate(shown.items()):
        label = rng.choice(CONTACT[name][1])
        groups.append(
            [
                Row(
                    label + text,
                    look.bold if name == "name" else look.face,
                    gap=0.4 if number else 1.3,
                    lines=2,
                )
            ]
        )
    groups, size = kept(look, groups, room, look.most)
    if not size:
        return False
    write(look, flat(groups), room, size, align=rng.choice((0.0, 0.5, 0.5)), anchor=0.45)
    there = dict(list(shown.items())[: len(groups) - 1])
    given(look, there, {name: forms for name, (_, _, forms) in CONTACT.items()})
    facts.ask(greeting, LARGE)
    facts.caption = f"A closing slide that says {greeting.rstrip(' !?')}."
    return True
