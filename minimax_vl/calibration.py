"""int4 by what a model's layers are given: an error of rounding is made good by the columns still to be rounded.

The method is GPTQ (Frantar et al., 2022): column by column, with the inverse of the inputs' second moments. Coordinate
descent on the same error follows it (as in QuantEase, Behdin et al., 2023), over the numbers and over the scales.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, quantise
from minimax_vl.kernels.quantised.pack import BLOCK, GROUP, pack_groups, scale_of_groups
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.quantised import QuantisedExperts, QuantisedLinear, hold_quantised
from minimax_vl.text_backbone.experts import Experts

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

DAMPING = 0.01  # of the mean second moment, added to all: what was never seen must not be believed to be free
PASSES = 3  # of coordinate descent: most of what it gains comes with the first
# (parameter, expert or 0) -> sum of x x^T over its inputs, fp32 [K, K]
Moments = dict[tuple[str, int], Tensor]


def quantise_by_inputs(
    model: VLModel, run: Callable[[], object], told: Callable[[int, int], None] = lambda done, count: None
) -> dict[str, float]:
    """Exchange experts and lightning attention of a dense model for int4, fitted to what `run`, which calls it, shows.

    Rounded to nearest: softmax attention and the head, in int8, and experts that no token chose. Returns the relative
    error of each fitted parameter's outputs on those inputs. `told` hears how many modules are fitted, and of how many.
    """
    wanted = quantised_parameters(model.config, 4)
    names = {name for name, bits in wanted.items() if bits == 4}
    with watching(model, names) as moments:
        run()
    errors: dict[str, float] = {}
    owners = sorted({name.rpartition(".")[0] for name in names})
    for done, owner in enumerate(owners):
        told(done, len(owners))
        module = model.get_submodule(owner)
        if isinstance(module, nn.Linear):
            weight = _fitted(f"{owner}.weight", module.weight[None], moments, errors)[0]
            model.set_submodule(owner, QuantisedLinear(weight, module.bias))
        else:
            assert isinstance(module, Experts)
            parts = [
                _fitted(f"{owner}.{name}", getattr(module, name), moments, errors) for name in ("w13", "w2")
            ]
            model.set_submodule(owner, QuantisedExperts(*parts))
    told(len(owners), len(owners))
    hold_quantised(model, {name: bits for name, bits in wanted.items() if name not in names})
    return errors


@contextmanager
def watching(model: VLModel, names: set[str]) -> Iterator[Moments]:
    """Second moments of what the linears and experts that own `names` are given, gathered call by call.

    The last layer computes all positions meanwhile, though only one is read.
    """
    moments: Moments = {}

    def add(key: tuple[str, int], x: Tensor) -> None:
        x = x.detach().float()
        moments[key] = moments.get(key, 0) + x.T @ x

    def linear(name: str, _module: nn.Module, given: tuple[Tensor, ...]) -> None:
        add((name, 0), given[0].flatten(0, -2))

    def experts(owner: str, module: Any, given: tuple[Tensor, ...]) -> None:
        x, ids, weights = given
        for expert in ids.unique().tolist():
            chosen = ids == expert  # [N, K]
            some = chosen.any(-1)
            rows, share = x[some], weights[chosen][:, None]
            # What an expert gets wrong for a token counts as much as what it says to it.
            add((f"{owner}.w13", expert), rows * share)
            gate, up = F.linear(rows, module.w13[expert]).chunk(2, dim=-1)
            add((f"{owner}.w2", expert), F.silu(gate) * up * share)

    text: Any = model.language_model
    hooks, plain = [], text.hidden_states
    for owner in {name.rpartition(".")[0] for name in names}:
        module = model.get_submodule(owner)
        hook = (
            partial(linear, f"{owner}.weight") if isinstance(module, nn.Linear) else partial(experts, owner)
        )
        hooks.append(module.register_forward_pre_hook(hook))
    text.hidden_states = lambda *args, last_only=False, **options: plain(*args, **options)
    try:
        with torch.no_grad():
            yield moments
    finally:
        del text.hidden_states
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def fit(weight: Tensor, moment: Tensor) -> QuantisedWeight:
    """A matrix [R, K] in int4, whose outputs on inputs with this second moment [K, K] are near."""
    rows, depth = weight.shape
    padding = -depth % BLOCK
    weight, moment = F.pad(weight.float(), (0, padding)), F.pad(moment, (0, padding, 0, padding))  # [R, K']
    unseen = moment.diagonal() == 0
    moment = moment + torch.diag(DAMPING * moment.diagonal().mean() + unseen.float())
    numbers, scales = in_order(weight, moment)
    for _ in range(PASSES):
        descend(weight, moment, numbers, scales)
    data, scale = pack_groups(numbers.view(rows, -1, GROUP), scales[..., None])
    return QuantisedWeight(data, scale, 4, GROUP, (rows, depth))


def in_order(weight: Tensor, moment: Tensor) -> tuple[Tensor, Tensor]:
    """Weight [R, K] -> numbers -8..7 [R, K] and scales [R, K / 128]; each column's error goes to those after it."""
    left = weight.clone()  # what is to be rounded still
    # Row j: how an error in column j is best spread over those after it.
    spread = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(moment)), upper=True)
    numbers, scales = [], []
    for start in range(0, left.shape[1], GROUP):
        end = start + GROUP
        group, errors = left[:, start:end], []
        scale = scale_of_groups(group[:, None])[:, 0]  # [R, 1]
        step = torch.where(scale == 0, 1.0, scale)
        for j in range(GROUP):
            number = (group[:, j : j + 1] / step).round().clamp(-8, 7)  # [R, 1]
            error = (group[:, j : j + 1] - number * scale) / spread[start + j, start + j]
            group = group - error * spread[start + j, start:end]
            numbers.append(number)
            errors.append(error)
        left[:, end:] -= torch.cat(errors, dim=1) @ spread[start:end, end:]
        scales.append(scale)
    return torch.cat(numbers, dim=1), torch.cat(scales, dim=1)


def descend(weight: Tensor, moment: Tensor, numbers: Tensor, scales: Tensor) -> None:
    """One pass over `numbers` [R, K] and `scales` [R, K / 128], in place: each becomes the best beside all others."""
    left = weight - numbers * scales.repeat_interleave(GROUP, dim=1)  # [R, K]
    pull = left @ moment  # [R, K], minus half the gradient
    for group, scale in enumerate(scales.unbind(1)):
        at = slice(group * GROUP, (group + 1) * GROUP)
        inner, here = moment[at, at], numbers[:, at]
        bend = ((here @ inner) * here).sum(1)  # [R]
        wanted = scale + (here * pull[:, at]).sum(1) / torch.where(bend == 0, 1.0, bend)
        # The best that bf16 holds: of a parabola that is the nearest to its lowest point.
        wanted = wanted.bfloat16().float()
        pull -= ((wanted - scale)[:, None] * here) @ moment[at]
        scale.copy_(wanted)
        step, before, near = torch.where(scale == 0, 1.0, scale), here.clone(), pull[:, at].clone()
        for j in range(GROUP):
            number = (here[:, j] + near[:, j] / (inner[j, j] * step)).round().clamp(-8, 7)
            near -= ((number - here[:, j]) * scale)[:, None] * inner[j]
            here[:, j] = number
        pull -= ((here - before) * scale[:, None]) @ moment[at]


@torch.no_grad()
def _fitted(name: str, stack: Tensor, moments: Moments, errors: dict[str, float]) -> QuantisedWeight:
    """A stack of matrices [X, R, K] in int4; notes the relative error of its outputs."""
    parts, lost, whole = [], 0.0, 0.0
    for number, weight in enumerate(stack):
        moment = moments.get((name, number))
        parts.append(quantise(weight, 4) if moment is None else fit(weight, moment))
        if moment is not None:
            off, weight = dequantise(parts[-1]) - weight.float(), weight.float()
            lost += float(((off @ moment) * off).sum())
            whole += float(((weight @ moment) * weight).sum())
    errors[name] = (lost / whole) ** 0.5 if whole else 0.0
    data, scale = (torch.stack([getattr(part, field) for part in parts]) for field in ("data", "scale"))
    return QuantisedWeight(data, scale, 4, GROUP, tuple(stack.shape))
