"""Draw two plots of `bench length`: scripts/plot_length.py length.json --out docs/benchmarks.

latency.png holds the seconds of a whole prompt against its length, chunks.png those of the chunk that ends there,
hybrid and with softmax attention in every layer; both scales are logarithmic.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

from plot_kernels import Series, draw, save

NAMES = {"hybrid": "ours", "softmax": "softmax only"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("result", type=Path, help="length.json of minimax-vl bench length --out DIR")
    parser.add_argument("--out", type=Path, required=True, help="folder of the two images")
    args = parser.parse_args()
    result = json.loads(args.result.read_text(encoding="utf-8"))
    asked, device = result["asked"], result["machine"]["device"]
    about = f"{asked['layers']} layers of {asked['preset']}, {asked['quantize']}, {device}"
    args.out.mkdir(parents=True, exist_ok=True)
    save(draw(read(result, whole=True), f"seconds of a prompt: {about}"), args.out / "latency.png")
    save(draw(read(result, whole=False), f"seconds of a chunk: {about}"), args.out / "chunks.png")


def read(result: dict[str, Any], *, whole: bool) -> Series:
    """Name -> length -> seconds up to there, or of the chunk that ends there; lengths double from one to the next."""
    chunk, series = result["asked"]["chunk"], Series()
    for name, label in NAMES.items():
        spent = result.get(name, {}).get("seconds", [])
        full = result.get(name, {}).get("tokens", 0) // chunk  # a shorter one at the end is left out
        seconds = list(accumulate(spent)) if whole else spent
        row = {chunk * n: seconds[n - 1] for n in range(1, full + 1) if n & (n - 1) == 0}
        if row:
            series[label] = row
    if not series:
        raise SystemExit("no chunk was read")
    return series


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
