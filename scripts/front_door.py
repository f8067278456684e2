"""The front door of every script: what its user can mend is said without a traceback, as `minimax-vl` says it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from minimax_vl.errors import MiniMaxVLError
from minimax_vl.streams import NO_ROOM, exit_code


def enter(main: Callable[[], None]) -> int:
    """Run a script and return its exit code, as of `minimax-vl`."""
    return exit_code(lambda: _answer(main))


def _answer(main: Callable[[], None]) -> int:
    try:
        main()
    except MiniMaxVLError as error:
        return _say(error)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.errno in NO_ROOM:
            raise  # `exit_code` knows them
        return _say(_unusable(error))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return _say(_unreadable(error))
    return 0


def _say(error: MiniMaxVLError) -> int:
    print(f"{Path(sys.argv[0]).name}: {type(error).__name__}\n{error}", file=sys.stderr)
    return error.exit_code


def _unreadable(error: ValueError) -> MiniMaxVLError:
    return MiniMaxVLError(
        found=f"a file that cannot be read as JSON or text: {error}",
        expected="files as the command that --help names writes them",
        cause="a file that was cut short, an empty one, or one of another kind",
        next_step="look at the paths that were given",
    )


def _unusable(error: OSError) -> MiniMaxVLError:
    where = f"{error.filename}: " if error.filename else ""
    return MiniMaxVLError(
        found=f"{where}{error.strerror or error}",
        expected="files that can be read, and a place for --out that can be written",
        cause="a wrong path, a file where a folder is meant, or a missing permission",
        next_step="look at the path above; --help says what each one is",
    )
