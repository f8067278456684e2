"""Expert MLP: every backend against the definition and float64, whatever the load of an expert."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import expert_mlp, expert_mlp_quantised
from minimax_vl.kernels.backends import TABLE, use_backend
from minimax_vl.kernels.experts.cases import TEST, Case
from minimax_vl.kernels.quantised import quantise
from minimax_vl.kernels.testing import assert_agree, assert_close, backends_of, run_with_gradients

OP = "expert_mlp"
WANTED = ["x", "weights", "w13", "w2"]


def run(**x: Tensor) -> dict[str, Tensor]:
    out = expert_mlp(**x)
    assert out.dtype == x["x"].dtype
    return {"out": out}


def in_float64(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> dict[str, Tensor]:
    """Every token through every expert, then only the chosen ones picked out and weighted."""
    w1, w3 = w13.chunk(2, dim=1)
    gate, up = torch.einsum("xfc,nc->nxf", w1, x), torch.einsum("xfc,nc->nxf", w3, x)
    every = torch.einsum("xcf,nxf->nxc", w2, gate / (1 + torch.exp(-gate)) * up)  # [N, X, C]
    chosen = every.gather(1, ids[..., None].expand(-1, -1, x.shape[1]))  # [N, K, C]
    return {"out": (weights[..., None] * chosen).sum(1)}


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_matches_the_definition_and_float64(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    exact = run_with_gradients(in_float64, x, WANTED, torch.float64)
    with use_backend("reference", OP):
        reference = run_with_gradients(run, x, WANTED)
    with use_backend(backend, OP):
        got = run_with_gradients(run, x, WANTED)
    assert_agree(exact, got, case.dtype)
    assert_agree(reference, got, case.dtype)


@pytest.mark.parametrize("backend", backends_of(OP))
def test_a_token_does_not_depend_on_its_neighbours(backend: str, device: str) -> None:
    """No capacity: one token alone (its own code path in some backends) equals the same token in a crowd."""
    x = Case(33, X=4, K=2, load="one").inputs(device)
    with use_backend(backend, OP):
        crowd = expert_mlp(**x)
        alone = [
            expert_mlp(x["x"][n : n + 1], x["ids"][n : n + 1], x["weights"][n : n + 1], x["w13"], x["w2"])
            for n in range(33)
        ]
    assert_close("out", crowd, torch.cat(alone))


@pytest.mark.parametrize("backend", backends_of(OP))
def test_one_expert_twice(backend: str, device: str) -> None:
    x = Case(1, X=4, K=2).inputs(device)
    x["ids"] = torch.full_like(x["ids"], 3)
    exact = in_float64(**{name: y.double() if y.is_floating_point() else y for name, y in x.items()})
    with use_backend(backend, OP):
        assert_close("out", exact["out"], run(**x)["out"])


def test_the_cases_hold_empty_and_overfull_experts() -> None:
    loads = {case: torch.bincount(case.inputs()["ids"].flatten(), minlength=case.X) for case in TEST}
    assert any((load == 0).any() for load in loads.values())
    assert any((load == case.N).any() and case.X > case.K for case, load in loads.items())


def test_shapes_that_do_not_fit_are_refused() -> None:
    x = Case(3, X=4, K=2).inputs()
    for wrong in (
        {"x": x["x"][:, 1:]},
        {"x": x["x"][:2]},
        {"weights": x["weights"][:, :1]},
        {"w2": x["w2"][..., 1:]},
        {n: x[n][:, 0] for n in ("ids", "weights")},
    ):
        with pytest.raises(ValueError, match="do not fit"):
            expert_mlp(**x | wrong)


@pytest.mark.parametrize("backend", TABLE[OP])
def test_no_token_is_no_row(backend: str, triton_device: str) -> None:
    x = Case(3, X=4, K=2).inputs(triton_device)
    none = {name: x.pop(name)[:0] for name in ("x", "ids", "weights")}
    with use_backend(backend, OP):
        assert expert_mlp(**none, **x).shape == (0, 24)
    for bits in (8, 4):
        packed = {name: quantise(w, bits) for name, w in x.items()}
        with use_backend(backend if backend != "dense" else "torch", "expert_mlp_quantised"):
            assert expert_mlp_quantised(**none, **packed).shape == (0, 24)
