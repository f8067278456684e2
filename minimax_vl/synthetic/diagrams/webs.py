"""Food chains and food webs: arrows run from what is eaten to what eats it."""

from __future__ import annotations

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons, vocab
from minimax_vl.synthetic.diagrams.nodes import (
    Node,
    Style,
    ask_colors,
    draw_nodes,
    inside,
    join,
    node,
    overlap,
    style,
    write_nodes,
)  # fmt: skip
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

EATS = (
    "What does the {name} eat?",
    "What is the prey of the {name}?",
    "What does {name} feed on?",
    "Where does the {name} get its energy from?",
)
EATEN = (
    "What eats the {name}?",
    "Which animal eats {name}?",
    "What is a predator of the {name}?",
    "Who eats the {name}?",
)
FEWER = (
    "What happens to the {name} if the {gone} disappears?",
    "If the {gone} died out, what would happen to the {name}?",
)
CHANGES = (
    "They would decrease",
    "They would increase",
    "They would stay the same",
    "They would become producers",
)
SHORT = {CHANGES[0]: "decrease", CHANGES[1]: "increase"}


def chain(sheet: Sheet, box: Box) -> bool:
    """Three to five names, each eaten by the next; False when they do not fit."""
    levels = vocab.web(sheet)
    names = [sheet.rng.choice(level) for level in levels[: sheet.rng.choice((3, 4, 4))]]
    type_ = figure_type(sheet, box)
    style_ = style(sheet, type_.label)
    x0, y0, x1, y1 = box
    down = sheet.rng.choice((True, False)) if x1 - x0 < 1.3 * (y1 - y0) else False
    upwards = down and sheet.chance(0.5)
    nodes = []
    for i, name in enumerate(names):
        share = (i + 0.5) / len(names)
        share = 1 - share if upwards else share
        x, y = ((x0 + x1) / 2, y0 + (y1 - y0) * share) if down else (x0 + (x1 - x0) * share, (y0 + y1) / 2)
        nodes.append(node(sheet, style_, name, x, y))
    if overlap(nodes, 22) or not inside(nodes, box):
        return False
    links = [(i, i + 1) for i in range(len(names) - 1)]
    _draw(sheet, box, nodes, links, style_)
    _ask(sheet, nodes, links, levels, "food chain")
    lessons.in_order(sheet, names, "organism")
    sheet.facts.caption = f"A food chain from {names[0]} to {names[-1]} with {len(names)} organisms."
    return True


def web(sheet: Sheet, box: Box) -> bool:
    """Organisms on three or four levels; False when they do not fit."""
    rng = sheet.rng
    levels = vocab.web(sheet)[: rng.choice((3, 4, 4))]
    type_ = figure_type(sheet, box)
    style_ = style(sheet, type_.tick)
    x0, y0, x1, y1 = box
    title = "Food Web" if sheet.chance(0.3) else ""
    top = y0 + type_.title.height * 1.5 if title else y0
    up = sheet.chance(0.75)  # producers below
    nodes: list[Node] = []
    for depth, level in enumerate(levels):
        chosen = rng.sample(level, rng.randint(1, 2 if depth in (0, 3) else 3))
        at = (len(levels) - depth - 0.5 if up else depth + 0.5) / len(levels)
        y = top + (y1 - top) * at
        for k, name in enumerate(chosen):
            x = x0 + (x1 - x0) * (k + 0.5 + rng.uniform(-0.12, 0.12)) / len(chosen)
            nodes.append(node(sheet, style_, name, x, y + rng.uniform(-0.05, 0.05) * (y1 - top)))
            nodes[-1].level = depth
    if overlap(nodes, 14) or not inside(nodes, (x0, top, x1, y1)):
        return False
    links = []
    for j, eater in enumerate(nodes):
        below = [i for i, n in enumerate(nodes) if n.level == eater.level - 1]
        links += [(i, j) for i in rng.sample(below, min(len(below), rng.choice((1, 1, 2))))]
    fed = {i for i, _ in links}
    for i, n in enumerate(nodes):  # nobody below the top stays uneaten
        above = [j for j, m in enumerate(nodes) if m.level == n.level + 1]
        if i not in fed and above:
            links.append((i, rng.choice(above)))
    _draw(sheet, box, nodes, links, style_)
    if title:
        centred(sheet.canvas, (x0 + x1) / 2, y0 + type_.title.height / 2, title, type_.title, sheet.ink)
    _ask(sheet, nodes, links, levels, "food web")
    sheet.facts.caption = f"A food web with {len(nodes)} organisms, {nodes[0].name} at the start."
    return True


def _draw(sheet: Sheet, box: Box, nodes: list[Node], links: list[tuple[int, int]], style_: Style) -> None:
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        for i, j in links:
            join(pen, nodes[i], nodes[j], style_)
        inks = draw_nodes(sheet, pen, nodes, style_)
    write_nodes(sheet, nodes, style_, inks)


def _ask(
    sheet: Sheet, nodes: list[Node], links: list[tuple[int, int]], levels: list[list[str]], what: str
) -> None:
    rng, facts = sheet.rng, sheet.facts
    names = [n.name for n in nodes]  # producers first, each level from left to right
    lessons.arrows(sheet, names, links)
    say = (
        str.lower if sheet.chance(0.5) else str
    )  # how questions write what the picture writes with a capital
    ordered = sorted if facts.teaching else list  # as `names` are
    prey = {j: ordered([i for i, k in links if k == j]) for j in range(len(nodes))}
    eaters = {i: ordered([j for k, j in links if k == i]) for i in range(len(nodes))}
    for kind, table, forms in (("prey", prey, EATS), ("eater", eaters, EATEN)):
        known = [k for k in table if table[k]]
        for k in rng.sample(known, min(3, len(known))):
            form = rng.choice(forms)
            found = [names[i] for i in table[k]]
            if len(found) == 1:
                facts.ask(found[0], (form,), name=say(names[k]))
            wrong = [name for name in names if name not in found and name != names[k]]
            ask_choice(sheet, form.format(name=say(names[k])), rng.choice(found), wrong)
            forms_ = (
                ("How many kinds of prey does the {name} have?",)
                if kind == "prey"
                else ("How many animals eat the {name}?",)
            )
            if sheet.chance(0.4):
                facts.think(facts.ask(str(len(found)), forms_, name=say(names[k])), numbered(found))
    producers = [names[j] for j in prey if not prey[j]]
    tops = [names[i] for i in range(len(nodes)) if not eaters[i]]
    lowest = max(nodes[names.index(name)].y for name in producers)
    # Upside down, what stands at the top of the picture is the food.
    upright = all(nodes[names.index(name)].y <= lowest for name in tops)
    _ask_roles(sheet, names, producers, tops, what, "at the top of" if upright else "last in")
    first = [names[j] for j in prey if prey[j] and all(not prey[i] for i in prey[j])]
    if len(first) < len(names) - 2:
        rest = [n for n in names if n not in first]
        ask_choice(
            sheet,
            rng.choice(
                (
                    "Which is a primary consumer?",
                    "Which of these is a herbivore?",
                    "Which one eats only plants?",
                )
            ),
            rng.choice(first),
            rest,
        )
    for j in rng.sample(range(len(nodes)), len(nodes))[:4]:
        if len(prey[j]) == 1 and not [i for i in prey[j] if not eaters[i]]:
            _ask_change(sheet, say(names[j]), say(names[prey[j][0]]), CHANGES[0])
        for i in prey[j]:
            if eaters[i] == [j] and len(prey[j]) >= 1 and prey[i]:
                _ask_change(sheet, say(names[i]), say(names[j]), CHANGES[1])
    asked = facts.ask(
        str(len(names)), ("How many organisms are shown?", f"How many organisms are in the {what}?")
    )
    facts.think(asked, numbered(names))
    ask_choice(
        sheet,
        f"How many organisms are in the {what}?",
        str(len(names)),
        numbers_near(sheet, len(names), least=1),
        thought=numbered(names),
    )
    ask_choice(
        sheet,
        "What does the diagram show?",
        f"A {what}",
        ["A water cycle", "A life cycle", "The solar system", "A circuit", "A rock cycle"],
    )
    ask_colors(sheet, nodes, "box")


def _ask_roles(
    sheet: Sheet, names: list[str], producers: list[str], tops: list[str], what: str, at_the_top: str
) -> None:
    rng, facts = sheet.rng, sheet.facts
    if len(producers) == 1:
        facts.ask(
            producers[0],
            (
                "What is the producer?",
                f"Which organism is the producer in this {what}?",
                f"Where does the {what} start?",
            ),
        )
    if len(tops) == 1:
        facts.ask(
            tops[0],
            (
                "What is the top predator?",
                f"Which organism is {at_the_top} the {what}?",
                "Which animal is eaten by none?",
            ),
        )
    ask_choice(
        sheet,
        rng.choice(("Which of these is a producer?", f"Which is the producer in this {what}?")),
        rng.choice(producers),
        [n for n in names if n not in producers],
    )
    ask_choice(
        sheet,
        rng.choice(("Which is the top predator?", f"Which one is {at_the_top} the {what}?")),
        rng.choice(tops),
        [n for n in names if n not in tops],
    )


def _ask_change(sheet: Sheet, name: str, gone: str, change: str) -> None:
    form = sheet.rng.choice(FEWER).format(name=name, gone=gone)
    if sheet.chance(0.6):
        ask_choice(sheet, form, change, CHANGES)
    else:
        sheet.facts.ask(
            SHORT[change], (f"If there are no more {gone}, does the number of {name} increase or decrease?",)
        )
