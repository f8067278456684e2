"""Expert MLP in Triton: routing, gate and up with SwiGLU, down, weighted sum; weights of 16, 8 or 4 bits."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import torch
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from minimax_vl.kernels.configs import Config, config_of
from minimax_vl.kernels.early import early
from minimax_vl.kernels.experts import torch_grouped
from minimax_vl.kernels.experts.triton_grouped import (
    down,
    down_staying,
    gate_up,
    gate_up_staying,
    gather,
)
from minimax_vl.kernels.experts.triton_routing import Routing, route
from minimax_vl.kernels.experts.triton_stream import stream
from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.quantised.triton_dense import unpacked
from minimax_vl.kernels.quantised.triton_limbs import DEEPEST, limbs_of
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import wants_gradient
from minimax_vl.kernels.triton_env import INTERPRET
from minimax_vl.kernels.unsummed import Unsummed, left

FEW = (1, 16, 64, 1024)  # tokens up to which each configuration of the streaming kernel is tuned
HALF = (torch.bfloat16, torch.float16)


class Matrices(NamedTuple):
    """One matrix per expert [X, R, K], in whatever format; scale is unused for 16 bits."""

    data: Tensor
    scale: Tensor
    bits: int  # 16 also stands for fp32
    experts: int
    rows: int
    depth: int


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor | Unsummed:
    """Shapes as in `expert_mlp_unsummed`. Gradients are left to the plain PyTorch row."""
    if wants_gradient(x, weights, w13, w2):
        return torch_grouped.forward(x, ids, weights, w13, w2)
    x, ids, weights = x.contiguous(), ids.contiguous(), weights.contiguous()
    up, low = dense(w13.contiguous()), dense(w2.contiguous())
    aligned = x.dtype in HALF and x.dtype == w13.dtype and up.depth % 8 == 0 and low.depth % 8 == 0
    if not aligned:
        return _streamed(x, ids, weights, up, low, "any")
    if x.shape[0] > FEW[-1]:
        return _grouped(x, ids, weights, up, low)
    return _streamed(x, ids, weights, up, low, few_of(x.shape[0]))


def forward_quantised(
    x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight
) -> Tensor | Unsummed:
    """Shapes as in `expert_mlp_quantised_unsummed`."""
    x, ids, weights = x.contiguous(), ids.contiguous(), weights.contiguous()
    few = f"int{w13.bits}.{few_of_packed(x.shape[0])}"
    aligned = x.dtype in HALF and w13.shape[-1] % 8 == 0 and w2.shape[-1] % 8 == 0
    unpack = aligned and config_of(f"experts.gate_up.{few}").get("UNPACK")
    if unpack and _room_for(2 * prod(w13.shape) * x.element_size(), x.device):
        # One after the other: in the release the first takes 7.2 GB while it lasts.
        h, routing = grouped_up(x, ids, dense(unpacked(w13, x.dtype)))
        # The rows of a token's experts stay fp32: in its place stands the rounding of the weights.
        return grouped_down(h, ids, weights, routing, dense(unpacked(w2, x.dtype)), torch.float32)
    return _streamed(x, ids, weights, packed(w13), packed(w2), few)


def _room_for(size: int, device: torch.device) -> bool:
    """Whether so many bytes can be had now. A device that is full of weights goes without what is only faster."""
    if device.type != "cuda":
        return True
    if torch.cuda.is_current_stream_capturing():
        return False
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # by PyTorch, for nobody
    return size < torch.cuda.mem_get_info(device)[0] + kept


def _streamed(
    x: Tensor, ids: Tensor, weights: Tensor, up: Matrices, low: Matrices, few: str
) -> Tensor | Unsummed:
    h, routing = streamed_up(x, ids, up, few)
    return streamed_down(h, ids, weights, routing, low, few)


def streamed_up(x: Tensor, ids: Tensor, up: Matrices, few: str) -> tuple[Tensor, Routing | None]:
    """silu(x w1^T) * (x w3^T), rows sorted by expert [N * K, F], and how they are sorted."""
    config = config_of(f"experts.gate_up.{few}")
    # The slots of one token have different experts: nothing to sort, each slot is a tile.
    routing = None if x.shape[0] == 1 else route(ids, up.experts, config["BM"])
    h = torch.empty(ids.numel(), up.rows // 2, dtype=x.dtype, device=x.device)
    launch(config, x, up, h, ids=ids, routing=routing, K=ids.shape[1], gated=True, gather=True)
    return h, routing


def streamed_down(
    h: Tensor, ids: Tensor, weights: Tensor, routing: Routing | None, low: Matrices, few: str
) -> Tensor | Unsummed:
    """Sorted rows h [N * K, F] to the weighted sum [N, C], left to the next norm where rows are few."""
    config = config_of(f"experts.down.{few}")
    split = config["SPLIT"]
    if routing is not None and config["BM"] != config_of(f"experts.gate_up.{few}")["BM"]:
        routing = route(ids, low.experts, config["BM"])
    # With few rows the parts stay fp32; the sum over a token's experts is then the only rounding.
    dtype = h.dtype if ids.shape[0] > FEW[-1] and split == 1 else torch.float32
    parts = torch.empty(split, ids.numel(), low.rows, dtype=dtype, device=h.device)
    launch(config, h, low, parts, ids=ids, routing=routing, scatter=True)
    return left(Unsummed(parts.view(split, *ids.shape, low.rows), weights, h.dtype))


def launch(
    config: Config, x: Tensor, w: Matrices, y: Tensor, *,
    ids: Tensor | None = None, routing: Routing | None = None, K: int = 1,
    gated: bool = False, gather: bool = False, scatter: bool = False,
) -> None:  # fmt: skip
    """`stream` over experts chosen by `routing`, by `ids` slot for slot, or over one matrix when both are None."""
    config = {"SPLIT": 1, "ASM": 0, "LIMBS": 0, "AHEAD": 0, **config, **early()}
    config.pop("UNPACK", None)
    # fp32 has more digits than two bytes.
    config["LIMBS"] = int(config["LIMBS"] and x.dtype in HALF and w.bits < 16 and w.depth <= DEEPEST)
    config["ASM"] = int(config["ASM"] and x.dtype == torch.bfloat16 and not INTERPRET)
    if x.dtype not in HALF:
        # The configurations are for 16 bits: stages twice as large would not all fit.
        config["num_stages"] = 2
    # A descriptor's rows begin at multiples of 16 bytes.
    config["TMA"] = int(config["TMA"] and w.data.shape[-1] * w.data.element_size() % 16 == 0)
    BM, BN, BK = config["BM"], config["BN"], config["BK"]
    rows, columns = x.shape[0], y.shape[-1]
    wide = cdiv(columns, BN)
    if routing is not None:
        high = routing.tiles.shape[0]
    else:
        high = ids.numel() if ids is not None else cdiv(rows, BM)
    none = y  # a pointer that is not read
    unit = none
    if config["LIMBS"]:
        x, unit = limbs_of(x)
    # The kernel just before may be the router, which writes the ids: not behind limbs, nor behind the first product.
    known = routing is None and (ids is None or not gather or config["LIMBS"])
    config["AHEAD"] *= int(config["EARLY"] and known and _in_lines(w.data))
    data = w.data
    if config["TMA"]:
        data = TensorDescriptor.from_tensor(data.view(-1, data.shape[-1]), [BN, BK])
    stream[(high * wide, config["SPLIT"])](
        x, unit, data, w.data, w.scale, y,
        none if ids is None else ids, *(routing or (none, none, none)),
        rows, columns, w.depth, wide, x.stride(0), y.stride(0) if y.ndim == 3 else 0, K,
        BITS=w.bits, GATED=gated, ROUTED=routing is not None, DIRECT=routing is None and ids is not None,
        GATHER=gather, SCATTER=scatter and routing is not None,
        EVEN=w.data.shape[-1] % BK == 0 and columns % BN == 0,
        **config,
    )  # fmt: skip


def _in_lines(data: Tensor) -> bool:
    """Whether `fetch` may ask for parts of its rows."""
    deep = data.shape[-1] * data.element_size()
    return deep >= 128 and deep % 16 == 0 and data.data_ptr() % 16 == 0


def _grouped(x: Tensor, ids: Tensor, weights: Tensor, up: Matrices, low: Matrices) -> Tensor | Unsummed:
    h, routing = grouped_up(x, ids, up)
    return grouped_down(h, ids, weights, routing, low)


def grouped_up(x: Tensor, ids: Tensor, up: Matrices) -> tuple[Tensor, Routing]:
    """What `streamed_up` returns. Rows are copied into order first: a descriptor loads tiles, not single rows."""
    config = dict(config_of("experts.gate_up.grouped"))
    stay, C, K, width = config.pop("STAY", 0), up.depth, ids.shape[1], up.rows // 2
    order, offsets, tiles = routing = route(ids, up.experts, config["BM"])
    rows = torch.empty(ids.numel(), C, dtype=x.dtype, device=x.device)
    gather[(ids.numel(), cdiv(C, 2048))](x, rows, order, C, K=K, BC=2048, num_warps=4)
    h = torch.empty(ids.numel(), width, dtype=x.dtype, device=x.device)
    wide = cdiv(width, config["BN"])
    w = TensorDescriptor.from_tensor(up.data.view(-1, width, C), [2, config["BN"], config["BK"]])
    given = (w, h, offsets, tiles, C, width, wide)
    if stay:
        whole, _ = _row_tiles(rows, config)
        gate_up_staying[(resident(x, stay),)](whole, *given, up.experts, **_listed(up), **config)
    else:
        gate_up[(len(tiles) * wide,)](*_row_tiles(rows, config), *given, **config)
    return h, routing


def grouped_down(
    h: Tensor, ids: Tensor, weights: Tensor, routing: Routing, low: Matrices, dtype: torch.dtype | None = None
) -> Tensor | Unsummed:
    """What `streamed_down` returns; each expert's row is rounded once to `dtype`, or h's."""
    config = dict(config_of("experts.down.grouped"))
    stay = config.pop("STAY", 0)
    if config["BM"] != config_of("experts.gate_up.grouped")["BM"]:
        routing = route(ids, low.experts, config["BM"])
    made = torch.empty(1, ids.numel(), low.rows, dtype=dtype or h.dtype, device=h.device)
    wide = cdiv(low.rows, config["BN"])
    given = (_tile(low.data, config["BN"], config["BK"]), made, weights, *routing, low.depth, low.rows, wide)
    if stay and dtype is None:  # a tile in fp32 does not fit beside the loads of the next one
        whole, _ = _row_tiles(h, config)
        down_staying[(resident(h, stay),)](whole, *given, low.experts, **_listed(low), **config)
    else:
        down[(len(routing.tiles) * wide,)](*_row_tiles(h, config), *given, **config)
    return left(Unsummed(made.view(1, *ids.shape, low.rows), None, h.dtype))


def resident(x: Tensor, each: int) -> int:
    """Programs that run at once, `each` of them on a multiprocessor; an H200's where there is no GPU."""
    return each * (torch.cuda.get_device_properties(x.device).multi_processor_count if x.is_cuda else 132)


def _listed(w: Matrices) -> dict[str, int]:
    return {"XP": next_power_of_2(w.experts)}


def _row_tiles(x: Tensor, config: Config) -> tuple[TensorDescriptor, TensorDescriptor]:
    return _tile(x, config["BM"], config["BK"]), _tile(x, config["BM"] // 2, config["BK"])


def _tile(x: Tensor, rows: int, depth: int) -> TensorDescriptor:
    return TensorDescriptor.from_tensor(x.view(-1, x.shape[-1]), [rows, depth])


def dense(w: Tensor) -> Matrices:
    """Stacked matrices as they are."""
    return Matrices(w, w, 16, *w.shape)


def packed(w: QuantisedWeight) -> Matrices:
    """Stacked matrices of 8 or 4 bits."""
    return Matrices(w.data, w.scale, w.bits, *w.shape)


def few_of(tokens: int) -> str:
    """The tuned range of tokens that this many fall into."""
    return f"N{next(bound for bound in FEW if tokens <= bound)}"


def few_of_packed(tokens: int) -> str:
    """The same for weights of 8 and 4 bits."""
    if tokens <= 64:
        return few_of(tokens)
    return "any" if tokens <= FEW[-1] else "many"
