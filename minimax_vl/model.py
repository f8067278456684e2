"""`VLModel`: embed text, embed images, put the one into the slots of the other, run the backbone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from minimax_vl.config import ModelConfig
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.model import Positions, TextBackbone
from minimax_vl.vision.encoder import VisionTower
from minimax_vl.vision.packing import pack
from minimax_vl.vision.projector import Projector, merge_patches
from minimax_vl.vision.tiling import TilePlan


class VLModel(nn.Module):
    """The whole model, for any size; parameter names are the released checkpoint's (experts stacked)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        width, merge = config.text.hidden_size, config.tiling.merge
        self.vision_tower = VisionTower(config.vision)
        self.multi_modal_projector = Projector(config.vision.hidden_size * merge**2, width)
        self.image_newline = nn.Parameter(torch.empty(width))
        nn.init.normal_(self.image_newline, std=width**-0.5)
        self.language_model = TextBackbone(config.text)

    @property
    def dtype(self) -> torch.dtype:
        return self.image_newline.dtype

    @property
    def device(self) -> torch.device:
        return self.image_newline.device

    def new_cache(self, capacity: int = 0) -> HybridCache:
        """An empty cache; `capacity` tokens of keys and values are reserved by the first call."""
        return self.language_model.new_cache(capacity)

    def tile_features(self, pixels: Tensor) -> Tensor:
        """[N, 3, S, S] normalised pixels -> [N, side*side, C] text-width features."""
        features = self.vision_tower(pixels.to(self.dtype))
        return self.multi_modal_projector(merge_patches(features, self.config.tiling.merge))

    def encode_images(self, pixels: Tensor, plans: Sequence[TilePlan]) -> list[Tensor]:
        """Pixels of all images' tiles [N, 3, S, S], in the order of `plans` -> one [tokens, C] per image."""
        wanted = [plan.tiles for plan in plans]
        if sum(wanted) != pixels.shape[0]:
            raise ValueError(
                f"the plans ask for {wanted} tiles, {sum(wanted)} in all, and the pixels hold {pixels.shape[0]};"
                " make pixels and plans with a single processor call"
            )
        features = self.tile_features(pixels)
        return [
            pack(part.flatten(0, 1), self.image_newline, plan)
            for part, plan in zip(features.split(wanted), plans, strict=True)
        ]

    def embed(self, ids: Tensor, features: Tensor | None = None) -> Tensor:
        """ids [B, T] -> [B, T, C]; image slots take the rows of `features` [N, C] in order, batch row by batch row."""
        # Ids that come from the host are counted there: a step of writing need not wait for the device.
        slots = ids == self.config.image_token_index
        wanted, got = int(slots.sum()), 0 if features is None else features.shape[0]
        if wanted != got:
            raise ValueError(
                f"the prompt holds {wanted} image slots (token id {self.config.image_token_index}), the tiles gave"
                f" {got} embeddings. Both follow from one TilePlan, so the prompt was probably built for another"
                " image or edited after expansion: make prompt and pixels with a single processor call."
            )
        text = self.language_model.model.embed_tokens(ids.to(self.device))
        if features is None:
            return text
        return text.masked_scatter(slots[..., None].to(self.device), features.to(text.dtype))

    def forward(
        self,
        embeds: Tensor,
        cache: HybridCache | None = None,
        *,
        pad: Tensor | None = None,
        logits: Positions = "last",
        router_logits: list[Tensor] | None = None,
    ) -> Tensor:
        """Embeddings [B, T, C] -> fp32 logits [B, V] or [B, T, V]; see `TextBackbone.forward`."""
        return self.language_model(embeds, cache, pad=pad, logits=logits, router_logits=router_logits)
