"""The model as training sees it: batches in, losses out. Everything here is thrown away but the model inside."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.apps.training.augment import augment
from minimax_vl.apps.training.batches import Batch
from minimax_vl.apps.training.glyphs import GlyphHead
from minimax_vl.config import ModelConfig
from minimax_vl.model import VLModel
from minimax_vl.vision.projector import merge_patches


@dataclass
class Losses:
    """Scalars on the device: three losses, and the share of legible characters that the glyph head gets right."""

    answer: Tensor
    glyph: Tensor
    balance: Tensor
    glyphs_right: Tensor


class Reader(nn.Module):
    """`VLModel` plus the glyph head."""

    def __init__(self, model: VLModel) -> None:
        super().__init__()
        self.model = model
        self.glyph_head = GlyphHead(model.config.vision.hidden_size)

    def forward(self, batch: Batch, generator: torch.Generator | None = None) -> Losses:
        """The losses of a batch as `PageBatches` makes it; `generator` augments the pages, None leaves them."""
        hidden, features, routing = self.read(batch, generator)
        target, positions = answers(batch)
        logits = self.model.language_model.head(hidden.flatten(0, 1)[positions])
        live = live_tokens(batch)
        glyph, right = self.glyph_head(features[:, 1:].flatten(0, 1), batch["glyphs"].flatten(0, 1))
        balance = torch.stack(
            [load_balance(r, live, self.model.config.text.num_experts_per_tok) for r in routing]
        )
        return Losses(F.cross_entropy(logits, target), glyph, balance.mean(), right)

    def read(self, batch: Batch, generator: torch.Generator | None) -> tuple[Tensor, Tensor, list[Tensor]]:
        """-> (hidden states [B, T, C], ViT features [B, N, patches, C'], router logits of every layer)."""
        model = self.model
        tiling = model.config.tiling
        B, N = batch["tiles"].shape[:2]
        pixels = batch["tiles"].permute(0, 1, 4, 2, 3).float() / 255  # [B, N, 3, S, S]
        if generator is not None:
            pixels = augment(pixels, generator)
        mean, std = (pixels.new_tensor(v)[:, None, None] for v in (tiling.image_mean, tiling.image_std))
        pixels = ((pixels - mean) / std).to(model.dtype)
        features = model.vision_tower(pixels.flatten(0, 1))  # [B*N, patches, C']
        projected = model.multi_modal_projector(merge_patches(features, tiling.merge))
        projected = projected.view(B, -1, projected.shape[-1])  # [B, N*side*side, C]
        newline = model.image_newline.expand(B, 1, -1)
        source = torch.cat((projected, newline), dim=1)
        images = source.gather(1, batch["slots"][..., None].expand(-1, -1, source.shape[-1]))  # [B, T, C]
        text = model.language_model.model.embed_tokens(batch["ids"])
        is_image = (batch["ids"] == model.config.image_token_index)[..., None]
        routing: list[Tensor] = []
        hidden = model.language_model.hidden_states(
            torch.where(is_image, images, text), router_logits=routing
        )
        return hidden, features.view(B, N, *features.shape[1:]), routing


def answers(batch: Batch) -> tuple[Tensor, Tensor]:
    """(ids to be predicted [M], the flat positions [M] that predict them)."""
    learned = batch["learned"].clone()
    learned[:, 0] = False
    target = batch["ids"][learned]
    predicting = learned.roll(-1, dims=1)
    return target, predicting.flatten().nonzero()[:, 0]


def live_tokens(batch: Batch) -> Tensor:
    """[B, T] True up to the last learned token of each row; the padding behind it must reach no loss."""
    return batch["learned"].flip(1).cummax(1).values.flip(1)


def load_balance(logits: Tensor, live: Tensor, top_k: int) -> Tensor:
    """X * sum over experts of (share of tokens) * (mean probability): 1 when even (GShard's form, times X)."""
    probability = logits.softmax(-1)  # [B, T, X]
    X = probability.shape[-1]
    chosen = F.one_hot(logits.topk(top_k, dim=-1).indices, X).sum(-2).to(probability.dtype)
    weight = live[..., None].to(probability.dtype)
    count = weight.sum()
    share = (chosen * weight).sum((0, 1)) / (count * top_k)
    return X * (share * (probability * weight).sum((0, 1)) / count).sum()


def exact_answers(reader: Reader, batch: Batch) -> tuple[int, int]:
    """(answers with every id right, answers), earlier turns standing in the prompt with their true answers."""
    hidden, _, _ = reader.read(batch, None)
    target, positions = answers(batch)
    logits = reader.model.language_model.head(hidden.flatten(0, 1)[positions])
    right = logits.detach().argmax(-1) == target
    starts = torch.ones_like(right)
    starts[1:] = positions[1:] != positions[:-1] + 1
    number = starts.cumsum(0) - 1
    wrong = torch.zeros(int(starts.sum()), device=right.device).index_add(0, number, (~right).float())
    return int((wrong == 0).sum()), len(wrong)


def initialise(model: VLModel) -> None:
    """Random weights for training: Xavier-like inputs, zero at every door back into the residual."""
    for name, p in model.named_parameters():
        if "norm" in name:
            continue
        if name.endswith("bias") or name.endswith(
            ("out_proj.weight", "o_proj.weight", "fc2.weight", "experts.w2")
        ):
            nn.init.zeros_(p)
        elif "embed" in name or "image_newline" in name or "lm_head" in name:
            nn.init.normal_(p, std=0.02)
        else:
            nn.init.normal_(p, std=p.shape[-1] ** -0.5)


def fresh_model(config: ModelConfig, seed: int) -> VLModel:
    """An untrained fp32 model on the CPU; one seed, one model."""
    torch.manual_seed(seed)
    model = VLModel(config)
    initialise(model)
    return model
