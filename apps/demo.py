"""minimax-vl demo: a page in the browser to ask about pictures, and to look inside the model that answers."""

from __future__ import annotations

import argparse
import sys

from minimax_vl.apps.answering import add_loading_arguments, open_pipeline
from minimax_vl.apps.web.uploads import private_uploads
from minimax_vl.errors import InvalidRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="0 takes a free one (%(default)s)")
    parser.add_argument("--max-batch", type=int, default=16, help="answers written together (%(default)s)")
    add_loading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    if not 0 <= args.port < 65536 or args.max_batch < 1:
        raise InvalidRequest(
            found=f"--port {args.port} --max-batch {args.max_batch}",
            expected="a port from 0 to 65535, and a batch of 1 or more",
            cause="a typing error",
            next_step="correct it",
        )
    with private_uploads():
        return _serve(args)


def _serve(args: argparse.Namespace) -> int:
    from fastapi import FastAPI

    from minimax_vl.apps.serving.listening import listen
    from minimax_vl.apps.web.page import build, mount
    from minimax_vl.engine import Engine, Limits

    if args.host not in ("127.0.0.1", "localhost", "::1"):
        print(
            f"note: {args.host} can be reached from other machines, and the page asks nobody for a name",
            file=sys.stderr,
        )
    with Engine(open_pipeline(args), Limits(batch=args.max_batch)) as engine:
        app = mount(FastAPI(openapi_url=None), build(engine, args.model))
        return listen(
            app, args.host, args.port, lambda base: f"{args.model} reads pictures at {base}  (Ctrl-C ends it)"
        )
