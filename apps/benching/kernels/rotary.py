"""Cards of partial rotary embedding with the store into the cache, as a softmax layer of the release does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import rotary_store
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.rotary import torch_rotary
from minimax_vl.kernels.testing import relative_rms

H, G, D, R = 64, 8, 128, 64  # heads, key heads, width, channels that turn
CANDIDATES = tuple({"num_warps": warps, "num_stages": 1} for warps in (1, 2, 4))


def inputs(tokens: int, device: torch.device) -> dict[str, Any]:
    """q, k, v of `tokens` tokens, their angles, and a cache with as much room again before them."""
    angle = 6.3 * torch.rand(tokens, R // 2, device=device)
    q, k, v = (torch.randn(1, tokens, heads, D, device=device).bfloat16() for heads in (H, G, G))
    keys, values = (torch.zeros(1, 2 * tokens, G, D, device=device, dtype=torch.bfloat16) for _ in "kv")
    return {
        "q": q,
        "k": k,
        "v": v,
        "cos": angle.cos(),
        "sin": angle.sin(),
        "keys": keys,
        "values": values,
        "start": torch.full((1,), tokens, device=device),
    }


def build(tokens: int) -> Callable[[torch.device], dict[str, Job]]:
    """Ours turns q where it lies; the others make a new one."""

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        given = inputs(tokens, device)
        fixed: dict[str, Any] = given | {"start": tokens}
        made: dict[str, Job] = {
            "ours": lambda: rotary_store(**given),
            "torch": lambda: torch_rotary.store(**fixed),
        }
        if device.type == "cuda":
            compiled = torch.compile(torch_rotary.store, dynamic=False)
            made["torch.compile"] = lambda: compiled(**fixed)
        return made

    return jobs


@torch.no_grad()
def check(device: torch.device) -> dict[str, float]:
    """The worst of q, keys and values after 37 tokens."""
    given = inputs(37, device)
    exact = {
        name: x.double() if name in "qkv" or name in ("keys", "values") else x for name, x in given.items()
    }
    with use_backend("reference", "rotary_store"):
        exact["q"] = rotary_store(**exact)
    turned = rotary_store(**given)
    pairs = ((exact["q"], turned), *((exact[name], given[name]) for name in ("keys", "values")))
    return {"ours": max(relative_rms(want, got) for want, got in pairs)}


def _card(tokens: int) -> Card:
    q, kv = H * R, 2 * G * D  # elements of a token, each read and written once
    return Card(
        op="rotary_store",
        shape=f"T{tokens}",
        bytes=2 * 2 * tokens * (q + kv),
        flops=0,
        build=build(tokens),
        check=check,
        slot="rotary.turn" if tokens > 1 else None,
        candidates=CANDIDATES if tokens > 1 else (),
        graph=tokens == 1,
    )


CARDS = [_card(16384), _card(1)]
