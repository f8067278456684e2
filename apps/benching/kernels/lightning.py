"""Cards of lightning attention at the release's 64 heads of 128, and at nano's training shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import lightning_attention
from minimax_vl.kernels.lightning import lightning_attention_varlen, torch_chunked
from minimax_vl.kernels.testing import relative_rms

H, D = 64, 128
NANO = (84, 1280, 4, 64)  # B, T, H, D of a training batch
# The fastest head of layer 0, one of its middle, and the slowest of layer 79, which forgets nothing.
DECAY = (0.917, 0.0625, 4e-8)
NAMES = ("C", "BV", "TMA", "num_warps", "num_stages", "maxnreg")


def _tiles(*rows: tuple[int, ...]) -> tuple[dict[str, int], ...]:
    """Rows of NAMES, of which the last may be missing."""
    return tuple(dict(zip(NAMES, row, strict=False)) for row in rows)


# Four warps hold 64 rows of a product and eight hold 128; other pairings compute rows twice.
WALK = _tiles(
    (64, 64, 1, 4, 3), (64, 64, 1, 4, 2), (64, 64, 0, 4, 2), (64, 64, 1, 4, 4), (64, 64, 0, 4, 3), (128, 64, 1, 8, 2),
    (64, 128, 1, 8, 2),
)  # fmt: skip
STATES = _tiles(
    (64, 64, 1, 4, 3), (128, 64, 1, 4, 2), (64, 64, 1, 4, 4), (64, 64, 0, 4, 4), (64, 32, 1, 4, 4), (128, 64, 1, 8, 2),
    (64, 128, 1, 8, 3), (128, 128, 1, 8, 2),
)  # fmt: skip
WALK_64 = _tiles(
    (64, 64, 1, 4, 2, 168), (64, 64, 1, 4, 3, 168), (64, 64, 0, 4, 2, 168), (64, 64, 1, 4, 2), (64, 64, 1, 4, 2, 128),
    (64, 64, 0, 4, 3), (128, 64, 1, 8, 2),
)  # fmt: skip
BACK_64 = _tiles(
    (64, 64, 1, 4, 3), (64, 64, 1, 4, 2), (64, 64, 0, 4, 2), (64, 64, 1, 4, 1), (64, 64, 1, 8, 2),
    (64, 64, 1, 4, 2, 200),
)  # fmt: skip
SEGMENTS = tuple({"PROGRAMS": programs} for programs in (256, 128, 384, 512))
STEP = tuple({"BV": columns, "num_warps": warps} for columns, warps in product((16, 32, 64), (2, 4, 8)))


def rates(heads: int, device: torch.device) -> Tensor:
    """Layer 0's slopes [H]: 2^(-8 (h + 1) / H)."""
    return 2.0 ** (-8 * torch.arange(1, heads + 1, dtype=torch.float32) / heads).to(device)


def inputs(B: int, T: int, heads: int, width: int, device: torch.device) -> tuple[Tensor, ...]:
    """q, k, v [B, T, H, D] of their own, decay [H], state [B, H, D, D]."""
    q, k, v = (torch.randn(B, T, heads, width, device=device, dtype=torch.bfloat16) for _ in range(3))
    return q, k, v, rates(heads, device), torch.zeros(B, heads, width, width, device=device)


def forward_jobs(T: int) -> Callable[[torch.device], dict[str, Job]]:
    @torch.inference_mode()
    def jobs(device: torch.device) -> dict[str, Job]:
        q, k, v, decay, state = inputs(1, T, H, D, device)
        made: dict[str, Job] = {"ours": _quietly(lightning_attention, q, k, v, decay, state)}
        if T <= 16_384:
            made["torch"] = _quietly(torch_chunked.forward, q, k, v, decay, state)
        return made | _fla(q, k, v, decay, state)

    return jobs


def projection_jobs(shape: tuple[int, int, int, int], backward: bool, device: torch.device) -> dict[str, Job]:
    """From the fused projection on: SiLU, then the op on what are views for ours and copies for FLA."""
    B, T, heads, width = shape
    _, _, _, decay, state = inputs(B, 1, heads, width, device)
    fused = torch.randn(B, T, heads, 3 * width, device=device, dtype=torch.bfloat16)
    leaves = tuple(x.detach().requires_grad_(backward) for x in fused.split(width, -1))
    above = torch.randn(B, T, heads, width, device=device, dtype=torch.bfloat16)

    def job(run: Callable[..., Any]) -> Job:
        def call() -> Any:
            with torch.set_grad_enabled(backward):
                out = run(*leaves, decay, state)[0]
                return torch.autograd.grad(out, leaves, above) if backward else out

        return call

    made = {"ours": job(partial(lightning_attention, silu=True))}
    if heads * T <= 100_000:  # more are tens of gigabytes of saved chunks
        made["torch"] = job(partial(torch_chunked.forward, silu=True))
    if fla := _import_fla():
        made["fla"] = job(lambda q, k, v, *rest: _run_fla(fla, F.silu(q), F.silu(k), F.silu(v), *rest))
    return made


@torch.inference_mode()
def varlen_jobs(count: int, each: int, device: torch.device) -> dict[str, Job]:
    q, k, v, decay, _ = inputs(1, count * each, H, D, device)
    states = torch.zeros(count, H, D, D, device=device)
    ends = each * torch.arange(count + 1, device=device)
    made = {"ours": _quietly(lightning_attention_varlen, q[0], k[0], v[0], decay, ends, states)}
    return made | _fla(q, k, v, decay, states, cu_seqlens=ends)


def training_jobs(B: int, T: int, heads: int, width: int, device: torch.device) -> dict[str, Job]:
    q, k, v, decay, state = inputs(B, T, heads, width, device)
    leaves = tuple(x.requires_grad_() for x in (q, k, v))
    above = torch.randn_like(v)

    def both(run: Callable[..., Any]) -> Job:
        def job() -> Any:
            with torch.enable_grad():
                return torch.autograd.grad(run(*leaves, decay, state)[0], leaves, above)

        return job

    fla = _import_fla()
    return {"ours": both(lightning_attention)} | ({"fla": both(partial(_run_fla, fla))} if fla else {})


@torch.inference_mode()
def step_jobs(B: int, device: torch.device) -> dict[str, Job]:
    q, k, v, decay, state = inputs(B, 1, H, D, device)
    made = {
        "ours": _quietly(lightning_attention, q, k, v, decay, state, inplace=True),
        "torch": _quietly(torch_chunked.forward, q, k, v, decay, state),
    }
    try:
        from fla.ops.simple_gla import fused_recurrent_simple_gla as fla  # pyright: ignore
    except Exception:
        return made
    return made | {"fla": _quietly(_run_fla, fla, q, k, v, decay, state)}


def exact(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Every pair of positions with its own weight, in the dtype of the inputs: float64 here."""
    place = torch.arange(q.shape[1], device=q.device)
    distance = place[:, None] - place
    weight = (distance >= 0) * torch.exp(-decay[:, None, None] * distance.clamp_min(0))  # [H, T, T]
    fade = torch.exp(-decay[:, None] * (place + 1))
    left = torch.exp(-decay[:, None] * (len(place) - 1 - place))
    out = torch.einsum("bhtj,htj,bjhe->bthe", torch.einsum("bthd,bjhd->bhtj", q, k), weight, v)
    out = out + torch.einsum("bthd,ht,bhde->bthe", q, fade, state)
    end = torch.einsum("bjhd,hj,bjhe->bhde", k, left, v)
    return out, end + torch.exp(-decay * len(place))[:, None, None] * state


def check(
    T: int, width: int, backward: bool = False, silu: bool = False
) -> Callable[[torch.device], dict[str, float]]:
    """The worst of output and state, or of the gradients, head by head: a slow head is far larger than a fast one."""

    def errors(device: torch.device) -> dict[str, float]:
        q, k, v, _, _ = inputs(1, T, len(DECAY), width, device)
        state = torch.randn(1, len(DECAY), width, width, device=device)
        found, above = {}, torch.randn_like(v)
        runs: dict[str, Callable[..., Any]] = {"ours": partial(lightning_attention, silu=silu)}
        if (fla := _import_fla()) and not backward and not silu:
            runs["fla"] = partial(_run_fla, fla)

        def results(run: Callable[..., Any], *x: Tensor) -> tuple[Tensor, ...]:
            leaves = tuple(t.detach().requires_grad_(backward) for t in x)
            decay = torch.tensor(DECAY, device=device, dtype=torch.float32)
            out, end = run(
                *leaves[:3], decay.to(torch.float64) if x[0].dtype == torch.float64 else decay, leaves[3]
            )
            if not backward:
                return out.transpose(1, 2), end
            grads = torch.autograd.grad(out, leaves, above.to(out.dtype))
            return (*(g.transpose(1, 2) for g in grads[:3]), grads[3])

        # What SiLU gives is rounded to bf16, here as in the layer.
        given = (F.silu(t) for t in (q, k, v)) if silu else (q, k, v)
        want = results(exact, *(t.double() for t in (*given, state)))
        if silu and backward:
            before = (t.double().transpose(1, 2) for t in (q, k, v))
            want = (*map(torch.ops.aten.silu_backward, want[:3], before), want[3])
        for name, run in runs.items():
            got = results(run, q, k, v, state)
            heads = [
                relative_rms(w[:, h], g[:, h])
                for w, g in zip(want, got, strict=True)
                for h in range(len(DECAY))
            ]
            found[name] = max(heads)
        return found

    return errors


def _quietly(run: Callable[..., Any], *args: Any, **options: Any) -> Job:
    return torch.inference_mode()(partial(run, *args, **options))


def _import_fla() -> Callable[..., Any] | None:
    try:
        from fla.ops.simple_gla import chunk_simple_gla  # pyright: ignore
    except Exception:  # absent, or not made for this Triton
        return None
    return chunk_simple_gla


def _run_fla(
    fla: Callable[..., Any], q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor, **options: Any
) -> Any:
    # FLA's own lightning op has other slopes and a scale.
    return fla(q, k, v, g_gamma=-decay, scale=1.0, initial_state=state, output_final_state=True, **options)


def _fla(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor, **options: Any) -> dict[str, Job]:
    fla = _import_fla()
    return {"fla": _quietly(_run_fla, fla, q, k, v, decay, state, **options)} if fla else {}


def _cost(B: int, T: int, heads: int, width: int, units: int, products: float = 1.0) -> dict[str, Any]:
    """`units` tensors of [B, T, H, D] in bf16 and two states in fp32; chunks of 64, half of their square skipped."""
    return {
        "bytes": 2 * units * B * T * heads * width + 8 * B * heads * width**2,
        "flops": int(products * B * T * heads * (2 * 64 * width + 4 * width**2)),
    }


def _forward(name: str, T: int, slot: str | None = None, candidates: tuple[dict[str, int], ...] = ()) -> Card:
    return Card(
        op="lightning_forward",
        shape=f"T{name}",
        **_cost(1, T, H, D, 4),
        build=forward_jobs(T),
        check=check(1111, D),
        slot=slot,
        candidates=candidates,
        graph=T <= 4096,  # shorter than its launches take on a busy host
    )


def _from_projection(
    shape: tuple[int, int, int, int],
    slot: str,
    candidates: tuple[dict[str, int], ...],
    backward: bool = False,
) -> Card:
    B, T, heads, width = shape
    return Card(
        op="lightning_silu_training" if backward else "lightning_silu",
        shape=f"B{B} T{T} H{heads} D{width} from the projection",
        **_cost(*shape, units=11 if backward else 4, products=3.5 if backward else 1.0),
        build=partial(projection_jobs, shape, backward),
        check=check(333, width, backward=backward, silu=True),
        slot=slot,
        candidates=candidates,
        backward=backward,
    )


def _step(B: int, slot: str | None) -> Card:
    return Card(
        op="lightning_decode",
        shape=f"B{B}",
        bytes=8 * B * H * D * D + 8 * B * H * D,
        flops=4 * B * H * D * D,
        build=partial(step_jobs, B),
        check=check(1, D),
        slot=slot,
        candidates=STEP if slot else (),
        graph=True,
    )


CARDS = [
    _forward("4k", 4096, "lightning.segments.short", SEGMENTS),
    _forward("16k", 16_384, "lightning.segments.long", SEGMENTS),
    _forward("64k", 65_536, "lightning.forward.D128", WALK),
    _forward("256k", 262_144, "lightning.states.D128", STATES),
    _from_projection((1, 16_384, H, D), "lightning.silu.D128", WALK),
    _from_projection(NANO, "lightning.silu.D64", WALK_64),
    Card(
        op="lightning_varlen",
        shape="16 x 1024",
        **_cost(1, 16_384, H, D, 4),
        build=partial(varlen_jobs, 16, 1024),
        check=check(333, D),
    ),
    Card(
        op="lightning_training",
        shape=f"B1 T16384 H{H} D{D}",
        **_cost(1, 16_384, H, D, units=11, products=3.5),
        build=partial(training_jobs, 1, 16_384, H, D),
        check=check(777, D, backward=True),
        slot="lightning.backward.D128",
        candidates=WALK[:5],
        backward=True,
    ),
    _from_projection(NANO, "lightning.back.D64", BACK_64, backward=True),
    _step(1, "lightning.step.B4"),
    _step(8, "lightning.step.B16"),
    _step(64, "lightning.step.B64"),
    _step(256, None),
]
