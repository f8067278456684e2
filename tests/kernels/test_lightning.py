"""Lightning attention: every backend against the definition and float64, and the laws that the cache lives on."""

from __future__ import annotations

from itertools import permutations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import lightning_attention, lightning_attention_varlen, lightning_step
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.lightning import torch_chunked
from minimax_vl.kernels.lightning.cases import FAST, SLOW, TEST, Case
from minimax_vl.kernels.testing import (
    TOLERANCE,
    assert_agree,
    assert_close,
    backends_of,
    relative_rms,
    run_with_gradients,
)

OP = "lightning_attention"


def run(**x: Tensor) -> dict[str, Tensor]:
    out, state = lightning_attention(**x)
    assert out.dtype == x["v"].dtype and state.dtype == torch.float32
    return {"out": out, "state": state}


def in_float64(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor | None) -> dict[str, Tensor]:
    """Every pair of positions with its own weight exp(-decay * distance): no recurrence, no chunks."""
    T = q.shape[1]
    place = torch.arange(T, device=q.device)
    distance = place[:, None] - place  # [T, T]
    weight = (distance >= 0) * torch.exp(-decay[:, None, None] * distance.clamp_min(0))  # [H, T, T]
    out = torch.einsum("bthd,bjhd,htj,bjhe->bthe", q, k, weight, v)
    end = torch.einsum("bjhd,hj,bjhe->bhde", k, torch.exp(-decay[:, None] * (T - 1 - place)), v)
    if state is not None:
        out = out + torch.einsum("bthd,ht,bhde->bthe", q, torch.exp(-decay[:, None] * (place + 1)), state)
        end = end + torch.exp(-decay * T)[:, None, None] * state
    return {"out": out, "state": end}


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_matches_the_definition_and_float64(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    wanted = ["q", "k", "v"] + ["state"] * case.with_state
    exact = run_with_gradients(in_float64, x, wanted, torch.float64)
    with use_backend("reference", OP):
        reference = run_with_gradients(run, x, wanted)
    with use_backend(backend, OP):
        got = run_with_gradients(run, x, wanted)
    assert_agree(exact, got, case.dtype)
    assert_agree(reference, got, case.dtype)


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("split", [1, 31, 62, 64, 129])
@pytest.mark.parametrize("decay", [FAST, SLOW], ids=["fast", "slow"])
def test_two_chunks_equal_one(decay: tuple[float, ...], split: int, backend: str, device: str) -> None:
    x = Case(2, 130, 16, 24, decay, with_state=True).inputs(device)
    given = x["state"].clone()
    with use_backend(backend, OP):
        whole, end = lightning_attention(**x)
        first, rest = ({n: x[n][:, at] for n in "qkv"} for at in (slice(split), slice(split, None)))
        head, middle = lightning_attention(**first, decay=x["decay"], state=x["state"])
        tail, last = lightning_attention(**rest, decay=x["decay"], state=middle)
    assert_close("out", whole, torch.cat([head, tail], dim=1))
    assert_close("state", end, last)
    assert torch.equal(x["state"], given), "the op changed the state it was given, which a snapshot may hold"


@pytest.mark.parametrize("backend", backends_of(OP))
def test_no_state_is_a_state_of_zeros(backend: str, device: str) -> None:
    x = Case(1, 65, 16, 16, FAST, with_state=False).inputs(device)
    with use_backend(backend, OP):
        out, end = lightning_attention(**x)
        same, same_end = lightning_attention(**x | {"state": torch.zeros_like(end)})
    assert torch.equal(out, same) and torch.equal(end, same_end)


@pytest.mark.parametrize("backend", backends_of(OP))
def test_a_very_fast_head_neither_overflows_nor_forgets_itself(backend: str, device: str) -> None:
    """exp(+40 * 64) would be infinite: no intermediate exponent may be positive."""
    x = Case(1, 130, 8, 8, (40.0,), with_state=True).inputs(device)
    with use_backend(backend, OP):
        out, _ = lightning_attention(**x)
    alone = (x["q"] * x["k"]).sum(-1, keepdim=True) * x["v"]  # the diagonal has weight 1, all else e^-40
    assert_close("out", alone, out)


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("fast", [False, True], ids=["fp32 CPU", "bf16 CPU"])
@pytest.mark.parametrize("kinds", [*permutations((torch.float32, torch.bfloat16, torch.float16))], ids=str)
def test_q_k_and_v_of_different_dtypes(
    kinds: tuple[torch.dtype, ...], fast: bool, backend: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_chunked, "multiplies_bf16", lambda: fast)
    x = Case(2, 70, 16, 16, FAST, with_state=True).inputs(device)
    x |= {name: x[name].to(kind) for name, kind in zip("qkv", kinds, strict=True)}
    exact = in_float64(**{name: value.double() for name, value in x.items()})
    with use_backend(backend, OP):
        got = run(**x)
    for name, want in exact.items():
        assert_close(name, want, got[name], TOLERANCE[torch.bfloat16])


@pytest.mark.parametrize("backend", backends_of("lightning_step"))
def test_a_row_that_fills_up_may_hold_anything(backend: str, device: str) -> None:
    x = Case(3, 1, 8, 8, FAST, with_state=True).inputs(device)
    q, k, v = (x[name][:, 0] for name in "qkv")
    q[1] = k[1] = v[1] = float("nan")
    with use_backend(backend, "lightning_step"):
        out = lightning_step(q, k, v, x["decay"], x["state"], torch.tensor([2, -1, 0], device=device))
    assert not out[1].any() and out.isfinite().all() and x["state"].isfinite().all()


@pytest.mark.parametrize("ends", [[0, 4], [2, 6], [0, 5, 4, 6], [0, 9]], ids=str)
def test_sequences_that_leave_tokens_out_are_refused(ends: list[int]) -> None:
    """Where the host reads the ends, that is: a GPU's are not worth the wait."""
    q, decay = torch.ones(6, 3, 8), torch.tensor(FAST)
    with use_backend("torch"), pytest.raises(ValueError, match="for 6 tokens"):
        lightning_attention_varlen(q, q, q, decay, torch.tensor(ends))


def long_input(T: int) -> dict[str, Tensor]:
    make = torch.Generator().manual_seed(3)
    q, k, v = (torch.nn.functional.silu(torch.randn(1, T, 1, 16, generator=make)) for _ in range(3))
    return {"q": q, "k": k, "v": v, "decay": torch.tensor(SLOW[-1:])}


def in_pieces(x: dict[str, Tensor], sizes: list[int], rounded: bool = False) -> tuple[Tensor, Tensor]:
    """Feed `x` piece by piece, the state handed on, rounded to bf16 in between if so asked."""
    outs, state, begin = [], None, 0
    for size in sizes:
        piece = {n: x[n][:, begin : begin + size] for n in "qkv"}
        out, state = lightning_attention(**piece, decay=x["decay"], state=state)
        state = state.bfloat16().float() if rounded else state
        outs.append(out)
        begin += size
    assert begin == x["q"].shape[1]
    return torch.cat(outs, dim=1), state


def test_no_drift_over_16k_tokens() -> None:
    """The slowest head of the release, where every one of 16k tokens still weighs 0.45 or more at the end."""
    T = 16_384 + 200
    x = long_input(T)
    sizes = [1000] * 16 + [384] + [1] * 200  # prefill in pieces, then decode
    qd, kd, vd = (x[n][0, :, 0].double() for n in "qkv")
    keep, exact, rows = torch.exp(-x["decay"].double()), torch.zeros(16, 16, dtype=torch.float64), []
    for t in range(T):
        exact = keep * exact + torch.outer(kd[t], vd[t])
        rows.append(qd[t] @ exact)
    out, state = in_pieces(x, sizes)
    # One rounding of exp(-decay) and of the state per update, all in one direction: 460 times 6e-8.
    assert_close("out", torch.stack(rows), out[0, :, 0], tolerance=3e-5)
    assert_close("state", exact, state[0, 0], tolerance=3e-5)
    _, coarse = in_pieces(x, sizes, rounded=True)
    assert relative_rms(exact, coarse[0, 0]) > 1e-2, "a bf16 state must fail here, or the test shows nothing"


def hadamard(size: int) -> Tensor:
    rows = torch.ones(1, 1)
    while rows.shape[0] < size:
        rows = torch.cat([torch.cat([rows, rows], 1), torch.cat([rows, -rows], 1)])
    return rows


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=lambda d: str(d)[6:])
def test_a_string_of_64_ids_survives_16k_tokens(dtype: torch.dtype) -> None:
    """64 ids written under orthogonal keys, then 16k tokens that all write one other key, then 64 reads in decode.

    The others' sum is over 100,000 times the size of one id's trace. All keys and codes are exact in bf16, so only the
    state's precision decides whether the ids come back.
    """
    make = torch.Generator().manual_seed(11)
    basis = hadamard(128)
    noise, keys, codes = basis[:1], basis[1:65] / 16, basis  # an id's code is a row: 128 ids
    ids = torch.randint(128, (64,), generator=make)
    filler = 16_384
    loud = torch.randn(filler, 128, generator=make) + 1
    k = torch.cat([keys, noise.expand(filler, -1), torch.zeros(64, 128)])
    v = torch.cat([codes[ids], loud, torch.zeros(64, 128)])
    q = torch.cat([torch.zeros(64 + filler, 128), keys])
    x = {n: t.to(dtype)[None, :, None] for n, t in {"q": q, "k": k, "v": v}.items()}
    x["decay"] = torch.tensor(SLOW[-1:])
    sizes = [64] * 257 + [1] * 64

    def read(rounded: bool) -> Tensor:
        out, _ = in_pieces(x, sizes, rounded)
        return (out[0, -64:, 0].float() @ codes.T).argmax(-1)

    assert torch.equal(read(rounded=False), ids)
    assert (read(rounded=True) == ids).float().mean() < 0.5, (
        "a bf16 state must lose them, or the test shows nothing"
    )


def test_wrong_shapes_and_a_rounded_state_are_refused() -> None:
    x = Case(1, 4, 8, 8, FAST, with_state=True).inputs()
    with pytest.raises(ValueError, match=r"q has 3 heads"):
        lightning_attention(**x | {"decay": x["decay"][:2]})
    with pytest.raises(ValueError, match=r"state is torch.bfloat16"):
        lightning_attention(**x | {"state": x["state"].bfloat16()})
    with pytest.raises(ValueError, match=r"disagree"):
        lightning_attention(**x | {"k": x["k"][:, :3]})
    for none in (slice(0), (slice(None), slice(0))):  # no sequence, no token
        with pytest.raises(ValueError, match=r"at least one token"):
            lightning_attention(**x | {n: x[n][none] for n in "qkv"} | {"state": None})
    pool, rows = torch.zeros(2, 3, 8, 8), [x[n][:0, 0] for n in "qkv"]
    with pytest.raises(ValueError, match=r"one at least"):
        lightning_step(*rows, x["decay"], pool, torch.zeros(0, dtype=torch.long))
