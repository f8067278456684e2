"""What lies in a checkpoint folder: file, dtype and shape of each tensor, read from the safetensors headers alone.

A safetensors file is eight bytes of header length, a JSON header, then the data; so a cut or mixed-up file is
found here, before any tensor is read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from minimax_vl.errors import CheckpointError, ModelMissing
from minimax_vl.reading import read_json, unreadable

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
WIDTHS = {  # bits of an element, by safetensors' names
    "F64": 64,
    "F32": 32,
    "F16": 16,
    "BF16": 16,
    "I64": 64,
    "I32": 32,
    "I16": 16,
    "I8": 8,
    "U8": 8,
    "BOOL": 8,
}
MAX_HEADER = 100_000_000  # bytes; the format's own limit
PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}


@dataclass(frozen=True)
class Entry:
    """One tensor on disk; dtype as safetensors spells it (BF16, I8, ...)."""

    file: Path
    dtype: str
    shape: tuple[int, ...]


def read_index(folder: str | Path) -> dict[str, Entry]:
    """Name -> entry of every tensor in a folder with one `model.safetensors` or shards and their index.

    Raises ModelMissing when there are no weights, CheckpointError when files are cut, absent or only pickles.
    """
    folder = Path(folder)
    entries: dict[str, Entry] = {}
    for file in _files(folder):
        for key, entry in _header(file).items():
            if key in entries:
                raise CheckpointError(
                    found=f"tensor {key} in both {entries[key].file.name} and {file.name}",
                    expected="each tensor once",
                    cause="shards of two checkpoints in one folder",
                    next_step="download or convert into an empty folder",
                )
            entries[key] = entry
    return entries


def _files(folder: Path) -> list[Path]:
    if (folder / INDEX).is_file():
        return _indexed(folder)
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    pickles = sorted(p.name for p in folder.glob("*") if p.suffix in PICKLES)
    if pickles:
        raise CheckpointError(
            found=f"{folder} holds weights only as pickle files ({', '.join(pickles[:3])})",
            expected=f"{SINGLE}, or shards with {INDEX}",
            cause="an export by torch.save; unpickling runs whatever code the file contains, so it is never done here",
            next_step="get the safetensors files, or convert the pickles on a machine where you trust them",
        )
    raise ModelMissing(
        found=f"no weights in {folder}",
        expected=f"{SINGLE}, or shards with {INDEX}",
        cause="a wrong path, or a download that has not finished",
        next_step="check the path, or finish the download",
    )


def _indexed(folder: Path) -> list[Path]:
    expected = "JSON with a weight_map of tensor name to file name"
    raw = read_json(folder / INDEX, expected)
    try:
        names = set(raw["weight_map"].values())
        if any(Path(name).name != name for name in names):
            raise ValueError("a shard name that leads out of the folder")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(
            found=f"{folder / INDEX} is not a shard index ({type(error).__name__}: {error})",
            expected=expected,
            cause="another program's file, or an edited one",
            next_step="download the file again",
        ) from error
    # not path.is_file(), which raises for a name that is too long
    absent = sorted(name for name in names if not os.path.isfile(folder / name))
    if absent:
        raise CheckpointError(
            found=f"{len(absent)} of {len(names)} shards are absent from {folder}: {', '.join(absent[:5])}",
            expected="every file that the index names",
            cause="a download that has not finished",
            next_step="start the download again; finished files are kept",
        )
    return [folder / name for name in sorted(names)]


def _header(file: Path) -> dict[str, Entry]:
    """Parse and check one header; every disagreement with the file's size is an error that names the file."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(8)
            length = int.from_bytes(start, "little")
            text = stream.read(length) if length <= min(MAX_HEADER, size - 8) else b""
    except OSError as error:
        raise unreadable(file, error) from error
    if start == b"version ":
        raise _corrupt(file, "a Git LFS pointer in place of the weights", "`git lfs pull`, or download again")
    if not text:
        raise _corrupt(file, f"{size:,} bytes that do not start with a safetensors header")
    try:
        raw: dict[str, Any] = json.loads(text.decode("utf-8"))
        raw.pop("__metadata__", None)
        entries = {key: Entry(file, str(v["dtype"]), tuple(map(int, v["shape"]))) for key, v in raw.items()}
        spans = {key: (int(v["data_offsets"][0]), int(v["data_offsets"][1])) for key, v in raw.items()}
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError, RecursionError) as error:
        raise _corrupt(file, f"a header that cannot be read ({type(error).__name__}: {error})") from error
    reached = 0
    for key, (begin, end) in sorted(spans.items(), key=lambda item: item[1]):
        entry = entries[key]
        wanted = prod(entry.shape) * WIDTHS.get(entry.dtype, 0) // 8
        if entry.dtype in WIDTHS and end - begin != wanted:
            raise _corrupt(file, f"{end - begin:,} bytes for {key}, whose dtype and shape need {wanted:,}")
        if begin != reached:
            raise _corrupt(
                file, f"{key} begins at byte {begin:,}, and what lies before it ends at {reached:,}"
            )
        reached = end
    wanted = 8 + length + reached
    if size != wanted:
        raise _corrupt(file, f"{size:,} bytes where the header promises {wanted:,}")
    return entries


def _corrupt(file: Path, what: str, next_step: str = "download or copy the file again") -> CheckpointError:
    return CheckpointError(
        found=f"{file}: {what}",
        expected="a whole safetensors file",
        cause="a cut download or copy, or a file of another format under this name",
        next_step=next_step,
    )
