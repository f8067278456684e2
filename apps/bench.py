"""minimax-vl bench: where the time goes, on this machine, in one command; the last line is one JSON object.

`model` times one question end to end, `kernels` every op beside its peers and its floor, `slice` a few layers of
the release at their real width, `release` all of them, `length` a prompt of a million tokens, `serve` a server with
many clients.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_vl.apps.benching.numbers import minutes, natural, positive, size

if TYPE_CHECKING:
    from minimax_vl.apps.benching.clock import Spread


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    add_model(
        what.add_parser("model", help="preprocess, vision, prefill and decode of one question on one page")
    )
    add_kernels(what.add_parser("kernels", help="every op: ours, its peers, and what the machine allows"))
    add_slice(what.add_parser("slice", help="some layers of the release at full width, random weights"))
    add_release(what.add_parser("release", help="all of the release, random weights made on the devices"))
    add_length(what.add_parser("length", help="prefill to a million tokens, beside softmax attention alone"))
    add_serve(
        what.add_parser("serve", help="a server under load: many clients beside one, and clients that die")
    )


def add_model(model: argparse.ArgumentParser) -> None:
    model.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    model.add_argument(
        "--random", action="store_true", help="random weights: no checkpoint is needed, only a preset"
    )
    model.add_argument(
        "--page", type=size, default=(672, 672), metavar="WxH", help="in pixels; A4 is 1654x2339 (672x672)"
    )
    model.add_argument(
        "--line",
        type=positive,
        metavar="PX",
        help="from one line of the page to the next (a 24th of its longer side)",
    )
    model.add_argument(
        "--new-tokens", type=positive, default=64, metavar="N", help="tokens of decode (%(default)s)"
    )
    model.add_argument(
        "--repeat", type=positive, default=5, metavar="N", help="runs of everything (%(default)s)"
    )
    model.add_argument("--threads", type=positive, metavar="N", help="threads of PyTorch (all cores)")
    model.add_argument(
        "--lengths",
        type=positive,
        nargs="+",
        default=[],
        metavar="T",
        help="also time a text prefill of T tokens each",
    )
    model.add_argument(
        "--against",
        choices=["transformers"],
        help="also time transformers' MiniMax with the same text weights",
    )


def add_kernels(kernels: argparse.ArgumentParser) -> None:
    kernels.add_argument(
        "--op", nargs="+", default=[], metavar="PART", help="only cards whose op or shape holds a PART"
    )
    kernels.add_argument(
        "--minutes", type=minutes, default=10, metavar="M", help="for everything (%(default)s)"
    )
    kernels.add_argument(
        "--ours", action="store_true", help="leave the peers out, whose compilation takes minutes"
    )
    kernels.add_argument(
        "--tune", action="store_true", help="then try each kernel's candidate configurations"
    )
    kernels.add_argument(
        "--compile-only",
        action="store_true",
        help="no GPU needed: registers, spills and shared memory of each kernel on sm_90",
    )
    kernels.add_argument("--device", help="cuda where there is one, else cpu")
    kernels.add_argument(
        "--out", type=Path, metavar="DIR", help="write kernels.json and tuned.json there, as they come"
    )
    kernels.add_argument("--markdown", action="store_true", help="the table once more, as Markdown")
    kernels.add_argument("--cards", nargs="+", metavar="MODULE", help="other modules of cards than ours")


def add_slice(slice_: argparse.ArgumentParser) -> None:
    slice_.add_argument(
        "--preset", default="minimax-vl-01", metavar="NAME", help="whose widths (%(default)s)"
    )
    slice_.add_argument(
        "--layers", type=positive, default=8, metavar="N", help="the first N layers (%(default)s)"
    )
    slice_.add_argument(
        "--lengths",
        type=positive,
        nargs="+",
        default=[16384, 65536, 262144],
        metavar="T",
        help="tokens of a prefill",
    )
    slice_.add_argument(
        "--steps", type=positive, default=32, metavar="N", help="tokens of decode (%(default)s)"
    )
    slice_.add_argument(
        "--minutes", type=minutes, default=8, metavar="M", help="for everything (%(default)s)"
    )
    slice_.add_argument("--device", help="cuda where there is one, else cpu")
    slice_.add_argument("--out", type=Path, metavar="DIR", help="write slice.json there, as it comes")
    slice_.add_argument("--against", choices=["transformers"], help="also time transformers' layers")
    slice_.add_argument(
        "--all-positions",
        action="store_true",
        help="also time a prefill whose last layer computes every position, as in the middle of a model",
    )
    slice_.add_argument(
        "--mesh",
        choices=["slices", "whole"],
        help="under torchrun: on one GPU, then shared by all, each with slices of every expert or whole ones",
    )
    slice_.add_argument("--quantize", choices=["int8", "int4"], help="with --mesh: of experts and attention")


def add_release(release: argparse.ArgumentParser) -> None:
    add_random(release, "int4", most=9)
    release.add_argument("--layers", type=positive, metavar="N", help="only the first N layers (all)")
    release.add_argument("--devices", nargs="+", metavar="DEVICE", help="such as cuda:0 cuda:1 (all GPUs)")
    release.add_argument(
        "--size", type=positive, nargs=2, default=(1344, 896), metavar="N", help="width and height (1344 896)"
    )
    release.add_argument(
        "--batch", type=positive, default=8, metavar="N", help="rows of a batch (%(default)s)"
    )
    release.add_argument(
        "--new-tokens", type=positive, default=64, metavar="N", help="of an answer (%(default)s)"
    )


def add_length(length: argparse.ArgumentParser) -> None:
    add_random(length, "int4", most=9)
    length.add_argument(
        "--layers", type=positive, default=8, metavar="N", help="the first N layers (%(default)s)"
    )
    length.add_argument("--device", help="cuda where there is one, else cpu")
    length.add_argument(
        "--tokens", type=positive, default=1 << 20, metavar="T", help="of the prompt (%(default)s)"
    )
    length.add_argument(
        "--chunk", type=positive, default=16384, metavar="T", help="tokens of a call (%(default)s)"
    )
    length.add_argument("--alone", action="store_true", help="leave the all-softmax model out")


def add_random(parser: argparse.ArgumentParser, quantize: str, most: float) -> None:
    """What benches of random weights have in common."""
    parser.add_argument(
        "--preset", default="minimax-vl-01", metavar="NAME", help="whose widths (%(default)s)"
    )
    parser.add_argument(
        "--quantize",
        choices=("int4", "int8", "none"),
        default=quantize,
        help="experts and attention (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the weights (%(default)s)")
    parser.add_argument(
        "--minutes", type=minutes, default=most, metavar="M", help="nothing begins after these (%(default)s)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write JSON and pictures there, as they come")


def add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    serve.add_argument(
        "--clients", type=positive, default=16, metavar="N", help="streaming at once (%(default)s)"
    )
    serve.add_argument("--minutes", type=minutes, default=3, metavar="M", help="of full load (%(default)s)")
    serve.add_argument("--kills", type=natural, default=200, metavar="N", help="clients killed (%(default)s)")
    serve.add_argument(
        "--new-tokens", type=positive, default=48, metavar="N", help="of an answer (%(default)s)"
    )
    serve.add_argument(
        "--pages", type=positive, default=6, metavar="N", help="different images (%(default)s)"
    )


def run_serve(args: argparse.Namespace) -> int:
    from minimax_vl.apps.benching.load import run as run_load

    result = run_load(
        args.model,
        clients=args.clients,
        minutes=args.minutes,
        kills=args.kills,
        tokens=args.new_tokens,
        distinct=args.pages,
    )
    print(f"throughput {result['throughput_ratio']:.2f} x one client, memory {result['memory_growth']:+.1%}")
    print(json.dumps(result))
    return 0


def run(args: argparse.Namespace) -> int:
    # --help must not wait for torch
    if args.what == "serve":
        return run_serve(args)
    if args.what == "kernels":
        from minimax_vl.apps.benching.kernels.command import run as run_kernels

        return run_kernels(args)
    if args.what == "slice" and args.mesh:
        from minimax_vl.apps.benching.mesh import run as run_mesh

        return run_mesh(args)
    if args.what == "slice":
        from minimax_vl.apps.benching.slice import run as run_slice

        return run_slice(args)
    if args.what == "release":
        from minimax_vl.apps.benching.release import run as run_release

        return run_release(args)
    if args.what == "length":
        from minimax_vl.apps.benching.length import run as run_length

        return run_length(args)
    return run_model(args)


def run_model(args: argparse.Namespace) -> int:
    from minimax_vl.apps.benching.clock import machine, peak_memory
    from minimax_vl.apps.benching.rival import compare
    from minimax_vl.apps.benching.stages import lengths, pipeline_of, stages

    result: dict[str, Any] = {"machine": machine(args.threads)}
    print("  ".join(f"{name}: {value}" for name, value in result["machine"].items()))
    pipeline = pipeline_of(args.model, args.random)
    note(f"one question on a {args.page[0]} x {args.page[1]} page, {args.repeat} times")
    times, facts = stages(pipeline, args.page, args.new_tokens, args.repeat, args.line)
    rate = result["machine"]["matmul_gflops"]
    table([("stage", "median", "best", "tokens/s", "GFLOP", "of matmul rate")])
    for name, spread in times.items():
        count, work = facts["tokens"].get(name), facts["gflop"].get(name)
        table([(name, *shown(spread), per_second(count, spread), number(work), share(work, spread, rate))])
    result |= {"stages": {name: spread.to_dict() for name, spread in times.items()}, **facts}
    # Before the rival is loaded: what answering takes, weights and interpreter included.
    result["peak_memory_mb"] = peak_memory()
    print(f"peak memory {result['peak_memory_mb']:.0f} MB")

    if args.lengths:
        note("text prefill by length")
        grown = lengths(pipeline.model, args.lengths, args.repeat)
        table([("tokens", "median", "best", "tokens/s", "of the first")])
        first = grown[args.lengths[0]]
        for count, spread in grown.items():
            table(
                [(str(count), *shown(spread), per_second(count, spread), f"{spread.best / first.best:.2f} x")]
            )
        result["lengths"] = {count: spread.to_dict() for count, spread in grown.items()}
        result["peak_memory_with_lengths_mb"] = peak_memory()
        print(f"peak memory {result['peak_memory_with_lengths_mb']:.0f} MB")

    if args.against:
        note("the text model against transformers', same weights, taking turns")
        table([("stage", "ours, best", "theirs, best", "times faster")])
        result["against"] = {}
        for name, ours, theirs in compare(pipeline.model.language_model, args.repeat):
            table([(name, shown(ours)[1], shown(theirs)[1], f"{theirs.best / ours.best:.2f} x")])
            result["against"][name] = {"ours": ours.to_dict(), "theirs": theirs.to_dict()}
    print(json.dumps(result))
    return 0


def note(text: str) -> None:
    """A heading; progress too, since the rows below it take seconds to come."""
    print(f"\n{text}", flush=True)


def table(rows: list[tuple[str, ...]]) -> None:
    for row in rows:
        print(f"{row[0]:<22}" + "".join(f"{cell:>16}" for cell in row[1:]))
    sys.stdout.flush()


def shown(spread: Spread) -> tuple[str, str]:
    return f"{spread.median * 1e3:.1f} ms", f"{spread.best * 1e3:.1f} ms"


def per_second(count: int | None, spread: Spread) -> str:
    return f"{count / spread.median:.0f}" if count else ""


def number(value: float | None) -> str:
    return f"{value:.1f}" if value else ""


def share(gflop: float | None, spread: Spread, rate: float) -> str:
    return f"{gflop / spread.best / rate:.0%}" if gflop else ""
