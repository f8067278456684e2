"""Attention kernels against float64: groups, padding, later chunks, lengths known on the device alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import softmax_attention
from minimax_vl.kernels.attention import reference, triton_prefill
from minimax_vl.kernels.attention.cases import Case
from minimax_vl.kernels.attention.triton_decode import splits_of
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.configs import use_config
from minimax_vl.kernels.testing import assert_close

LIMIT = {torch.float32: 2e-6, torch.bfloat16: 6e-3}
SMALL = {"BLOCK": 16, "PROGRAMS": 16, "LEAST": 16, "num_warps": 4, "num_stages": 2}
TILES = {"ROWS": 32, "BLOCK": 16, "num_warps": 4, "num_stages": 2}


@pytest.fixture(autouse=True)
def on_triton(triton_device: str):
    with (
        use_backend("triton", "softmax_attention"),
        use_config("attention.decode", SMALL),
        use_config("attention.prefill", TILES),
        torch.inference_mode(),
    ):
        yield


def exact(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    """The definition computes in fp32: of float64 inputs its rounding is far below a kernel's."""
    return reference.forward(q.double(), k.double(), v.double(), pad, length)


def live(out: Tensor, S: int, pad: Tensor | None) -> Tensor:
    """Zero the rows of padded queries [B, T, H, D], which mean nothing."""
    if pad is None:
        return out
    place = torch.arange(S - out.shape[1], S, device=out.device)
    return out * (place >= pad[:, None])[..., None, None]


CASES = [
    Case(1, 1, 4, 2, 16),
    Case(1, 17, 4, 1, 64),
    Case(1, 100, 16, 2, 128),  # the release's group of eight
    Case(1, 100, 24, 1, 16),  # a group wider than a tile of sixteen
    Case(1, 70, 4, 4, 16, pad=(0, 13, 69)),
    Case(1, 70, 8, 1, 64, pad=(0, 33), dtype=torch.bfloat16),
    Case(5, 5, 4, 2, 16),
    Case(70, 70, 4, 2, 16),
    Case(33, 100, 4, 1, 16),
    Case(40, 40, 4, 2, 16, pad=(0, 13, 39)),
    Case(31, 64, 4, 2, 16, pad=(5, 33, 63)),
    Case(33, 40, 4, 2, 64, pad=(0, 9), dtype=torch.bfloat16),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_matches_the_definition(case: Case, triton_device: str) -> None:
    x = case.inputs(triton_device)
    got = softmax_attention(**x)
    assert got.dtype == case.dtype and got.isfinite().all()
    assert_close("out", live(exact(**x), case.S, x["pad"]), live(got, case.S, x["pad"]), LIMIT[case.dtype])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_cache_with_room_to_spare(case: Case, triton_device: str) -> None:
    """Positions after `length` may hold anything, NaN included; keys of strided heads as a cache holds them."""
    x = case.inputs(triton_device)
    wide = {name: torch.full((x[name].shape[0], 131, *x[name].shape[2:]), torch.nan) for name in "kv"}
    room = {name: value.to(triton_device, case.dtype) for name, value in wide.items()}
    for name, value in room.items():
        value[:, : case.S] = x[name]
    got = softmax_attention(x["q"], **room, pad=x["pad"], length=torch.tensor([case.S], device=triton_device))
    want = exact(**x)
    assert_close("out", live(want, case.S, x["pad"]), live(got, case.S, x["pad"]), LIMIT[case.dtype])


@pytest.mark.parametrize("T", [1, 5])
def test_padding_that_is_strided(T: int, triton_device: str) -> None:
    x = Case(T, 40, 4, 2, 16, pad=(7, 7)).inputs(triton_device)
    want, beside = softmax_attention(**x), torch.tensor([7, 0, 7, 0], device=triton_device)
    for pad in (beside[::2], beside[:1].expand(2)):
        assert torch.equal(want, softmax_attention(**x | {"pad": pad}))


@pytest.mark.parametrize("S", [1, 15, 16, 17, 255, 256, 257])
def test_splits_cover_every_key_once(S: int, triton_device: str) -> None:
    x = Case(1, S, 2, 1, 16).inputs(triton_device)
    assert_close("out", exact(**x), softmax_attention(**x), LIMIT[torch.float32])


def test_splits_follow_from_shapes_alone() -> None:
    config = SMALL | {"PROGRAMS": 512, "LEAST": 128}
    assert [splits_of(8, S, config) for S in (1, 128, 300, 16384, 1 << 20)] == [1, 1, 2, 64, 64]
    assert [splits_of(groups, 1 << 20, config) for groups in (1, 64, 512, 4096)] == [128, 8, 1, 1]


def test_far_scores_do_not_overflow(triton_device: str) -> None:
    for T in (1, 20):
        x = Case(T, 40, 2, 1, 16).inputs(triton_device)
        x["q"] = x["q"] * 1e4
        assert softmax_attention(**x).isfinite().all()


@pytest.mark.gpu
@pytest.mark.parametrize("S", [333, 16_384, 131_072])
@pytest.mark.parametrize("B", [1, 3])
def test_release_decode(B: int, S: int, triton_device: str) -> None:
    make = torch.Generator(triton_device).manual_seed(S)
    q, k, v = (
        torch.randn(B, n, heads, 128, generator=make, device=triton_device, dtype=torch.bfloat16)
        for n, heads in ((1, 64), (S, 8), (S, 8))
    )
    pad = torch.tensor([0, 7, S - 2][:B], device=triton_device)
    with use_config("attention.decode", table("attention.decode")):
        got = softmax_attention(q, k, v, pad)
        again = softmax_attention(q, k, v, pad, torch.tensor([S], device=triton_device))
    want = reference.forward(q.double(), k.double(), v.double(), pad)
    assert_close("out", want, got, 4e-3)
    assert torch.equal(got, again)


@pytest.mark.gpu
@pytest.mark.parametrize("D", [64, 128])
@pytest.mark.parametrize(("T", "S"), [(777, 777), (513, 1800)])
def test_release_prefill(T: int, S: int, D: int, triton_device: str) -> None:
    x = Case(T, S, 16, 2, D, pad=(0, 130), dtype=torch.bfloat16).inputs(triton_device)
    with use_config("attention.prefill", table("attention.prefill")):
        got = triton_prefill.prefill(**x, length=None)
    want = reference.forward(x["q"].double(), x["k"].double(), x["v"].double(), x["pad"])
    assert_close("out", live(want, S, x["pad"]), live(got, S, x["pad"]), 4e-3)


def table(slot: str) -> dict[str, int]:
    """What the package itself would use."""
    from minimax_vl.kernels.attention.configs import CONFIGS
    from minimax_vl.kernels.configs import architecture

    return CONFIGS[slot].get(architecture(), CONFIGS[slot]["default"])
