"""Simple drawings of things, each in the square of half side r around (x, y)."""

from __future__ import annotations

import math
from collections.abc import Callable

from minimax_vl.synthetic.canvas import Colour, darker
from minimax_vl.synthetic.pen import Pen

Draw = Callable[[Pen, float, float, float, Colour], None]
DARK: Colour = (45, 40, 40)
WOOD: Colour = (125, 80, 45)
LEAF: Colour = (50, 140, 60)
SKIN: Colour = (240, 200, 165)


def tree(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.13, y + r * 0.1, x + r * 0.13, y + r, WOOD)
    pen.ellipse(x, y - r * 0.35, r * 0.62, r * 0.65, paint)


def pine(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.1, y + r * 0.6, x + r * 0.1, y + r, WOOD)
    for top, low, half in ((-1, 0, 0.4), (-0.6, 0.35, 0.52), (-0.2, 0.7, 0.62)):
        pen.polygon([(x, y + r * top), (x + r * half, y + r * low), (x - r * half, y + r * low)], paint)


def ball(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.ellipse(x, y, r * 0.8, r * 0.8, paint, darker(paint, 60), 1.5)
    pen.arc(x - r * 0.9, y, r * 0.8, r * 0.8, -50, 50, darker(paint, 60), 1.5)
    pen.arc(x + r * 0.9, y, r * 0.8, r * 0.8, 130, 230, darker(paint, 60), 1.5)


def car(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.polygon(
        [(x - r * 0.55, y), (x - r * 0.35, y - r * 0.42), (x + r * 0.3, y - r * 0.42), (x + r * 0.55, y)],
        paint,
    )
    pen.polygon(
        [
            (x - r * 0.38, y - r * 0.03),
            (x - r * 0.28, y - r * 0.32),
            (x + r * 0.24, y - r * 0.32),
            (x + r * 0.4, y - r * 0.03),
        ],
        (205, 230, 245),
    )
    pen.rectangle(x - r, y - r * 0.05, x + r, y + r * 0.35, paint, radius=r * 0.12)
    for side in (-0.55, 0.55):
        pen.ellipse(x + r * side, y + r * 0.38, r * 0.22, r * 0.22, DARK, (150, 150, 150), 2)


def boat(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y - r), (x, y + r * 0.4)), DARK, max(1.5, r * 0.06))
    pen.polygon(
        [(x + r * 0.08, y - r * 0.9), (x + r * 0.75, y + r * 0.25), (x + r * 0.08, y + r * 0.25)],
        (250, 250, 245),
        DARK,
    )
    pen.polygon(
        [
            (x - r, y + r * 0.4),
            (x + r, y + r * 0.4),
            (x + r * 0.65, y + r * 0.85),
            (x - r * 0.65, y + r * 0.85),
        ],
        paint,
    )


def flower(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y), (x, y + r)), LEAF, max(2.0, r * 0.1))
    for k in range(6):
        a = k * math.pi / 3
        pen.ellipse(
            x + r * 0.38 * math.cos(a), y - r * 0.35 + r * 0.38 * math.sin(a), r * 0.25, r * 0.25, paint
        )
    pen.ellipse(x, y - r * 0.35, r * 0.2, r * 0.2, (250, 200, 40))


def balloon(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y + r * 0.3), (x + r * 0.08, y + r)), DARK, 1.5)
    pen.ellipse(x, y - r * 0.3, r * 0.55, r * 0.68, paint)
    pen.polygon([(x, y + r * 0.32), (x + r * 0.1, y + r * 0.48), (x - r * 0.1, y + r * 0.48)], paint)


def fish(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.polygon([(x + r * 0.4, y), (x + r, y - r * 0.45), (x + r, y + r * 0.45)], paint)
    pen.ellipse(x - r * 0.15, y, r * 0.72, r * 0.42, paint)
    pen.ellipse(x - r * 0.5, y - r * 0.1, r * 0.08, r * 0.08, (255, 255, 255), DARK, 1)


def cup(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.ellipse(x + r * 0.55, y + r * 0.2, r * 0.3, r * 0.3, None, paint, max(2.0, r * 0.13))
    pen.polygon(
        [
            (x - r * 0.6, y - r * 0.5),
            (x + r * 0.6, y - r * 0.5),
            (x + r * 0.45, y + r),
            (x - r * 0.45, y + r),
        ],
        paint,
    )
    pen.ellipse(x, y - r * 0.5, r * 0.6, r * 0.12, darker(paint, 50))


def apple(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y - r * 0.4), (x + r * 0.1, y - r * 0.9)), WOOD, max(2.0, r * 0.1))
    pen.ellipse(x + r * 0.35, y - r * 0.75, r * 0.25, r * 0.12, LEAF)
    pen.ellipse(x - r * 0.25, y + r * 0.2, r * 0.5, r * 0.75, paint)
    pen.ellipse(x + r * 0.25, y + r * 0.2, r * 0.5, r * 0.75, paint)


def book(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.95, y + r * 0.45, x + r * 0.95, y + r, (245, 240, 230), DARK)
    pen.rectangle(x - r, y + r * 0.4, x + r * 0.95, y + r * 0.55, paint)
    pen.rectangle(x - r, y + r * 0.88, x + r * 0.95, y + r, paint)
    pen.rectangle(x - r, y + r * 0.4, x - r * 0.85, y + r, paint)


def bottle(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.12, y - r, x + r * 0.12, y - r * 0.2, paint)
    pen.rectangle(x - r * 0.32, y - r * 0.35, x + r * 0.32, y + r, paint, radius=r * 0.15)
    pen.rectangle(x - r * 0.32, y + r * 0.1, x + r * 0.32, y + r * 0.55, (245, 245, 240))


def lamp(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y - r * 0.2), (x, y + r)), DARK, max(2.0, r * 0.1))
    pen.rectangle(x - r * 0.4, y + r * 0.88, x + r * 0.4, y + r, DARK)
    pen.polygon(
        [
            (x - r * 0.35, y - r),
            (x + r * 0.35, y - r),
            (x + r * 0.7, y - r * 0.1),
            (x - r * 0.7, y - r * 0.1),
        ],
        paint,
    )


def umbrella(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x, y - r * 0.2), (x, y + r * 0.8)), DARK, max(2.0, r * 0.08))
    pen.arc(x - r * 0.15, y + r * 0.8, r * 0.15, r * 0.18, 0, 180, DARK, max(2.0, r * 0.08))
    pen.slice(x, y, r, 180, 360, paint)


def kite(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(
        ((x, y + r * 0.3), (x + r * 0.3, y + r * 0.6), (x, y + r * 0.8), (x + r * 0.25, y + r)), DARK, 1.5
    )
    pen.polygon(
        [(x, y - r), (x + r * 0.55, y - r * 0.35), (x, y + r * 0.35), (x - r * 0.55, y - r * 0.35)],
        paint,
        DARK,
    )


def chair(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.5, y - r, x - r * 0.35, y + r, paint)
    pen.rectangle(x - r * 0.5, y + r * 0.05, x + r * 0.5, y + r * 0.25, paint)
    pen.rectangle(x + r * 0.35, y + r * 0.05, x + r * 0.5, y + r, paint)


def hat(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.ellipse(x, y + r * 0.5, r, r * 0.22, paint)
    pen.rectangle(x - r * 0.5, y - r * 0.5, x + r * 0.5, y + r * 0.5, paint, radius=r * 0.12)
    pen.rectangle(x - r * 0.5, y + r * 0.15, x + r * 0.5, y + r * 0.38, darker(paint, 70))


def person(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.line(((x - r * 0.1, y + r * 0.3), (x - r * 0.22, y + r)), DARK, max(2.0, r * 0.14))
    pen.line(((x + r * 0.1, y + r * 0.3), (x + r * 0.22, y + r)), DARK, max(2.0, r * 0.14))
    pen.line(
        ((x - r * 0.5, y + r * 0.15), (x, y - r * 0.25), (x + r * 0.5, y + r * 0.15)),
        SKIN,
        max(2.0, r * 0.12),
    )
    pen.rectangle(x - r * 0.25, y - r * 0.35, x + r * 0.25, y + r * 0.35, paint, radius=r * 0.1)
    pen.ellipse(x, y - r * 0.68, r * 0.28, r * 0.3, SKIN)


def mushroom(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r * 0.2, y, x + r * 0.2, y + r, (245, 235, 215), radius=r * 0.1)
    pen.slice(x, y + r * 0.1, r * 0.75, 180, 360, paint)


def key(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.ellipse(x - r * 0.6, y, r * 0.32, r * 0.32, None, paint, max(2.5, r * 0.16))
    pen.rectangle(x - r * 0.3, y - r * 0.08, x + r * 0.95, y + r * 0.08, paint)
    pen.rectangle(x + r * 0.5, y, x + r * 0.62, y + r * 0.35, paint)
    pen.rectangle(x + r * 0.8, y, x + r * 0.92, y + r * 0.35, paint)


def envelope(pen: Pen, x: float, y: float, r: float, paint: Colour) -> None:
    pen.rectangle(x - r, y - r * 0.6, x + r, y + r * 0.6, paint, DARK, thick=1.5)
    pen.line(((x - r, y - r * 0.6), (x, y + r * 0.1), (x + r, y - r * 0.6)), DARK, 1.5)


THINGS: dict[str, Draw] = {
    "tree": tree, "ball": ball, "car": car, "boat": boat, "flower": flower, "balloon": balloon, "fish": fish,
    "cup": cup, "apple": apple, "book": book, "bottle": bottle, "lamp": lamp, "umbrella": umbrella, "kite": kite,
    "chair": chair, "hat": hat, "person": person, "mushroom": mushroom, "key": key, "envelope": envelope,
}  # fmt: skip


def draw_thing(pen: Pen, name: str, x: float, y: float, r: float, paint: Colour) -> None:
    """One of THINGS, in the square of half side r around (x, y)."""
    THINGS[name](pen, x, y, r, paint)
    pen.landmark(x, y, name)
