"""minimax-vl demo: a page in the browser to ask about pictures, and to look inside the model that answers."""

from __future__ import annotations

import argparse

from minimax_vl.apps.answering import add_loading_arguments, open_pipeline
from minimax_vl.apps.web.uploads import private_uploads
from minimax_vl.errors import InvalidRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--max-batch", type=int, default=16, metavar="N", help="answers written together (%(default)s)"
    )
    add_loading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    if args.max_batch < 1:
        raise InvalidRequest(
            found=f"--max-batch {args.max_batch}",
            expected="1 or more",
            cause="0 as a way to say no limit",
            next_step="give a number",
        )
    with private_uploads():
        return _serve(args)


def _serve(args: argparse.Namespace) -> int:
    from fastapi import FastAPI

    from minimax_vl.apps.serving.listening import listen, take_address
    from minimax_vl.apps.web.page import build, mount
    from minimax_vl.engine import Engine, Limits

    listener = take_address(args.host, args.port, "the page asks nobody for a name")
    with Engine(open_pipeline(args), Limits(batch=args.max_batch)) as engine:
        app = mount(FastAPI(openapi_url=None), build(engine, args.model))
        app.state.stop = engine.stop  # for `listen`
        return listen(app, listener, lambda base: f"{args.model} reads pictures at {base}  (Ctrl-C ends it)")
