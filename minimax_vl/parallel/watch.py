"""Ranks watch each other: when one is gone, the others end and say why, instead of waiting for it for ever.

A process that waits in NCCL or gloo cannot be reached by an exception, so a thread beside it does this.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import torch
import torch.distributed as dist

BEAT = 1.0  # seconds between signs of life
SILENCE = 15.0  # seconds without one after which a rank is dead
GRACE = 2.0  # seconds in which the main thread may end by an error of its own, which says more
TIMEOUT = timedelta(seconds=10)


class Watch:
    """Signs of life of all ranks in a store that rank 0 keeps; begins when made, on all ranks together."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size
        host = os.environ.get("MASTER_ADDR", "localhost")
        port = [0]
        self._store: Any = None  # typed loosely in PyTorch
        if rank == 0:
            self._store = dist.TCPStore(host, 0, is_master=True, timeout=TIMEOUT, wait_for_workers=False)
            port = [self._store.port]
        dist.broadcast_object_list(port, 0, device=_on())
        if rank:
            self._store = dist.TCPStore(host, port[0], is_master=False, timeout=TIMEOUT)
        self._mine = self._store.clone()  # for the main thread: one connection takes one request at a time
        self._store.set(f"beat{rank}", "0")
        self._heard = ""  # the words of a rank that has ended
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minimax-vl watch", daemon=True)
        self._thread.start()

    def report(self, error: BaseException) -> None:
        """Tell the others that this rank ends, and of what; the first word counts."""
        self._done.set()
        if self._heard:
            return
        words = f"rank {self.rank}: {type(error).__name__}: {error}"
        with suppress(RuntimeError):  # the store went with rank 0, whose own words count
            first = self._mine.compare_set("error", "", words).decode() == words
            if first and self.rank == 0:
                sleep(2 * BEAT)  # the others read it from this process

    def last_words(self) -> str:
        """What a rank said before it ended; empty where none said anything."""
        end = monotonic() + GRACE
        with suppress(RuntimeError):  # it was rank 0 that ended, and nobody keeps the words
            while not self._listen(self._mine) and monotonic() < end:
                sleep(0.05)
        return self._heard

    def stop(self) -> None:
        """From here on ranks may end one by one."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        seen = {rank: ("", monotonic()) for rank in range(self.size) if rank != self.rank}
        count = 0
        while not self._done.wait(BEAT):
            count += 1
            # A host that is frozen or cut off keeps its connections: what asks the store there waits for ever.
            late = threading.Timer(SILENCE, self._end, [f"rank 0 has not answered for {SILENCE:.0f} s"])
            late.daemon = True
            late.start()
            try:
                self._store.set(f"beat{self.rank}", str(count))
                if self._listen(self._store):
                    return self._end(self._heard)
                for rank, (last, since) in seen.items():
                    now = self._store.get(f"beat{rank}").decode()
                    if now != last:
                        seen[rank] = now, monotonic()
                    elif monotonic() - since > SILENCE:
                        return self._end(f"rank {rank} has given no sign of life for {SILENCE:.0f} s")
            except RuntimeError as error:
                return self._end(f"rank 0 cannot be reached ({error})")
            finally:
                late.cancel()
        return None

    def _listen(self, store: Any) -> str:
        """The words of a rank that has ended, which this one keeps: rank 0 takes the store with it."""
        if not self._heard and store.check(["error"]):
            self._heard = store.get("error").decode()
        return self._heard

    def _end(self, why: str) -> None:
        if self._done.wait(GRACE):
            return
        print(f"rank {self.rank} ends, since a part of the model is gone: {why}", file=sys.stderr, flush=True)
        os._exit(1)  # the main thread may hang where no exception reaches it


def _on() -> torch.device:
    return torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")
