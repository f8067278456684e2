"""Rotary kernels against the definition: partial heads, later chunks, last queries alone, a start on the device."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import apply_rotary, rotary_store
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.rotary.cases import TEST, Case
from minimax_vl.kernels.testing import assert_close

LIMIT = {torch.float32: 1e-6, torch.bfloat16: 3e-3}
OPS = ("rotary", "rotary_store")


@pytest.mark.parametrize("case", TEST, ids=str)
def test_turns_as_the_definition_does(case: Case, triton_device: str) -> None:
    x = case.inputs(triton_device)
    with use_backend("reference", *OPS):
        want = apply_rotary(**{name: value.double() if name == "x" else value for name, value in x.items()})
    with use_backend("triton", *OPS):
        assert_close("turned", want, apply_rotary(**x), LIMIT[case.dtype])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("on_device", [False, True], ids=["start on the host", "on the device"])
@pytest.mark.parametrize(("T", "T_q", "start"), [(1, 1, 0), (1, 1, 7), (5, 5, 3), (5, 1, 0)], ids=str)
def test_stores_what_it_turned(
    T: int, T_q: int, start: int, on_device: bool, dtype: torch.dtype, triton_device: str
) -> None:
    B, S, H, G, D = 2, 11, 6, 2, 24
    make = torch.Generator().manual_seed(T)

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make).to(triton_device, dtype)

    # k and v as slices of one projection: strided heads
    q, kv = random(B, T_q, H, D), random(B, T, G, 2 * D)
    angle = 6.3 * torch.rand(T, 8, generator=make).to(triton_device)
    results = {}
    for backend in ("reference", "torch", "triton"):
        keys, values = (torch.full((B, S, G, D), 9.0, dtype=dtype, device=triton_device) for _ in "kv")
        at = torch.tensor([start], device=triton_device) if on_device else start
        with use_backend(backend, *OPS):
            turned = rotary_store(q.clone(), *kv.split(D, dim=-1), angle.cos(), angle.sin(), keys, values, at)
        results[backend] = {"q": turned, "keys": keys, "values": values}
    for backend in ("torch", "triton"):
        for name, want in results["reference"].items():
            assert_close(f"{name} by {backend}", want, results[backend][name], LIMIT[dtype])
        assert torch.equal(results[backend]["values"], results["reference"]["values"])
        kept = [i for i in range(S) if not start <= i < start + T]
        assert (results[backend]["keys"][:, kept] == 9).all(), "a position outside the chunk was written"


def test_a_cache_whose_channels_lie_apart(triton_device: str) -> None:
    x, stored = Case(5, 2, 16, 8).inputs(triton_device), {}
    for backend in ("reference", "triton"):
        room = torch.zeros(2, 2, 7, 2, 16, 2, device=triton_device)
        keys, values = room[..., 0]
        with use_backend(backend, *OPS):
            rotary_store(x["x"].clone(), x["x"], x["x"], x["cos"], x["sin"], keys, values, 1)
        stored[backend] = room
    assert_close("cache", stored["reference"], stored["triton"], LIMIT[torch.float32])


def test_a_full_cache_is_refused(triton_device: str) -> None:
    q, cache, angle = torch.zeros(1, 2, 2, 8), torch.zeros(1, 4, 2, 8), torch.zeros(2, 2)
    with pytest.raises(ValueError, match="2 tokens at 3 do not fit into a cache of 4"):
        rotary_store(q, q, q, angle, angle, cache, cache, 3)


@pytest.mark.gpu
def test_release_size(triton_device: str) -> None:
    case = Case(700, 64, 128, 64, torch.bfloat16)
    test_turns_as_the_definition_does(case, triton_device)
