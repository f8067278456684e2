"""minimax-vl serve: answer OpenAI's clients at /v1/chat/completions, many at a time on one model."""

from __future__ import annotations

import argparse
import os
from contextlib import nullcontext

from minimax_vl.apps.answering import add_loading_arguments, open_pipeline
from minimax_vl.apps.web.uploads import private_uploads
from minimax_vl.errors import InvalidRequest

KEY = "MINIMAX_VL_API_KEY"
DEMO = "/demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (%(default)s)")
    parser.add_argument("--name", help="what clients call the model (the value of --model)")
    parser.add_argument("--api-key", metavar="KEY", help=f"ask for this bearer key (${KEY})")
    parser.add_argument(
        "--allow-remote-images",
        action="store_true",
        help="fetch https images for clients: public addresses only, size and time limited",
    )
    parser.add_argument(
        "--demo", action="store_true", help=f"the page of `minimax-vl demo` as well, at {DEMO}"
    )
    group = parser.add_argument_group("limits")
    group.add_argument(
        "--max-batch", type=int, default=16, metavar="N", help="answers written together (%(default)s)"
    )
    group.add_argument(
        "--max-queue", type=int, default=64, metavar="N", help="requests waiting, then 429 (%(default)s)"
    )
    group.add_argument("--max-images", type=int, default=16, metavar="N", help="of one request (%(default)s)")
    group.add_argument("--max-body", type=int, default=64, metavar="MIB", help="of one request (%(default)s)")
    group.add_argument(
        "--max-seconds", type=float, default=300.0, metavar="S", help="for one answer (%(default)g)"
    )
    group.add_argument(
        "--kept",
        type=int,
        default=256,
        metavar="MIB",
        help="images and prompts kept for later requests, 0 for none (%(default)s)",
    )
    add_loading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    _check(args)
    with private_uploads() if args.demo else nullcontext():
        return _serve(args)


def _serve(args: argparse.Namespace) -> int:
    from minimax_vl.apps.serving.listening import listen, take_address
    from minimax_vl.apps.serving.server import Settings, build
    from minimax_vl.engine import Engine, Limits

    key = args.api_key or os.environ.get(KEY) or None
    settings = Settings(
        name=args.name or args.model,
        key=key,
        remote_images=args.allow_remote_images,
        images=args.max_images,
        body_bytes=args.max_body << 20,
    )
    limits = Limits(
        batch=args.max_batch, queue=args.max_queue, kept_bytes=args.kept << 20, seconds=args.max_seconds
    )
    listener = take_address(args.host, args.port, None if key else "no --api-key is set")
    engine = Engine(open_pipeline(args), limits)
    app = build(engine, settings)
    if args.demo:
        from minimax_vl.apps.web.page import build as build_page
        from minimax_vl.apps.web.page import mount

        mount(app, build_page(engine, settings.name), DEMO)

    def note(base: str) -> str:
        page = f", people at {base}{DEMO}" if args.demo else ""
        return f"{settings.name} answers at {base}/v1{page}  (docs {base}/docs, Ctrl-C ends it)"

    return listen(app, listener, note)


def _check(args: argparse.Namespace) -> None:
    for option in ("max_batch", "max_queue", "max_images", "max_body", "max_seconds"):
        if not getattr(args, option) > 0:  # nan is not, either
            raise InvalidRequest(
                found=f"--{option.replace('_', '-')} {getattr(args, option)}",
                expected="more than 0",
                cause="0 as a way to say no limit",
                next_step="give a number",
            )
    if args.kept < 0:
        raise InvalidRequest(
            found=f"--kept {args.kept}",
            expected="0 or more MiB",
            cause="a number below 0 as a way to say no limit",
            next_step="give 0 to keep nothing, or as many MiB as there is room for",
        )
    if args.api_key == "":
        raise InvalidRequest(
            found="--api-key ''",
            expected="a key",
            cause='a variable of the shell that is not set, such as --api-key "$KEY"',
            next_step="set it, or leave the option out to let everyone in",
        )
    if args.demo and (args.api_key or os.environ.get(KEY)):
        raise InvalidRequest(
            found="--demo together with a key",
            expected="one of the two",
            cause="a browser sends no bearer key, and a page that asks for none would make the key useless",
            next_step="start `minimax-vl demo` beside the server, behind a proxy with a login where it needs one",
        )
