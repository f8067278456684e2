"""A checkpoint's files are written in a folder beside their places, and moved there when all of them are whole.

A full disk, an error or a crash leaves what stood there before. While the files are moved, milliseconds, the folder
has no config.json: neither the old checkpoint nor the new one can be loaded then, and never a mixture.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from minimax_vl.errors import MiniMaxVLError, SaveFailed
from minimax_vl.loading.index import INDEX, SINGLE
from minimax_vl.loading.sums import SUMS
from minimax_vl.locking import locked_elsewhere

ASIDE = ".partial"  # what a run that was killed leaves; the next one into the folder clears it away
CONFIG = "config.json"


@contextmanager
def written_aside(folder: Path) -> Iterator[Callable[[str], Path]]:
    """Gives a function from a file's name to where it is to be written; config.json must be among the files.

    They take their places when the block ends well, and vanish when it does not. Raises SaveFailed for OSErrors in
    the block too, and where another process is writing into the folder.
    """
    asked: list[str] = []
    loadable = os.path.exists(folder / CONFIG)
    new = [path for path in (folder, *folder.parents) if not os.path.exists(path)]

    def name(final: str) -> Path:
        asked.append(final)
        return folder / ASIDE / final

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            shutil.rmtree(folder / ASIDE, ignore_errors=True)
            try:
                (folder / ASIDE).mkdir()
                yield name
                _settle([folder / ASIDE / final for final in asked])
                _publish(folder, asked)
            finally:
                shutil.rmtree(folder / ASIDE, ignore_errors=True)
    except MiniMaxVLError:
        raise  # already says what is wrong, also where it is an OSError too
    except (OSError, SafetensorError) as error:
        whole = os.path.exists(folder / CONFIG) or not loadable
        raise SaveFailed(
            found=f"{folder} could not be written ({error})",
            expected="room and permission for the checkpoint",
            cause="a full disk or quota, a read-only place, or a folder of someone else",
            next_step="free some space or choose another folder;"
            f" {'what stood there before is whole' if whole else 'there is no checkpoint in it now'}",
        ) from error
    finally:
        for path in new:  # folders made for nothing; one with files in it refuses to go
            with suppress(OSError):
                path.rmdir()


def in_use(folder: Path) -> bool:
    """Whether a folder holds anything but what a run that was killed has left."""
    try:
        return any(name != ASIDE for name in os.listdir(folder))
    except OSError:  # not there, or nothing that could be written into either, which writing will say
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises SaveFailed where another process is inside."""
    handle = os.open(folder, os.O_RDONLY) if os.name == "posix" else None  # Windows opens no folders
    try:
        if handle is not None and locked_elsewhere(handle):
            raise SaveFailed(
                found=f"another process is writing into {folder}",
                expected="one at a time",
                cause="the same command twice, or two jobs with one target",
                next_step="wait for it, or choose another folder",
            )
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _settle(files: Sequence[Path]) -> None:
    """Readable for those who may read the config, and on the disk before a rename names them."""
    mode = next(file for file in files if file.name == CONFIG).stat().st_mode
    for file in files:
        file.chmod(mode)  # safetensors makes files for their owner alone
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())


def _publish(folder: Path, asked: Sequence[str]) -> None:
    """The old config goes first and the new one comes last; before it, the weights of older saves go."""
    (folder / CONFIG).unlink(missing_ok=True)
    for final in asked:
        if final != CONFIG:
            os.replace(folder / ASIDE / final, folder / final)
    for path in (*folder.glob("model-*-of-*.safetensors"), folder / SINGLE, folder / INDEX, folder / SUMS):
        if path.name not in asked:
            path.unlink(missing_ok=True)
    os.replace(folder / ASIDE / CONFIG, folder / CONFIG)
