"""Lightning attention in Triton: both directions, cut into segments, against float64."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

pytest.importorskip("triton")

from minimax_vl.kernels import (
    Unsummed,
    lightning_attention,
    lightning_attention_varlen,
    lightning_step,
    whole,
)
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.lightning.cases import FAST, SLOW
from minimax_vl.kernels.testing import assert_close, run_with_gradients

EXTREMES = (FAST[0], SLOW[-1])
TOLERANCE = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 4e-3}


@pytest.fixture
def entry(triton_device: str) -> Any:
    """The module of launches, which may be imported only where Triton runs."""
    from minimax_vl.kernels.lightning import triton_entry

    return triton_entry


def make(
    B: int, T: int, D: int, E: int, decay: tuple[float, ...], dtype: torch.dtype, device: str
) -> dict[str, Any]:
    """q, k, v as the layer makes them: views of one fused projection, a head's three side by side."""
    random = torch.Generator().manual_seed(T)
    H = len(decay)
    fused = torch.randn(B, T, H, 2 * D + E, generator=random).to(device, dtype)
    q, k, v = fused.split([D, D, E], dim=-1)
    state = torch.randn(B, H, D, E, generator=random).to(device)
    return {"q": q, "k": k, "v": v, "decay": torch.tensor(decay, device=device), "state": state}


def exact(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor, silu: bool = False
) -> dict[str, Tensor]:
    """Every pair of positions with its own weight exp(-decay * distance), in float64."""
    if silu:
        q, k, v = F.silu(q), F.silu(k), F.silu(v)
    place = torch.arange(q.shape[1], device=q.device)
    distance = place[:, None] - place
    weight = (distance >= 0) * torch.exp(-decay[:, None, None] * distance.clamp_min(0))
    fade = torch.exp(-decay[:, None] * (place + 1))
    left = torch.exp(-decay[:, None] * (len(place) - 1 - place))
    out = torch.einsum("bthd,bjhd,htj,bjhe->bthe", q, k, weight, v)
    out = out + torch.einsum("bthd,ht,bhde->bthe", q, fade, state)
    end = torch.einsum("bjhd,hj,bjhe->bhde", k, left, v)
    return {"out": out, "state": end + torch.exp(-decay * len(place))[:, None, None] * state}


def segmented(stack: ExitStack, programs: int = 4096) -> None:
    """As many segments as the shortest length allows."""
    stack.enter_context(use_config("lightning.segments.short", {"PROGRAMS": programs}))


def check(entry: Any, x: dict[str, Any], silu: bool = False, tolerance: float | None = None) -> None:
    def run(**tensors: Tensor) -> dict[str, Tensor]:
        out, state = entry.forward(**tensors, silu=silu)
        return {"out": out, "state": state}

    wanted = ["q", "k", "v", "state"]
    want = run_with_gradients(lambda **t: exact(**t, silu=silu), x, wanted, torch.float64)
    got = run_with_gradients(run, x, wanted)
    limit = tolerance or TOLERANCE[x["q"].dtype]
    for name in want:
        assert_close(name, want[name], got[name], limit)
    with torch.no_grad():
        out, state = entry.forward(**x, silu=silu)
    assert_close("out without gradients", want["out"], out, limit)
    assert_close("state without gradients", want["state"], state, limit)


@pytest.mark.parametrize("T", [1, 2, 63, 64, 65, 130])
def test_odd_lengths(T: int, entry: Any, triton_device: str) -> None:
    check(entry, make(2 if T == 65 else 1, T, 16, 16, EXTREMES, torch.bfloat16, triton_device))


@pytest.mark.parametrize("tma", [0, 1])
@pytest.mark.parametrize("D", [32, 64, 128])
def test_widths_and_both_ways_to_load(D: int, tma: int, entry: Any, triton_device: str) -> None:
    with ExitStack() as stack:
        for kernel in ("forward", "silu", "states", "backward", "back"):
            slot = f"lightning.{kernel}.D{D}"
            stack.enter_context(use_config(slot, config_of(slot) | {"TMA": tma}))
        segmented(stack)
        check(entry, make(1, 300, D, D, SLOW[1:2], torch.bfloat16, triton_device))


@pytest.mark.parametrize("silu", [False, True])
def test_three_segments(silu: bool, entry: Any, triton_device: str) -> None:
    with ExitStack() as stack:
        segmented(stack)
        # SiLU's result is rounded to bf16 as the layer's own would be; float64 is not.
        check(
            entry,
            make(1, 530, 64, 64, EXTREMES, torch.bfloat16, triton_device),
            silu,
            6e-3 if silu else None,
        )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=lambda d: str(d)[6:])
def test_other_dtypes_and_widths_that_are_no_power_of_two(
    dtype: torch.dtype, entry: Any, triton_device: str
) -> None:
    with ExitStack() as stack:
        segmented(stack)
        check(entry, make(1, 270, 8, 24, FAST[:2], dtype, triton_device))


def test_small_inputs_may_be_strided(triton_device: str) -> None:
    """Rates, ends and slots as columns of something larger, whose other columns lie between them."""
    x = make(3, 5, 16, 16, FAST, torch.float32, triton_device)
    q, k, v = (x[n].flatten(0, 1) for n in "qkv")  # [15, H, D]
    ends, slots = torch.tensor([0, 4, 4, 15]), torch.tensor([2, -1, 0])

    def column(y: Tensor) -> Tensor:
        return torch.stack((y, torch.ones_like(y)), dim=-1).to(triton_device)[..., 0]

    def every(turn: Any) -> list[Tensor]:
        decay, pool = turn(x["decay"]), x["state"].clone()
        made = [*lightning_attention(x["q"], x["k"], x["v"], decay, x["state"])]
        made += lightning_attention(x["q"][:, :1], x["k"][:, :1], x["v"][:, :1], decay, x["state"])
        made += lightning_attention_varlen(q, k, v, decay, turn(ends), x["state"])
        return [*made, lightning_step(q[:3], k[:3], v[:3], decay, pool, turn(slots)), pool]

    with use_backend("triton"):
        for want, got in zip(every(lambda y: y.to(triton_device)), every(column), strict=True):
            assert torch.equal(want, got)


def test_no_decay_overflows(entry: Any, triton_device: str) -> None:
    check(entry, make(1, 130, 16, 16, (40.0, 0.0), torch.bfloat16, triton_device))


def test_a_fast_head_reads_only_the_end_of_a_segment(triton_device: str) -> None:
    """32 halvings reach back 25 tokens; 256 are in a segment. What lies before may be anything, NaN included."""
    x = make(1, 520, 16, 16, (0.917,), torch.float32, triton_device)
    from minimax_vl.kernels.lightning.triton_launch import Segments, states_of

    segments = Segments(1, 520, 256, None)
    x["k"][:, :190], x["k"][:, 256:440] = torch.nan, torch.nan
    states = states_of(x["k"], x["v"], x["decay"], x["state"], segments, (False, False), reverse=False)
    assert states[1:].isfinite().all()


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("T", [1, 300])
def test_the_given_state_changes_only_when_asked(
    T: int, inplace: bool, entry: Any, triton_device: str
) -> None:
    x = make(2, T, 16, 16, SLOW[:2], torch.float32, triton_device)
    want = exact(**{name: t.double() for name, t in x.items()})
    given = x["state"].clone()
    with ExitStack() as stack:
        segmented(stack)
        out, state = entry.forward(**x, inplace=inplace)
    assert_close("out", want["out"], out, 1e-5)
    assert_close("state", want["state"], state, 1e-5)
    assert (state.data_ptr() == x["state"].data_ptr()) == inplace
    assert inplace or torch.equal(x["state"], given)


@pytest.mark.parametrize("B", [1, 5, 17])
@pytest.mark.parametrize("silu", [False, True])
def test_decode_steps_continue_a_prefill(silu: bool, B: int, entry: Any, triton_device: str) -> None:
    x = make(B, 3, 32, 64, SLOW[:1], torch.bfloat16, triton_device)
    want = exact(**{name: t.double() for name, t in x.items()}, silu=silu)
    state, outs = x["state"], []
    for t in range(3):
        out, state = entry.forward(*(x[n][:, t : t + 1] for n in "qkv"), x["decay"], state, silu)
        outs.append(out)
    assert_close("out", want["out"], torch.cat(outs, 1), 6e-3 if silu else 2e-3)
    assert_close("state", want["state"], state, 6e-3 if silu else 1e-6)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("silu", [False, True])
@pytest.mark.parametrize("S", [1, 3])
def test_a_step_adds_up_its_projection(S: int, silu: bool, inplace: bool, triton_device: str) -> None:
    """What it makes of the sum, rounded as the projection would have; the state is off by 1e-3 without."""
    decay, D = torch.tensor(FAST[:2], device=triton_device), 24
    random = torch.Generator().manual_seed(S)
    parts = torch.randn(S, 3, 1, 1, 6 * D + 5, generator=random).to(triton_device)[..., 2:-3]
    fused = Unsummed(parts, None, torch.bfloat16)
    state = torch.randn(3, 2, D, D, generator=random).to(triton_device)
    outs = []
    with use_backend("triton", "lightning_attention", "whole"), torch.inference_mode():
        for qkv in (fused, whole(fused)):
            q, k, v = qkv.view(3, 1, 2, 3 * D).split(D, dim=-1)
            given = state.clone()
            out, after = lightning_attention(q, k, v, decay, given, silu=silu, inplace=inplace)
            assert out.dtype == torch.bfloat16 and (after is given) == inplace
            outs += [out, after]
    assert_close("out", outs[2], outs[0], 2e-3)
    assert_close("state", outs[3], outs[1], 1e-6)


def backends(triton_device: str) -> list[Any]:
    from minimax_vl.kernels.lightning import reference, torch_chunked, triton_entry

    return [triton_entry, torch_chunked, reference]


def test_a_step_changes_its_own_slots_only(triton_device: str) -> None:
    x = make(4, 1, 16, 24, FAST[:2], torch.float32, triton_device)
    pool = torch.randn(6, 2, 16, 24).to(triton_device)
    slots = torch.tensor([5, -1, 0, 3], device=triton_device)
    used = slots >= 0
    rows = [x[n][:, 0] for n in "qkv"]
    want = exact(*(r[used][:, None].double() for r in rows), x["decay"].double(), pool[slots[used]].double())
    for backend in backends(triton_device):
        states = pool.clone()
        out = backend.step(*rows, x["decay"], states, slots)
        assert_close("out", want["out"][:, 0], out[used], 1e-5)
        assert not out[~used].any()
        assert_close("states", want["state"], states[slots[used]], 1e-5)
        assert torch.equal(states[[1, 2, 4]], pool[[1, 2, 4]])


@pytest.mark.parametrize("lengths", [(300,), (1, 0, 255, 257, 130), (0, 0, 600, 2)], ids=str)
def test_sequences_behind_each_other_do_not_meet(lengths: tuple[int, ...], triton_device: str) -> None:
    x = make(1, sum(lengths), 16, 16, SLOW[:2], torch.float32, triton_device)
    q, k, v = (x[n][0] for n in "qkv")
    ends = torch.tensor((0, *lengths)).cumsum(0).to(triton_device, torch.int32)
    states = torch.randn(len(lengths), 2, 16, 16).to(triton_device)
    outs, after = [], []
    for n, (begin, end) in enumerate(zip(ends.tolist(), ends.tolist()[1:], strict=False)):
        part = (t[None, begin:end].double() for t in (q, k, v))
        one = exact(*part, x["decay"].double(), states[n : n + 1].double())
        outs.append(one["out"][0])
        after.append(one["state"])
    for backend in backends(triton_device):
        with ExitStack() as stack:
            segmented(stack)
            out, state = backend.varlen(q, k, v, x["decay"], ends, states)
        assert_close("out", torch.cat(outs), out, 1e-5)
        assert_close("states", torch.cat(after), state, 1e-5)


def test_gradients_of_sequences_behind_each_other(entry: Any, triton_device: str) -> None:
    x = make(1, 400, 16, 16, SLOW[:1], torch.float32, triton_device)
    ends = torch.tensor([0, 100, 400], device=triton_device)
    given = torch.randn(2, 1, 16, 16).to(triton_device)
    flat = {n: x[n][0] for n in "qkv"} | {"decay": x["decay"], "states": given}

    def run(**t: Tensor) -> dict[str, Tensor]:
        out, states = entry.varlen(t["q"], t["k"], t["v"], t["decay"], ends, t["states"])
        return {"out": out, "states": states}

    def apart(**t: Tensor) -> dict[str, Tensor]:
        parts = [
            exact(*(t[n][None, begin:end] for n in "qkv"), t["decay"], t["states"][n : n + 1])
            for n, (begin, end) in enumerate([(0, 100), (100, 400)])
        ]
        return {
            "out": torch.cat([p["out"][0] for p in parts]),
            "states": torch.cat([p["state"] for p in parts]),
        }

    wanted = ["q", "k", "v", "states"]
    want, got = run_with_gradients(apart, flat, wanted, torch.float64), run_with_gradients(run, flat, wanted)
    for name in want:
        assert_close(name, want[name], got[name], 1e-5)


@pytest.mark.parametrize("tma", [0, 1])
def test_a_sequence_does_not_see_what_follows_it(tma: int, entry: Any, triton_device: str) -> None:
    """NaN everywhere in the second sequence; the first has a ragged end, loaded in one tile with rows of the second."""
    x = make(1, 400, 32, 32, SLOW[:1], torch.bfloat16, triton_device)
    for name in "qkv":
        x[name][:, 300:] = torch.nan
    ends = torch.tensor([0, 300, 400], device=triton_device)
    leaves = [x[name][0].requires_grad_() for name in "qkv"]
    given = torch.randn(2, 1, 32, 32).to(triton_device)
    with ExitStack() as stack:
        for kernel in ("forward", "states", "backward", "back"):
            slot = f"lightning.{kernel}.D32"
            stack.enter_context(use_config(slot, config_of(slot) | {"TMA": tma}))
        segmented(stack)
        out, after = entry.varlen(*leaves, x["decay"], ends, given)
        found = torch.autograd.grad(out[:300].float().square().sum(), leaves)
    part = [x[name][:, :300].detach().double().requires_grad_() for name in "qkv"]
    want = exact(*part, x["decay"].double(), given[:1].double())
    grads = torch.autograd.grad(want["out"].square().sum(), part)
    assert_close("out", want["out"][0], out[:300], 4e-3)
    assert_close("state", want["state"], after[:1], 4e-3)
    for name, exact_grad, grad in zip("qkv", grads, found, strict=True):
        assert_close(name, exact_grad[0], grad[:300], 6e-3)


@pytest.mark.parametrize("D", [16, 80])
def test_the_gradient_of_one_projection_is_one_tensor(D: int, entry: Any, triton_device: str) -> None:
    """Else a pass over memory would join its parts."""
    given = make(2, 70, D, 32, EXTREMES, torch.float32, triton_device)
    leaves = [given[name].detach().requires_grad_() for name in "qkv"]
    out, _ = entry.forward(*leaves, given["decay"], given["state"], True)
    grads = torch.autograd.grad(out.square().sum(), leaves)
    widths = (D, D, 32)
    for grad, first in zip(grads, (0, D, 2 * D), strict=True):
        assert grad.untyped_storage().data_ptr() == grads[0].untyped_storage().data_ptr()
        assert grad.storage_offset() == first and grad.stride(2) == sum(widths)


def test_a_compiled_layer_keeps_the_op_in_one_graph(
    entry: Any, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the compiler would remember that `empty_like` was not PyTorch's
    x = make(1, 40, 16, 16, FAST[:1], torch.bfloat16, triton_device)
    layer = torch.compile(
        lambda t: entry.forward(*t, x["decay"], x["state"], True)[0], backend="aot_eager", fullgraph=True
    )
    leaves = [x[n].detach().clone().requires_grad_() for n in "qkv"]
    out = layer(leaves)
    out.float().sum().backward()
    assert torch.equal(out, entry.forward(*leaves, x["decay"], x["state"], True)[0])
    assert all(leaf.grad.isfinite().all() for leaf in leaves)
