"""What the harness costs beside the model: time, and memory by the number of questions."""

from __future__ import annotations

import json
import statistics
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from minimax_vl.eval.processes import Place
from minimax_vl.eval.run import Options, carry_out, plan_run
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.testing import debug_pipeline

PAGES, EACH = 250, 4


@pytest.fixture
def data(tmp_path):
    """A thousand questions about pages of noise, in the official layout."""
    (tmp_path / "documents").mkdir()
    rows, random = [], np.random.default_rng(0)
    for page in range(PAGES):
        noise = random.integers(0, 256, (400, 300), np.uint8)
        Image.fromarray(noise).save(tmp_path / "documents" / f"{page}.png")
        for at in range(EACH):
            question = f"What stands in line {at} of page {page}?"
            image = f"documents/{page}.png"
            id = EACH * page + at
            rows.append({"questionId": id, "question": question, "image": image, "answers": ["nothing"]})
    (tmp_path / "val_v1.0.json").write_text(json.dumps({"dataset_split": "val", "data": rows}))
    return tmp_path


class Timed:
    """A pipeline that counts the seconds of this thread's CPU and of the clock inside its calls, and memory after."""

    def __init__(self, pipeline):
        self.pipeline, self.processor = pipeline, pipeline.processor
        self.cpu = self.clock = 0.0
        self.held = []

    def encode(self, image):
        return self._timed(self.pipeline.encode, image)

    def batch(self, requests, **options):
        replies = self._timed(self.pipeline.batch, requests, **options)
        self.held.append(psutil.Process().memory_info().rss)
        return replies

    def _timed(self, call, *arguments, **options):
        cpu, clock = time.thread_time(), time.perf_counter()
        try:
            return call(*arguments, **options)
        finally:
            self.cpu += time.thread_time() - cpu
            self.clock += time.perf_counter() - clock


@pytest.mark.slow
def test_a_thousand_questions_cost_little_more_than_the_model(data, tmp_path):
    pipeline = Timed(debug_pipeline())
    plan = plan_run(Options(DOCVQA, data=data, out=tmp_path / "run", style="plain"))
    cpu, clock = time.thread_time(), time.perf_counter()
    records = carry_out(plan, Place(), lambda: pipeline)
    cpu, clock = time.thread_time() - cpu, time.perf_counter() - clock
    assert len(records) == PAGES * EACH and not any(record.error for record in records)
    # Pictures are opened by other threads, which the model alone would need as well.
    print(f"over the model: CPU {cpu / pipeline.cpu - 1:.2%}, clock {clock / pipeline.clock - 1:.2%}")
    assert cpu / pipeline.cpu < 1.03
    quarter = len(pipeline.held) // 4
    early, late = (
        statistics.median(part) for part in (pipeline.held[quarter : 2 * quarter], pipeline.held[-quarter:])
    )
    print(f"memory {early / 2**20:.0f} to {late / 2**20:.0f} MiB")
    assert late < 1.05 * early
