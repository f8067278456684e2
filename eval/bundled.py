"""The small samples in the package: DocVQA and AI2D as to layout, but pages and diagrams drawn by this project."""

from __future__ import annotations

from dataclasses import replace

from minimax_vl.eval.data.dataset import DRAWN_HERE, DataSet
from minimax_vl.eval.tasks.task import Task
from minimax_vl.loading.hub import PACKAGED

SAMPLES = PACKAGED / "eval"


def bundled(task: Task, split: str, variant: str | None) -> DataSet:
    """The sample of `task`, named for what it is. It has one split, the task's first."""
    data = task.read(SAMPLES / task.sample, split, variant)
    return replace(data, name=f"{task.title} sample {DRAWN_HERE}")
