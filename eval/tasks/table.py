"""TASKS: the one place to add a benchmark."""

from __future__ import annotations

from minimax_vl.eval.tasks.ai2d import AI2D
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.eval.tasks.task import Task

TASKS: dict[str, Task] = {task.name: task for task in (DOCVQA, AI2D)}
