"""Score several runs of one drawn suite as one: parts of a run that was spread over processes by --first.

for i in 0 1 2 3; do minimax-vl eval synthetic --questions 500 --first $((i * 1000)) --out part-$i & done; wait
python scripts/join_records.py synthetic part-* --out joined
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from minimax_vl.apps.evaluate import table
from minimax_vl.eval.drawn import Record, Result
from minimax_vl.eval.reading import ReadingResult
from minimax_vl.eval.sheet import contact_sheet, drawn_cells


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", help="what was evaluated, as minimax-vl eval names it")
    parser.add_argument("part", type=Path, nargs="+", help="folders with records.jsonl")
    parser.add_argument("--out", type=Path, help="folder for summary.json and sheet.jpg")
    args = parser.parse_args()
    result = joined(args.suite, args.part)
    rows = table(result)
    print(f"{args.suite}, {len(args.part)} parts joined")
    for name, row in rows.items():
        print(f"  {name:<22}" + "   ".join(f"{metric} {mean}" for metric, mean in row.items()))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        scores = {
            name: {
                metric: [round(m.value, 4), round(m.low, 4), round(m.high, 4), m.count]
                for metric, m in row.items()
            }
            for name, row in rows.items()
        }
        summary = {"suite": args.suite, "parts": len(args.part), "scores": scores}
        (args.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        contact_sheet(drawn_cells(result)).save(args.out / "sheet.jpg", quality=80)


def joined(suite: str, parts: list[Path]) -> Result:
    """All records, in order of their pages. Ends with a message when a page is in two parts, or none is there."""
    records: list[Record] = []
    for part in parts:
        rows = [
            json.loads(line) for line in (part / "records.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        new = [Record(**row | {"size": tuple(row["size"])}) for row in rows]
        twice = {r.page for r in records} & {r.page for r in new}
        if twice:
            raise SystemExit(
                f"{part}: pages {sorted(twice)[:5]} are in an earlier part too; set --first further apart"
            )
        records += new
    if not records:
        raise SystemExit("no record in these folders")
    kind = ReadingResult if suite == "reading" else Result
    return kind(sorted(records, key=lambda r: r.page))


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
