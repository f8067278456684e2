"""Listening at an address: the socket first, so that a taken port is an error of ours and port 0 can be told."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from minimax_vl.errors import InvalidRequest

if TYPE_CHECKING:
    from fastapi import FastAPI


def listen(app: FastAPI, host: str, port: int, note: Callable[[str], str]) -> int:
    """Serve until interrupted; `note(base address)` is printed when it can be used. Raises InvalidRequest."""
    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise InvalidRequest(
            found=f"{host}:{port} cannot be listened at: {error.strerror or error}",
            expected="a free port of an address of this machine",
            cause="another server that runs there",
            next_step="give another --port, or 0 for a free one",
        ) from error
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    print(note(f"http://{shown}:{listener.getsockname()[1]}"), file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", limit_concurrency=512, timeout_graceful_shutdown=5
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0
