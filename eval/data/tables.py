"""Rows of a hub copy: parquet files as `datasets` writes them, or the TSV of VLMEvalKit.

Pictures stay in the files until they are asked for, so memory does not grow with the number of rows.
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import Picture, Question, shown

SPLIT_NAMES = {"val": "validation", "validation": "validation", "train": "train", "test": "test"}
# VLMEvalKit writes the index of an earlier row instead of repeating its picture.
LONGEST_INDEX = 64


@dataclass(frozen=True)
class Row:
    """One row without its picture; `where` names it in a message."""

    fields: dict[str, Any]
    picture: Picture
    where: str


def find_tables(data: Path, split: str, hint: str) -> list[Path]:
    """Parquet or TSV files of `split` at or under `data`, in order; [] when there are none.

    hint: word that a file's path must have where only some have it, such as the configuration of a hub repository.
    """
    if data.is_file():
        return [data] if data.suffix.lower() in (".parquet", ".tsv") else []
    parquet = sorted(data.rglob(f"{SPLIT_NAMES.get(split, split)}-*.parquet"))
    parquet = parquet or sorted(data.rglob(f"{SPLIT_NAMES.get(split, split)}.parquet"))
    found = parquet or sorted(p for p in data.glob("*.tsv") if split in p.stem.lower().split("_"))
    hinted = [p for p in found if hint.lower() in p.relative_to(data).as_posix().lower().split("/")]
    return hinted or found


def questions_of(
    files: list[Path], make: Callable[[Row, int], list[Question]], expected: str
) -> list[Question]:
    """What `make` reads in each row, given its number over all files.

    expected: the columns that it needs. Raises InvalidRequest naming the row that it cannot read.
    """
    found: list[Question] = []
    for number, row in enumerate(rows(files)):
        try:
            found += make(row, number)
        except (KeyError, IndexError, TypeError, ValueError, SyntaxError, AttributeError) as error:
            raise InvalidRequest(
                found=f"{row.where}: {error!r}",
                expected=expected,
                cause="another table, or a row that was cut short",
                next_step="use the copy of the data set that holds these columns",
            ) from error
    return found


def rows(files: list[Path]) -> Iterator[Row]:
    """The rows of all files, in order. Raises InvalidRequest naming the file that cannot be read."""
    for file in files:
        try:
            yield from _tsv_rows(file) if file.suffix.lower() == ".tsv" else _parquet_rows(file)
        except (OSError, ValueError, csv.Error) as error:  # pyarrow's errors are one of the first two
            if isinstance(error, InvalidRequest):
                raise
            raise InvalidRequest(
                found=f"{file} cannot be read: {error}",
                expected="a parquet file of `datasets`, or a TSV of VLMEvalKit",
                cause="a download that was cut short, or a Git LFS pointer in its place",
                next_step="download the file again",
            ) from error


def _parquet_rows(file: Path) -> Iterator[Row]:
    table = _parquet(file)
    columns = [name for name in table.schema_arrow.names if name != "image"]
    if "image" not in table.schema_arrow.names:
        raise _no_image(file, columns)
    # A page of DocVQA has a name of its own; elsewhere only the picture itself tells which rows share it.
    named = {"ucsf_document_id", "ucsf_document_page_no"} <= set(columns)
    number = 0
    for group in range(table.num_row_groups):
        for at, fields in enumerate(table.read_row_group(group, columns=columns).to_pylist()):
            page = [fields["ucsf_document_id"], fields["ucsf_document_page_no"]] if named else [None]
            if None in page:
                name = hashlib.sha256(_images_of(file, group)[at]).hexdigest()[:16]
            else:
                name = "_".join(map(str, page))
            picture = Picture(name, lambda group=group, at=at: _images_of(file, group)[at])
            yield Row(fields, picture, f"{file}, row {number}")
            number += 1


@lru_cache(maxsize=2)  # rows are asked in order; the second serves the thread that reads ahead
def _images_of(file: Path, group: int) -> list[bytes]:
    column = _parquet(file).read_row_group(group, columns=["image"]).column("image").to_pylist()
    found = []
    for at, cell in enumerate(column):
        data = cell.get("bytes") if isinstance(cell, dict) else cell
        if not isinstance(data, bytes):
            raise InvalidRequest(
                found=f"{file}, row group {group}, row {at}: an image without bytes",
                expected="pictures inside the file",
                cause="a table that only points at files elsewhere",
                next_step="write it anew with the images embedded (datasets' embed_external_files)",
            )
        found.append(data)
    return found


@lru_cache(maxsize=64)
def _parquet(file: Path) -> Any:
    try:
        from pyarrow.parquet import ParquetFile  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise InvalidRequest(
            found=f"{file.name}, and no pyarrow to read it with",
            expected="pyarrow, or the same data in the official layout or as TSV, which need nothing",
            cause="parquet support is optional",
            next_step='pip install "minimax-vl[eval]"',
        ) from error
    return ParquetFile(file)


def _tsv_rows(file: Path) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)  # a picture is one field
    starts: list[int] = []  # byte offset of each physical line
    pictures: dict[str, int] = {}  # index of a row with a picture -> where the row starts
    names: dict[str, str] = {}
    with file.open("rb") as raw:
        reader = csv.reader(_decoded(raw, starts), delimiter="\t")
        # Windows programs begin a file with a byte order mark.
        header = [name.removeprefix("\ufeff") for name in next(reader, [])]
        if "image" not in header:
            raise _no_image(file, header)
        first = reader.line_num
        for values in reader:
            start, first = starts[first], reader.line_num
            if len(values) != len(header):
                raise InvalidRequest(
                    found=f"{file}, line {reader.line_num}: {len(values)} columns",
                    expected=f"{len(header)} as in the header: {', '.join(header)}",
                    cause="a file cut short, or a tab inside a field without quotes",
                    next_step="download the file again",
                )
            fields = dict(zip(header, values, strict=True))
            image, index = fields.pop("image"), fields.get("index", str(len(pictures)))
            if len(image) > LONGEST_INDEX:
                pictures[index], names[index] = start, hashlib.sha256(image.encode()).hexdigest()[:16]
            elif image in pictures:
                pictures[index], names[index] = pictures[image], names[image]
            else:
                raise InvalidRequest(
                    found=f"{file}, row {index}: the image {image!r}",
                    expected="a picture in base64, or the index of an earlier row that has one",
                    cause="a table of another form, or rows that were taken out",
                    next_step="use the whole file",
                )
            at = pictures[index]
            picture = Picture(names[index], lambda at=at: _tsv_image(file, header, at))
            yield Row(fields, picture, f"{file}, line {reader.line_num}")


def _decoded(raw: Any, starts: list[int]) -> Iterator[str]:
    position = 0
    for line in raw:
        starts.append(position)
        position += len(line)
        yield line.decode("utf-8")


def _tsv_image(file: Path, header: list[str], start: int) -> bytes:
    csv.field_size_limit(sys.maxsize)
    with file.open("rb") as raw:
        raw.seek(start)
        values = next(csv.reader(_decoded(raw, []), delimiter="\t"))
    try:
        return base64.b64decode(values[header.index("image")], validate=True)
    except binascii.Error:
        return b""  # `open_image` says of it what it says of any broken file


def _no_image(file: Path, columns: list[str]) -> InvalidRequest:
    return InvalidRequest(
        found=f"{file} with the columns {shown(columns, 8)}",
        expected="a column called image",
        cause="another table, or a copy without pictures",
        next_step="use the copy of the data set that holds the pictures",
    )
