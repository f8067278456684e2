"""A decoder layer in training is one graph: a break would cost every step a return to Python, silently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from minimax_vl.kernels.backends import TABLE, resolve, use_backend
from minimax_vl.presets import DEBUG
from minimax_vl.text_backbone.cache import describe
from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX
from minimax_vl.text_backbone.layer import DecoderLayer
from minimax_vl.text_backbone.rope import rotary_angles
from minimax_vl.text_backbone.testing import randomise

TEXT = DEBUG.text


@pytest.fixture(autouse=True)
def as_in_training() -> Iterator[None]:
    with use_backend("dense", "expert_mlp"):
        for op in TABLE:  # a compiled layer may look an op up, but not import it
            resolve(op)
        torch.compiler.reset()
        yield
    torch.compiler.reset()


@pytest.mark.parametrize("kind", [LIGHTNING, SOFTMAX], ids=["lightning", "softmax"])
@pytest.mark.parametrize("T", [64, 70], ids=["whole chunks", "a short last chunk"])
def test_a_layer_compiles_without_a_break(kind: int, T: int) -> None:
    layer = randomise(DecoderLayer(TEXT, TEXT.attn_type_list.index(kind))).train()
    chunk = describe(0, T, None, *rotary_angles(TEXT, 0, T, torch.device("cpu")))
    make = torch.Generator().manual_seed(0)
    x, residual = (torch.randn(2, T, TEXT.hidden_size, generator=make).requires_grad_() for _ in range(2))

    def gradients(run) -> list[torch.Tensor]:
        out, carried, routing = run(x, residual, chunk, None)
        loss = sum(y.square().mean() for y in (out, carried, routing))
        return [loss, *torch.autograd.grad(loss, [x, residual, *layer.parameters()])]

    # "eager" stops after the capture, which is where a break shows; no C++ compiler is needed for it.
    compiled = torch.compile(layer, backend="eager", fullgraph=True, dynamic=False)
    for got, want in zip(gradients(compiled), gradients(layer), strict=True):
        torch.testing.assert_close(got, want)
