"""Softmax attention: every backend against the definition and float64, with caches, groups and padding."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import softmax_attention
from minimax_vl.kernels.attention.cases import TEST, Case
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.testing import assert_agree, assert_close, backends_of, run_with_gradients

OP = "softmax_attention"


def run(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None) -> dict[str, Tensor]:
    out = softmax_attention(q, k, v, pad)
    assert out.dtype == q.dtype and out.isfinite().all()
    return {"out": live(out, k.shape[1], pad)}


def live(out: Tensor, S: int, pad: Tensor | None) -> Tensor:
    """Zero the rows of padded queries [B, T, H, D], which mean nothing."""
    if pad is None:
        return out
    place = torch.arange(S - out.shape[1], S, device=out.device)
    return out * (place >= pad[:, None])[..., None, None]


def in_float64(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None) -> dict[str, Tensor]:
    """One query at a time over exactly the keys it may see; no mask, so no way to get a mask wrong."""
    B, T, H, D = q.shape
    S, G = k.shape[1:3]
    out = []
    for b in range(B):
        first = int(pad[b]) if pad is not None else 0
        for t in range(T):
            seen = slice(min(first, S - T + t), S - T + t + 1)
            for h in range(H):
                score = k[b, seen, h * G // H] @ q[b, t, h] / D**0.5
                out.append(score.softmax(-1) @ v[b, seen, h * G // H])
    return {"out": live(torch.stack(out).view(B, T, H, D), S, pad)}


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_matches_the_definition_and_float64(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    wanted = "qkv" if case.S > 1 else "v"  # with one key, q and k have no influence and no gradient
    exact = run_with_gradients(in_float64, x, wanted, torch.float64)
    with use_backend("reference", OP):
        reference = run_with_gradients(run, x, wanted)
    with use_backend(backend, OP):
        got = run_with_gradients(run, x, wanted)
    assert_agree(exact, got, case.dtype)
    assert_agree(reference, got, case.dtype)


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("pad", [(), (0, 9)], ids=["nopad", "pad"])
def test_later_chunks_equal_one_pass(pad: tuple[int, ...], backend: str, device: str) -> None:
    x = Case(40, 40, 4, 2, 16, pad).inputs(device)
    with use_backend(backend, OP):
        whole = softmax_attention(**x)
        parts = [
            softmax_attention(x["q"][:, begin:end], x["k"][:, :end], x["v"][:, :end], x["pad"])
            for begin, end in [(0, 1), (1, 17), (17, 39), (39, 40)]
        ]
    assert_close("out", live(whole, 40, x["pad"]), live(torch.cat(parts, dim=1), 40, x["pad"]))


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("T", [1, 5])
def test_padded_keys_do_not_matter(T: int, backend: str, device: str) -> None:
    """Values of padded positions may be anything finite: not one bit of a live row changes."""
    x = Case(T, 20, 4, 2, 16, pad=(6, 0)).inputs(device)
    with use_backend(backend, OP):
        before = softmax_attention(**x)
        for name in "kv":
            x[name][0, :6] = 1e3
        after = softmax_attention(**x)
    assert torch.equal(before, after)


@pytest.mark.parametrize("backend", backends_of(OP))
def test_large_scores_do_not_overflow(backend: str, device: str) -> None:
    x = Case(9, 9, 2, 1, 16).inputs(device)
    x["q"] = x["q"] * 1e4
    with use_backend(backend, OP):
        assert softmax_attention(**x).isfinite().all()


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("G", [2, 4])
@pytest.mark.parametrize("T", [1, 5, 20])
@torch.no_grad()
def test_channels_need_not_lie_side_by_side(T: int, G: int, backend: str, device: str) -> None:
    x = Case(T, 20, 4, G, 16).inputs(device)
    with use_backend(backend, OP):
        want = softmax_attention(**x)
        for name in "qkv":
            across = x[name].transpose(2, 3).contiguous().transpose(2, 3)
            assert_close(f"out, {name} by channel", want, softmax_attention(**x | {name: across}))


@pytest.mark.parametrize("rows", [1, 3])
def test_padding_of_another_number_of_rows_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="q has 2 rows"):
        softmax_attention(**Case(3, 3, 4, 2, 8).inputs() | {"pad": torch.zeros(rows, dtype=torch.long)})


def test_shapes_that_do_not_fit_are_refused() -> None:
    x = Case(3, 3, 4, 2, 8).inputs()
    for wrong in (
        {"q": x["q"][:, :, :3]},
        {"k": x["k"][:, :2]},
        {n: x[n][:, :2] for n in "kv"},
        {n: x[n][..., :4] for n in "kv"},
        {n: x[n][:1] for n in "kv"},
        {"q": x["q"][:, :0]},  # PyTorch's own kernel would end the process
        {n: x[n][:0] for n in "qkv"},
    ):
        with pytest.raises(ValueError, match="heads must divide"):
            softmax_attention(**x | wrong)
