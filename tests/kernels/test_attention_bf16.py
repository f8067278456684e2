"""Long prompts of softmax attention in bf16: against float64, and everything that is left to PyTorch's in fp32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import softmax_attention
from minimax_vl.kernels.attention import reference, torch_bf16, torch_sdpa
from minimax_vl.kernels.attention.cases import Case
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.testing import assert_close, relative_rms

OP = "softmax_attention_rounded"
LIMIT = 8e-3  # bf16 inputs alone cost 4e-3; rounding the scores as well leaves it near there
CASES = (
    Case(64, 64, 4, 2, 64),  # two whole blocks of rows
    Case(67, 67, 4, 2, 64),
    Case(5, 67, 4, 2, 64),  # a later chunk, shorter than a block
    Case(61, 200, 4, 2, 128),  # keys before it that fill no whole blocks
    Case(40, 160, 6, 1, 40),  # heads that are no whole vectors, all of them on one
    Case(33, 33, 3, 3, 64),
    Case(1, 1, 4, 2, 64),
    Case(2, 97, 64, 1, 16),  # more heads in a group than rows in a block
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that short inputs have many, on any CPU."""
    for name, value in {"ROWS": 64, "COLUMNS": 48, "MANY": 1, "LONG": 1}.items():
        monkeypatch.setattr(torch_bf16, name, value)
    monkeypatch.setattr(torch_bf16, "multiplies_bf16", lambda: True)


def rounded(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    with use_backend("bf16", OP):
        return softmax_attention(q, k, v, pad, length, rounded=True)


@torch.no_grad()
def in_float64(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The definition, without a group and in fp64: [B, T, H, D]."""
    T, S, group = q.shape[1], k.shape[1], q.shape[2] // k.shape[2]
    k, v = (x.double().repeat_interleave(group, dim=2) for x in (k, v))
    scores = torch.einsum("bthd,bshd->bhts", q.double(), k) / q.shape[-1] ** 0.5
    future = torch.ones(T, S, dtype=torch.bool).triu(S - T + 1)
    return torch.einsum("bhts,bshd->bthd", scores.masked_fill(future, float("-inf")).softmax(-1), v)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_matches_float64(case: Case) -> None:
    x = case.inputs()
    got = rounded(**x)
    assert got.dtype == torch.float32 and got.is_contiguous()
    assert_close("out", in_float64(x["q"], x["k"], x["v"]), got, LIMIT)
    # Cast once on the way in, and the definition on the same numbers: the error is not the inputs' alone.
    assert relative_rms(torch_sdpa.forward(**x), got) > 1e-4 or case.S == 1, "fp32 answered"


def test_the_sizes_that_ship_match_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(torch_bf16, "multiplies_bf16", lambda: True)
    x = Case(torch_bf16.MANY + 1, -(-torch_bf16.LONG // torch_bf16.MANY), 2, 1, 64).inputs()
    x = {name: value[:1] for name, value in x.items() if value is not None}
    with torch.no_grad():
        got = rounded(**x, pad=None)
    assert_close("out", reference.forward(**x, pad=None), got, LIMIT)


def test_strides_do_not_matter() -> None:
    """Heads before tokens in memory, and keys that are part of a cache with room."""
    x = Case(37, 70, 4, 2, 64).inputs()
    want = rounded(**x)
    q = x["q"].transpose(1, 2).contiguous().transpose(1, 2)
    k, v = (torch.cat((y, y * float("nan")), dim=1)[:, :70] for y in (x["k"], x["v"]))
    assert torch.equal(want, rounded(q, k, v, None))


def test_chunks_equal_one_pass() -> None:
    x = Case(150, 150, 4, 2, 64).inputs()
    whole = rounded(**x)
    parts = [
        rounded(x["q"][:, begin:end], x["k"][:, :end], x["v"][:, :end], None)
        for begin, end in [(0, 1), (1, 70), (70, 149), (149, 150)]
    ]
    assert_close("out", whole, torch.cat(parts, dim=1), LIMIT)


@pytest.mark.parametrize("sign", [1, -1])
def test_every_score_far_from_zero(sign: int) -> None:
    """All of a row's scores near 50, or near -50: without a maximum their sum is 1e23, or 1e-20."""
    x = Case(70, 70, 4, 2, 64).inputs()
    q, k = x["q"] * 0.05 + sign * 2.5, x["k"] * 0.05 + 2.5  # 2.5 * 2.5 * 64 / 8 is 50
    assert torch_bf16.within_range(q, k, x["v"])
    # Eight bits of 72, in powers of two, are off by a quarter at most: a tenth of a weight, on the average.
    assert_close("out", in_float64(q, k, x["v"]), rounded(q, k, x["v"], None), 0.15)


def test_one_key_among_many_is_read() -> None:
    x = Case(1, 3000, 4, 2, 64).inputs()
    x["q"][:] = x["k"][:, 1234].repeat_interleave(2, dim=1)[:, None] * 4
    want = x["v"][:, 1234].repeat_interleave(2, dim=1)[:, None]
    assert_close("out", want, rounded(**x), LIMIT)


def large(x: dict[str, Tensor]) -> dict[str, Tensor]:
    return x | {"q": x["q"] * 30}


def put(name: str, value: float) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    def change(x: dict[str, Tensor]) -> dict[str, Tensor]:
        x[name][0, 3, 0, 1] = value
        return x

    return change


OUT_OF_RANGE = {
    "scores": large,
    "large values": lambda x: x | {"v": x["v"] * 1e25},
    "small values": lambda x: x | {"v": x["v"] * 1e-28},
    "no values": lambda x: x | {"v": x["v"] * 0},
    **{f"{n} {value}": put(n, value) for n in "qkv" for value in (float("nan"), float("inf"), -float("inf"))},
}


@pytest.mark.parametrize("change", OUT_OF_RANGE.values(), ids=OUT_OF_RANGE)
def test_out_of_range_is_left_to_fp32(change: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit for bit what it was, NaN and all."""
    monkeypatch.setattr(torch_bf16, "_blocks", forbidden)
    x = change(Case(20, 33, 4, 2, 64).inputs())
    want = torch_sdpa.forward(**x)
    assert torch.equal(want.nan_to_num(7.0), rounded(**x).nan_to_num(7.0))


def forbidden(*_: Tensor) -> Tensor:
    raise AssertionError("blocks of bf16 were asked")


def usual(**options: Any) -> dict[str, Any]:
    return Case(20, 33, 4, 2, 64, **options).inputs()


# Name -> what is asked, and which of the limits is moved for it.
OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "padding": (usual(pad=(0, 3)), {}),
    "a cache with room": (usual() | {"length": torch.tensor([30])}, {}),
    "bf16 models": (usual(dtype=torch.bfloat16), {}),
    "gradients": ({n: None if x is None else x.requires_grad_() for n, x in usual().items()}, {}),
    "few queries": (usual(), {"MANY": 21}),
    "short prompts": (usual(), {"LONG": 20 * 33 + 1}),
    "CPUs without bf16": (usual(), {"multiplies_bf16": lambda: False}),
}


@pytest.mark.parametrize(("x", "limits"), OTHERS.values(), ids=OTHERS)
def test_what_else_is_left_to_fp32(
    x: dict[str, Any], limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_bf16, "_blocks", forbidden)
    for name, value in limits.items():
        monkeypatch.setattr(torch_bf16, name, value)
    assert torch.equal(torch_sdpa.forward(**x), rounded(**x))


def test_nothing_is_rounded_without_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_bf16, "_blocks", forbidden)
    x = Case(20, 33, 4, 2, 64).inputs()
    assert torch.equal(softmax_attention(**x), torch_sdpa.forward(**x))
    with use_backend("torch"):
        assert torch.equal(softmax_attention(**x, rounded=True), torch_sdpa.forward(**x))
