"""A house under the sky, with trees, clouds, flowers and a car."""

from __future__ import annotations

from minimax_vl.synthetic import thoughts
from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen, Point
from minimax_vl.synthetic.scenes import lessons, words
from minimax_vl.synthetic.scenes.things import draw_thing, pine, tree
from minimax_vl.synthetic.sheet import Sheet

COLORS = ("red", "blue", "yellow", "orange", "purple", "pink", "brown", "green", "black", "white")


def garden(sheet: Sheet) -> None:
    """Sky, ground, a house, trees, the sun or the moon, clouds, flowers, a car."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    h, w = canvas.height, canvas.width
    unit, split = min(h, w), sheet.fonts.split
    night = sheet.chance(0.2)
    horizon = h * rng.uniform(0.5, 0.65)
    sky: Colour = (25, 30, 75) if night else rng.choice(((150, 205, 245), (185, 225, 250), (120, 185, 235)))
    wall, roof, door = (rng.choice(names(rng, 3, among=COLORS)) for _ in range(3))
    while roof == wall or door == wall:
        roof, door = rng.choice(COLORS), rng.choice(COLORS)
    size = unit * rng.uniform(0.16, 0.22)
    house_x = rng.uniform(0.3, 0.7) * w
    left = rng.random() < 0.5  # where the sun stands
    sun_x, sun_r = w * (0.12 if left else 0.88), unit * rng.uniform(0.045, 0.065)
    counts = {
        "tree": rng.randint(0, 4),
        "cloud": rng.randint(0, 4),
        "flower": rng.randint(0, 6),
        "window": rng.randint(0, 3),
    }
    flower_color, car_color = rng.choice(("red", "yellow", "purple", "pink")), rng.choice(COLORS[:5])
    has_car, chimney = sheet.chance(0.4), sheet.chance(0.4)
    draw_tree = rng.choice((tree, pine))
    seen: dict[str, list[Point]] = {thing: [] for thing in counts}  # the middle of each
    with Pen(canvas, paper=sky) as pen:
        pen.rectangle(
            0,
            horizon,
            w,
            h,
            (45, 95, 50) if night else rng.choice(((120, 190, 90), (95, 170, 80), (150, 200, 110))),
        )
        pen.ellipse(sun_x, h * 0.13, sun_r, sun_r, (240, 240, 215) if night else (255, 205, 40))
        for k in range(counts["cloud"]):
            cx, cy = w * (0.27 + 0.155 * k), h * rng.uniform(0.08, 0.2)
            pen.landmark(cx, cy, "cloud")
            seen["cloud"].append((cx, cy))
            for dx in (-0.033, 0, 0.033):
                pen.ellipse(
                    cx + dx * unit,
                    cy - (0.02 * unit if dx == 0 else 0),
                    unit * 0.036,
                    unit * 0.028,
                    (250, 250, 252),
                )
        if not night:  # the moon is no sun, and has no mark of its own
            pen.landmark(sun_x, h * 0.13, "sun")
        base = horizon + unit * 0.12
        pen.landmark(house_x, base - size, "house")
        if chimney:
            pen.rectangle(
                house_x + size * 0.45, base - size * 2.2, house_x + size * 0.7, base - size, (150, 75, 60)
            )
        pen.rectangle(
            house_x - size, base - size * 1.2, house_x + size, base, shade(rng, wall, split), sheet.ink
        )
        pen.polygon(
            [
                (house_x - size * 1.2, base - size * 1.2),
                (house_x, base - size * 2.1),
                (house_x + size * 1.2, base - size * 1.2),
            ],
            shade(rng, roof, split),
            sheet.ink,
        )
        pen.rectangle(
            house_x - size * 0.18,
            base - size * 0.62,
            house_x + size * 0.18,
            base,
            shade(rng, door, split),
            sheet.ink,
        )
        for k, dx in enumerate((-0.6, 0.6, 0.0)[: counts["window"]]):
            wx, wy = house_x + dx * size, base - size * (0.7 if k < 2 else 1.5)
            half = size * (0.17 if k < 2 else 0.13)
            pen.rectangle(wx - half, wy - half, wx + half, wy + half, (210, 235, 250), sheet.ink)
            pen.landmark(wx, wy, "window")
            seen["window"].append((wx, wy))
        spots = [
            x for x in (0.08, 0.24, 0.4, 0.6, 0.76, 0.92) if abs(x * w - house_x) > size * 1.2 + unit * 0.07
        ]
        counts["tree"] = min(counts["tree"], len(spots))
        for x in rng.sample(spots, counts["tree"]):
            draw_tree(pen, x * w, base - unit * 0.1, unit * 0.115, rng.choice(((40, 125, 55), (60, 150, 60))))
            pen.landmark(x * w, base - unit * 0.1, "tree")
            seen["tree"].append((x * w, base - unit * 0.1))
        for k in range(counts["flower"]):
            x, y = w * (0.08 + 0.13 * k), h * 0.93 - unit * 0.02
            draw_thing(pen, "flower", x, y, unit * 0.045, shade(rng, flower_color, split))
            seen["flower"].append((x, y))
        if has_car:
            draw_thing(
                pen,
                "car",
                w * rng.uniform(0.3, 0.7),
                (base + h * 0.86) / 2 + unit * 0.02,
                unit * 0.1,
                shade(rng, car_color, split),
            )
    light = "moon" if night else "sun"
    told = [
        ("wall", wall),
        ("roof", roof),
        ("door", door),
        *((words.plural(t), c) for t, c in counts.items()),
    ]
    if has_car:
        told.append(("car", car_color))
    told.append((light, "left" if left else "right"))
    lessons.listed(sheet, told, ("List everything.", "List what is to be seen."))
    for part, color in (("roof", roof), ("door", door), ("wall of the house", wall)):
        words.ask_color(sheet, part, color)
    for thing, count in counts.items():
        words.ask_count(
            sheet, count, thing, [lessons.pointed(sheet, thing, *at) for at in sorted(seen[thing])]
        )
    facts.caption_thought = thoughts.listed(
        ("roof", "tree", "cloud"),
        (roof, *(lessons.met(sheet, [("", *at) for at in seen[thing]]) for thing in ("tree", "cloud"))),
    )
    if counts["flower"]:
        facts.ask(flower_color, ("What color are the flowers?", "Which color are the flowers?"))
    present = (
        ["house", light, *(t for t, c in counts.items() if c)]
        + (["car"] if has_car else [])
        + (["chimney"] if chimney else [])
    )
    absent = (
        ["moon" if light == "sun" else "sun", "boat", "dog", "bridge"]
        + ([] if has_car else ["car"])
        + ([] if chimney else ["chimney"])
    )
    absent += [t for t, c in counts.items() if not c and t != "window"]
    words.ask_presence(sheet, present, absent)
    words.ask_in_vain(sheet, [thing for thing in absent if thing in ("car", "boat", "dog", "bridge")])
    facts.ask(
        "left" if left else "right",
        (f"On which side is the {light}?", f"Is the {light} on the left or on the right?"),
    )
    facts.ask("night" if night else "day", ("Is it day or night?", "Is it night or day in the picture?"))
    if has_car:
        words.ask_color(sheet, "car", car_color)
    told = roof if rng.random() < 0.5 else rng.choice([c for c in COLORS if c != roof])
    words.ask_truth(sheet, f"The house has {words.article(told)} roof", told == roof)
    parts = [f"a house with {words.article(roof)} roof"] + [words.several(counts["tree"], "tree")] * (
        counts["tree"] > 0
    )
    parts += [words.article(f"{car_color} car")] * has_car + [words.several(counts["cloud"], "cloud")] * (
        counts["cloud"] > 0
    )
    facts.caption = words.sentence(words.joined([*parts, f"the {light}"]))
