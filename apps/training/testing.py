"""A nano with next to nothing behind its tiles and vocabulary, and a run of two steps, for tests of training."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from minimax_vl.apps.training.loop import Settings
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.presets import NANO

SMALL = dataclasses.replace(
    NANO,
    vision=dataclasses.replace(NANO.vision, hidden_size=32, intermediate_size=48, num_hidden_layers=1),
    text=dataclasses.replace(
        NANO.text, hidden_size=32, head_dim=16, rotary_dim=8, intermediate_size=24, attn_type_list=(0, 1)
    ),
)


def settings(out: Path, **changes: Any) -> Settings:
    """Two steps on a CPU, without real pages."""
    few = Settings(
        out=out,
        tokenizer=PACKAGED / "nano",
        fonts=None,
        real=None,
        resume=None,
        minutes=60,
        max_steps=2,
        begin=0.0,
        until=1.0,
        one_tile_until=0.22,
        many_pages=0.0,
        tiles=2,
        muon_rate=0.02,
        adam_rate=3e-3,
        warmup=10,
        decay_from=0.5,
        average=0,
        glyph_weight=1.0,
        paint_weight=1.0,
        landmark_weight=1.0,
        balance_weight=0.01,
        echo=1,
        workers=0,
        seed=0,
        save_every=9,
        check_every=9,
        check_pages=0,
        compile=False,
        int8=False,
    )
    return dataclasses.replace(few, **changes)


def rows(out: Path) -> list[dict[str, Any]]:
    """What a run logged."""
    return [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
