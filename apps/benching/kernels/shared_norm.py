"""Cards of what stands before and after a sum over two GPUs, as the release's lightning layers have it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import norm_of_parts, part_of_norm
from minimax_vl.kernels.shared_norm import reference
from minimax_vl.kernels.shared_norm.cases import Case
from minimax_vl.kernels.testing import relative_rms

PARTS, WIDTH, COLUMNS, EPS = 2, 4096, 6144, 1e-6
CANDIDATES = tuple(
    {"BLOCK": block, "num_warps": warps, "num_stages": 1} for block in (1024, 2048, 8192) for warps in (4, 8)
)


def build(op: str, rows: int) -> Callable[[torch.device], dict[str, Job]]:
    """Ours, PyTorch op by op, and PyTorch compiled."""

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        product = torch.randn(rows, COLUMNS, device=device).bfloat16()
        x = torch.randn(rows, WIDTH, device=device).bfloat16()
        total = torch.rand(rows * COLUMNS + rows, device=device)
        before, after = (product, x, EPS), (total, PARTS, EPS, product)
        plain: Callable[..., Tensor] = reference.part if op == "part_of_norm" else reference.together
        ours: Callable[..., Tensor] = part_of_norm if op == "part_of_norm" else norm_of_parts
        given = before if op == "part_of_norm" else after
        made: dict[str, Job] = {"ours": lambda: ours(*given), "torch": lambda: plain(*given)}
        if device.type == "cuda":
            compiled = torch.compile(plain, dynamic=False)
            made["torch.compile"] = lambda: compiled(*given)
        return made

    return jobs


@torch.no_grad()
def check(device: torch.device) -> dict[str, float]:
    """Both in turn, on 37 rows."""
    case = Case((37,), PARTS, WIDTH, COLUMNS)
    given = case.inputs(str(device), torch.bfloat16)
    total = torch.stack([part_of_norm(*one, EPS) for one in given]).sum(0)
    return {"ours": relative_rms(case.exact(given), norm_of_parts(total, PARTS, EPS, given[0][0]))}


def _card(op: str, rows: int) -> Card:
    read = 2 * WIDTH if op == "part_of_norm" else 0
    return Card(
        op=op,
        shape=f"T{rows}",
        bytes=rows * (read + (2 + 4) * COLUMNS),  # bf16 on one side of the message, fp32 in it
        flops=0,
        build=build(op, rows),
        check=check,
        slot=f"shared_norm.{'part' if op == 'part_of_norm' else 'together'}" if rows > 1 else None,
        candidates=CANDIDATES if rows > 1 else (),
        graph=rows == 1,
    )


CARDS = [_card(op, rows) for rows in (16384, 1) for op in ("part_of_norm", "norm_of_parts")]
