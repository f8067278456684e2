"""Expert MLP in Triton: routing, every path and every option of its kernels, against the definition and float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import expert_mlp
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.experts import reference, route_tokens, torch_router
from minimax_vl.kernels.experts.cases import Case
from minimax_vl.kernels.testing import assert_close

pytest.importorskip("triton")

BF16 = torch.bfloat16
# Three roundings to bf16 lie between input and output (SwiGLU, each expert's row, their sum): 1.7e-3 each.
TOLERANCE = {torch.float32: 1e-5, BF16: 4e-3}
# The interpreter takes its time for every program: few tiles, one case for each branch.
SMALL = (
    Case(1, X=32, K=2),  # thirty experts without a token
    Case(5, X=8, K=2),
    Case(20, X=8, K=2, load="one"),
    Case(18, X=8, K=2, load="ends"),
    Case(17, X=2, K=1),
    Case(5, X=3, K=3),
    Case(5, X=3, K=2, dtype=BF16),
)


def in_float64(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """Expert by expert, every token, weighted by zero where it was not chosen."""
    total = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for e in range(w13.shape[0]):
        gate, up = (x.double() @ w13[e].double().T).chunk(2, dim=-1)
        made = (gate * torch.sigmoid(gate) * up) @ w2[e].double().T
        total += (weights.double() * (ids == e)).sum(-1, keepdim=True) * made
    return total


def assert_exact(x: dict[str, Tensor]) -> None:
    with use_backend("triton", "expert_mlp"):
        got = expert_mlp(**x)
    assert got.dtype == x["x"].dtype
    assert_close("out", in_float64(**x), got, TOLERANCE[got.dtype])


@pytest.mark.parametrize("backend", ["triton", "torch"])
@pytest.mark.parametrize(
    ("N", "X", "K", "C"), [(1, 32, 2, 640), (70, 6, 3, 136), (5, 4, 1, 24), (3, 2, 2, 256)]
)
@pytest.mark.parametrize("dtype", [torch.float32, BF16], ids=str)
def test_router_matches_its_definition(
    N: int, X: int, K: int, C: int, dtype: torch.dtype, backend: str, triton_device: str
) -> None:
    make = torch.Generator().manual_seed(N)
    x, gate = (torch.randn(n, C, generator=make).to(triton_device, dtype) for n in (N, X))
    with use_backend("reference", "route_tokens"):
        logits, ids, weights = route_tokens(x, gate, K)
    with use_backend(backend, "route_tokens"):
        got = route_tokens(x, gate, K)
    assert_close("logits", logits, got[0], 1e-5)
    assert torch.equal(ids, got[1])
    assert_close("weights", weights, got[2], 1e-5)


@pytest.mark.parametrize("X", [4, 9])
def test_a_compiled_router_has_the_logits_and_gradients_of_its_definition(X: int) -> None:
    make = torch.Generator().manual_seed(X)
    inputs = [torch.randn(n, 24, generator=make, requires_grad=True) for n in (7, X)]
    weight = torch.randn(7, X, generator=make)
    found = []
    for route in (reference.route, torch.compile(torch_router.forward, backend="aot_eager")):
        logits, ids, shares = route(*inputs, 2)
        found.append(
            (logits, ids, shares, *torch.autograd.grad((logits * weight).sum() + shares[:, 0].sum(), inputs))
        )
    for name, a, b in zip(("logits", "ids", "shares", "x", "gate"), *found, strict=True):
        torch.testing.assert_close(b, a, rtol=1e-5, atol=1e-6, msg=name)


def test_the_router_takes_the_first_of_equal_experts(triton_device: str) -> None:
    x, gate = torch.ones(3, 32, device=triton_device), torch.ones(5, 32, device=triton_device)
    with use_backend("triton", "route_tokens"):
        _, ids, weights = route_tokens(x, gate, 2)
    assert ids.tolist() == [[0, 1]] * 3
    assert torch.equal(weights, torch.full_like(weights, 0.5))


@pytest.mark.parametrize("few", [2, 3], ids=["whole", "split"])
def test_a_token_of_nan_is_sent_to_experts_that_exist(
    few: int, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minimax_vl.kernels.experts import triton_router

    monkeypatch.setattr(triton_router, "FEW", few)
    if triton_device == "cpu":
        from triton.runtime.interpreter import ReduceOps

        # As compiled: pair by pair, where NaN is never the larger one. NumPy's maximum prefers it.
        monkeypatch.setattr(ReduceOps, "apply_impl", ReduceOps.generic_reduce)
    make = torch.Generator().manual_seed(3)
    x, gate = (torch.randn(n, 16, generator=make).to(triton_device) for n in (3, 5))
    with use_backend("torch", "route_tokens"):
        want = route_tokens(x, gate, 2)
    x[1] = torch.nan
    with use_backend("triton", "route_tokens"):
        _, ids, weights = route_tokens(x, gate, 2)
    assert ids.min() >= 0 and ids.max() < 5
    assert weights[1].isnan().all()
    assert torch.equal(ids[[0, 2]], want[1][[0, 2]])
    assert_close("weights", want[2][[0, 2]], weights[[0, 2]], 1e-5)


@pytest.mark.parametrize("load", ["spread", "one", "ends"])
@pytest.mark.parametrize(("N", "X"), [(1, 4), (2, 3), (17, 32), (300, 5), (400, 32)], ids=str)
def test_routing_is_a_stable_sort_and_its_tiles_cover_it_once(
    N: int, X: int, load: str, triton_device: str
) -> None:
    from minimax_vl.kernels.experts.triton_routing import route

    ids = Case(N, X=X, K=2, load=load).inputs(triton_device)["ids"]
    order, offsets, tiles = (part.cpu().long() for part in route(ids, X, 16))
    flat = ids.flatten().cpu()
    assert torch.equal(order, flat.argsort(stable=True))
    assert torch.equal(offsets, torch.cat([torch.zeros(1), flat.bincount(minlength=X).cumsum(0)]).long())
    covered = [
        (e, row)
        for e, number in tiles.tolist()
        if e >= 0
        for row in range(offsets[e] + 16 * number, min(offsets[e] + 16 * number + 16, offsets[e + 1]))
    ]
    assert covered == [(int(flat[slot]), row) for row, slot in enumerate(order)]


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_matches_float64(case: Case, triton_device: str) -> None:
    assert_exact(case.inputs(triton_device))


# One of each tuned range of tokens; widths that no tile divides.
ALIGNED = (
    Case(1, X=32, K=2, C=136, F=72, dtype=BF16),
    Case(4, X=8, K=2, C=136, F=72, dtype=BF16),
    Case(18, X=2, K=1, C=136, F=72, dtype=BF16),
    Case(66, X=3, K=1, load="one", C=72, F=64, dtype=BF16),
)


@pytest.mark.parametrize("case", ALIGNED, ids=str)
def test_matches_float64_in_bf16(case: Case, triton_device: str) -> None:
    assert_exact(case.inputs(triton_device))


@pytest.mark.parametrize("case", [Case(90, X=3, K=2, C=72, F=152, dtype=BF16), ALIGNED[2]], ids=str)
def test_grouped_path_matches_float64(
    case: Case, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minimax_vl.kernels.experts import triton_experts

    monkeypatch.setattr(triton_experts, "FEW", (1, 2, 3, 4))
    assert_exact(case.inputs(triton_device))


@pytest.mark.parametrize("programs", [1, 5, 64])
@pytest.mark.parametrize("load", ["spread", "one", "ends"])
def test_programs_that_stay_take_every_tile_once(
    load: str, programs: int, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minimax_vl.kernels.experts import triton_experts

    monkeypatch.setattr(triton_experts, "FEW", (1, 2, 3, 4))
    monkeypatch.setattr(triton_experts, "resident", lambda x, each: programs)
    tiles = {"BM": 64, "BN": 32, "BK": 32, "GROUP": 2, "STAY": 1, "num_warps": 4, "num_stages": 2}
    with use_config("experts.gate_up.grouped", tiles), use_config("experts.down.grouped", tiles):
        assert_exact(Case(70, X=5, K=2, load=load, C=72, F=88, dtype=BF16).inputs(triton_device))


@pytest.mark.parametrize("swap", [0, 1])
@pytest.mark.parametrize("tma", [0, 1])
@pytest.mark.parametrize("N", [1, 3])
def test_every_option_gives_the_same(N: int, tma: int, swap: int, triton_device: str) -> None:
    x = Case(N, X=2, K=2, C=136, F=72, dtype=BF16).inputs(triton_device)
    options = {"SWAP": swap, "TMA": tma}
    first, second = f"experts.gate_up.N{16 if N > 1 else 1}", f"experts.down.N{16 if N > 1 else 1}"
    with (
        use_config(first, config_of(first) | options),
        use_config(second, config_of(second) | options | {"SPLIT": 3, "BM": 32}),
    ):
        assert_exact(x)


def test_a_token_does_not_depend_on_its_neighbours(triton_device: str) -> None:
    x = Case(4, X=4, K=2, load="one").inputs(triton_device)
    with use_backend("triton", "expert_mlp"):
        crowd = expert_mlp(**x)
        alone = [
            expert_mlp(x["x"][[n]], x["ids"][[n]], x["weights"][[n]], x["w13"], x["w2"]) for n in range(4)
        ]
    assert_close("out", crowd, torch.cat(alone))


def test_gradients_are_those_of_the_plain_row(triton_device: str) -> None:
    x = Case(5, X=4, K=2).inputs(triton_device)
    grads = {}
    for backend in ("triton", "torch"):
        mine = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in x.items()}
        with use_backend(backend, "expert_mlp"):
            expert_mlp(**mine).square().sum().backward()
        grads[backend] = mine["w13"].grad
    assert_close("dw13", grads["torch"], grads["triton"])


@pytest.mark.gpu
@pytest.mark.parametrize("load", ["spread", "one"])
@pytest.mark.parametrize("N", [1, 3, 16, 64, 300, 1500])
def test_real_width(N: int, load: str) -> None:
    assert_exact(Case(N, X=8, K=2, load=load, C=6144, F=9216, dtype=BF16).inputs("cuda"))


@pytest.mark.gpu
@pytest.mark.parametrize("N", [1, 20, 1200])
def test_a_graph_replays_with_another_routing(N: int) -> None:
    """No host reads: what was captured for one routing computes another."""
    case = {"X": 8, "K": 2, "C": 512, "F": 768, "dtype": BF16}
    x = Case(N, **case).inputs("cuda")
    with use_backend("triton", "expert_mlp"):
        expert_mlp(**x)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            out = expert_mlp(**x)
        x["ids"].copy_(Case(N, **case, load="one").inputs("cuda")["ids"])
        graph.replay()
    torch.cuda.synchronize()
    assert_close("out", in_float64(**x), out, TOLERANCE[BF16])
