"""The small samples in the package: DocVQA and AI2D as to layout, but pages and diagrams drawn by this project."""

from __future__ import annotations

from dataclasses import replace

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import DRAWN_HERE, DataSet
from minimax_vl.eval.tasks.task import Task
from minimax_vl.loading.hub import PACKAGED

SAMPLES = PACKAGED / "eval"


def bundled(task: Task, split: str, variant: str | None) -> DataSet:
    """The sample of `task`, named for what it is. It has one split, the task's first.

    Raises InvalidRequest for another one, but for "all", which is that one here.
    """
    first = task.splits[0]
    if split not in (first, "all"):
        raise InvalidRequest(
            found=f"--split {split} without --data",
            expected=f"--split {first}, which is all that the drawn sample in the package has",
            cause=f"{task.title} itself was meant, of which nothing is in the package",
            next_step=f"give the folder of {task.title} with --data DIR, or leave --split out",
        )
    data = task.read(SAMPLES / task.sample, split, variant)
    return replace(data, name=f"{task.title} sample {DRAWN_HERE}")
