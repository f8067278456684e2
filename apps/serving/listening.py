"""Listening at an address. It is taken before the model is loaded, so that a taken port is told at once."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from minimax_vl.errors import InvalidRequest

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE, LAST = 4, 6  # seconds after which answers are ended, and after which requests are
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def take_address(host: str, port: int, if_open: str | None) -> socket.socket:
    """A socket at the address, for `listen`; port 0 takes a free one. Raises InvalidRequest.

    if_open: what standard error is told when other machines can reach it; None when that is no matter.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise InvalidRequest(
            found=f"{host}:{port} cannot be listened at: {getattr(error, 'strerror', None) or error}",
            expected="an address of this machine, with a free port from 0 to 65535",
            cause="another server that runs there, or a typing error",
            next_step="give another --port, or 0 for a free one",
        ) from error
    if if_open and host not in LOOPBACK:
        print(f"note: {host} can be reached from other machines, and {if_open}", file=sys.stderr)
    return listener


def listen(app: FastAPI, listener: socket.socket, note: Callable[[str], str]) -> int:
    """Serve until interrupted; `note(base address)` is printed when it can be used.

    Answers that are being written then have GRACE seconds, until `app.state.stop()` is called where there is one.
    """
    import uvicorn

    stop: Callable[[], None] = getattr(app.state, "stop", lambda: None)

    class Server(uvicorn.Server):
        """Ends answers while their clients can still be told."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            timer = asyncio.get_running_loop().call_later(GRACE, stop)
            await super().shutdown(sockets)
            timer.cancel()
            stop()  # a second Ctrl-C waits for nothing

    listener.listen(2048)  # uvicorn does so after the note, and would turn away who is quick
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if listener.family == socket.AF_INET6 else host
    print(note(f"http://{shown}:{port}"), file=sys.stderr, flush=True)
    config = uvicorn.Config(app, log_level="warning", limit_concurrency=512, timeout_graceful_shutdown=LAST)
    Server(config).run(sockets=[listener])
    return 0
