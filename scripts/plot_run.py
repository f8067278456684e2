"""Draw the curves of training runs: scripts/plot_run.py docs/nano/run-1.jsonl --out docs/nano/curve.png."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.errors import InvalidRequest

PANEL = 300  # pixels of the experts' panel, where the log has them
BUSIEST, IDLEST = (178, 24, 43), (33, 102, 172)
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
    curves = draw(steps, checks)
    used = [row for row in steps if "experts" in row]
    if used:
        experts = draw_experts(used)
        both = Image.new("RGB", (WIDTH, curves.height + experts.height), "white")
        both.paste(curves, (0, 0))
        both.paste(experts, (0, curves.height))
        curves = both
    curves.save(args.out, optimize=True)


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
    if not steps:
        raise InvalidRequest(
            found=f"no step in {', '.join(map(str, logs))}",
            expected="log.jsonl of a run that has learned something",
            cause="a run that was stopped before its first step, or another file",
            next_step="check the paths",
        )
    return steps, checks


def draw(steps: list[dict], checks: list[tuple[float, float]]) -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    end = max([row["minutes"] for row in steps] + [minutes for minutes, _ in checks])
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(minutes: float, share: float) -> tuple[float, float]:
        return LEFT + across * minutes / end, TOP + down * (1 - min(max(share, 0.0), 1.0))

    for i in range(5):
        y = place(0, i / 4)[1]
        pen.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=GRID, width=2)
        pen.text((LEFT - 12, y), f"{HIGHEST_LOSS * i / 4:g}", fill=INK, font=font, anchor="rm")
        pen.text((WIDTH - RIGHT + 12, y), f"{25 * i} %", fill=EXACT, font=font, anchor="lm")
    for minute in range(0, int(end) + 1, 1 if end < 20 else 5 if end < 120 else 20):
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


def averaged(values: list[float], over: int) -> list[float]:
    """Each the mean of the last `over` values, fewer at the beginning."""
    windows = [values[max(0, i + 1 - over) : i + 1] for i in range(len(values))]
    return [sum(window) / len(window) for window in windows]


def draw_experts(steps: list[dict]) -> Image.Image:
    """The share of tokens of every layer's busiest and idlest expert, over the minutes; deeper layers are darker."""
    image = Image.new("RGB", (WIDTH, PANEL), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    layers, even = len(steps[0]["experts"]), 1 / len(steps[0]["experts"][0])
    end, down = max(row["minutes"] for row in steps), PANEL - 60
    highest = max(max(max(layer) for layer in row["experts"]) for row in steps)

    def place(minutes: float, share: float) -> tuple[float, float]:
        return LEFT + (WIDTH - LEFT - RIGHT) * minutes / end, 40 + down * (1 - share / highest)

    for share in (0.0, even, highest):
        pen.line([place(0, share), place(end, share)], fill=GRID, width=2)
        x, y = place(0, share)
        pen.text((x - 12, y), f"{100 * share:.0f} %", fill=INK, font=font, anchor="rm")
    for layer in range(layers):
        pale = 0.75 * (1 - layer / max(layers - 1, 1))
        for pick, colour in ((max, BUSIEST), (min, IDLEST)):
            tone = tuple(round(c + (255 - c) * pale) for c in colour)
            shares = averaged([pick(row["experts"][layer]) for row in steps], max(1, len(steps) // 60))
            line = [place(row["minutes"], share) for row, share in zip(steps, shares, strict=True)]
            pen.line(line, fill=tone, width=2, joint="curve")
    text = f"tokens of the busiest (red) and the idlest (blue) expert in each of {layers} layers, last layer darkest"
    pen.text((LEFT, 18), text, fill=INK, font=font, anchor="lm")
    return image


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
