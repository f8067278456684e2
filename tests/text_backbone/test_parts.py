"""Who is given a sum in parts, and who the whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from minimax_vl.kernels import Unsummed
from minimax_vl.text_backbone.parts import linear, unsummed


class Split(nn.Module):
    """Twice x, as the sum of two."""

    def forward(self, x: Tensor) -> Tensor:
        return x + x

    def unsummed(self, x: Tensor) -> Unsummed:
        return Unsummed(torch.stack((x, x))[..., None, :], None, x.dtype)


def put_another_forward(module: nn.Module) -> None:
    module.forward = lambda x: 2 * x


@torch.inference_mode()
def test_a_module_leaves_its_sum() -> None:
    made = unsummed(Split(), torch.ones(3, 4))
    assert isinstance(made, Unsummed) and made.shape == (3, 4)


@pytest.mark.parametrize(
    "change",
    [
        lambda module: module.register_forward_hook(lambda *_: None),
        lambda module: module.register_forward_pre_hook(lambda *_: None),
        put_another_forward,
    ],
    ids=["hook", "pre-hook", "forward"],
)
@torch.inference_mode()
def test_a_changed_module_is_called(change: Callable[[nn.Module], object]) -> None:
    module = Split()
    change(module)
    assert torch.equal(unsummed(module, torch.ones(3, 4)), torch.full((3, 4), 2.0))


@torch.inference_mode()
def test_a_module_that_leaves_nothing_is_called() -> None:
    module, x = linear(4, 5), torch.ones(3, 4)
    assert torch.equal(unsummed(module, x), module(x))
