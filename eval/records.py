"""The records of a run: one JSON line a question, appended as the answers come, whole after any crash.

A folder holds `run.json` (the settings, compared on every start) and `records.jsonl`. Further processes write
`records-1.jsonl` and so on; the leader appends those to its own file when all questions have been answered.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.locking import locked_elsewhere

RECORDS, RUN = "records.jsonl", "run.json"


@dataclass(frozen=True)
class Record:
    """One question and what became of it. All but `seconds` is the same whichever way the run was cut up."""

    id: str
    image: str
    cluster: str
    question: str
    prompt: str
    answers: tuple[str, ...] | None
    options: tuple[str, ...]
    types: tuple[str, ...]
    reply: str = ""
    thought: str = ""  # what the model wrote before its reply
    extracted: str = ""
    rule: str = ""
    scores: dict[str, float] = field(default_factory=dict)  # {} where the answers are hidden
    tokens: int = 0
    prompt_tokens: int = 0
    finish_reason: str = ""
    size: tuple[int, int] | None = None  # height, width of the picture, or of the part that was shown
    crop: tuple[int, int] | None = None  # top and left of that part
    tiles: tuple[int, int] | None = None  # rows, columns
    area: tuple[float, ...] | None = None  # top, left, height, width of all tiles in the picture's own pixels
    error: str | None = None  # why there is no reply: such a question scores 0
    seconds: dict[str, float] = field(default_factory=dict)  # this question's share of each stage

    def line(self) -> str:
        return line_of(self)

    def same(self) -> dict[str, Any]:
        """What must not depend on processes, batch size or time."""
        return {name: value for name, value in asdict(self).items() if name != "seconds"}

    @classmethod
    def parse(cls, line: str) -> Record:
        """Raises ValueError or TypeError for a line that is no record."""
        row = json.loads(line)
        if not isinstance(row, dict):
            raise TypeError("a record is an object")
        known = {f.name for f in fields(cls)}
        return cls(**{name: as_tuples(value) for name, value in row.items() if name in known})


def as_tuples(value: Any) -> Any:
    """A field of a record as it was before it became JSON."""
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def line_of(record: Any) -> str:
    """A record, a dataclass, as one line of JSON."""
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"


def read_records(folder: Path) -> dict[str, Record]:
    """All whole records of all processes by question id; of a question that was asked again, the last answer."""
    found: dict[str, Record] = {}
    # The leader's file last: there, failed questions that are asked once more stand after their first record.
    for path in [*sorted(folder.glob("records-*.jsonl")), folder / RECORDS]:
        for record in _lines(path):
            if record.id not in found or found[record.id].error or not record.error:
                found[record.id] = record
    return found


def _lines(path: Path) -> Iterator[Record]:
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:  # a line that a crash cut short is not JSON, and its question counts as not asked
            try:
                yield Record.parse(line.decode("utf-8", "surrogatepass"))
            except (ValueError, TypeError):
                continue


class RecordWriter:
    """Appends records to this process's file, each batch flushed to the disk. Raises SaveFailed."""

    def __init__(self, folder: Path, rank: int) -> None:
        self.path = folder / _file_of(rank)
        try:
            self._file = self.path.open("ab+", buffering=0)
            _claim(self._file, self.path)
            _end_last_line(self._file)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def write(self, records: Iterable[Any]) -> None:
        """Records of any kind, dataclasses."""
        data = "".join(map(line_of, records)).encode("utf-8", "surrogatepass")
        start = self._file.tell()
        try:
            while data:  # a raw write may take a part, for instance the one that still fits on the disk
                data = data[self._file.write(data) or 0 :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(start)  # the batch is asked again, so none of it has to stay
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _claim(file: IO[bytes], path: Path) -> None:
    """One writer a file."""
    if locked_elsewhere(file):
        raise InvalidRequest(
            found=f"{path}, which another process is writing",
            expected="one run to a folder",
            cause="the same command started twice, or two processes with the same RANK",
            next_step="wait for it, stop it, or give --out another folder",
        )


def _end_last_line(file: IO[bytes]) -> None:
    """Give a whole last record the end that a crash kept from it; cut off one that is not whole."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        file.seek(start)
        cut = file.read(end - start).rfind(b"\n")
        if cut >= 0:
            end = start + cut + 1
            break
        end = start
    file.seek(end)
    if last := file.read():
        try:
            json.loads(last)  # an object cut short never is one
            file.write(b"\n")
        except ValueError:
            file.truncate(end)
    file.seek(0, os.SEEK_END)


def fold(folder: Path, writer: RecordWriter) -> None:
    """Append the records of the other processes to the leader's file, then remove theirs."""
    parts = sorted(folder.glob("records-*.jsonl"))
    own = {record.id: record for record in _lines(writer.path)}
    # Of one that failed here or in an earlier run, and was answered elsewhere, the answer.
    found = read_records(folder)
    writer.write(r for id, r in found.items() if id not in own or (own[id].error and not r.error))
    for part in parts:
        part.unlink(missing_ok=True)


def drop_failed(folder: Path, rank: int) -> None:
    """Take the failed records out of this process's file, so that their questions are asked again.

    Raises InvalidRequest while another process writes that file, SaveFailed.
    """
    path = folder / _file_of(rank)
    if path.is_file():
        # Takes the lock: a file that is replaced under its writer takes what is written with it.
        RecordWriter(folder, rank).close()
        kept = [record.line() for record in _lines(path) if record.error is None]
        write_whole(path, "".join(kept))


def _file_of(rank: int) -> str:
    return RECORDS if rank == 0 else f"records-{rank}.jsonl"


def open_run(folder: Path, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Make the folder and its run.json, or compare the settings with those that stand there.

    settings decide the answers; facts (device, processes) are only noted. Raises InvalidRequest naming every
    setting that differs, SaveFailed when nothing can be written.
    """
    if not check_run(folder, settings):
        write_whole(folder / RUN, json.dumps({"settings": settings, "facts": facts}, indent=1) + "\n")
        check_run(folder, settings)  # another process may have written its own at the same moment


def check_run(folder: Path, settings: Mapping[str, Any]) -> bool:
    """Make the folder, and tell whether a run with these settings stands there. Raises as `open_run`; begins nothing.

    For what is still to be read or loaded: a run that cannot start must not claim the folder for its settings.
    """
    path = folder / RUN
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    # Looked for in this order: another process may just have written both, run.json first.
    written = any(folder.glob("records*.jsonl"))
    if not os.path.exists(path):
        if written:
            raise InvalidRequest(
                found=f"{folder} holds records, and no {RUN} that says of what",
                expected="a new folder, or one in which the same run has begun",
                cause="a run of an earlier version of this package, or a run.json that was removed",
                next_step="give --out a new folder",
            )
        if not os.access(folder, os.W_OK):
            raise cannot_write(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return False
    before = read_run(folder)["settings"]
    now = json.loads(json.dumps(settings))
    changed = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    if changed:
        pairs = "; ".join(f"{name}: {before.get(name)!r} there, {now.get(name)!r} now" for name in changed)
        raise InvalidRequest(
            found=f"{folder} holds a run with other settings ({pairs})",
            expected="the same settings, so that its answers can be kept",
            cause="a changed option, other weights or data under the same name, or a new version of this package",
            next_step="give --out a new folder, or repeat the settings of the run",
        )
    return True


def read_run(folder: Path, task: str | None = None) -> dict[str, Any]:
    """run.json of a finished or unfinished run, of `task` where that is given. Raises InvalidRequest."""
    path = folder / RUN
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(run["settings"], dict):
            raise TypeError("settings is no object")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            found=f"{path}: {getattr(error, 'strerror', None) or error}",
            expected="the folder of a run, with run.json and records.jsonl",
            cause="another folder, or one whose run.json was removed",
            next_step="give the folder that --out named",
        ) from error
    if task is not None and run["settings"].get("task") != task:
        raise InvalidRequest(
            found=f"{folder}, a run of {run['settings'].get('task')}",
            expected=f"a run of {task}",
            cause="the folder of another benchmark",
            next_step=f"give a folder that `minimax-vl eval {task} --out` wrote",
        )
    return run


def write_whole(path: Path, text: str) -> None:
    """Write beside the file and rename, so that it is never seen half. Raises SaveFailed."""
    # Not the process's number: threads share it, and containers on one disk all have the first.
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        beside.write_text(text, encoding="utf-8", errors="surrogatepass")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> SaveFailed:
    return SaveFailed(
        found=f"{path} cannot be written ({error.strerror or error})",
        expected="a folder that can be written, and room for about 2 KB a question",
        cause="missing permission, a full disk, or a file where a folder is meant",
        next_step="make room or give --out another folder; what was answered is kept, the same command goes on",
    )
