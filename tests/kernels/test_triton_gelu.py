"""The GELU's passes against the definition in float64: values, both gradients, odd shapes, compiled as in training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels import biased_gelu
from minimax_vl.kernels.backends import TABLE, resolve, use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.testing import assert_close
from minimax_vl.presets import DEBUG
from minimax_vl.vision.encoder import MLP

LIMIT = {torch.float32: 2e-6, torch.bfloat16: 3e-3}
SHAPES = [(1, 1), (3, 7, 48), (9, 130), (2, 600, 16), (2, 1025)]


@pytest.fixture(autouse=True)
def on_triton(triton_device: str):
    with use_backend("triton", "biased_gelu"):
        yield


def given(shape: tuple[int, ...], dtype: torch.dtype, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """x, the bias, and a gradient of what is made of them."""
    make = torch.Generator().manual_seed(shape[-1])
    x, dout = (3 * torch.randn(*shape, generator=make) for _ in range(2))
    bias = torch.randn(shape[-1], generator=make)
    return x.to(device, dtype), bias.to(device, dtype), dout.to(device, dtype)


def gradients(
    run, x: Tensor, bias: Tensor, dout: Tensor, dtype: torch.dtype | None = None
) -> list[tuple[str, Tensor]]:
    dtype = dtype or x.dtype
    x, bias = (y.detach().to(dtype).requires_grad_() for y in (x, bias))
    out = run(x, bias)
    return [("out", out.detach()), *zip(("dx", "dbias"), torch.autograd.grad(out, (x, bias), dout.to(dtype)))]


def defined(x: Tensor, bias: Tensor) -> Tensor:
    return F.gelu(x + bias)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values_and_gradients(shape: tuple[int, ...], dtype: torch.dtype, triton_device: str) -> None:
    x, bias, dout = given(shape, dtype, triton_device)
    exact = gradients(defined, x, bias, dout, torch.float64)
    for (name, want), (_, got) in zip(exact, gradients(biased_gelu, x, bias, dout), strict=True):
        assert got.dtype == dtype and got.shape == want.shape
        assert_close(name, want, got, LIMIT[dtype])


def test_far_from_zero(triton_device: str) -> None:
    x = torch.tensor([[-1e4, -40.0, -6.0, -0.0, 0.0, 6.0, 40.0, 1e4]], device=triton_device)
    bias = torch.zeros(8, device=triton_device)
    made = dict(gradients(biased_gelu, x, bias, torch.ones_like(x)))
    want = dict(gradients(defined, x, bias, torch.ones_like(x), torch.float64))
    for name in made:
        assert made[name].isfinite().all()
        torch.testing.assert_close(made[name].double(), want[name], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(("BR", "BC", "programs"), [(1, 16, 1), (8, 64, 1), (2, 2048, 8)])
def test_other_tiles(BR: int, BC: int, programs: int, triton_device: str) -> None:
    x, bias, dout = given((613, 130), torch.float32, triton_device)
    sizes = {"BR": BR, "BC": BC}
    with (
        use_config("gelu.forward", config_of("gelu.forward") | sizes),
        use_config("gelu.backward", config_of("gelu.backward") | sizes | {"PROGRAMS": programs}),
    ):
        made = gradients(biased_gelu, x, bias, dout)
    for (name, want), (_, got) in zip(gradients(defined, x, bias, dout, torch.float64), made, strict=True):
        assert_close(name, want, got, 2e-6)


def test_strided_gradients_and_rows(triton_device: str) -> None:
    """Nothing is promised about the memory of what autograd hands over."""
    x, bias, dout = given((40, 48), torch.float32, triton_device)
    wide = torch.full((40, 100), torch.nan, device=triton_device)
    apart = wide[:, 2:50].copy_(x)
    across = dout.t().contiguous().t()
    for (name, want), (_, got) in zip(
        gradients(biased_gelu, x, bias, dout), gradients(biased_gelu, apart, bias, across), strict=True
    ):
        assert torch.equal(want, got), name


@pytest.mark.parametrize("backend", TABLE["biased_gelu"])
def test_a_bias_of_another_dtype_leaves_that_of_x(backend: str, triton_device: str) -> None:
    x, bias, _ = given((3, 48), torch.bfloat16, triton_device)
    with use_backend(backend, "biased_gelu"):
        out = biased_gelu(x, bias.float())
    assert out.dtype == torch.bfloat16
    assert_close("out", defined(x.double(), bias.double()), out, LIMIT[torch.bfloat16])


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="bias has shape"):
        biased_gelu(torch.ones(3, 4), torch.ones(3))


def test_no_rows(triton_device: str) -> None:
    x, bias, dout = given((0, 16), torch.float32, triton_device)
    (_, out), (_, dx), (_, dbias) = gradients(biased_gelu, x, bias, dout)
    assert out.shape == dx.shape == x.shape and torch.equal(dbias, torch.zeros_like(bias))


def test_a_layer_in_training_takes_it(triton_device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled, the ViT's MLP is one graph whose gradients are those of the plain one."""
    monkeypatch.undo()  # the compiler would remember that `empty_like` was not PyTorch's
    mlp = MLP(replace(DEBUG.vision, hidden_size=48, intermediate_size=80)).to(triton_device)
    x = given((6, 48), torch.float32, triton_device)[0].requires_grad_()
    seen = []

    def watched(graph: torch.fx.GraphModule, _: list[Tensor]) -> torch.fx.GraphModule:
        seen.extend(str(node.target) for node in graph.graph.nodes)
        return graph

    def run(module) -> list[Tensor]:
        out = module(x)
        return [out, *torch.autograd.grad(out.square().sum(), [x, *mlp.parameters()])]

    resolve("biased_gelu", triton_device)  # a compiled layer may look an op up, but not import it
    torch.compiler.reset()
    made = run(torch.compile(mlp, backend=watched, fullgraph=True))
    assert any("biased_gelu" in target for target in seen)
    for got, want in zip(made, run(mlp), strict=True):
        assert_close("gradient", want, got, 1e-5)
