"""The records of a suite as its answers come: gathered, written down at once, told to whoever shows the progress."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from minimax_vl.errors import SaveFailed

R = TypeVar("R")
Progress = Callable[[int, float], None]  # records so far, their mean score 0..1


def silent(done: int, score: float) -> None:
    """Shows nothing."""


def gathered(
    batches: Iterable[list[R]], score: Callable[[R], float], records_file: Path | None, progress: Progress
) -> list[R]:
    """All records of `batches`, dataclasses, in their order.

    records_file: written anew, one JSON line a record, as the batches come. `progress` is told after each batch.
    Raises SaveFailed when a line cannot be written.
    """
    records: list[R] = []
    total = 0.0
    _write(records_file, "w", [])
    for batch in batches:
        records += batch
        total += sum(map(score, batch))
        _write(records_file, "a", batch)
        progress(len(records), total / max(1, len(records)))
    return records


def _write(path: Path | None, mode: str, records: Iterable[Any]) -> None:
    if path is None:
        return
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(record), ensure_ascii=False) + "\n" for record in records)
    except OSError as error:
        raise SaveFailed(
            found=f"{path} cannot be written ({error.strerror or error})",
            expected="a folder that can be written, and room for about 1 KB a question",
            cause="missing permission, or a full disk",
            next_step="make room or give --out another folder; a suite begins anew",
        ) from error
