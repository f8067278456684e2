"""Draw two plots of `bench kernels`: scripts/plot_kernels.py kernels.json --out docs/benchmarks.

prefill.png holds milliseconds of lightning attention against length, tokens.png tokens a second; both scales are
logarithmic. The floor is what copying the inputs and outputs once takes on the same machine.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1200, 640, 110, 210, 70, 80
INK, GRID, FLOOR = (40, 40, 40), (222, 222, 222), (150, 150, 150)
OURS = (178, 24, 43)
PEERS = ((33, 102, 172), (230, 145, 56), (77, 146, 33), (118, 42, 131))
Series = dict[str, dict[int, float]]  # name -> tokens -> microseconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("result", type=Path, help="kernels.json of minimax-vl bench kernels --out DIR")
    parser.add_argument("--op", default="lightning_forward", help="the op to draw (%(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the two images")
    args = parser.parse_args()
    result = json.loads(args.result.read_text(encoding="utf-8"))
    series = read(result, args.op)
    device = result["machine"]["device"]
    args.out.mkdir(parents=True, exist_ok=True)
    milliseconds = {name: {T: us / 1e3 for T, us in row.items()} for name, row in series.items()}
    rates = {name: {T: T / us for T, us in row.items()} for name, row in series.items()}
    save(draw(milliseconds, f"{args.op}: milliseconds, {device}"), args.out / "prefill.png")
    save(draw(rates, f"{args.op}: million tokens a second, {device}"), args.out / "tokens.png")


def read(result: dict[str, Any], op: str) -> Series:
    """Times of every implementation by length, for the cards of `op` whose shape is one length: "T16384", "T16k"."""
    series: Series = {"ours": {}}
    machine = result["machine"]
    for card in result["cards"]:
        length = re.fullmatch(r"T(\d+)(k?)", card["shape"])
        if card["op"] != op or not length or "ours" not in card.get("us", {}):
            continue
        T = int(length[1]) * (1024 if length[2] else 1)
        for name, us in card["us"].items():
            series.setdefault(name, {})[T] = us
        moved = card["bytes"] / machine["bytes_per_second"]
        series.setdefault("floor", {})[T] = 1e6 * max(moved, card["flops"] / machine["flops_per_second"])
    if not series["ours"]:
        raise SystemExit(f"no card of {op} with a length was timed")
    return series


def draw(series: Series, title: str) -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    lengths = sorted({T for row in series.values() for T in row})
    values = [value for row in series.values() for value in row.values()]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log2(lengths[0]), math.log2(lengths[-1])

    def place(T: int, value: float) -> tuple[float, float]:
        across = (math.log2(T) - first) / ((last - first) or 1)
        up = (math.log10(value) - low) / ((high - low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    for power in range(low, high + 1):
        y = place(lengths[0], 10.0**power)[1]
        pen.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=GRID, width=2)
        pen.text((LEFT - 12, y), f"{10.0**power:g}", fill=INK, font=font, anchor="rm")
    for T in lengths:
        label = f"{T // 1024}k" if T % 1024 == 0 else str(T)
        pen.text((place(T, 10.0**low)[0], HEIGHT - BOTTOM + 12), label, fill=INK, font=font, anchor="ma")
    pen.text((LEFT, TOP / 2), title, fill=INK, font=font, anchor="lm")
    pen.text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 28), "tokens", fill=INK, font=font, anchor="mm")
    ends: list[tuple[float, str, tuple[int, int, int]]] = []
    colours = iter(PEERS * len(series))
    for name, row in series.items():
        colour = OURS if name == "ours" else FLOOR if name == "floor" else next(colours)
        points = [place(T, value) for T, value in sorted(row.items())]
        pen.line(points, fill=colour, width=2 if name == "floor" else 4, joint="curve")
        for x, y in points:
            pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=colour)
        ends.append((points[-1][1], name, colour))
    y = 0.0
    for at, name, colour in sorted(ends):
        y = max(at, y + 22)  # names of lines that end together keep apart
        pen.text((WIDTH - RIGHT + 14, y), name, fill=colour, font=font, anchor="lm")
    return image


def save(image: Image.Image, path: Path) -> None:
    image.save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
