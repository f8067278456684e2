"""One writer at a time: a lock on an open file or folder that ends with its process, however that ends."""

from __future__ import annotations

from typing import IO, Any


def locked_elsewhere(handle: int | IO[Any]) -> bool:
    """Take the lock of an open file or folder until it is closed; True where somebody else has it.

    Where the system or the file system has no locks, nobody ever has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # some network file systems lock nothing
        return False
    return False
