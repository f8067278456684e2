"""minimax-vl eval: score a model on a benchmark or a suite, with intervals, a record per question and a report."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_vl.apps.answering import add_second_look
from minimax_vl.eval.command import ABOUT
from minimax_vl.eval.command import add_arguments as add_benchmark
from minimax_vl.eval.command import run as run_benchmark

if TYPE_CHECKING:
    from minimax_vl.eval.drawn import Result
    from minimax_vl.eval.folder import Question
    from minimax_vl.eval.metrics import Mean
    from minimax_vl.eval.photos import Photo
    from minimax_vl.pipeline import Pipeline

# Suites on pages that are drawn while they are asked about, so they need no data.
DRAWN = {
    "synthetic": "held-out pages drawn by this project, exact match",
    "receipts": "the receipts among them",
    "everyday": "held-out tickets, labels, screens, slides and posters, exact match",
    "charts": "held-out drawn charts; numbers off an axis within 5 percent",
    "diagrams": "held-out drawn diagrams; four choices and open questions",
    "scenes": "held-out drawn scenes; attributes, counts, relations, captions",
    "captions": "captions of held-out drawn scenes: attributes, counts and relations that they name",
    "absent": "questions whose answer is not in the image, and as many others",
    "reading": "lines, corners and whole texts of held-out pages, with the character error rate",
}
FOLDER = "pages of your own, exact match and ANLS; --data DIR with data.jsonl"
NEEDLE = "a value on one page of many, asked for at the end: exact match and seconds by number of pages"
TEXTBOOK = "figures of textbooks: their kind and their description, beside a constant answer and no image; --data DIR"
PHOTOS = (
    "captions of photographs: things named that are there, words of pages, and all captions shown; --data DIR"
)
REAL = {"folder": FOLDER, "textbook": TEXTBOOK, "photos": PHOTOS}
Scores = dict[str, dict[str, "Mean"]]  # what is averaged -> metric -> mean
FEW = 3  # images that cannot be read of which a summary says why


def add_arguments(parser: argparse.ArgumentParser) -> None:
    suites = parser.add_subparsers(dest="suite", required=True, metavar="SUITE")
    for name, text in ABOUT.items():
        add_benchmark(suites.add_parser(name, help=text, description=text), name)
    for name, text in DRAWN.items():
        suite = suites.add_parser(name, help=text, description=text)
        suite.add_argument("--questions", type=int, default=2000, help="ask at least so many (%(default)s)")
        suite.add_argument("--first", type=int, default=0, help="number of the first page (%(default)s)")
        _add_common(suite, formats=True)
    suite = suites.add_parser("needle", help=NEEDLE, description=NEEDLE)
    suite.add_argument(
        "--pages", type=int, nargs="+", default=[1, 10, 50, 200], help="in a prompt (%(default)s)"
    )
    suite.add_argument("--trials", type=int, default=20, help="questions for each number (%(default)s)")
    _add_common(suite)
    suite.set_defaults(second_look=False)  # it times prompts
    for name, text in REAL.items():
        suite = suites.add_parser(name, help=text, description=text)
        suite.add_argument("--data", type=Path, metavar="DIR", help="where data.jsonl and the images are")
        suite.add_argument("--images", type=int, metavar="N", help="a seeded sample of N images (all)")
        suite.add_argument("--seed", type=int, default=0, help="of the sample (%(default)s)")
        suite.add_argument(
            "--only", type=Path, metavar="FILE", help="ask about images named in FILE, one a line"
        )
        suite.add_argument(
            "--allow-failures",
            action="store_true",
            help="exit code 0 though an image or a question cannot be read",
        )
        if name == "folder":
            suite.add_argument(
                "--blind",
                action="store_true",
                help="also score a constant answer, and questions without image",
            )
        _add_common(suite, formats=name == "folder")


def _add_common(suite: argparse.ArgumentParser, *, formats: bool = False) -> None:
    suite.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    suite.add_argument("--batch-size", type=int, default=8, help="questions answered together (%(default)s)")
    suite.add_argument(
        "--out",
        type=Path,
        help="folder for records.jsonl, summary.json and sheet.png; the same command goes on there",
    )
    suite.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")
    suite.add_argument("--dtype", default="auto", help="auto, fp32, bf16 or fp16 (%(default)s)")
    weights = suite.add_mutually_exclusive_group()
    weights.add_argument("--quantize", choices=("int8", "int4"), help="weights in so many bits (dense)")
    if formats:
        weights.add_argument(
            "--formats",
            nargs="+",
            choices=("none", "int8", "int4"),
            help="ask the same questions once with the weights in each, and compare with the first",
        )
    suite.add_argument("--kv-cache", choices=("int8",), help="keys and values in so many bits (as --dtype)")
    add_second_look(suite)
    suite.add_argument("--json", action="store_true", help="print the summary as one line of JSON only")


def run(args: argparse.Namespace) -> int:
    if args.suite in ABOUT:
        return run_benchmark(args)
    _check(args)
    from minimax_vl.eval.progress import told_when_stopped

    with told_when_stopped(f"eval {args.suite}", args.out):
        return _scored(args)


def _scored(args: argparse.Namespace) -> int:
    """The suite, once or in each of --formats, and the exit code."""
    if not getattr(args, "formats", None):
        summary = _score(args)
        print(json.dumps(summary))
        return _code(args, [summary])
    summaries = {name: _score(_in_format(args, name)) for name in args.formats}
    exact = {name: summary["scores"]["all"]["exact"][0] for name, summary in summaries.items()}
    lost = {name: round(exact[args.formats[0]] - share, 4) for name, share in exact.items()}
    if not args.json:
        for name, share in exact.items():
            print(f"{name:<6}{share:.1%}, {lost[name]:.1%} lost")
    print(json.dumps({"formats": summaries, "lost": lost}))
    return _code(args, summaries.values())


def _code(args: argparse.Namespace, summaries: Iterable[dict[str, Any]]) -> int:
    """1 where an image of one's own could not be read, so that a script does not take its score for a whole one."""
    failed = any(summary.get("failed") for summary in summaries)
    return 1 if failed and not args.allow_failures else 0


def _in_format(args: argparse.Namespace, name: str) -> argparse.Namespace:
    """The same request with weights in one format, its records in a folder of their own."""
    one = argparse.Namespace(**vars(args))
    one.quantize = None if name == "none" else name
    if args.out:
        one.out = args.out / name
    return one


def _score(args: argparse.Namespace) -> dict[str, Any]:
    """One suite with one model: what is printed for people, and the summary."""
    from minimax_vl import load
    from minimax_vl.eval.records import check_run, open_run

    settings = _settings(args) if args.out else {}
    if args.out:
        check_run(args.out, settings)  # before a model is loaded, which may take minutes
    ask = _way(args)  # so is what is wrong in the data
    precision = {"dtype": args.dtype, "quantize": args.quantize, "kv_cache": args.kv_cache}
    pipeline = load(args.model, device=args.device, second_look=args.second_look, **precision)
    if args.out:
        open_run(args.out, settings, {"device": args.device, "batch_size": args.batch_size})
    began = time.monotonic()
    scores, facts = ask(pipeline)
    seconds = time.monotonic() - began
    summary = {
        "suite": args.suite,
        "model": args.model,
        **precision,
        "second_look": pipeline.second_look,
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
        text = {"needle": NEEDLE, **REAL, **DRAWN}[args.suite]
        print(f"{args.suite} ({text}), {args.model}, greedy, {seconds:.0f} s")
        width = max(map(len, scores)) + 2
        for name, row in scores.items():
            print(f"  {name:<{width}}" + "   ".join(f"{metric} {mean}" for metric, mean in row.items()))
        if facts.get("failed"):
            _print_failures(facts, args.allow_failures)
    return summary


def _failures(records: Iterable[Any]) -> dict[str, Any]:
    """How many questions failed, as their image cannot be read or they are too long; why, for the first few of each."""
    found = [r for r in records if r.error is not None]
    if not found:
        return {"failed": 0}
    long = [r for r in found if getattr(r, "too_long", False)]
    why = {r.image: _reason(r) for r in found if r not in long}
    return {
        "failed": len(found),
        "unreadable": len(why),
        "errors": [f"{image}: {text}" for image, text in list(why.items())[:FEW]],
        "too_long": len(long),
        "refused": [f"{r.image}, {r.question[:40]!r}: {_reason(r)}" for r in long[:FEW]],
    }


def _reason(record: Any) -> str:
    return record.error.splitlines()[0].removeprefix("found: ")


def _print_failures(facts: dict[str, Any], allowed: bool) -> None:
    ending = "" if allowed else "; --allow-failures ends in exit code 0 all the same"
    for many, what, lines, whole in (
        (facts["failed"] - facts["too_long"], "about images that cannot be read", "errors", "unreadable"),
        (facts["too_long"], "longer than the model can read", "refused", "too_long"),
    ):
        if many:
            print(f"  {many} of them {what}, which score 0{ending}")
        for line in facts[lines]:
            print(f"    {line}")
        if more := facts[whole] - len(facts[lines]):
            print(f"    and {more} more")


def _drawn(args: argparse.Namespace, pipeline: Pipeline) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval import figures, reading, synthetic
    from minimax_vl.eval.progress import counted

    options = {
        "questions": args.questions,
        "first": args.first,
        "batch_size": args.batch_size,
        "out": args.out,
        "progress": counted(args.questions, "questions", "right"),
    }
    if args.suite in figures.SUITES:
        result = figures.evaluate(pipeline, args.suite, **options)
    elif args.suite == "reading":
        result = reading.evaluate(pipeline, **options)
    else:
        kinds = {"receipts": synthetic.RECEIPTS, "everyday": synthetic.EVERYDAY}.get(
            args.suite, synthetic.DOCUMENTS
        )
        result = synthetic.evaluate(pipeline, kinds=kinds, **options)
    if args.out:
        from minimax_vl.eval.sheet import contact_sheet, drawn_cells

        contact_sheet(drawn_cells(result)).save(args.out / "sheet.png")
    return table(result), {"first_page": args.first}


def table(result: Result) -> Scores:
    """Rows of a suite on drawn pages: all questions, each kind, each size of page."""
    from minimax_vl.eval.captions import CAPTION, agreement
    from minimax_vl.eval.reading import ReadingResult

    means = {"all": result.mean()} | {kind: result.mean(kind) for kind in result.kinds()} | result.by_size()
    scores = {name: {"exact": mean} for name, mean in means.items()}
    if isinstance(result, ReadingResult):
        for kind in result.kinds():
            scores[kind]["character errors"] = result.error_rate(kind)
        scores["all"]["character errors"] = result.error_rate()
    if CAPTION in scores:
        scores[CAPTION] |= agreement(result)
    return scores


def _way(args: argparse.Namespace) -> Callable[[Pipeline], tuple[Scores, dict[str, Any]]]:
    """How a suite is asked; its data, where it has any, are read."""
    if args.suite not in REAL:
        return partial(_needle if args.suite == "needle" else _drawn, args)
    from minimax_vl.eval import photos, textbook
    from minimax_vl.eval.data.names import read_names
    from minimax_vl.eval.folder import about_images, read_questions

    only = read_names(args.only) if args.only else None
    if args.suite == "photos":
        return partial(
            _photos, args, photos.chosen(photos.read_photos(args.data, only), args.images, args.seed)
        )
    read = textbook.questions if args.suite == "textbook" else read_questions
    return partial(_folder, args, about_images(read(args.data, only), args.images, args.seed))


def _folder(
    args: argparse.Namespace, questions: list[Question], pipeline: Pipeline
) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval.folder import ask, majority, text_only
    from minimax_vl.eval.progress import counted

    result = ask(
        pipeline,
        args.data,
        questions,
        batch_size=args.batch_size,
        out=args.out,
        progress=counted(len(questions), "questions", "exact"),
    )
    if args.out:
        from minimax_vl.eval.sheet import contact_sheet, folder_cells

        contact_sheet(folder_cells(result, args.data)).save(args.out / "sheet.png")
    others = {}
    if args.suite == "textbook" or args.blind:
        others = {
            ", one constant answer": majority(result),
            ", without the image": text_only(pipeline, result, batch_size=args.batch_size),
        }
    rows: Scores = {}
    for name in (None, *result.fields()):
        label = "all" if name is None else name
        while label in rows:  # a field that is called "all"
            label += " (field)"
        for about, scored in {"": result, **others}.items():
            exact, similarity = scored.means(name)
            rows[label + about] = {"exact": exact, "ANLS": similarity}
    facts = {"data": args.data.resolve().name, "images": args.images, "seed": args.seed}
    return rows, facts | _failures(result.records)


def _photos(
    args: argparse.Namespace, chosen: list[Photo], pipeline: Pipeline
) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval import photos
    from minimax_vl.eval.progress import counted

    named = counted(len(chosen), "photographs", "name a thing that is there")
    result = photos.evaluate(pipeline, args.data, chosen, out=args.out, progress=named)
    if args.out:
        from minimax_vl.eval.sheet import laid_out, photo_cells

        laid_out([photo_cells(result, args.data)], columns=5).save(args.out / "sheet.png")
    facts = {"data": args.data.resolve().name, "images": len(chosen), "seed": args.seed}
    scores: Scores = {name: {"share": mean} for name, mean in result.means().items()}
    return scores, facts | _failures(result.records)


def _needle(args: argparse.Namespace, pipeline: Pipeline) -> tuple[Scores, dict[str, Any]]:
    from minimax_vl.eval import needle
    from minimax_vl.eval.progress import counted

    result = needle.evaluate(
        pipeline,
        counts=args.pages,
        trials=args.trials,
        out=args.out,
        progress=counted(len(set(args.pages)) * args.trials, "questions", "right"),
    )
    if args.out:
        needle.plot(result).save(args.out / "plot.png")
    costs = {str(count): result.cost(count) for count in result.counts()}
    return {f"{count} pages": {"exact": result.mean(count)} for count in result.counts()}, {"costs": costs}


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """What a run in --out is known by. What changes no answer, or is told by each record, is no setting."""
    from minimax_vl.eval.data.names import read_names
    from minimax_vl.eval.folder import data_id
    from minimax_vl.eval.weights import model_settings

    chosen = {"device": args.device, "dtype": args.dtype, "second_look": args.second_look}
    settings = {"suite": args.suite, "quantize": args.quantize, "kv_cache": args.kv_cache}
    settings |= model_settings(args.model, **chosen)
    if args.suite in REAL:
        only = sorted(read_names(args.only)) if args.only else None
        settings |= {"data_id": data_id(args.data), "images": args.images, "seed": args.seed, "only": only}
    return settings


def _check(args: argparse.Namespace) -> None:
    from minimax_vl.errors import InvalidRequest

    for name in ("questions", "images", "batch_size"):
        value = getattr(args, name, None)
        if value is not None and value < 1:
            raise InvalidRequest(
                found=f"--{name.replace('_', '-')} {value}",
                expected="1 or more",
                cause="0 or less as a way to say all",
                next_step="raise it",
            )
    if getattr(args, "first", 0) < 0:
        raise InvalidRequest(
            found=f"--first {args.first}",
            expected="0 or more: pages are numbered from 0",
            cause="a number counted from the last page, of which there is none",
            next_step="raise it, or leave it out",
        )
    if args.suite in REAL and args.data is None:
        raise InvalidRequest(
            found=f"eval {args.suite} without --data",
            expected="--data DIR, a folder with images and data.jsonl",
            cause="the option was forgotten",
            next_step="give the folder, or run `minimax-vl eval synthetic`, which needs no data",
        )
