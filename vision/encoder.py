"""The ViT: CLIP's shape with the exact GELU, read before any final norm."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.kernels import biased_gelu
from minimax_vl.kernels.tensors import wants_gradient
from minimax_vl.vision.config import VisionConfig

TILES = 5  # at once on a CPU


class Embeddings(nn.Module):
    """Patches, a class token and learned absolute positions."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.patch, self.side = config.patch_size, config.patches_per_side
        patches = self.side**2
        self.class_embedding = nn.Parameter(torch.empty(config.hidden_size))
        nn.init.normal_(self.class_embedding, std=0.02)
        self.patch_embedding = nn.Conv2d(
            config.num_channels, config.hidden_size, config.patch_size, config.patch_size, bias=False
        )
        self.position_embedding = nn.Embedding(patches + 1, config.hidden_size)

    def forward(self, pixels: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, 1 + patches, C], the class token first."""
        N, side, weight = len(pixels), self.side, self.patch_embedding.weight
        # A convolution whose stride is its kernel is one matrix product over cut-out patches, and faster as such.
        cut = pixels.view(N, weight.shape[1], side, self.patch, side, self.patch).permute(0, 2, 4, 1, 3, 5)
        cut, flat = cut.reshape(N, side * side, -1), weight.flatten(1)
        if spare := -flat.shape[1] % 8 if cut.is_cuda else 0:  # cuBLAS is slow at 588 columns
            cut, flat = F.pad(cut, (0, spare)), F.pad(flat, (0, spare))
        patches = F.linear(cut, flat)
        first = self.class_embedding.to(patches.dtype).expand(N, 1, -1)
        return torch.cat((first, patches), dim=1) + self.position_embedding.weight.to(patches.dtype)


class Attention(nn.Module):
    """Full attention within one tile."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.heads, self.head_dim = config.num_attention_heads, config.head_dim
        size = config.hidden_size
        self.q_proj, self.k_proj = nn.Linear(size, size), nn.Linear(size, size)
        self.v_proj, self.out_proj = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x: Tensor) -> Tensor:
        N, L, _ = x.shape
        q, k, v = (
            p(x).view(N, L, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)
        )
        return self.out_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class MLP(nn.Module):
    """Two linears around an exact GELU."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        if torch.compiler.is_compiling() and wants_gradient(self.fc1.weight):  # training
            return self.fc2(biased_gelu(F.linear(x, self.fc1.weight), self.fc1.bias))
        return self.fc2(F.gelu(self.fc1(x)))


class VisionLayer(nn.Module):
    """Pre-norm block."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.self_attn = Attention(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.mlp = MLP(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Encoder(nn.Module):
    """Only a level of the checkpoint's names; `VisionModel` runs the layers."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(VisionLayer(config) for _ in range(config.num_hidden_layers))


class VisionModel(nn.Module):
    """`vision_tower.vision_model` of the checkpoint. Its post_layernorm is neither stored nor used."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        # Spelt as in the checkpoint.
        self.pre_layrnorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.encoder = Encoder(config)

    def forward(self, pixels: Tensor) -> Tensor:
        """[N, 3, S, S] normalised pixels -> [N, patches, C], the class token dropped."""
        x = self.begin(pixels)
        for layer in self.encoder.layers:
            x = layer(x)
        return x[:, 1:]

    def begin(self, pixels: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, 1 + patches, C], what the first layer reads."""
        return self.pre_layrnorm(self.embeddings(pixels))


class VisionTower(nn.Module):
    """`vision_tower` of the checkpoint."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.vision_model = VisionModel(config)

    def forward(self, pixels: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, patches, C]; tiles are independent of each other."""
        if pixels.device.type == "cpu" and not torch.is_grad_enabled():
            # Memory for a few tiles only. More at once are no faster; one at a time is a sixth slower.
            return torch.cat([self.vision_model(tiles) for tiles in pixels.split(TILES)])
        return self.vision_model(pixels)
