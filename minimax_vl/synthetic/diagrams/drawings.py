"""Living things and others as school books draw them, and where their parts are."""

from __future__ import annotations

import math
from collections.abc import Callable

from minimax_vl.synthetic.canvas import Colour, darker
from minimax_vl.synthetic.pen import Pen, Point

Spots = dict[str, Point]  # a part and a point on it, -1..1 from the middle of the drawing
Draw = Callable[[Pen, float, float, float, Colour], Spots]
GREEN: Colour = (70, 150, 70)
BROWN: Colour = (130, 85, 50)


def _flower(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    pen.line(((x, y - r * 0.3), (x, y + r * 0.7)), GREEN, r * 0.07)
    for side in (-1, 1):
        pen.ellipse(x + side * r * 0.25, y + r * 0.3, r * 0.24, r * 0.1, GREEN)
        pen.line(((x, y + r * 0.7), (x + side * r * 0.3, y + r * 0.98)), BROWN, r * 0.04)
    pen.line(((x, y + r * 0.7), (x, y + r)), BROWN, r * 0.04)
    for k in range(7):
        a = k * math.tau / 7
        pen.ellipse(
            x + r * 0.28 * math.cos(a),
            y - r * 0.5 + r * 0.28 * math.sin(a),
            r * 0.19,
            r * 0.19,
            paint,
            darker(paint, 50),
        )
    pen.ellipse(x, y - r * 0.5, r * 0.15, r * 0.15, (245, 200, 60), (120, 90, 20))
    return {
        "Petal": (0.3, -0.62),
        "Stem": (0, 0.05),
        "Leaf": (0.3, 0.3),
        "Root": (-0.2, 0.9),
        "Center": (-0.03, -0.5),
    }


def _tree(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    pen.rectangle(x - r * 0.12, y - r * 0.1, x + r * 0.12, y + r * 0.65, BROWN)
    for side in (-1, 1):
        pen.line(((x, y + r * 0.1), (x + side * r * 0.4, y - r * 0.2)), BROWN, r * 0.07)
        pen.line(((x, y + r * 0.6), (x + side * r * 0.4, y + r * 0.95)), BROWN, r * 0.06)
    for dx, dy in ((0, -0.6), (-0.38, -0.4), (0.38, -0.4)):
        pen.ellipse(x + dx * r, y + dy * r, r * 0.36, r * 0.32, paint)
    return {"Crown": (0, -0.7), "Trunk": (0, 0.35), "Roots": (0.3, 0.87), "Branch": (-0.25, -0.07)}


def _fish(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    dark = darker(paint, 50)
    pen.polygon([(x + r * 0.5, y), (x + r * 0.95, y - r * 0.35), (x + r * 0.95, y + r * 0.35)], dark)
    pen.polygon([(x - r * 0.25, y - r * 0.3), (x + r * 0.25, y - r * 0.62), (x + r * 0.3, y - r * 0.2)], dark)
    pen.polygon([(x - r * 0.1, y + r * 0.3), (x + r * 0.15, y + r * 0.6), (x + r * 0.2, y + r * 0.2)], dark)
    pen.ellipse(x - r * 0.1, y, r * 0.72, r * 0.38, paint, dark, 1.5)
    pen.arc(x - r * 0.55, y, r * 0.15, r * 0.26, -70, 70, dark, 2)
    pen.ellipse(x - r * 0.58, y - r * 0.1, r * 0.06, r * 0.06, (255, 255, 255), (0, 0, 0), 1.5)
    return {
        "Tail": (0.85, 0),
        "Fin": (0.15, -0.45),
        "Eye": (-0.58, -0.1),
        "Gill": (-0.41, 0.04),
        "Mouth": (-0.8, 0.05),
    }


def _cell(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    pen.ellipse(x, y, r * 0.95, r * 0.75, (235, 240, 215), paint, max(3.0, r * 0.04))
    pen.ellipse(x - r * 0.15, y - r * 0.05, r * 0.3, r * 0.28, darker(paint, 20), (60, 40, 90), 2)
    pen.ellipse(x - r * 0.12, y - r * 0.02, r * 0.1, r * 0.1, (70, 40, 90))
    for dx, dy in ((0.5, -0.3), (0.45, 0.35), (-0.55, 0.35)):
        pen.ellipse(x + dx * r, y + dy * r, r * 0.16, r * 0.08, (225, 120, 80), (120, 50, 30), 1.5)
    pen.ellipse(x + r * 0.62, y + r * 0.08, r * 0.13, r * 0.13, (180, 215, 245), (80, 120, 160), 1.5)
    return {
        "Nucleus": (-0.32, -0.15), "Nucleolus": (-0.12, -0.02), "Mitochondrion": (0.5, -0.3),
        "Vacuole": (0.62, 0.08), "Cell membrane": (0.05, -0.74), "Cytoplasm": (0.1, 0.5),
    }  # fmt: skip


def _volcano(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    lava: Colour = (225, 70, 30)
    for dx, dy, s in ((0, -0.75, 0.24), (0.25, -0.85, 0.18), (-0.22, -0.88, 0.16)):
        pen.ellipse(x + dx * r, y + dy * r, s * r, s * r * 0.7, (150, 150, 150))
    pen.polygon(
        [
            (x - r * 0.18, y - r * 0.45),
            (x + r * 0.18, y - r * 0.45),
            (x + r * 0.9, y + r * 0.5),
            (x - r * 0.9, y + r * 0.5),
        ],
        paint,
    )
    pen.rectangle(x - r * 0.06, y - r * 0.45, x + r * 0.06, y + r * 0.6, lava)
    pen.ellipse(x, y + r * 0.75, r * 0.5, r * 0.22, lava)
    pen.polygon(
        [
            (x + r * 0.05, y - r * 0.45),
            (x + r * 0.18, y - r * 0.45),
            (x + r * 0.55, y + r * 0.05),
            (x + r * 0.42, y + r * 0.05),
        ],
        lava,
    )
    return {
        "Ash cloud": (0.1, -0.82),
        "Crater": (-0.1, -0.45),
        "Vent": (0, 0.2),
        "Magma chamber": (-0.2, 0.75),
        "Lava": (0.42, -0.06),
    }


def _insect(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    for dx in (-0.15, 0.0, 0.15):
        for side in (-1, 1):
            pen.line(((x + dx * r, y), (x + (dx * 2.2) * r, y + side * r * 0.55)), (40, 40, 40), 2)
    for side in (-1, 1):
        pen.line(((x - r * 0.5, y), (x - r * 0.85, y + side * r * 0.3)), (40, 40, 40), 2)
    pen.ellipse(x + r * 0.52, y, r * 0.42, r * 0.24, paint, darker(paint, 60), 1.5)
    pen.ellipse(x, y, r * 0.2, r * 0.16, darker(paint, 25), darker(paint, 60), 1.5)
    pen.ellipse(x - r * 0.38, y, r * 0.2, r * 0.18, paint, darker(paint, 60), 1.5)
    return {
        "Head": (-0.38, 0),
        "Thorax": (0, 0),
        "Abdomen": (0.55, 0),
        "Antenna": (-0.72, -0.19),
        "Leg": (0.25, 0.38),
    }


def _eye(pen: Pen, x: float, y: float, r: float, paint: Colour) -> Spots:
    pen.ellipse(x, y, r * 0.75, r * 0.75, (250, 248, 240), (150, 90, 80), max(3.0, r * 0.04))
    pen.arc(x, y, r * 0.66, r * 0.66, -65, 65, (215, 120, 60), max(3.0, r * 0.05))
    pen.ellipse(x - r * 0.68, y, r * 0.16, r * 0.32, (205, 230, 245), (90, 120, 150), 1.5)
    pen.rectangle(x - r * 0.58, y - r * 0.3, x - r * 0.52, y - r * 0.1, paint)
    pen.rectangle(x - r * 0.58, y + r * 0.1, x - r * 0.52, y + r * 0.3, paint)
    pen.ellipse(x - r * 0.42, y, r * 0.1, r * 0.2, (190, 215, 235), (80, 100, 130), 1.5)
    pen.polygon(
        [
            (x + r * 0.68, y - r * 0.1),
            (x + r, y - r * 0.05),
            (x + r, y + r * 0.2),
            (x + r * 0.66, y + r * 0.15),
        ],
        (235, 190, 90),
    )
    return {
        "Cornea": (-0.8, 0.05),
        "Iris": (-0.55, -0.2),
        "Lens": (-0.42, 0.05),
        "Retina": (0.55, -0.37),
        "Optic nerve": (0.88, 0.06),
    }


DRAWINGS: dict[str, Draw] = {
    "flower": _flower, "tree": _tree, "fish": _fish, "cell": _cell, "volcano": _volcano, "insect": _insect, "eye": _eye,
}  # fmt: skip
