"""minimax-vl eval: score a model on a suite, with intervals, a record per question and a picture of hits and misses."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

SUITES = {"synthetic": "held-out synthetic pages, exact match (drawn by this project; no data needed)"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "suite", choices=SUITES, help="; ".join(f"{name}: {text}" for name, text in SUITES.items())
    )
    parser.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    parser.add_argument("--questions", type=int, default=2000, help="ask at least so many (%(default)s)")
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first held-out page (%(default)s)"
    )
    parser.add_argument("--batch-size", type=int, default=8, help="questions answered together (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder for records.jsonl, summary.json and sheet.png")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")
    parser.add_argument("--dtype", default="auto", help="auto, fp32 or bf16 (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON only")


def run(args: argparse.Namespace) -> int:
    from minimax_vl import load
    from minimax_vl.errors import InvalidRequest
    from minimax_vl.eval.synthetic import evaluate

    if args.questions < 1:
        raise InvalidRequest(
            found=f"--questions {args.questions}",
            expected="1 or more",
            cause="0 or less as a way to say all",
            next_step="raise it",
        )
    if args.out:
        _make_folder(args.out)  # before the minutes of answering, not after them
    pipeline = load(args.model, device=args.device, dtype=args.dtype)
    began = time.monotonic()

    def progress(done: int, right: int) -> None:
        if sys.stderr.isatty() or done % 400 < 8:
            left = (args.questions - done) * (time.monotonic() - began) / done
            text = f"{done}/{args.questions} questions, {100 * right / done:.1f} % right, {max(0, left):.0f} s left"
            print(text, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)

    result = evaluate(
        pipeline,
        questions=args.questions,
        first=args.first,
        batch_size=args.batch_size,
        records_file=args.out / "records.jsonl" if args.out else None,
        progress=progress,
    )
    seconds = time.monotonic() - began
    means = {"all": result.mean()} | {kind: result.mean(kind) for kind in result.kinds()} | result.by_size()
    summary = {
        "suite": args.suite,
        "model": args.model,
        "metric": "exact match",
        "first_page": args.first,
        "seconds": round(seconds, 1),
        "scores": {
            name: [round(v, 4) for v in (m.value, m.low, m.high)] + [m.count] for name, m in means.items()
        },
    }
    if args.out:
        from minimax_vl.eval.sheet import contact_sheet

        (args.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        contact_sheet(result).save(args.out / "sheet.png")
    if not args.json:
        print(f"synthetic (held-out fonts and seeds), exact match, {args.model}, greedy, {seconds:.0f} s")
        for name, mean in means.items():
            print(f"  {name:<12}{mean}")
    print(json.dumps(summary))
    return 0


def _make_folder(folder: Path) -> None:
    from minimax_vl.errors import SaveFailed

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveFailed(
            found=f"{folder} cannot be made ({error.strerror})",
            expected="a folder, or a name for a new one",
            cause="a file of that name, or missing permission",
            next_step="give --out another folder",
        ) from error
