"""Weights of 8 and 4 bits: packing is exact to undo, and every backend computes with what the integers stand for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from minimax_vl.kernels.backends import TABLE, use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.cpu import FEW
from minimax_vl.kernels.experts import expert_mlp, expert_mlp_quantised
from minimax_vl.kernels.experts import torch_bf16 as experts_bf16
from minimax_vl.kernels.experts.cases import Case
from minimax_vl.kernels.quantised import (
    QuantisedWeight,
    dequantise,
    linear_operand,
    linear_quantised,
    linear_rounds,
    linear_unsummed,
    quantise,
    torch_bf16,
)
from minimax_vl.kernels.quantised.pack import GROUP, integers, quantise_groups
from minimax_vl.kernels.testing import assert_close, relative_rms
from minimax_vl.kernels.unsummed import Unsummed

BITS = (8, 4)
BF16 = torch.bfloat16
TOLERANCE = {torch.float32: 1e-5, BF16: 4e-3}


def tolerance(backend: str, dtype: torch.dtype, bits: int) -> float:
    """The row for CPUs rounds int8's x to bf16 whatever it was."""
    return TOLERANCE[BF16 if backend == "bf16" and bits == 8 else dtype]


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def moved(w: QuantisedWeight, device: str) -> QuantisedWeight:
    return QuantisedWeight(w.data.to(device), w.scale.to(device), w.bits, w.group, w.shape)


@pytest.fixture
def where(request: pytest.FixtureRequest, backend: str, device: str) -> str:
    """The device for a backend; Triton's may be the interpreter."""
    return request.getfixturevalue("triton_device") if backend == "triton" else device


@given(rows=st.integers(1, 5), depth=st.integers(1, 600))
@settings(deadline=None, max_examples=30)
def test_every_weight_is_off_by_half_a_step_at_most(rows: int, depth: int) -> None:
    w = random(rows, depth, seed=depth)
    step = w.abs().amax(-1, keepdim=True) / 127
    back = dequantise(quantise(w, 8))
    assert back.shape == w.shape
    assert ((back - w).abs() <= step * (0.5 + 1e-4)).all()


@given(rows=st.integers(1, 5), depth=st.integers(1, 600), heavy=st.booleans())
@settings(deadline=None, max_examples=30)
def test_no_group_is_off_by_more_than_the_plain_scale_gives(rows: int, depth: int, heavy: bool) -> None:
    w = random(rows, depth, seed=depth)
    w = w**3 if heavy else w
    back = dequantise(quantise(w, 4))
    assert back.shape == w.shape
    groups, kept = (torch.nn.functional.pad(x, (0, -depth % GROUP)).view(rows, -1, GROUP) for x in (w, back))
    scale = (groups.abs().amax(-1, keepdim=True) / 7).bfloat16().float()
    plain = (groups / scale).round().clamp(-7, 7) * scale
    error, usual = ((x - groups).square().sum(-1) for x in (kept, plain))
    assert (error <= usual * (1 + 1e-5)).all()


def test_int4_costs_a_tenth_of_normal_weights() -> None:
    """0.117 by the largest weight over seven; 0.103 with sixteen numbers instead of fifteen; the rest is the choice."""
    w = random(64, 1024)
    assert (dequantise(quantise(w, 4)) - w).norm() < 0.099 * w.norm()


@pytest.mark.parametrize("bits", BITS)
def test_packing_what_was_unpacked_changes_nothing(bits: int) -> None:
    once = dequantise(quantise(random(3, 5, 300).requires_grad_(), bits))
    assert not once.requires_grad, "the scales hold on to the parameter"
    assert torch.equal(dequantise(quantise(once, bits)), once)


def test_the_halves_of_a_block_share_its_bytes() -> None:
    w = torch.zeros(1, 512)
    w[0, 0], w[0, 128], w[0, 256 + 5] = 7.0, -7.0, 7.0
    data, scale = quantise_groups(w)
    assert data.shape == (1, 256)
    assert scale.shape == (4, 1)
    assert data[0, 0] == (7 + 8) | ((-7 + 8) << 4)
    assert data[0, GROUP + 5] == (7 + 8) | (8 << 4)


@pytest.mark.parametrize("bits", BITS)
def test_a_row_of_zeros_and_an_expert_of_a_stack(bits: int) -> None:
    w = random(3, 4, 256)
    w[1, 2] = 0
    q = quantise(w, bits)
    assert (dequantise(q)[1, 2] == 0).all()
    assert torch.equal(dequantise(q[1]), dequantise(q)[1])


@pytest.mark.parametrize("backend", TABLE["linear_quantised"])
@pytest.mark.parametrize("bits", BITS)
def test_every_byte_is_read_exactly(bits: int, backend: str, where: str) -> None:
    """x picks single weights out of a matrix of all 256 bytes: the answer has no rounding in it."""
    data = torch.arange(256).to(torch.uint8).view(2, 128)
    scale = torch.ones(2) if bits == 8 else torch.ones(2, 2, dtype=BF16)
    q = QuantisedWeight(
        data.view(torch.int8) if bits == 8 else data, scale, bits, GROUP, (2, 128 if bits == 8 else 256)
    )
    x = torch.eye(q.shape[1], dtype=BF16)
    with use_backend(backend, "linear_quantised"):
        for part in x.split(64):
            got = linear_quantised(part.to(where), moved(q, where)).cpu()
            assert torch.equal(got.float(), part.float() @ integers(q).float().T)


@pytest.mark.parametrize("backend", TABLE["linear_quantised"])
@pytest.mark.parametrize("dtype", [torch.float32, BF16], ids=str)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("N", [1, 17, 65])
def test_linear_matches_float64(N: int, bits: int, dtype: torch.dtype, backend: str, where: str) -> None:
    x, q = random(N, 296).to(where, dtype), moved(quantise(random(90, 296), bits), where)
    with use_backend(backend, "linear_quantised"):
        got = linear_quantised(x, q)
    assert got.dtype == dtype
    assert_close("out", x.double() @ dequantise(q).double().T, got, tolerance(backend, dtype, bits))


@pytest.mark.parametrize("backend", TABLE["linear_quantised"])
@pytest.mark.parametrize("N", [1, 10, 17, 65])
def test_a_result_in_fp32_is_not_rounded_on_the_way(N: int, backend: str, where: str) -> None:
    """To bf16 it would be off by 1.7e-3; two bytes a number cost 4e-5."""
    x, q = random(N, 320).to(where, BF16), moved(quantise(random(90, 320), 8), where)
    with use_backend(backend, "linear_quantised"):
        got = linear_quantised(x, q, torch.float32)
    assert got.dtype == torch.float32
    assert_close("out", x.double() @ dequantise(q).double().T, got, 1e-4)


@pytest.mark.parametrize("K", [288, 296])
@pytest.mark.parametrize("N", [1, FEW, FEW + 1])
@pytest.mark.parametrize("skip", [0, 1], ids=["aligned", "amid a buffer"])
def test_whole_vectors_and_others_on_a_cpu(skip: int, N: int, K: int) -> None:
    """PyTorch's kernel for few rows reads 16 numbers at once; where it may not, another product takes its place."""
    x = random(skip + N * K)[skip:].view(N, K).to(BF16)
    data = torch.cat((torch.zeros(skip, dtype=torch.int8), quantise(random(90, K), 8).data.flatten()))
    integers = data[skip:].view(90, K)
    got = torch_bf16.sums(x, integers)
    assert_close("out", x.double() @ integers.double().T, got, TOLERANCE[BF16])


@pytest.mark.parametrize("N", [FEW, FEW + 1, 96, 97, 300])
def test_scales_go_onto_sums_or_matrix(N: int) -> None:
    """Onto the matrix from more rows than columns on; and what several products share is cast once for all."""
    x, q = random(N, 96), quantise(random(90, 96), 8)
    with use_backend("bf16", "linear_quantised"):
        assert linear_rounds(q) == torch_bf16.multiplies_bf16()
        shared = linear_operand(x, q)
        assert shared.dtype == (BF16 if N > FEW and torch_bf16.multiplies_bf16() else torch.float32)
        for given in (x, shared):
            got = linear_quantised(given, q)
            assert got.dtype == given.dtype
            assert_close("out", x.double() @ dequantise(q).double().T, got, TOLERANCE[BF16])
    with use_backend("torch", "linear_quantised"):
        assert linear_operand(x, q) is x and not linear_rounds(q)
    assert linear_operand(x, quantise(random(90, 96), 4)) is x
    assert not linear_rounds(quantise(random(90, 96), 4))


def test_a_cpu_without_bf16_multiplies_many_rows_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_bf16, "multiplies_bf16", lambda: False)
    monkeypatch.setattr(experts_bf16, "multiplies_bf16", lambda: False)
    q = quantise(random(90, 64), 8)
    for N, limit in ((FEW, TOLERANCE[BF16]), (FEW + 1, TOLERANCE[torch.float32])):
        x = random(N, 64)
        with use_backend("bf16"):
            got = linear_quantised(x, q)
        error = relative_rms(x.double() @ dequantise(q).double().T, got)
        assert limit / 10 < error < limit if N == FEW else error < limit
        case = Case(N, X=4, K=2, C=64, F=32).inputs("cpu")
        w13, w2 = quantise(case.pop("w13"), 8), quantise(case.pop("w2"), 8)
        results = []
        for row in ("bf16", "torch"):
            with use_backend(row, "expert_mlp_quantised"):
                results.append(expert_mlp_quantised(**case, w13=w13, w2=w2))
        assert torch.equal(*results)


@pytest.mark.parametrize(
    "options",
    [
        {"SWAP": 0},
        {"TMA": 1, "SPLIT": 1},
        {"BN": 128, "BM": 32, "SPLIT": 3},
        {"LIMBS": 1},
        {"LIMBS": 1, "BM": 4, "TMA": 1, "SPLIT": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("bits", BITS)
def test_every_option_of_the_kernel_gives_the_same(
    bits: int, options: dict[str, int], triton_device: str
) -> None:
    x, q = random(5, 640).to(triton_device, BF16), moved(quantise(random(70, 640), bits), triton_device)
    slot = f"quantised.int{bits}.N8"
    with use_backend("triton", "linear_quantised"), use_config(slot, config_of(slot) | options):
        assert_close("out", x.double() @ dequantise(q).double().T, linear_quantised(x, q), TOLERANCE[BF16])


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(
    "case", [Case(1, X=4, K=2), Case(11, X=3, K=2), Case(9, X=3, K=1, load="one")], ids=str
)
def test_experts_with_activations_of_two_bytes(case: Case, bits: int, triton_device: str) -> None:
    case = replace(case, C=328, F=136, dtype=BF16)
    x = case.inputs(triton_device)
    # A token of zeros has no unit; one whose largest number dwarfs the others keeps them all the same.
    x["x"][0, 5] = 300.0
    if case.N > 1:
        x["x"][1] = 0
    w13, w2 = quantise(x.pop("w13"), bits), quantise(x.pop("w2"), bits)
    exact = {k: v.double() if v.is_floating_point() else v for k, v in x.items()}
    with use_backend("torch", "expert_mlp"):
        want = expert_mlp(**exact, w13=dequantise(w13).double(), w2=dequantise(w2).double())
    slots = [f"experts.{part}.int{bits}.N{1 if case.N == 1 else 16}" for part in ("gate_up", "down")]
    with use_backend("triton", "expert_mlp_quantised"), ExitStack() as stack:
        for slot in slots:
            stack.enter_context(use_config(slot, config_of(slot) | {"LIMBS": 1, "BM": 4}))
        got = expert_mlp_quantised(**x, w13=w13, w2=w2)
    assert_close("out", want, got, TOLERANCE[BF16])


@pytest.mark.parametrize("dtype", [torch.float32, BF16], ids=str)
@pytest.mark.parametrize("K", [1, 256, 300])
def test_two_bytes_keep_a_number_to_its_row_s_unit(K: int, dtype: torch.dtype, triton_device: str) -> None:
    from minimax_vl.kernels.quantised.triton_limbs import limbs_of

    x = random(4, K).to(triton_device, dtype)
    x[1] = 0
    x[2] = x[2].abs() * -1e30
    limbs, unit = limbs_of(x)
    first, second = limbs.double().unbind(1)  # [N, P]
    back = unit.double()[:, None] * (256 * first + second)
    assert (back[:, K:] == 0).all()
    most = x.double().abs().amax(1, keepdim=True)
    assert ((back[:, :K] - x.double()).abs() <= most * (0.5 / 32512 + 1e-6)).all()


def test_two_bytes_do_not_hide_what_is_no_number(triton_device: str) -> None:
    from minimax_vl.kernels.quantised.triton_limbs import limbs_of

    x = torch.ones(3, 40, device=triton_device, dtype=BF16)
    x[1, 7], x[2, 0] = float("nan"), float("inf")
    assert limbs_of(x)[1].isfinite().tolist() == [True, False, False]


@pytest.mark.parametrize("backend", TABLE["expert_mlp_quantised"])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(
    "case",
    [
        Case(1, X=4, K=2, C=264, F=136, dtype=BF16),
        Case(3, X=4, K=2, C=264, F=72, dtype=BF16),
        Case(65, X=3, K=1, load="one", C=40, F=64, dtype=BF16),
        Case(3, X=4, K=2, C=24, F=40),
    ],
    ids=str,
)
def test_experts_compute_with_what_the_integers_stand_for(
    case: Case, bits: int, backend: str, where: str
) -> None:
    x = case.inputs(where)
    w13, w2 = quantise(x.pop("w13"), bits), quantise(x.pop("w2"), bits)
    exact = {k: v.double() if v.is_floating_point() else v for k, v in x.items()}
    with use_backend("torch", "expert_mlp"):
        want = expert_mlp(**exact, w13=dequantise(w13).double(), w2=dequantise(w2).double())
    with use_backend(backend, "expert_mlp_quantised"):
        got = expert_mlp_quantised(**x, w13=w13, w2=w2)
    # The plain rows also round gate, up and the unpacked weights.
    assert_close(
        "out", want, got, tolerance(backend, case.dtype, bits) * (2 if backend in ("torch", "bf16") else 1)
    )


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 17, 40), (1, 33, 300)], ids=str)
def test_unpacked_is_each_weight_rounded_once(shape: tuple[int, ...], bits: int, triton_device: str) -> None:
    from minimax_vl.kernels.quantised.triton_dense import unpacked

    q = quantise(random(*shape).to(triton_device), bits)
    assert torch.equal(unpacked(q, BF16), dequantise(q).to(BF16))
    assert torch.equal(unpacked(q, torch.float32), dequantise(q))


@pytest.mark.parametrize("load", ["spread", "one"])
@pytest.mark.parametrize("bits", BITS)
def test_experts_unpacked_for_many_rows(
    bits: int, load: str, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minimax_vl.kernels.experts import triton_experts

    monkeypatch.setattr(triton_experts, "few_of_packed", lambda tokens: "many")
    x = Case(30, X=4, K=2, load=load, C=72, F=64, dtype=BF16).inputs(triton_device)
    w13, w2 = (quantise(x.pop(name), bits) for name in ("w13", "w2"))
    exact = {name: t.double() if t.is_floating_point() else t for name, t in x.items()}
    with use_backend("torch", "expert_mlp"):
        want = expert_mlp(**exact, w13=dequantise(w13).double(), w2=dequantise(w2).double())
    slot = f"experts.gate_up.int{bits}.many"
    with use_backend("triton", "expert_mlp_quantised"):
        with use_config(slot, config_of(slot) | {"UNPACK": 0}):
            packed = expert_mlp_quantised(**x, w13=w13, w2=w2)
        with use_config(slot, config_of(slot) | {"UNPACK": 1}):
            unpacked = expert_mlp_quantised(**x, w13=w13, w2=w2)
            monkeypatch.setattr(triton_experts, "_room_for", lambda size, device: False)
            crowded = expert_mlp_quantised(**x, w13=w13, w2=w2)
    assert not torch.equal(packed, unpacked), "both took the same path"
    assert torch.equal(packed, crowded), "what does not fit is unpacked as it is read"
    for got in (packed, unpacked):
        assert_close("out", want, got, TOLERANCE[BF16])


@pytest.mark.parametrize("N", [1, 9])
@pytest.mark.parametrize("bits", BITS)
def test_a_narrow_and_deep_matrix_is_summed_from_its_parts(bits: int, N: int, triton_device: str) -> None:
    x = random(N, 4200).to(triton_device, BF16)
    q = moved(quantise(random(40, 4200), bits), triton_device)
    with use_backend("triton", "linear_quantised"):
        parts = linear_unsummed(x, q)
        got = linear_quantised(x, q)
    assert isinstance(parts, Unsummed) and len(parts.parts) == {8: 7, 4: 4}[bits]
    assert_close("out", x.double() @ dequantise(q).double().T, got, TOLERANCE[BF16])


@pytest.mark.parametrize(
    ("bits", "rows", "depth", "split"),
    [
        (4, 24576, 6144, 1),  # the release's lightning projections, as tuned
        (4, 8192, 6144, 3),
        (4, 6144, 8192, 4),
        (8, 1024, 6144, 8),  # its keys
        (8, 200064, 6144, 1),  # its head
        (8, 1024, 1024, 2),  # eight steps
        (8, 1024, 200, 1),
        (4, 3, 5, 1),
    ],
)
def test_a_matrix_of_few_tiles_is_split_until_all_processors_work(
    bits: int, rows: int, depth: int, split: int
) -> None:
    from minimax_vl.kernels.quantised.triton_linear import split_of

    width = depth if bits == 8 else -(-depth // 256) * 128
    assert split_of(config_of(f"quantised.int{bits}.N8"), rows, width) == split


def test_errors_shrink_with_bits() -> None:
    w = random(64, 1024)
    errors = [relative_rms(w, dequantise(quantise(w, bits))) for bits in BITS]
    assert errors[0] < 0.01 < errors[1] < 0.12


def test_what_does_not_fit_is_refused() -> None:
    q = quantise(random(4, 8), 8)
    with pytest.raises(ValueError, match="do not fit"):
        linear_quantised(random(2, 9), q)
    with pytest.raises(ValueError, match="8 or 4"):
        quantise(random(4, 8), 3)
    x = Case(3, X=4, K=2).inputs()
    w13, w2 = quantise(x.pop("w13"), 8), quantise(x.pop("w2"), 4)
    with pytest.raises(ValueError, match="the same"):
        expert_mlp_quantised(**x, w13=w13, w2=w2)


@pytest.mark.gpu
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("N", [1, 16, 64, 200])
def test_real_width(N: int, bits: int) -> None:
    x = Case(N, X=4, K=2, C=6144, F=9216, dtype=BF16).inputs("cuda")
    w13, w2 = quantise(x.pop("w13"), bits), quantise(x.pop("w2"), bits)
    exact = {k: v.double() if v.is_floating_point() else v for k, v in x.items()}
    with use_backend("torch", "expert_mlp"):
        want = expert_mlp(**exact, w13=dequantise(w13).double(), w2=dequantise(w2).double())
    with use_backend("triton", "expert_mlp_quantised", "linear_quantised"):
        assert_close("experts", want, expert_mlp_quantised(**x, w13=w13, w2=w2), TOLERANCE[BF16])
        want = x["x"].double() @ dequantise(w13[0]).double().T
        assert_close("linear", want, linear_quantised(x["x"], w13[0]), TOLERANCE[BF16])
