"""Cards of softmax attention with 64 query and 8 key heads: one token after a long context, whole and later chunks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import softmax_attention
from minimax_vl.kernels.attention import reference
from minimax_vl.kernels.testing import relative_rms

H, G, D = 64, 8, 128
PEERS = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION}
# One wave, or two, of as many programs as fit: 70 KB of tiles at 64 keys and 3 stages, three to a multiprocessor.
DECODE = tuple(
    {"BLOCK": block, "PROGRAMS": programs, "LEAST": 128, "num_warps": warps, "num_stages": stages}
    for block, programs, warps, stages in (
        (64, 392, 4, 3), (64, 784, 4, 3), (64, 264, 4, 4), (128, 392, 4, 2), (128, 264, 8, 2), (128, 128, 8, 3),
        (32, 392, 4, 5), (64, 392, 2, 3), (64, 392, 8, 3), (64, 392, 4, 2),
    )
)  # fmt: skip
PREFILL = tuple(
    {"ROWS": rows, "BLOCK": block, "num_warps": warps, "num_stages": stages}
    for rows, block, warps, stages in (
        (128, 128, 8, 2), (64, 64, 4, 3), (128, 64, 8, 2), (128, 64, 8, 4), (64, 128, 4, 2), (128, 128, 8, 3),
    )
)  # fmt: skip


def inputs(T: int, S: int, device: torch.device, heads: tuple[int, int] = (H, G)) -> tuple[Tensor, ...]:
    """q [1, T, H, D], k, v [1, S, G, D]"""
    shapes = ((T, heads[0]), (S, heads[1]), (S, heads[1]))
    return tuple(torch.randn(1, n, h, D, device=device, dtype=torch.bfloat16) for n, h in shapes)


def decode_jobs(S: int) -> Callable[[torch.device], dict[str, Job]]:
    """Ours reads the length on the device; SDPA gets keys by head, and the heads of a group also as query rows."""

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        q, k, v = inputs(1, S, device)
        length = torch.full((1,), S, device=device)
        made: dict[str, Job] = {"ours": lambda: softmax_attention(q, k, v, None, length)}
        if device.type != "cuda":
            return made | {"torch": lambda: softmax_attention(q, k, v)}
        by_head = tuple(x.transpose(1, 2).contiguous() for x in (k, v))
        for name, backend in PEERS.items():
            made[name] = partial(_sdpa, backend, q.transpose(1, 2), *by_head)
            made[f"{name}, heads as rows"] = partial(_sdpa, backend, q.view(1, G, H // G, D), *by_head)
        return made

    return jobs


def prefill_jobs(T: int, S: int) -> Callable[[torch.device], dict[str, Job]]:
    """The last T of S positions; `ours` is what the model runs, which for a whole prompt is one of the peers."""

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        q, k, v = inputs(T, S, device)
        made: dict[str, Job] = {"ours": lambda: softmax_attention(q, k, v)}
        if device.type != "cuda":
            return made
        given = tuple(x.transpose(1, 2) for x in (q, k, v))
        if T == S:
            from minimax_vl.kernels.attention.triton_prefill import prefill

            made["our kernel"] = lambda: prefill(q, k, v, None, None)
            return made | {
                name: partial(_sdpa, backend, *given, is_causal=True) for name, backend in PEERS.items()
            }
        from torch.nn.attention.bias import causal_lower_right

        late = causal_lower_right(T, S)
        return made | {"flash": partial(_sdpa, PEERS["flash"], *given, attn_mask=late)}

    return jobs


def check(T: int, S: int) -> Callable[[torch.device], dict[str, float]]:
    """A ragged end, half of a second block of every tile."""

    @torch.no_grad()
    def errors(device: torch.device) -> dict[str, float]:
        q, k, v = inputs(T, S, device, (16, 2))
        exact = reference.forward(q.double(), k.double(), v.double(), None)
        return {"ours": relative_rms(exact, softmax_attention(q, k, v))}

    return errors


@torch.no_grad()
def _sdpa(backend: SDPBackend, q: Tensor, k: Tensor, v: Tensor, **options: object) -> Tensor:
    with sdpa_kernel(backend):
        grouped = q.shape[1] != k.shape[1]
        return F.scaled_dot_product_attention(q, k, v, enable_gqa=grouped, **options)  # pyright: ignore


def _decode(name: str, S: int) -> Card:
    return Card(
        op="softmax_decode",
        shape=f"KV{name}",
        bytes=2 * 2 * S * G * D,
        flops=4 * S * H * D,
        build=decode_jobs(S),
        check=check(1, 1111),
        slot="attention.decode",
        candidates=DECODE,
        graph=S <= 131_072,
    )


def _prefill(op: str, T: int, S: int) -> Card:
    later = T < S
    return Card(
        op=op,
        shape=f"T{T}" + f" of {S}" * later,
        bytes=2 * (2 * T * H + 2 * S * G) * D,
        flops=4 * H * D * (T * (S - T) + T * T // 2),
        build=prefill_jobs(T, S),
        check=check(333, 777) if later else check(333, 333),
        slot="attention.prefill" if later else None,
        candidates=PREFILL if later else (),
    )


CARDS = [
    _decode("16k", 16_384),
    _decode("128k", 131_072),
    _decode("1M", 1 << 20),
    _prefill("softmax_prefill", 16_384, 16_384),
    _prefill("softmax_chunk", 4096, 16_384),
]
