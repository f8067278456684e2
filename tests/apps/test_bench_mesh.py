from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from minimax_vl.apps.benching.mesh import fits, judged
from minimax_vl.presets import PRESETS


def test_what_one_device_cannot_hold_is_not_tried_there(monkeypatch: pytest.MonkeyPatch) -> None:
    release, nano, cpu = PRESETS["minimax-vl-01"], PRESETS["nano"], torch.device("cpu")
    monkeypatch.setattr("minimax_vl.apps.benching.mesh.free_memory", lambda device: 141 << 30)
    assert fits(nano, None, cpu) and not fits(release, "int4", cpu)
    assert judged({"shared": {"decode_ms": 1.0}}) == {}


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--quantize", "int4"]], ids=["dense", "int4"])
def test_one_process_beside_two(tmp_path: Path, options: list[str]) -> None:
    launch = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "-m",
        "minimax_vl.apps.cli",
    ]
    bench = ["bench", "slice", "--mesh", "slices", "--preset", "nano", "--layers", "8", "--device", "cpu"]
    small = ["--lengths", "48", "32", "--steps", "2", "--out", str(tmp_path), *options]
    done = subprocess.run(
        [*launch, *bench, *small], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "mesh.json").read_text())
    assert done.stdout.splitlines()[-1] == json.dumps(result)
    assert set(result["times_faster"]) == {"prefill_48_ms", "prefill_32_ms", "decode_ms"}
    assert result["shared"]["weights_gb"] < 0.75 * result["alone"]["weights_gb"]
