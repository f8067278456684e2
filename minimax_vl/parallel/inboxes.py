"""`Inboxes`: short messages between GPUs of one host that write into each other's memory, instead of NCCL's.

A decode step sends two of them for every layer, and waits for each.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any
from zlib import crc32

import torch
from torch import Tensor

from minimax_vl.kernels.backends import runs_on
from minimax_vl.kernels.sizes import cdiv
from minimax_vl.kernels.triton_env import INTERPRET
from minimax_vl.kernels.unsummed import Unsummed

CHANNELS = 256  # programs of a launch at most: all of them fit a GPU at once


class Inboxes:
    """Memory of every rank into which the others write; every rank calls with parts of the same shape."""

    def __init__(self, rank: int, words: Tensor, addresses: list[int], kept: object = None) -> None:
        """words [`words_of`] int64: this rank's, zeros; addresses: of every rank's, as this process reaches them."""
        self.rank, self.size, self._words, self._kept = rank, len(addresses), words, kept
        self._addresses = torch.tensor(addresses, dtype=torch.int64, device=words.device)
        self._messages = torch.zeros(CHANNELS, dtype=torch.int32, device=words.device)

    def hold(self, part: Tensor | Unsummed) -> bool:
        """Whether a part [..., C] is short enough."""
        from minimax_vl.parallel.triton_exchange import BLOCK

        C = part.shape[-1]
        return 0 < part.shape.numel() // C * cdiv(C, BLOCK) <= CHANNELS

    def sum(self, part: Tensor | Unsummed) -> Tensor:
        """[..., C] of every rank -> their sum, added in fp32 and rounded once."""
        return self._exchange(part, part.shape[-1])

    def join(self, part: Tensor) -> Tensor:
        """[..., C] of every rank -> [..., size * C], in the order of ranks."""
        return self._exchange(part, self.size * part.shape[-1])

    def sum_normed(self, part: Tensor | Unsummed, x: Tensor, eps: float) -> Tensor:
        """What `NormOfPart.put_right` makes of part [..., C] and the normed x [..., W]."""
        return self._exchange(part, part.shape[-1], x.reshape(-1, x.shape[-1]).contiguous(), eps)

    def _exchange(
        self, part: Tensor | Unsummed, width: int, normed: Tensor | None = None, eps: float = 0.0
    ) -> Tensor:
        from minimax_vl.parallel.triton_exchange import exchange

        *before, C = part.shape
        rows = part.view(-1, C) if isinstance(part, Unsummed) else part.reshape(-1, C)
        out = torch.empty(rows.shape[0], width, dtype=part.dtype, device=self._words.device)
        exchange(rows, out, self._words, self._addresses, self._messages, self.rank, normed=normed, eps=eps)
        return out.view(*before, width)


def words_of(size: int) -> int:
    """Words of the inbox of each of `size` ranks: 4 MB for every rank."""
    from minimax_vl.parallel.triton_exchange import WIDTH

    return 2 * CHANNELS * size * WIDTH


def open_inboxes(
    rank: int, size: int, device: torch.device, differs: Callable[[int], bool]
) -> Inboxes | None:
    """On all ranks together; None on all of them where one cannot write into another's memory.

    differs: whether ranks come with different numbers, as `Mesh.differs`.
    """

    if device.type != "cuda":
        return None

    def everywhere(fine: bool) -> bool:
        return not differs(int(fine)) and fine

    here = not differs(crc32(socket.gethostname().encode()))
    if not everywhere(here and _reaches_all(size, device)):
        return None
    try:
        inboxes = _rendezvous(rank, size, device)
    except (ImportError, AttributeError, RuntimeError):  # a PyTorch or a system without it
        inboxes = None
    # Also: no rank writes before all inboxes are empty.
    return inboxes if everywhere(inboxes is not None) else None


def _reaches_all(size: int, device: torch.device) -> bool:
    if INTERPRET or not runs_on("triton", "cuda") or os.environ.get("NCCL_P2P_DISABLE") == "1":
        return False
    others = [other for other in range(size) if other != device.index]
    return size <= torch.cuda.device_count() and all(
        torch.cuda.can_device_access_peer(device, other) for other in others
    )


def _rendezvous(rank: int, size: int, device: torch.device) -> Inboxes:
    # It would also set up NVLink's multicast, which is not used here and which not every host allows.
    os.environ.setdefault("TORCH_SYMM_MEM_DISABLE_MULTICAST", "1")
    import torch.distributed as dist
    from torch.distributed import _symmetric_memory as symmetric

    words = symmetric.empty(words_of(size), dtype=torch.int64, device=device).zero_()
    group: Any = dist.group.WORLD
    handle = symmetric.rendezvous(words, group)
    start = words.data_ptr() - handle.buffer_ptrs[rank]  # tensors may share the memory that is met over
    torch.cuda.synchronize(device)
    return Inboxes(rank, words, [address + start for address in handle.buffer_ptrs], kept=handle)
