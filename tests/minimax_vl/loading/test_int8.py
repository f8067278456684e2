from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis.strategies import floats, integers

from minimax_vl.loading.int8 import dequantise, quantise, relative_error


@settings(max_examples=50, deadline=None)
@given(rows=integers(1, 9), columns=integers(1, 40), size=floats(1e-30, 1e30))
def test_no_value_moves_by_more_than_half_a_step(rows, columns, size):
    weight = torch.randn(rows, columns, generator=torch.Generator().manual_seed(rows * 41 + columns)) * size
    values, scale = quantise(weight)
    assert values.dtype == torch.int8
    step = weight.abs().amax(dim=1, keepdim=True) / 127
    assert ((weight - dequantise(values, scale)).abs() <= 0.501 * step).all()


def test_zeros_stay_zeros():
    values, scale = quantise(torch.zeros(3, 4))
    assert torch.equal(dequantise(values, scale), torch.zeros(3, 4))
    assert relative_error(torch.zeros(3, 4), torch.zeros(3, 4)) == 0
