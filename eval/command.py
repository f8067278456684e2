"""The command of a benchmark: one for `minimax-vl eval docvqa` and `accelerate launch -m minimax_vl.eval.docvqa`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_vl.errors import InvalidRequest, MiniMaxVLError
from minimax_vl.eval.records import read_run
from minimax_vl.streams import exit_code, told

if TYPE_CHECKING:
    from minimax_vl.eval.data.dataset import DataSet
    from minimax_vl.eval.tasks.task import Task
    from minimax_vl.pipeline import Pipeline

ABOUT = {
    "docvqa": "DocVQA: questions about document pages, scored by ANLS. Without --data, on a small drawn sample.",
    "ai2d": "AI2D: four-choice questions about diagrams. Without --data, on a small drawn sample.",
}
SPLITS = {
    "docvqa": "val, train or test (val); test writes a submission file",
    "ai2d": "test, train or all (test)",
}


def add_arguments(parser: argparse.ArgumentParser, name: str) -> None:
    parser.set_defaults(benchmark=name)
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="official layout, hub parquet or VLMEvalKit TSV (a drawn sample)",
    )
    data.add_argument("--split", default="", help=SPLITS[name])
    if name == "ai2d":
        data.add_argument(
            "--variant", choices=("mask", "no-mask"), help="letters over or beside the text (mask)"
        )
        data.add_argument(
            "--scoring",
            default="replies",
            choices=("replies", "likelihood"),
            help="read the letter out of a reply, or take the likeliest letter, which needs no reading and is"
            " comparable with no published score (%(default)s)",
        )
    data.add_argument("--limit", type=int, metavar="N", help="about N questions, as a sample of images (all)")
    data.add_argument("--seed", type=int, default=0, help="of that sample (%(default)s)")
    data.add_argument("--ids", default="", metavar="ID,ID", help="only these questions")
    model = parser.add_argument_group("model")
    model.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    model.add_argument("--revision", metavar="REV", help="branch, tag or commit of a hub id")
    model.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 ... (%(default)s)")
    model.add_argument(
        "--dtype", default="auto", choices=("auto", "fp32", "bf16", "fp16"), help="(%(default)s)"
    )
    model.add_argument(
        "--prompt", default="direct", choices=("direct", "cot", "plain"),
        help="direct: as published for this benchmark; cot: think first; plain: the bare question (%(default)s)",
    )  # fmt: skip
    model.add_argument(
        "--max-new-tokens", type=int, metavar="N", help="longest reply (the prompt's own limit)"
    )
    model.add_argument("--max-tiles", type=int, metavar="N", help="cut images into at most N tiles")
    model.add_argument(
        "--second-look",
        action=argparse.BooleanOptionalAction,
        help="look again where the model is unsure (nano: yes; docs/nano.md)",
    )
    model.add_argument("--batch-size", type=int, default=8, help="questions answered together (%(default)s)")
    run = parser.add_argument_group("run")
    run.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="records and reports; the same command goes on there (runs/...)",
    )
    run.add_argument(
        "--compare", type=Path, metavar="RUN", help="folder of another run: what changed, and how surely"
    )
    run.add_argument(
        "--rescore", action="store_true", help="judge the replies in --out anew, without the model"
    )
    run.add_argument("--retry-failed", action="store_true", help="ask questions again that failed")
    run.add_argument(
        "--allow-failures",
        action="store_true",
        help="missing images score 0, and failures end in exit code 0",
    )
    run.add_argument("--no-pictures", action="store_true", help="leave pictures out of the report")
    run.add_argument("--json", action="store_true", help="print the summary as one line of JSON only")
    if name == "docvqa":
        run.add_argument(
            "--validate-submission",
            type=Path,
            metavar="FILE",
            help="say why the test server would refuse FILE",
        )


def main(name: str, argv: Sequence[str] | None = None) -> int:
    """Run one benchmark's command; exit codes as for `minimax-vl`."""
    return exit_code(lambda: _answer(name, argv))


def _answer(name: str, argv: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog=f"minimax-vl eval {name}", description=ABOUT[name])
    add_arguments(parser, name)
    args = parser.parse_args(argv)
    try:
        return run(args)
    except MiniMaxVLError as error:
        return told(f"minimax-vl eval {name}", error, args.json)


def run(args: argparse.Namespace) -> int:
    """Exit code 0; 1 when a question failed (unless that is allowed) or a submission would be refused."""
    from minimax_vl.eval.tasks.table import TASKS

    task = TASKS[args.benchmark]
    if getattr(args, "validate_submission", None):
        return _validate(args)
    _check(args, task)
    if args.rescore:
        return _rescore(args, task)
    if args.compare:
        read_run(args.compare, task.name)  # an error now, not after the answers
    from minimax_vl.eval.processes import Place
    from minimax_vl.eval.progress import told_when_stopped
    from minimax_vl.eval.run import Options, carry_out, plan_run

    place = Place.here()
    names = ("model", "data", "split", "max_new_tokens", "max_tiles", "limit", "seed", "revision", "dtype")
    names += ("second_look", "batch_size", "out", "allow_failures", "retry_failed")
    given = {name: getattr(args, name) for name in names}
    given |= {"variant": getattr(args, "variant", None), "device": place.device(args.device)}
    given |= {"scoring": getattr(args, "scoring", "replies")}
    given["ids"] = tuple(id.strip() for id in args.ids.split(",") if id.strip())
    plan = plan_run(Options(task, style=args.prompt, **given))
    if place.leads and not args.json:
        print(f"{plan.data.name}: {len(plan.data.questions)} questions, {args.model}, prompt {plan.style!r}")

    def load() -> Pipeline:
        from minimax_vl.pipeline import load

        where = {"device": given["device"], "dtype": args.dtype}
        return load(args.model, **where, second_look=args.second_look, revision=args.revision)

    with told_when_stopped(plan.data.name, plan.folder):
        records = carry_out(plan, place, load)
    return _report(args, task, plan.folder, plan.data, records) if place.leads else 0


def _rescore(args: argparse.Namespace, task: Task) -> int:
    from minimax_vl.eval.run import rescore

    settings = read_run(args.out, task.name)["settings"]
    return _report(args, task, args.out, None, rescore(task, args.out, settings["prompt_style"]))


def _report(
    args: argparse.Namespace, task: Task, folder: Path, data: DataSet | None, records: list[Any]
) -> int:
    from minimax_vl.eval.comparison import compare
    from minimax_vl.eval.report.content import Content
    from minimax_vl.eval.report.files import write_reports
    from minimax_vl.eval.report.text import lines
    from minimax_vl.eval.submission import write_submission
    from minimax_vl.eval.summary import summarise

    run = read_run(folder, task.name)
    here = {record.id: record for record in records}
    compared = compare(task, here, run["settings"], args.compare) if args.compare else None
    content = Content(task, run["settings"], run["facts"], records, summarise(task, records), compared)
    written = write_reports(folder, content, data, pictures=not args.no_pictures)
    if task.name == "docvqa" and run["settings"]["split"] == "test":
        written.append(write_submission(folder, records))
    label = f"{run['settings']['data']}: "
    if not args.json:
        for line in [*lines(content), *(f"written: {path}" for path in written)]:
            print(label + line)
    print(json.dumps(content.brief() | {"out": str(folder)}, ensure_ascii=False))
    return 1 if content.summary.failed and not args.allow_failures else 0


def _validate(args: argparse.Namespace) -> int:
    from minimax_vl.eval.data.docvqa import read_docvqa
    from minimax_vl.eval.submission import check_ids, problems

    ids = None
    if args.data:
        questions = read_docvqa(args.data, "test").questions
        check_ids(questions)
        ids = {int(q.id) for q in questions}
    found = problems(args.validate_submission, ids)
    for problem in found:
        print(problem)
    if not found:
        against = "the ids of the test split" if ids else "the rules; give --data to compare the ids as well"
        print(f"{args.validate_submission}: fine by {against}")
    return 1 if found else 0


def _check(args: argparse.Namespace, task: Task) -> None:
    """What can be known to be wrong before anything is read."""
    known = (*task.splits, "validation") if "val" in task.splits else task.splits  # the hub's name for it
    if args.split and args.split not in known:
        raise InvalidRequest(
            found=f"--split {args.split}",
            expected=f"one of {', '.join(task.splits)}",
            cause="a typing error, or a split of another benchmark",
            next_step=f"choose one of these, or leave it out for {task.splits[0]}",
        )
    for name in ("limit", "batch_size", "max_new_tokens", "max_tiles"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InvalidRequest(
                found=f"--{name.replace('_', '-')} {value}",
                expected="1 or more",
                cause="0 or less as a way to say all or none",
                next_step="raise it, or leave it out",
            )
    if getattr(args, "scoring", "") == "likelihood" and args.prompt == "cot":
        raise InvalidRequest(
            found="--scoring likelihood with --prompt cot",
            expected="a prompt that asks for the letter at once",
            cause="two ways to get at the letter, of which the first one leaves no room for thought",
            next_step="leave one of them out",
        )
    if args.rescore and args.out is None:
        raise InvalidRequest(
            found="--rescore without --out",
            expected="the folder of a run",
            cause="the option was forgotten",
            next_step="give the folder that holds records.jsonl with --out",
        )
    if args.data is not None and not args.data.exists():
        raise InvalidRequest(
            found=f"no folder {args.data}",
            expected="the data of the benchmark",
            cause=f"a typing error, or a path meant from another folder than {str(Path.cwd())!r}",
            next_step="check the path, or leave --data out for the drawn sample",
        )
