"""Web pages in a browser: its tabs and address line, the head of a site, news, and the results of a search."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.prose import sentence, wrap
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.shapes import dot, framed
from minimax_vl.synthetic.sheet import Sheet

ADDRESS = (
    "What is the address of the page?",
    "What is written in the address line?",
    "What is the URL?",
)
PAGE_TAB = ("What is the title of the open browser tab?", "Which browser tab is open?")
SITE = ("What is the name of the site?", "What is the site called?", "Which site is this?")
CHOSEN = (
    "Which menu item is selected?",
    "Which section is highlighted in the navigation?",
    "Which page of the menu is active?",
)
HEADLINE = ("What is the headline?", "What is the title of the article?", "Read the main headline.")
AUTHOR = ("Who wrote '{row}'?", "Who is the author of '{row}'?")
AUTHOR_OF = ("What did {value} write?", "Which article is by {value}?")
PUBLISHED = ("When was '{row}' published?", "What is the date of '{row}'?")
PUBLISHED_OF = ("Which article is from {value}?",)
CART = (
    "Which number is on the cart?",
    "How many items are in the cart?",
    "What is the number beside the cart?",
)
QUERY = ("What was searched for?", "What is the search query?", "What is written in the search field?")
FOUND = ("How many results are there?", "How many results were found?")
LINK = ("What is the address of the result {row}?", "What is the link of {row}?")
LINK_OF = ("What is the title of the result from {value}?", "Which result links to {value}?")
PLACED = ("What is the {place} result?", "Read the title of the {place} result.")
NAVIGATION = (
    "Home|News|Sports|Weather|Business|Culture", "Home|Products|Pricing|About|Contact", "Start|Themen|Service|Kontakt",
    "Accueil|Boutique|Aide|Contact", "Inicio|Tienda|Ofertas|Ayuda", "Utama|Berita|Sukan|Hubungi",
    "Shop|New|Sale|Brands|Help",
)  # fmt: skip


def page(
    site: Callable[[Screen, Box, str], None], ems: float = 26, *, large: float = 1
) -> Callable[[Sheet], None]:
    """A site in a browser that fills the page."""

    def draw(sheet: Sheet) -> None:
        box = Box(0, 0, sheet.canvas.width, sheet.canvas.height)
        screen = Screen(sheet, box, ems=ems, large=large)
        screen.fill(box, screen.look.page)
        values = sheet.values
        name = sheet.once(lambda: values.title(1, 2))
        ending = screen.rng.choice(("com", "org", "net", "de", "fr", "my", "io"))
        host = f"{name.lower().replace(' ', screen.rng.choice(('', '-')))}.{ending}"
        site(screen, _browser(screen, box, host, name), name)

    return draw


def _browser(screen: Screen, box: Box, host: str, name: str) -> Box:
    """Browser tabs, where there is room for them, and the address line; returns the room below them."""
    rng, em, look = screen.rng, screen.em, screen.look
    chrome = blend(look.page, look.ink, 0.1)
    if screen.chance(0.6) and box.height > 24 * em:
        line, box = box.split(screen.body.height + 0.9 * em)
        screen.fill(line, blend(look.page, look.ink, 0.2))
        others = [screen.sheet.once(lambda: screen.values.title(1, 2)) for _ in range(rng.randint(0, 3))]
        front, x = rng.randint(0, len(others)), line.x0 + 0.5 * em
        others.insert(front, name)
        for number, title in enumerate(others):
            tab = Box(x, line.y0 + 0.25 * em, x + screen.small.width(title) + 3.4 * em, line.y1)
            if tab.x1 > line.x1 - em:
                break
            if number == front:
                rounded(
                    screen.canvas, Box(tab.x0, tab.y0, tab.x1, tab.y1 + screen.corner), screen.corner, chrome
                )
                screen.facts.ask(title, PAGE_TAB)
            dot(
                screen.canvas,
                tab.x0 + 0.8 * em,
                (tab.y0 + tab.y1) / 2,
                0.7 * em,
                look.accent if number == front else look.dim,
            )
            screen.say(tab.x0 + 1.5 * em, tab.y0, tab.y1, title, screen.small)
            screen.icon("close", tab.x1 - 0.9 * em, tab.y0, tab.y1, look.dim, 0.6)
            x = tab.x1 + 0.2 * em
    line, box = box.split(screen.body.height + 1.3 * em)
    screen.fill(line, chrome)
    x = line.x0 + em
    for icon in ("back", "forward", "again")[: 3 if line.width > 24 * em else 1]:
        screen.icon(icon, x, line.y0, line.y1, look.dim, 0.9)
        x += 1.6 * em
    inner = Box(x, line.y0 + 0.3 * em, line.x1 - 2 * em, line.y1 - 0.3 * em)
    framed(screen.canvas, inner, screen.corner * 2, look.page, look.line)
    screen.icon("dots", line.x1 - em, line.y0, line.y1, look.dim, 0.9)
    screen.icon("lock", inner.x0 + em, inner.y0, inner.y1, look.dim, 0.75)
    # Standard questions know a website by its www or .com; one without any would pass for a page that has none.
    known = host.endswith((".com", ".org", ".net"))
    start = rng.choice(("", "", "https://", "www.") if known else ("https://", "www."))
    url = start + host + rng.choice(("", "", f"/{screen.values.word()}"))
    url = url if screen.body.width(url) < inner.width - 2.4 * em else start + host
    if screen.body.width(url) < inner.width - 2.4 * em:
        screen.say(inner.x0 + 1.8 * em, inner.y0, inner.y1, url)
        screen.facts.want(url, ADDRESS)
    screen.under(line.x0, line.x1, line.y1 - screen.thin)
    return box


def header(screen: Screen, box: Box, name: str, *, cart: bool = False) -> Box:
    """The head of a site: its name, its navigation, perhaps a cart; returns the room below it."""
    rng, em, look = screen.rng, screen.em, screen.look
    line, rest = box.split(screen.head.height + 1.1 * em)
    ink = screen.bar(line)
    strong = ink if ink == look.on_accent else look.accent
    x, right = line.x0 + em, line.x1 - em
    if screen.head.width(name) < line.width - 5 * em:
        x = screen.say(x, line.y0, line.y1, name, screen.head, strong) + 1.6 * em
        screen.facts.ask(name, SITE)
    count = str(rng.randint(0, 12))
    held = f"Cart ({count})" if cart and x + screen.body.width("Cart (12)") < right else ""
    right -= screen.body.width(held)
    names = rng.choice(NAVIGATION).split("|")
    chosen = rng.randrange(len(names))
    for number, item in enumerate(names):
        print_ = screen.bold if number == chosen else screen.body
        if x + print_.width(item) > right - 0.5 * em:
            break
        end = screen.say(x, line.y0, line.y1, item, print_, ink)
        if number == chosen:
            bottom = line.y1 - 0.25 * em
            screen.canvas.fill(x, bottom, end, bottom + max(0.14 * em, 2), strong)
            screen.facts.ask(item, CHOSEN)
        x = end + 1.2 * em
    if held:
        screen.say(right, line.y0, line.y1, held, ink=ink)
        screen.facts.ask(count, CART)
    return rest


def _headline(screen: Screen) -> str:
    words = screen.values.words(3, 6)
    return screen.sheet.once(lambda: words[0].upper() + words[1:])


def news(screen: Screen, box: Box, name: str) -> None:
    """One article with its author, and shorter notices below or none."""
    rng, em, facts, look = screen.rng, screen.em, screen.facts, screen.look
    box = header(screen, box, name).inset(em, 0.6 * em)
    large, y = screen.print(rng.uniform(1.4, 1.9), bold=True), box.y0
    title = _headline(screen)
    lines = wrap(title.split(), large, box.width)
    for line in lines:
        screen.say(box.x0, y, y + large.height, line, large)
        y += large.height
    if " ".join(lines) == title:
        facts.want(title, HEADLINE)
    y = _byline(screen, box, y, title) + 0.4 * em
    if box.height > 22 * em and screen.chance(0.6):  # a picture
        picture = Box(box.x0, y, box.x1, y + rng.uniform(4, 7) * em)
        screen.fill(picture, blend(look.page, look.accent, 0.35))
        screen.icon(
            rng.choice(("sun", "cloud", "heart")), (box.x0 + box.x1) / 2, picture.y0, picture.y1, look.page, 3
        )
        y = picture.y1 + 0.5 * em
    text = " ".join(sentence(screen.sheet) for _ in range(screen.sheet.count(1, 5)))
    for line in wrap(text.split(), screen.body, box.width):
        if y + screen.line > box.y1:
            break
        screen.say(box.x0, y, y + screen.line, line)
        y += screen.line
    y += 0.5 * em
    least = screen.bold.height + screen.small.height + 0.6 * em
    count, step = share_out(box.y1 - y, screen.sheet.count(2, 14), least, least * 1.8)
    for number in range(count):
        top = y + number * step
        screen.under(box.x0, box.x1, top)
        other = screen.sheet.fitting(lambda: _headline(screen), screen.bold, box.width)
        if other:
            top += (step - least) / 2 + 0.2 * em
            screen.say(box.x0, top, top + screen.bold.height, other, screen.bold, look.accent)
            _byline(screen, box, top + screen.bold.height, other)
    facts.caption = f"A web page of {name} with the headline {title}."
    facts.kind = "news page"


def _byline(screen: Screen, box: Box, y: float, title: str) -> float:
    """Author and date of an article; returns where the line ends."""
    author, day = screen.sheet.once(screen.values.person), screen.day(screen.rng.randint(0, 400))
    by = screen.rng.choice(("By ", "by ", ""))
    end = screen.say(box.x0, y, y + screen.small.height, by + author, screen.small, screen.look.dim)
    screen.cell(title, "author", author, AUTHOR, AUTHOR_OF)
    if end + screen.em + screen.small.width(day) < box.x1:
        screen.say(end + screen.em, y, y + screen.small.height, day, screen.small, screen.look.dim)
        screen.cell(title, "day", day, PUBLISHED, PUBLISHED_OF)
    return y + screen.small.height


def results(screen: Screen, box: Box, name: str) -> None:
    """What a search found: titles, addresses, a line or two of text each."""
    rng, em, facts, values, look = screen.rng, screen.em, screen.facts, screen.values, screen.look
    line, box = box.split(screen.head.height + 1.4 * em)
    x = line.x0 + em
    if screen.head.width(name) < line.width * 0.35:
        x = screen.say(x, line.y0, line.y1, name, screen.head, look.accent) + em
        facts.ask(name, SITE)
    inner = Box(x, line.y0 + 0.3 * em, line.x1 - em, line.y1 - 0.3 * em)
    framed(screen.canvas, inner, screen.corner * 2, look.panel, look.line)
    query = screen.sheet.fitting(
        lambda: screen.sheet.once(lambda: values.words(1, 3)), screen.body, inner.width - 3.2 * em
    )
    screen.say(inner.x0 + 0.8 * em, inner.y0, inner.y1, query)
    screen.icon("search", inner.x1 - em, inner.y0, inner.y1, look.accent)
    facts.want(query, QUERY)
    box = box.inset(em, 0.4 * em)
    found = f"{rng.randint(100, 9_999_999):,}"
    screen.say(box.x0, box.y0, box.y0 + screen.line, f"About {found} results", screen.small, look.dim)
    facts.ask(found, FOUND)
    deep = rng.randint(1, 2)
    least = screen.print(1.15).height + screen.small.height + deep * screen.line + 0.6 * em
    top = box.y0 + screen.line + 0.3 * em
    count, step = share_out(box.y1 - top, screen.sheet.count(2, 14), least, least * 1.5)
    title_print = screen.print(1.15)
    shown = 0
    for number in range(count):
        y = top + number * step
        title = screen.sheet.fitting(
            lambda: screen.sheet.once(lambda: values.title(2, 5)), title_print, box.width
        )
        link = screen.sheet.fitting(lambda: screen.sheet.once(values.website), screen.small, box.width)
        if not (title and link):
            continue
        screen.say(box.x0, y, y + title_print.height, title, title_print, look.accent)
        y += title_print.height
        screen.say(
            box.x0,
            y,
            y + screen.small.height,
            link,
            screen.small,
            (20, 120, 50) if not look.dark else look.dim,
        )
        y += screen.small.height
        for text in wrap(
            " ".join(sentence(screen.sheet) for _ in range(deep)).split(), screen.body, box.width
        )[:deep]:
            screen.say(box.x0, y, y + screen.line, text)
            y += screen.line
        screen.cell(title, "link", link, LINK, LINK_OF)
        if shown < 6:
            facts.ask(title, PLACED, place=ORDINALS[shown])
        shown += 1
    facts.caption = f"Results of a search for {query}." if query else "Results of a search."
    facts.kind = "search results"
