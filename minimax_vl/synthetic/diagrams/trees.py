"""Trees of kinds, and circles that overlap: who belongs to what."""

from __future__ import annotations

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons, vocab
from minimax_vl.synthetic.diagrams.nodes import draw_nodes, inside, node, overlap, style, write_nodes
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import names as color_names
from minimax_vl.synthetic.palette import shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet

PARENT = (
    "Which group does {name} belong to?",
    "What is right above {name}?",
    "What kind of {root} is {name}?",
)
CHILDREN = (
    "How many {kind} are shown?",
    "How many boxes are below {kind}?",
    "How many examples of {kind} are there?",
)
# Where the root is on the left, nothing lies above or below what it belongs to.
BESIDE = (
    "Which group does {name} belong to?",
    "Which group does {name} come from?",
    "What kind of {root} is {name}?",
)
CHILDREN_BESIDE = (
    "How many {kind} are shown?",
    "How many names belong to {kind}?",
    "How many examples of {kind} are there?",
)
COMMON = ("What do {one} and {other} have in common?", "What is in both {one} and {other}?")
ONLY = ("What is only in {one}?", "Which item is in {one} but not in {other}?")


def tree(sheet: Sheet, box: Box) -> bool:
    """A root, two or three branches, one to three leaves each; False when they do not fit."""
    rng = sheet.rng
    root, branches = vocab.tree(sheet) if sheet.chance(0.6) else _invented(sheet)
    kept = rng.sample(sorted(branches), rng.randint(2, len(branches)))
    branches = {name: rng.sample(branches[name], rng.randint(1, len(branches[name]))) for name in kept}
    style_ = style(sheet, figure_type(sheet, box).tick)
    x0, y0, x1, y1 = box
    leaves = sum(len(group) for group in branches.values())
    sideways = sheet.chance(0.35)
    start, links = 0, []

    def at(depth: int, place: float) -> tuple[float, float]:
        share = (depth + 0.5) / 3
        if sideways:
            return x0 + (x1 - x0) * share, y0 + (y1 - y0) * place
        return x0 + (x1 - x0) * place, y0 + (y1 - y0) * share

    nodes = [node(sheet, style_, root, *at(0, 0.5))]
    for name, group in branches.items():
        branch = len(nodes)
        nodes.append(node(sheet, style_, name, *at(1, (start + len(group) / 2) / leaves)))
        links.append((0, branch))
        for leaf in group:
            nodes.append(node(sheet, style_, leaf, *at(2, (start + 0.5) / leaves)))
            links.append((branch, len(nodes) - 1))
            start += 1
    if overlap(nodes, 6) or not inside(nodes, box):
        return False
    elbow = sheet.chance(0.5)
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        for i, j in links:
            a, b = nodes[i], nodes[j]
            if sideways:
                ends = ((a.x + a.half[0], a.y), (b.x - b.half[0], b.y))
            else:
                ends = ((a.x, a.y + a.half[1]), (b.x, b.y - b.half[1]))
            (ax, ay), (bx, by) = ends
            mid = ((ax + bx) / 2, (ay + by) / 2)
            bent = [(mid[0], ay), (mid[0], by)] if sideways else [(ax, mid[1]), (bx, mid[1])]
            pen.line([ends[0], *(bent if elbow else []), ends[1]], style_.arrow, style_.thick)
        inks = draw_nodes(sheet, pen, nodes, style_)
    write_nodes(sheet, nodes, style_, inks)
    _ask_tree(sheet, root, branches, sideways=sideways)
    groups = {name: ", ".join(group) for name, group in branches.items()}
    lessons.listed(sheet, groups, ("List the groups.", "What belongs to each group?", "Write down the tree."))
    return True


def _invented(sheet: Sheet) -> tuple[str, dict[str, list[str]]]:
    rng, values = sheet.rng, sheet.values
    draw = (
        (lambda: sheet.once(values.word).capitalize())
        if sheet.chance(0.6)
        else (lambda: sheet.once(values.first_name))
    )
    return draw(), {draw(): [draw() for _ in range(rng.randint(1, 3))] for _ in range(rng.randint(2, 3))}


def _ask_tree(sheet: Sheet, root: str, branches: dict[str, list[str]], *, sideways: bool) -> None:
    rng, facts = sheet.rng, sheet.facts
    parent, children = (BESIDE, CHILDREN_BESIDE) if sideways else (PARENT, CHILDREN)
    below, topmost = ("comes from", "leftmost") if sideways else ("is below", "topmost")
    pairs = [(leaf, name) for name, group in branches.items() for leaf in group]
    for leaf, name in rng.sample(pairs, min(4, len(pairs))):
        facts.ask(name, parent, name=leaf, root=root)
        ask_choice(
            sheet,
            rng.choice(parent).format(name=leaf, root=root),
            name,
            # Weighed by itself, the root is not wrong: lessons are better off without it.
            [*branches, *([] if facts.teaching else [root]), *(n for n, _ in pairs if n != leaf)],
        )
        outside = [other for other, group in pairs if group != name]
        forms = (
            f"Which of these belongs to {name}?",
            f"Which one {below} {name}?",
            f"Which is an example of {name}?",
        )
        ask_choice(sheet, rng.choice(forms), leaf, [*outside, root])
    name = rng.choice(sorted(branches))
    facts.ask(str(len(branches[name])), children, kind=name)
    if len(branches[name]) == 1:
        facts.ask(branches[name][0], (f"What {below} {name}?",))
    facts.ask(
        root,
        (
            "What is at the root of the tree?",
            f"What is the {topmost} group?",
            "What is divided into groups here?",
        ),
    )
    facts.ask(
        str(len(branches)),
        ("How many groups is {root} divided into?", "How many branches does {root} have?"),
        root=root,
    )
    ask_choice(
        sheet,
        f"How many branches does {root} have?",
        str(len(branches)),
        numbers_near(sheet, len(branches), least=1),
    )
    facts.caption = f"A tree diagram of {root} with {len(branches)} branches."


def venn(sheet: Sheet, box: Box) -> bool:
    """Two circles that overlap, one to three words in each part; False when they do not fit."""
    rng, canvas = sheet.rng, sheet.canvas
    type_ = figure_type(sheet, box)
    tick, label = type_.tick, type_.label
    x0, y0, x1, y1 = box
    r = min((x1 - x0) / 3.1, (y1 - y0 - label.height * 2) / 2)
    cx, cy = (x0 + x1) / 2, (y0 + label.height * 1.6 + y1) / 2
    off = r * rng.uniform(0.5, 0.6)
    one, other = vocab.invented(sheet, 2)
    parts = [
        [sheet.once(sheet.values.word) for _ in range(rng.randint(1, 3))] for _ in range(3)
    ]  # left, both, right
    room = (2 * (r - off) * 0.95, 2 * (r - off) * 0.85, 2 * (r - off) * 0.95)
    if any(tick.width(w) > room[k] for k, part in enumerate(parts) for w in part) or r < 4 * tick.height:
        return False
    found = color_names(rng, 2, among=("red", "blue", "green", "yellow", "orange", "purple"))
    filled = sheet.chance(0.5) and sum(sheet.paper) > 600
    paints = [shade(rng, name, sheet.fonts.split) for name in found]
    with Pen(canvas, box, paper=sheet.paper) as pen:
        for sign, paint in zip((-1, 1), paints, strict=True):
            red, green, blue = ((c + 3 * 255) // 4 for c in paint)
            pen.ellipse(cx + sign * off, cy, r, r, (red, green, blue) if filled else None)
        for sign, paint in zip((-1, 1), paints, strict=True):
            pen.ellipse(cx + sign * off, cy, r, r, None, paint, 2.5)
    for sign, name in ((-1, one), (1, other)):
        centred(canvas, cx + sign * (off + r * 0.3), cy - r - label.height * 0.7, name, label, sheet.ink)
    for k, (part, middle) in enumerate(zip(parts, (cx - r * 0.98, cx, cx + r * 0.98), strict=True)):
        x = middle if k == 1 else (cx - off - (r - off) / 2 if k == 0 else cx + off + (r - off) / 2)
        for i, word in enumerate(part):
            centred(canvas, x, cy + (i - (len(part) - 1) / 2) * tick.height * 1.3, word, tick, sheet.ink)
    facts = sheet.facts
    words = zip((one, "both", other), map(", ".join, parts), strict=True)
    lessons.listed(sheet, list(words), ("List the words in each circle.", "What is in each circle?"))
    for part, here, there in ((parts[0], one, other), (parts[2], other, one)):
        if len(part) == 1:
            facts.ask(part[0], ONLY, one=here, other=there)
        facts.ask(str(len(part)), ("How many items are only in {one}?",), one=here)
        others = [w for p in parts if p is not part for w in p]
        ask_choice(sheet, f"Which of these is only in {here}?", rng.choice(part), others)
    if len(parts[1]) == 1:
        facts.ask(parts[1][0], COMMON, one=one, other=other)
    facts.ask(
        str(len(parts[1])), ("How many items are in both circles?", "How many words are in the overlap?")
    )
    ask_choice(
        sheet, rng.choice(COMMON).format(one=one, other=other), rng.choice(parts[1]), parts[0] + parts[2]
    )
    word, where = rng.choice([(parts[0][0], one), (parts[2][0], other)])
    facts.ask(where, ("In which circle is {word}?", "Which circle does {word} belong to?"), word=word)
    for name, color in zip((one, other), found, strict=True):
        facts.ask(color, ("What color is the circle {name}?",), name=name)
    facts.ask("2", ("How many circles are there?",))
    facts.ask(NOT_THERE, ("In which circle is {word}?",), word=sheet.once(sheet.values.word))
    facts.caption = f"A Venn diagram of {one} and {other} with {sum(map(len, parts))} words."
    return True
