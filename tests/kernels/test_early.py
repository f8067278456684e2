"""Which launches begin early: those of Hopper and later, outside of blocks that want their turn."""

from __future__ import annotations

import pytest

from minimax_vl.kernels import configs
from minimax_vl.kernels.early import early, in_order

EARLY = {"EARLY": True, "launch_pdl": True}


@pytest.mark.parametrize(
    ("chip", "expected"),
    [("default", {"EARLY": False}), ("sm_80", {"EARLY": False}), ("sm_90", EARLY), ("sm_120", EARLY)],
)
def test_by_architecture(chip: str, expected: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "architecture", lambda: chip)
    assert early() == expected


def test_a_block_that_wants_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "architecture", lambda: "sm_90")
    with in_order():
        with in_order():
            assert early() == {"EARLY": False}
        assert early() == {"EARLY": False}
    assert early() == EARLY
