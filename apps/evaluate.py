"""minimax-vl eval: score a model on a suite, with intervals, a record per question and a picture of hits and misses."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from minimax_vl.eval.metrics import Mean
    from minimax_vl.pipeline import Pipeline

SUITES = {
    "synthetic": "held-out pages drawn by this project, exact match; no data needed",
    "folder": "pages of your own, exact match and ANLS; --data DIR with data.jsonl",
}
Scores = dict[str, dict[str, "Mean"]]  # what is averaged -> metric -> mean


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "suite", choices=SUITES, help="; ".join(f"{name}: {text}" for name, text in SUITES.items())
    )
    parser.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    parser.add_argument(
        "--questions", type=int, default=2000, help="synthetic: ask at least so many (%(default)s)"
    )
    parser.add_argument(
        "--first", type=int, default=0, help="synthetic: number of the first page (%(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder: where data.jsonl and the images are"
    )
    parser.add_argument("--images", type=int, metavar="N", help="folder: a seeded sample of N images (all)")
    parser.add_argument("--seed", type=int, default=0, help="folder: of the sample (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=8, help="questions answered together (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder for records.jsonl, summary.json and sheet.png")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")
    parser.add_argument("--dtype", default="auto", help="auto, fp32 or bf16 (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON only")


def run(args: argparse.Namespace) -> int:
    from minimax_vl import load

    _check(args)
    if args.out:
        _make_folder(args.out)  # before the minutes of answering, not after them
    pipeline = load(args.model, device=args.device, dtype=args.dtype)
    began = time.monotonic()
    scores, facts = {"synthetic": _synthetic, "folder": _folder}[args.suite](args, pipeline)
    seconds = time.monotonic() - began
    summary = {
        "suite": args.suite,
        "model": args.model,
        **facts,
        "seconds": round(seconds, 1),
        "scores": {
            name: {
                metric: [*(round(v, 4) for v in (m.value, m.low, m.high)), m.count]
                for metric, m in row.items()
            }
            for name, row in scores.items()
        },
    }
    if args.out:
        (args.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    if not args.json:
        print(f"{args.suite} ({SUITES[args.suite]}), {args.model}, greedy, {seconds:.0f} s")
        width = max(map(len, scores)) + 2
        for name, row in scores.items():
            print(f"  {name:<{width}}" + "   ".join(f"{metric} {mean}" for metric, mean in row.items()))
    print(json.dumps(summary))
    return 0


def _synthetic(args: argparse.Namespace, pipeline: Pipeline) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval.synthetic import evaluate

    result = evaluate(
        pipeline,
        questions=args.questions,
        first=args.first,
        batch_size=args.batch_size,
        records_file=_records(args),
        progress=_progress(args.questions, "questions"),
    )
    if args.out:
        from minimax_vl.eval.sheet import contact_sheet

        contact_sheet(result).save(args.out / "sheet.png")
    means = {"all": result.mean()} | {kind: result.mean(kind) for kind in result.kinds()} | result.by_size()
    return {name: {"exact": mean} for name, mean in means.items()}, {"first_page": args.first}


def _folder(args: argparse.Namespace, pipeline: Pipeline) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval.folder import chosen_images, evaluate, read_questions

    total = len(chosen_images(read_questions(args.data), args.images, args.seed))
    result = evaluate(
        pipeline,
        args.data,
        images=args.images,
        seed=args.seed,
        batch_size=args.batch_size,
        records_file=_records(args),
        progress=_progress(total, "images"),
    )
    names: list[str | None] = [None, *result.fields()]
    rows: Scores = {}
    for name in names:
        exact, similarity = result.means(name)
        rows[name or "all"] = {"exact": exact, "ANLS": similarity}
    failed = sum(r.error is not None for r in result.records)
    return rows, {"data": args.data.name, "images": args.images, "seed": args.seed, "failed": failed}


def _records(args: argparse.Namespace) -> Path | None:
    return args.out / "records.jsonl" if args.out else None


def _progress(total: int, unit: str) -> Callable[[int, float], None]:
    """Prints how far the run is and its score so far: in place on a terminal, else about ten times."""
    began, shown = time.monotonic(), 0

    def show(done: int, score: float) -> None:
        nonlocal shown
        if not sys.stderr.isatty() and done < total and done - shown < total / 10:
            return
        shown = done
        left = max(0.0, (total - done) * (time.monotonic() - began) / done)
        text = f"{done}/{total} {unit}, {100 * score:.1f} % exact, {left:.0f} s left"
        print(text, end="\r" if sys.stderr.isatty() and done < total else "\n", file=sys.stderr, flush=True)

    return show


def _check(args: argparse.Namespace) -> None:
    from minimax_vl.errors import InvalidRequest

    for name in ("questions", "images"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InvalidRequest(
                found=f"--{name} {value}",
                expected="1 or more",
                cause="0 or less as a way to say all",
                next_step="raise it",
            )
    if args.suite == "folder" and args.data is None:
        raise InvalidRequest(
            found="eval folder without --data",
            expected="--data DIR, a folder with images and data.jsonl",
            cause="the option was forgotten",
            next_step="give the folder, or run `minimax-vl eval synthetic`, which needs no data",
        )


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
