"""The model as training sees it: batches in, losses out. Everything here is thrown away but the model inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.apps.training.augment import some, worn
from minimax_vl.apps.training.batches import Batch
from minimax_vl.apps.training.glyphs import GlyphHead
from minimax_vl.apps.training.landmarks import LandmarkHead
from minimax_vl.apps.training.paint import PaintHead
from minimax_vl.config import ModelConfig
from minimax_vl.model import VLModel
from minimax_vl.vision.projector import merge_patches


@dataclass
class Losses:
    """On the device: five losses, the shares of characters and landmarks that the heads get right, use of experts."""

    answer: Tensor
    glyph: Tensor
    paint: Tensor
    landmark: Tensor
    balance: Tensor
    glyphs_right: Tensor
    landmarks_right: Tensor
    shares: Tensor  # [L, X] of the tokens that each expert of each layer gets


class Reader(nn.Module):
    """`VLModel` plus the heads for what its patches and image tokens show."""

    def __init__(self, model: VLModel) -> None:
        super().__init__()
        self.model = model
        vision, width = model.config.vision, model.config.text.hidden_size
        self.glyph_head = GlyphHead(vision.hidden_size)
        self.paint_head = PaintHead(width, vision.patch_size * model.config.tiling.merge, vision.num_channels)
        self.landmark_head = LandmarkHead(width)
        self._worn, self._pixels, self._balance = worn_pages, pixels_of, load_balance
        self._scale: tuple[Tensor, Tensor] | None = None

    def compile_parts(self) -> None:
        """Compile layer by layer. In the ViT only the number of tiles varies, so one graph serves all shapes."""
        model = self.model
        vision = model.vision_tower.vision_model
        # PyTorch's own modules, called by themselves, would not be compiled.
        vision.begin = torch.compile(vision.begin, dynamic=True)
        for layer in vision.encoder.layers:
            layer.compile(dynamic=True)
        self._projected = torch.compile(self._projected, dynamic=True)
        for layer in model.language_model.model.layers:
            layer.compile(dynamic=False)
        self.glyph_head.compile(dynamic=True)
        self.paint_head.compile(dynamic=True)
        self.landmark_head.compile(dynamic=True)
        # Two passes: as one, every page would be worn, and most of them for nothing.
        self._worn = torch.compile(worn_pages, dynamic=True)
        self._pixels = torch.compile(pixels_of, dynamic=True)
        self._balance = torch.compile(load_balance, dynamic=True)

    def forward(self, batch: Batch, *, augmented: bool = False, feed: Tensor | None = None) -> Losses:
        """The losses of a batch as `located` returns it.

        `feed` scales the gradients that the heads send into the model: 0 while fresh heads learn.
        """
        hidden, features, tokens, pixels, routing = self.read(batch, augmented)
        tokens = F.rms_norm(tokens, tokens.shape[-1:])  # as the decoder reads them; their own scale is large
        logits = self.model.language_model.head(hidden.flatten(0, 1).index_select(0, batch["positions"]))
        answer = F.cross_entropy(logits, batch["target"])
        if feed is not None:
            features, tokens = (_Fed.apply(x, feed) for x in (features, tokens))  # pyright: ignore
        paint = self.paint_head(tokens.flatten(0, 1), pixels)
        marks, within = batch["landmarks"].flatten(0, 1), batch["within"].flatten(0, 1)
        landmark, named = self.landmark_head(tokens.flatten(0, 1), marks, within)
        glyph, right = self.glyph_head(features[:, 1:].flatten(0, 1), batch["glyphs"].flatten(0, 1))
        balance, shares = self._balance(
            torch.stack(routing), live_tokens(batch), self.model.config.text.num_experts_per_tok
        )
        return Losses(answer, glyph, paint, landmark, balance, right, named, shares)

    def read(self, batch: Batch, augmented: bool) -> tuple[Tensor, Tensor, Tensor, Tensor, list[Tensor]]:
        """-> (hidden states [B, T, C], ViT features [B, N, patches, C'], image tokens [B, N, blocks, C], pixels of the
        tiles, router logits of every layer).
        """
        model = self.model
        tiling = model.config.tiling
        B, N = batch["tiles"].shape[:2]
        if (
            self._scale is None
        ):  # no buffers: these stay fp32, and are on the device before a graph is recorded
            device = batch["tiles"].device
            self._scale = (
                torch.tensor(tiling.image_mean, device=device),
                torch.tensor(tiling.image_std, device=device),
            )
        given = (batch["tiles"], *self._scale, model.dtype)
        # What the compiler takes for a variable it finds every pixel's place with, by division.
        torch._dynamo.mark_static(batch["tiles"], [2, 3, 4])
        if augmented:
            pixels = self._pixels(*given, self._worn(*given))  # [B*N, 3, S, S]
        else:
            pixels = pixels_of(*given)
        features = model.vision_tower(pixels)
        torch._dynamo.mark_static(features, [1, 2])
        projected = self._projected(features)
        tokens = projected.view(B, N, *projected.shape[1:])
        projected = tokens.flatten(1, 2)  # [B, N*side*side, C]
        newline = model.image_newline.expand(B, 1, -1)
        source = torch.cat((projected, newline), dim=1)
        images = source.gather(1, batch["slots"][..., None].expand(-1, -1, source.shape[-1]))  # [B, T, C]
        text = model.language_model.model.embed_tokens(batch["ids"])
        is_image = (batch["ids"] == model.config.image_token_index)[..., None]
        routing: list[Tensor] = []
        hidden = model.language_model.hidden_states(
            torch.where(is_image, images, text), router_logits=routing
        )
        return hidden, features.view(B, N, *features.shape[1:]), tokens, pixels, routing

    def _projected(self, features: Tensor) -> Tensor:
        """[B*N, patches, C'] -> [B*N, blocks, C]"""
        model = self.model
        return model.multi_modal_projector(merge_patches(features, model.config.tiling.merge))


class _Fed(torch.autograd.Function):
    """x as it is, its gradient times a number."""

    @staticmethod
    def forward(x: Tensor, feed: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[1])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0] * ctx.saved_tensors[0].to(grads[0].dtype), None


def worn_pages(tiles: Tensor, mean: Tensor, std: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Some pages of uint8 [B, N, S, S, 3] as a camera sees them, ready for the ViT, [some, N, 3, S, S] in `dtype`.

    And the place among them of each of the B pages, past their end for those that stay as they are.
    """
    chosen, place = some(len(tiles), tiles.device)
    # Wear may be computed as coarsely as the ViT reads; pixels as they are must not be rounded twice.
    pages = tiles.index_select(0, chosen).permute(0, 1, 4, 2, 3)
    return _normalised(worn((pages / 255).to(dtype)), mean, std, dtype), place


def pixels_of(
    tiles: Tensor, mean: Tensor, std: Tensor, dtype: torch.dtype, seen: tuple[Tensor, Tensor] | None = None
) -> Tensor:
    """uint8 [B, N, S, S, 3] -> what the ViT reads, [B*N, 3, S, S] in `dtype`; `mean`, `std` [3] fp32.

    `seen`: what `worn_pages` returned, of the pages that it has.
    """
    pixels = _normalised(tiles.permute(0, 1, 4, 2, 3).float() / 255, mean, std, dtype)
    if seen is not None:
        pages, place = seen
        last = len(pages) - 1
        chosen = (place <= last)[:, None, None, None, None]
        pixels = torch.where(chosen, pages.index_select(0, place.clamp_max(last)), pixels)
    return pixels.flatten(0, 1)


def _normalised(x: Tensor, mean: Tensor, std: Tensor, dtype: torch.dtype) -> Tensor:
    return ((x - mean[:, None, None]) / std[:, None, None]).to(dtype)


def located(batch: Batch, room: int | None = None) -> Batch:
    """A batch of `PageBatches` with what it asks for: ids `target` [M] and the flat `positions` [M] that predict them.

    Done where the batch was made, on the host, so that no step waits for the device to count. `room` makes M the same
    for every batch of one shape: missing places are not learned, places too many are left out.
    """
    learned = batch["learned"].clone()
    learned[:, 0] = False
    target = batch["ids"][learned]
    positions = learned.roll(-1, dims=1).flatten().nonzero()[:, 0]
    if room is not None:
        spare = max(0, room - len(target))
        target, positions = F.pad(target[:room], (0, spare), value=-100), F.pad(positions[:room], (0, spare))
    return batch | {"target": target, "positions": positions}


def live_tokens(batch: Batch) -> Tensor:
    """[B, T] True up to the last learned token of each row; the padding behind it must reach no loss."""
    return batch["learned"].flip(1).cummax(1).values.flip(1)


def load_balance(logits: Tensor, live: Tensor, top_k: int) -> tuple[Tensor, Tensor]:
    """logits [L, B, T, X], live [B, T] -> X * sum over experts of (share of tokens) * (mean probability), mean over L.

    1 when even (GShard's form, times X). And the shares themselves, [L, X].
    """
    probability = logits.softmax(-1)
    X = probability.shape[-1]
    rest = logits  # what lies below the last of the chosen: no sorting
    for _ in range(top_k - 1):
        rest = rest.masked_fill(rest == rest.amax(-1, keepdim=True), float("-inf"))
    chosen = (logits >= rest.amax(-1, keepdim=True)).float()
    weight = live[..., None].float()
    count = weight.sum()
    share = (chosen * weight).sum((1, 2)) / (count * top_k)  # [L, X]
    return (X * share * (probability * weight).sum((1, 2)) / count).sum(-1).mean(), share


def exact_answers(reader: Reader, batch: Batch) -> tuple[int, int]:
    """(answers with every id right, answers), earlier turns standing in the prompt with their true answers."""
    hidden, *_ = reader.read(batch, False)
    asked = batch["target"] >= 0
    target, positions = batch["target"][asked], batch["positions"][asked]
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
