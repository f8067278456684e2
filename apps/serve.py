"""minimax-vl serve: answer OpenAI's clients at /v1/chat/completions, many at a time on one model."""

from __future__ import annotations

import argparse
import os
import sys

from minimax_vl.apps.answering import add_loading_arguments, open_pipeline
from minimax_vl.errors import InvalidRequest

KEY = "MINIMAX_VL_API_KEY"


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
    group = parser.add_argument_group("limits")
    group.add_argument("--max-batch", type=int, default=16, help="answers written together (%(default)s)")
    group.add_argument("--max-queue", type=int, default=64, help="requests waiting, then 429 (%(default)s)")
    group.add_argument("--max-images", type=int, default=16, help="of one request (%(default)s)")
    group.add_argument("--max-body", type=int, default=64, metavar="MIB", help="of one request (%(default)s)")
    group.add_argument(
        "--max-seconds", type=float, default=300.0, metavar="S", help="for one answer (%(default)g)"
    )
    group.add_argument(
        "--kept",
        type=int,
        default=256,
        metavar="MIB",
        help="images and prompts kept for later requests (%(default)s)",
    )
    add_loading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    import uvicorn

    from minimax_vl.apps.serving.server import Settings, build
    from minimax_vl.engine import Engine, Limits

    _check(args)
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
    if key is None and args.host not in ("127.0.0.1", "localhost", "::1"):
        print(
            f"note: {args.host} can be reached from other machines, and no --api-key is set", file=sys.stderr
        )
    app = build(Engine(open_pipeline(args), limits), settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=args.host,
            port=args.port,
            log_level="warning",
            limit_concurrency=512,
            timeout_graceful_shutdown=5,
        )
    )
    return _serve(server, args, settings.name)


def _serve(server: object, args: argparse.Namespace, name: str) -> int:
    """Run until interrupted; the address is printed when it can be used."""
    import socket

    import uvicorn

    assert isinstance(server, uvicorn.Server)
    family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((args.host, args.port))
    except OSError as error:
        raise InvalidRequest(
            found=f"{args.host}:{args.port} cannot be listened at: {error.strerror or error}",
            expected="a free port of an address of this machine",
            cause="another server that runs there",
            next_step="give another --port, or 0 for a free one",
        ) from error
    host = f"[{args.host}]" if family == socket.AF_INET6 else args.host
    base = f"http://{host}:{listener.getsockname()[1]}"
    print(f"{name} answers at {base}/v1  (docs {base}/docs, Ctrl-C ends it)", file=sys.stderr, flush=True)
    server.run(sockets=[listener])
    return 0


def _check(args: argparse.Namespace) -> None:
    for option in ("max_batch", "max_queue", "max_images", "max_body", "max_seconds"):
        if getattr(args, option) <= 0:
            raise InvalidRequest(
                found=f"--{option.replace('_', '-')} {getattr(args, option)}",
                expected="more than 0",
                cause="0 as a way to say no limit",
                next_step="give a number",
            )
    if not 0 <= args.port < 65536:
        raise InvalidRequest(
            found=f"--port {args.port}", expected="0 to 65535", cause="a typing error", next_step="correct it"
        )
