"""Decay rates: the published numbers, a golden file, and every head count and layer the rule must cover."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from minimax_vl.text_backbone.decay import decay_rates

# layer of 80 -> rates of heads 0, 31 and 63 of 64, from the authors' construction
PUBLISHED = {
    0: (0.91701321, 0.06250063, 0.00390629),
    40: (0.45270737, 0.03085506, 0.00192844),
    78: (0.01161682, 0.00079176, 0.0000494853),
}


@pytest.mark.parametrize("layer", PUBLISHED)
def test_the_published_rates(layer: int) -> None:
    got = decay_rates(layer, 80, 64)[[0, 31, 63]].tolist()
    assert got == pytest.approx(PUBLISHED[layer], rel=1e-5)


def test_half_lives_of_the_release() -> None:
    def half_life(layer: int, head: int) -> float:
        return 0.6931471805599453 / float(decay_rates(layer, 80, 64)[head])

    assert half_life(0, 0) == pytest.approx(0.756, rel=1e-3)
    assert half_life(78, 63) == pytest.approx(14_007, rel=1e-4)


def test_rates_do_not_drift(golden: Callable[[str, object], None]) -> None:
    """Layers and heads of the release, nano and odd sizes, as the shortest text that reads back as the same fp32."""
    table = {
        f"layer {layer} of {layers}, {heads} heads": [
            f"{rate:.9g}" for rate in decay_rates(layer, layers, heads)
        ]
        for layers, heads in [(80, 64), (16, 4), (3, 6), (2, 7), (1, 1)]
        for layer in sorted({0, layers // 2, layers - 1})
    }
    golden("decay", table)


@pytest.mark.parametrize("heads", [3, 6, 7, 12, 20, 48])
def test_other_head_counts_interleave_the_next_power_of_two(heads: int) -> None:
    below = 2 ** (heads.bit_length() - 1)
    rates, base, between = (decay_rates(0, 80, n) for n in (heads, below, 2 * below))
    assert torch.equal(rates[:below], base)
    assert torch.equal(rates[below:], between[::2][: heads - below])
    assert rates.shape == (heads,) and rates.unique().numel() == heads


def test_rates_are_positive_and_fall_with_depth() -> None:
    """The last layer keeps the 1e-5, so that no head lives for ever; fp32 whatever the default dtype is."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        stack = torch.stack([decay_rates(layer, 80, 64) for layer in range(80)])
    finally:
        torch.set_default_dtype(before)
    assert stack.dtype == torch.float32
    assert (stack > 0).all() and (stack.diff(dim=0) < 0).all() and (stack.diff(dim=1) < 0).all()
    assert stack[79, 0] == pytest.approx(0.9170040 * 1e-5, rel=1e-4)
