"""Draw the curves of training runs: scripts/plot_run.py docs/nano/run-1.jsonl --out docs/nano/curve.png."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1400, 620, 90, 90, 60, 70
INK, GRID = (40, 40, 40), (222, 222, 222)
ANSWER, GLYPH, EXACT = (33, 102, 172), (230, 145, 56), (178, 24, 43)
HIGHEST_LOSS = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, nargs="+", help="log.jsonl of one run after the other")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    steps, checks = read(args.log)
    draw(steps, checks).save(args.out, optimize=True)


def read(logs: list[Path]) -> tuple[list[dict], list[tuple[float, float]]]:
    """(rows of steps, (minutes, exact match) of checks), minutes counted through all runs."""
    steps: list[dict] = []
    checks: list[tuple[float, float]] = []
    before = 0.0
    for log in logs:
        now = before
        for line in log.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            now = before + row["minutes"] if "minutes" in row else now
            if "answer" in row:
                steps.append(row | {"minutes": now})
            elif "check" in row:
                checks.append((now, row["check"]["exact"]))
        before = now
    return steps, checks


def draw(steps: list[dict], checks: list[tuple[float, float]]) -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    end = max(row["minutes"] for row in steps)
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(minutes: float, share: float) -> tuple[float, float]:
        return LEFT + across * minutes / end, TOP + down * (1 - min(max(share, 0.0), 1.0))

    for i in range(5):
        y = place(0, i / 4)[1]
        pen.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=GRID, width=2)
        pen.text((LEFT - 12, y), f"{HIGHEST_LOSS * i / 4:g}", fill=INK, font=font, anchor="rm")
        pen.text((WIDTH - RIGHT + 12, y), f"{25 * i} %", fill=EXACT, font=font, anchor="lm")
    for minute in range(0, int(end) + 1):
        pen.text((place(minute, 0)[0], HEIGHT - BOTTOM + 10), str(minute), fill=INK, font=font, anchor="ma")
    pen.text((WIDTH / 2, HEIGHT - 26), "minutes of training", fill=INK, font=font, anchor="mm")
    for key, scale, colour in (("answer", HIGHEST_LOSS, ANSWER), ("glyph", HIGHEST_LOSS, GLYPH)):
        pen.line([place(r["minutes"], r[key] / scale) for r in steps], fill=colour, width=3, joint="curve")
    pen.line([place(*check) for check in checks], fill=EXACT, width=3)
    for check in checks:
        x, y = place(*check)
        pen.ellipse([x - 6, y - 6, x + 6, y + 6], fill=EXACT)
    legend = (
        (ANSWER, "loss of answers (left)"),
        (GLYPH, "loss of glyphs (left)"),
        (EXACT, "held-out exact match, teacher-forced (right)"),
    )
    x = LEFT
    for colour, text in legend:
        pen.line([(x, TOP / 2), (x + 30, TOP / 2)], fill=colour, width=4)
        pen.text((x + 40, TOP / 2), text, fill=INK, font=font, anchor="lm")
        x += 90 + pen.textlength(text, font=font)
    return image


if __name__ == "__main__":
    main()
