"""A model that holds a part of every layer: made without memory, then connected to those that hold the rest.

The layers are written for one process and stay as they are. Each of them ends in two sums over processes: behind
the attention's output projection and behind the experts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from minimax_vl.config import ModelConfig
from minimax_vl.kernels import Unsummed, norm_of_parts, part_of_norm
from minimax_vl.model import VLModel
from minimax_vl.parallel.split import Split
from minimax_vl.text_backbone.experts import Experts
from minimax_vl.text_backbone.lightning_mixer import LightningMixer
from minimax_vl.text_backbone.model import TextBackbone
from minimax_vl.text_backbone.parts import GatedNorm, Head
from minimax_vl.text_backbone.softmax_mixer import SoftmaxMixer

if TYPE_CHECKING:
    from minimax_vl.parallel.mesh import Mesh

FEW = 64  # tokens up to which a GPU computes for nothing rather than say which experts are not here


def build_part(config: ModelConfig, split: Split) -> VLModel:
    """The part of a model that `split` says, still to be connected; `config` of the result is the whole model's."""
    model = VLModel(replace(config, text=split.text(config.text)))
    model.config, text = config, model.language_model
    text.lm_head = Head(config.text.hidden_size, config.text.vocab_size // split.size)
    known = len(split.expert_range(config.text))
    for layer in text.model.layers:
        mixer = cast("Any", layer).self_attn
        if isinstance(mixer, LightningMixer):
            mixer.first, mixer.of = split.rank * mixer.heads, split.size * mixer.heads
        if known < config.text.num_local_experts:
            few = replace(text.config, num_local_experts=known, num_experts_per_tok=1)
            cast("Any", layer).block_sparse_moe.experts = Experts(few)
    return model


def connect_part(text: TextBackbone, mesh: Mesh) -> None:
    """Let the parts of a backbone, whose weights are there, compute what the whole one would; for inference."""
    text.requires_grad_(False)
    text.head = JoinedHead(text.lm_head, mesh)
    known = mesh.split.expert_range(text.config)
    for layer in text.model.layers:
        mixer, moe = cast("Any", layer).self_attn, cast("Any", layer).block_sparse_moe
        if isinstance(mixer, LightningMixer):
            mixer.norm = NormOfPart(mixer.norm, mesh)
            cast("Any", mixer.out_proj).forward = Together(mixer.out_proj, mixer.norm.put_right)
        else:
            assert isinstance(mixer, SoftmaxMixer)
            cast("Any", mixer.o_proj).forward = Together(mixer.o_proj, mesh.sum)
        if len(known) < text.config.num_local_experts:
            few = FEW if mesh.device.type == "cuda" else 0
            moe.experts.forward = KnownExperts(moe.experts, known, few)
        moe.experts.forward = Together(moe.experts, mesh.sum)


class Together:
    """Stands for the `forward` of a module of which every process has a part: what all make together."""

    def __init__(self, module: nn.Module, total: Callable[[Tensor | Unsummed], Tensor]) -> None:
        # What a module leaves to be added up is added up where it is sent.
        own = "forward" in vars(module) or not hasattr(module, "unsummed")
        self.make, self.total = cast("Any", module.forward if own else module.unsummed), total

    def __call__(self, *args: Tensor) -> Tensor:
        return self.total(self.make(*args))


class JoinedHead:
    """Stands for `TextBackbone.head`: each process has the logits of a part of the vocabulary."""

    def __init__(self, part: nn.Module, mesh: Mesh) -> None:
        self.part, self.mesh = part, mesh

    def __call__(self, hidden: Tensor) -> Tensor:
        return self.mesh.join(self.part(hidden))


class NormOfPart(GatedNorm):
    """The norm over all heads where only some are: by their own mean square, put right behind the projection.

    The mean squares travel in the same message as the products, in fp32, instead of in one of their own: see
    `minimax_vl.kernels.shared_norm`.
    """

    def __init__(self, norm: GatedNorm, mesh: Mesh) -> None:
        super().__init__(norm.weight.shape[0], norm.eps)
        self.weight, self.mesh = norm.weight, mesh
        self.normed: Tensor | None = None  # what `put_right` needs of the last call: [B, T, H*D]

    def forward(self, x: Tensor, gate: Tensor | Unsummed) -> Tensor:
        self.normed = x
        return super().forward(x, gate)

    def put_right(self, out: Tensor | Unsummed) -> Tensor:
        """The sum of what all processes' output projections make, `out` [B, T, C] here."""
        x, self.normed = self.normed, None  # a prompt's rows are not kept beyond their layer
        assert x is not None
        if inboxes := self.mesh.short(out):
            return inboxes.sum_normed(out, x, self.eps)
        total = self.mesh.sum(part_of_norm(out, x, self.eps))  # [B*T*C + B*T]
        return norm_of_parts(total, self.mesh.size, self.eps, out)


class KnownExperts:
    """Stands for the `forward` of experts of which only some are here: what those add."""

    def __init__(self, experts: nn.Module, known: range, few: int) -> None:
        self.run, self.known, self.few = experts.forward, known, few

    def __call__(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor:
        local = ids - self.known.start  # [N, K]
        here = (local >= 0) & (local < len(self.known))
        if x.shape[0] <= self.few:
            # No answer from the device is waited for, so that a graph can hold it: others' experts are computed as
            # one of ours, with a weight of zero.
            return self.run(x, local.clamp(0, len(self.known) - 1), weights * here)
        token, which = here.nonzero(as_tuple=True)  # [M]
        out = torch.zeros_like(x)
        if len(token):
            part = self.run(x[token], local[token, which][:, None], weights[token, which][:, None])
            out.index_add_(0, token, part)
        return out
