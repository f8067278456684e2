"""ViT features -> text embeddings."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


def merge_patches(features: Tensor, merge: int) -> Tensor:
    """[N, s*s, C] -> [N, (s/merge)^2, merge*merge*C]: each merge x merge block of patches, row-major, side by side.

    The release does not merge (merge = 1); nano does, so that its prompts are a quarter as long.
    """
    if merge == 1:
        return features
    N, patches, C = features.shape
    side = int(patches**0.5)
    small = side // merge
    blocks = features.view(N, small, merge, small, merge, C).transpose(2, 3)  # [N, s', s', m, m, C]
    return blocks.reshape(N, small * small, merge * merge * C)


class Projector(nn.Module):
    """`multi_modal_projector` of the checkpoint: two linears around an exact GELU."""

    def __init__(self, size_in: int, size_out: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(size_in, size_out)
        self.linear_2 = nn.Linear(size_out, size_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_2(F.gelu(self.linear_1(x)))
