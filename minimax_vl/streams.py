"""Standard streams at the front doors: closed ones lead nowhere, and each way of losing one has an exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Callable

from minimax_vl.errors import MiniMaxVLError, SaveFailed

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def exit_code(work: Callable[[], int]) -> int:
    """What `work` returns; 130 when it is interrupted, 141 when nobody reads its output, 1 when that has no room."""
    _mend()
    try:
        code = work()
        sys.stdout.flush()  # a closed pipe or a full disk must show itself here, not at interpreter exit
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `minimax-vl ... | head` is no failure
        _drop_output()
        return 141
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _drop_output()
        return told("minimax-vl", _no_room(error), as_json=False)
    return code


def told(command: str, error: MiniMaxVLError, as_json: bool) -> int:
    """Print an error of ours where people look, and `as_json` where programs do; its exit code."""
    print(f"{command}: {type(error).__name__}\n{error}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": str(error)}))
    return error.exit_code


def _mend() -> None:
    """Streams that were closed before we began lead nowhere; what the terminal cannot show is escaped.

    What comes in and is no text in the encoding of its stream is replaced, as in a question that `ask` reads.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _drop_output() -> None:
    """What is still buffered has nowhere to go, and must not fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _no_room(error: OSError) -> SaveFailed:
    return SaveFailed(
        found=f"{error.filename or 'the output'} cannot be written: {error.strerror}",
        expected="room for it",
        cause="a full disk or quota behind standard output, as in > answers.txt, or behind a temporary folder",
        next_step="make room, and run it again",
    )
