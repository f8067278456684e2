"""Draw runs of equal time in one picture, and print their last scores as a table.

    python scripts/plot_ablations.py hybrid=runs/ablations/hybrid.jsonl softmax=... --out docs/nano/ablations/all.png

Above the held-out exact match over the minutes, below the loss of answers, averaged over some steps.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from plot_run import GRID, INK, averaged, read

WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM = 1200, 380, 80, 40, 60, 60
COLOURS = ((178, 24, 43), (33, 102, 172), (230, 145, 56), (77, 146, 33), (118, 42, 131), (90, 90, 90))
SMOOTHED = 5  # logged losses that are averaged
Run = tuple[list[dict], list[tuple[float, float]]]  # rows of steps, (minutes, exact match)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="+", metavar="NAME=LOG", help="log.jsonl of each run, with its name")
    parser.add_argument("--out", type=Path, required=True, help="the picture")
    args = parser.parse_args()
    if bad := [text for text in args.run if "=" not in text]:
        raise SystemExit(f"{bad[0]}: expected NAME=LOG")
    runs = {name: read([Path(log)]) for name, log in (text.split("=", 1) for text in args.run)}
    draw(runs).save(args.out, optimize=True)
    print(table(runs))


def table(runs: dict[str, Run]) -> str:
    """One row of Markdown a run: steps, pages, exact match and loss at its end."""
    lines = ["| run | steps | pages | exact match | loss of answers |", "|---|---|---|---|---|"]
    for name, (steps, checks) in runs.items():
        exact = f"{100 * checks[-1][1]:.1f} %" if checks else "not checked"
        last = steps[-1]
        loss = smoothed(steps)[-1][1]
        lines.append(f"| {name} | {last['step']:,} | {last['pages']:,} | {exact} | {loss:.3f} |")
    return "\n".join(lines)


def smoothed(steps: list[dict]) -> list[tuple[float, float]]:
    """(minutes, loss of answers), each the mean of the last few that were logged."""
    losses = averaged([row["answer"] for row in steps], SMOOTHED)
    return [(row["minutes"], loss) for row, loss in zip(steps, losses, strict=True)]


def draw(runs: dict[str, Run]) -> Image.Image:
    image = Image.new("RGB", (WIDTH, 2 * PANEL), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    times = [row["minutes"] for steps, _ in runs.values() for row in steps]
    end = max(times + [minutes for _, checks in runs.values() for minutes, _ in checks])
    losses = {name: smoothed(steps) for name, (steps, _) in runs.items()}
    most = max(
        loss for points in losses.values() for minutes, loss in points if minutes >= end / 3
    )  # falls from ln 2048
    best = max((exact for _, checks in runs.values() for _, exact in checks), default=0.0)
    top = min(1.0, -(-max(best, 0.05) // 0.1) * 0.1)  # the next ten per cent
    panels = (
        (0, "held-out exact match, teacher-forced", top, lambda y: f"{100 * y:.0f} %"),
        (PANEL, "loss of answers", most, lambda y: f"{y:.2f}"),
    )
    for offset, title, highest, text in panels:
        pen.text((LEFT, offset + TOP - 14), title, fill=INK, font=font, anchor="ls")
        for quarter in range(5):
            x, y = _place(0, quarter / 4 * highest, end, highest, offset)
            pen.line([(x, y), (WIDTH - RIGHT, y)], fill=GRID, width=2)
            pen.text((x - 10, y), text(quarter / 4 * highest), fill=INK, font=font, anchor="rm")
        for step in range(6):
            x, y = _place(end * step / 5, 0, end, highest, offset)
            pen.text((x, y + 8), f"{end * step / 5:.2g}", fill=INK, font=font, anchor="ma")
        pen.text((WIDTH / 2, offset + PANEL - 18), "minutes of training", fill=INK, font=font, anchor="mm")
    x = LEFT + 380.0
    for (name, (_, checks)), colour in zip(runs.items(), COLOURS, strict=False):
        points = [_place(minutes, exact, end, top, 0) for minutes, exact in checks]
        pen.line(points, fill=colour, width=3)
        for px, py in points:
            pen.ellipse([px - 4, py - 4, px + 4, py + 4], fill=colour)
        pen.line([_place(m, loss, end, most, PANEL) for m, loss in losses[name]], fill=colour, width=2)
        pen.line([(x, TOP - 20), (x + 30, TOP - 20)], fill=colour, width=4)
        pen.text((x + 38, TOP - 20), name, fill=INK, font=font, anchor="lm")
        x += 70 + pen.textlength(name, font=font)
    return image


def _place(minutes: float, value: float, end: float, highest: float, offset: int) -> tuple[float, float]:
    """Where a point lies; values above the highest are cut."""
    across, down = WIDTH - LEFT - RIGHT, PANEL - TOP - BOTTOM
    return LEFT + across * minutes / end, offset + TOP + down * (1 - min(value / highest, 1.0))


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
