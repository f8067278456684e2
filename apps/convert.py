"""minimax-vl convert: write a checkpoint anew, in other shards, another float type, int8 or int4, tensor by tensor."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minimax_vl.loading.formats import DTYPES

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?B)?", re.IGNORECASE)
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
WRITTEN = {"config.json", "model.safetensors.index.json"}  # ours, not copied
BESIDE = {".json", ".jinja", ".txt", ".md"}  # tokenizer, chat template, model card
WORST = 5  # tensors named in the summary
# (height, width) of the pages to calibrate with, and turns on each: the grids and conversations of training.
SIZES = ((672, 672), (1008, 672), (336, 336), (672, 1008), (672, 672), (1344, 1008), (1344, 672))
TURNS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", help="preset, checkpoint folder or hub id")
    parser.add_argument("target", type=Path, help="folder to write")
    parser.add_argument(
        "--dtype",
        choices=DTYPES,
        help="of the dense tensors (default: as in the source; quantised ones become dense unless --quantize)",
    )
    parser.add_argument(
        "--quantize",
        choices=("int8", "int4"),
        help="experts and attention in fewer bits: int8 with a scale per row, int4 with one per 128 weights; softmax"
        " attention and the head in int8",
    )
    parser.add_argument(
        "--calibrate",
        type=int,
        metavar="N",
        help="with int4: fit the numbers to what the model sees on N drawn pages; needs all of it in memory",
    )
    parser.add_argument("--max-shard-size", type=size, default="5GB", help="bytes in one file (%(default)s)")
    parser.add_argument("--force", action="store_true", help="write into a folder that is not empty")
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON with the error of each quantised tensor"
    )


def run(args: argparse.Namespace) -> int:
    import json

    from minimax_vl.apps.answering import note_when_slow
    from minimax_vl.loading.hub import resolve

    _check_calibration(args)
    source = resolve(args.source)
    _check_target(source, args.target, args.force)
    if args.calibrate:
        errors = calibrate(source, args.target, args.calibrate, args.max_shard_size)
    else:
        with note_when_slow(f"converting {source} ..."):  # before "saving" has something to say
            errors = convert(source, args.target, args.dtype, args.quantize, args.max_shard_size)
    if args.json:
        print(json.dumps({"target": str(args.target), "relative_error": errors}))
        return 0
    print(f"{args.target}: written")
    for line in summary(errors, args.quantize):
        print(line)
    return 0


def convert(
    source: Path, target: Path, dtype: str | None, quantize: str | None, max_shard_bytes: int
) -> dict[str, float]:
    """Write `source` anew into `target`, one shard in memory at a time; relative error of each tensor quantised."""
    from dataclasses import replace

    import torch

    from minimax_vl.config import ModelConfig
    from minimax_vl.kernels.quantised import QuantisedWeight
    from minimax_vl.loading.formats import bits_of
    from minimax_vl.loading.index import read_index
    from minimax_vl.loading.names import quantised_keys
    from minimax_vl.loading.plan import plan_load, stored_dtype
    from minimax_vl.loading.save import write_checkpoint
    from minimax_vl.loading.stream import open_file, read_piece
    from minimax_vl.loading.sums import check_sum

    config, index = ModelConfig.read(source), read_index(source)
    name = DTYPES[dtype] if dtype else stored_dtype(index)
    bits = bits_of(quantize)
    wanted = quantised_keys(config, bits)
    # fp32 on the way: a quantised source must not be rounded twice. Whole tensors: nothing is stacked here.
    jobs = {
        job.key: job
        for job in plan_load(index, config, device="cpu", dtype="float32", slice_bytes=sys.maxsize)
    }

    for file in sorted({job.file for job in jobs.values()}):
        check_sum(file)

    def read(key: str) -> torch.Tensor | QuantisedWeight:
        job = jobs[key]
        if job.stored == wanted.get(key):  # in the wanted format already: copied as it is
            job = replace(job, held=job.stored)
        with open_file(job.file) as file:
            return read_piece(file, job)

    return write_checkpoint(
        target,
        config,
        read,
        dtype=getattr(torch, name),
        max_shard_bytes=max_shard_bytes,
        bits=bits,
        copies=_beside(source),
    )


def calibrate(source: Path, target: Path, pages: int, max_shard_bytes: int) -> dict[str, float]:
    """Write `source` in int4 into `target`, fitted to drawn pages; relative error of each parameter's outputs."""
    from minimax_vl.apps.answering import note_when_slow
    from minimax_vl.eval.progress import Progress

    with note_when_slow(f"loading {source} ..."):
        from minimax_vl.calibration import quantise_by_inputs
        from minimax_vl.loading.save import save_checkpoint
        from minimax_vl.pipeline import load
        from minimax_vl.synthetic import FontBook, sample

        pipeline = load(source, dtype="fp32")
    progress = Progress(pages, "pages", "", label="calibrating: ")
    fitting: list[Progress] = []

    def run() -> None:
        fonts = FontBook.load(None, "train")
        for number in range(pages):
            progress.show(number, None)
            page = sample("train", number, SIZES[number % len(SIZES)], fonts, level=1.0)
            pipeline.chat(_conversation(page.turns[:TURNS]), [page.image], max_new_tokens=1)
        progress.show(pages, None)

    def told(done: int, count: int) -> None:
        fitting[:] = fitting or [Progress(count, "modules", "", label="fitting: ")]
        fitting[0].show(done, None)

    errors = quantise_by_inputs(pipeline.model, run, told)
    save_checkpoint(pipeline.model, target, max_shard_bytes=max_shard_bytes, copies=_beside(source))
    return errors


def _beside(source: Path) -> list[Path]:
    """What travels with the weights as it is."""
    files = sorted(source.iterdir())
    return [file for file in files if file.suffix in BESIDE and file.name not in WRITTEN and file.is_file()]


def _conversation(turns: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Questions about one image, with the answers where the model will write them."""
    from minimax_vl.chat import assistant_turn, user_turn

    messages: list[dict[str, Any]] = []
    for question, answer in turns:
        messages += [user_turn(question, images=int(not messages)), assistant_turn(answer)]
    return messages


def _check_calibration(args: argparse.Namespace) -> None:
    from minimax_vl.errors import InvalidRequest

    if args.calibrate is not None and (args.calibrate < 1 or args.quantize != "int4" or args.dtype):
        raise InvalidRequest(
            found=f"--calibrate {args.calibrate} with --quantize {args.quantize} and --dtype {args.dtype}",
            expected="a page or more, --quantize int4, no --dtype",
            cause="int8 loses too little to need it, and the dense tensors stay fp32",
            next_step="drop what does not go together",
        )


def summary(errors: Mapping[str, float], quantize: str | None) -> list[str]:
    """Mean and worst relative error, in lines for a person; nothing when nothing was quantised."""
    if not errors:
        return []
    worst = sorted(errors, key=lambda key: -errors[key])[:WORST]
    mean = sum(errors.values()) / len(errors)
    count = f"{len(errors)} tensor{'s' * (len(errors) > 1)}"
    head = f"{count} as {quantize}, relative error {mean:.2%} on average; the largest:"
    return [head, *(f"  {errors[key]:.2%}  {key}" for key in worst)]


def _check_target(source: Path, target: Path, force: bool) -> None:
    from minimax_vl.errors import InvalidRequest

    if target.exists() and target.resolve() == source.resolve():
        raise InvalidRequest(
            found=f"{target} as both source and target",
            expected="two folders",
            cause="converting in place would replace the only copy",
            next_step="name another folder",
        )
    check_empty(target, force)


def check_empty(target: Path, force: bool) -> None:
    """Refuse to write among other files, unless that is wanted."""
    from minimax_vl.errors import InvalidRequest
    from minimax_vl.loading.aside import in_use

    if not force and in_use(target):
        raise InvalidRequest(
            found=f"{target} is not empty",
            expected="a new or an empty folder",
            cause="an earlier run, or a folder with other work in it",
            next_step="choose another folder, or add --force to replace the checkpoint in it",
        )


def size(text: str) -> int:
    """5GB or 500MB in bytes, for argparse."""
    match = SIZE.fullmatch(text.strip())
    if match is None or not (count := int(float(match[1]) * UNITS[(match[2] or "B").upper()])):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 5GB or 500MB")
    return count
