"""The records of a suite as its answers come: gathered, written down at once, told to whoever shows the progress."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from minimax_vl.eval.records import RECORDS, RecordWriter, as_tuples

R = TypeVar("R")
# Told the records so far, their mean score 0..1, and how many are of an earlier run.
Progress = Callable[[int, float, int], None]


def silent(done: int, score: float, earlier: int) -> None:
    """Shows nothing."""


@dataclass(frozen=True)
class Batch(Generic[R]):
    """Questions that are answered together, and what tells the record of each from all others."""

    keys: Sequence[Hashable]
    answer: Callable[[], list[R]]  # the records in the order of the keys


@dataclass(frozen=True)
class Journal(Generic[R]):
    """How records of one kind are told apart and scored."""

    kind: type[R]  # a dataclass; what is a list in JSON is a tuple in it
    key: Callable[[R], Hashable]
    score: Callable[[R], float]

    def gathered(self, batches: Iterable[Batch[R]], out: Path | None, progress: Progress) -> list[R]:
        """All records of `batches` in their order.

        out: a folder, to whose records.jsonl they are appended as the batches come, one JSON line a record; a batch
        of which all stand there is not asked again. `progress` is told after each batch. Raises SaveFailed when a
        line cannot be written, InvalidRequest while another process writes there.
        """
        records: list[R] = []
        total, earlier = 0.0, 0
        with RecordWriter(out, 0) if out else nullcontext() as writer:
            known = {self.key(record): record for record in self._read(out)} if out else {}
            for batch in batches:
                new = [known[key] for key in batch.keys if key in known]
                if len(new) == len(batch.keys):
                    earlier += len(new)
                else:
                    new = batch.answer()
                    if writer:
                        writer.write(new)
                records += new
                total += sum(map(self.score, new))
                progress(len(records), total / max(1, len(records)), earlier)
        return records

    def _read(self, out: Path) -> Iterator[R]:
        """Whole records of an earlier run; what failed then is asked again."""
        for line in (out / RECORDS).read_bytes().splitlines():
            try:
                row: dict[str, Any] = json.loads(line.decode("utf-8", "surrogatepass"))
                record = self.kind(**{name: as_tuples(value) for name, value in row.items()})
            except (ValueError, TypeError, AttributeError):  # of another version, or no record
                continue
            if getattr(record, "error", None) is None:
                yield record
