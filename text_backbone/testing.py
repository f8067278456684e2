"""Laws of the backbone as one-line assertions; `model` is anything called like `TextBackbone` that makes caches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.config import TextConfig

LIMIT = 1e-5  # largest difference of fp32 logits of size about 1: another order of the same sums
Forward = Callable[..., Tensor]
NewCache = Callable[[], HybridCache]


def randomise(model: nn.Module, seed: int = 0) -> nn.Module:
    """Weights from which every term of the model shows in the logits: norms away from 1, biases from 0."""
    make = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if p.dim() == 1:
                p.copy_((0.0 if name.endswith("bias") else 1.0) + 0.2 * torch.randn(p.shape, generator=make))
            else:
                p.copy_(torch.randn(p.shape, generator=make) * p.shape[-1] ** -0.5)
    return model.eval()


def assert_same(what: str, want: Tensor, got: Tensor, culprit: str, limit: float = LIMIT) -> None:
    """Logits differ by at most `limit`, and are large enough for that to mean something."""
    assert want.shape == got.shape, f"{what}: expected {tuple(want.shape)}, got {tuple(got.shape)}"
    assert want.abs().max() > 0.5, f"{what}: logits near zero make the comparison empty"
    error = float((want - got).abs().max())
    assert error <= limit, f"{what}: logits differ by {error:.1e}. Usual culprit: {culprit}"


@torch.inference_mode()
def assert_chunks_equal_whole(model: Forward, new_cache: NewCache, x: Tensor, sizes: Sequence[int]) -> None:
    """x [B, T, C] in pieces of `sizes` through a cache gives the logits of one pass without."""
    cache = new_cache()
    parts = [model(piece, cache, logits="all") for piece in x.split(list(sizes), dim=1)]
    assert_same(
        f"pieces {list(sizes)}",
        model(x, logits="all"),
        torch.cat(parts, dim=1),
        "the query exponent of the second chunk (starts at 1), or positions that start again at 0",
    )
    assert cache.position == x.shape[1]


@torch.inference_mode()
def assert_batch_equals_single(
    model: Forward, new_cache: NewCache, rows: Sequence[Tensor], steps: Tensor
) -> None:
    """Prompts [T_i, C] of unequal length, left-padded, then decode `steps` [B, S, C]: each row as if it were alone.

    The padding holds random numbers, which must not matter.
    """
    longest = max(row.shape[0] for row in rows)
    pad = torch.tensor([longest - row.shape[0] for row in rows])
    x = torch.randn(len(rows), longest, rows[0].shape[-1], generator=torch.Generator().manual_seed(5))
    for i, row in enumerate(rows):
        x[i, pad[i] :] = row
    together = [model(x, cache := new_cache(), pad=pad)]
    together += [model(step, cache) for step in steps.split(1, dim=1)]
    for i, row in enumerate(rows):
        alone = [model(row[None], own := new_cache())]
        alone += [model(step, own) for step in steps[i : i + 1].split(1, dim=1)]
        assert_same(
            f"row {i}, padded by {int(pad[i])}",
            torch.cat(alone),
            torch.stack([step[i] for step in together]),
            "a padded token that entered the state or was attended to",
        )


@torch.inference_mode()
def assert_snapshot_replays(model: Forward, cache: HybridCache, x: Tensor, other: Tensor) -> None:
    """After a detour over `other`, going back and running x [B, T, C] again gives the very same bits."""
    moment, position = cache.snapshot(), cache.position
    want = model(x, cache, logits="all")
    cache.restore(moment)
    model(other, cache)
    cache.restore(moment)
    assert cache.position == position
    assert torch.equal(want, model(x, cache, logits="all")), (
        "a replay differs. Usual culprit: a state that was changed in place, or keys not cut back"
    )


def toy_config(**changes: object) -> TextConfig:
    """A config in which sizes that meet in one tensor differ, so that a swapped axis cannot pass."""
    sizes: dict[str, object] = {
        "hidden_size": 20,
        "attn_type_list": (0, 1, 0, 0, 1),
        "num_attention_heads": 6,  # no power of two: the interleaved slopes
        "num_key_value_heads": 2,
        "head_dim": 12,
        "rotary_dim": 8,
        "rope_theta": 100.0,
        "intermediate_size": 28,
        "num_local_experts": 5,
        "num_experts_per_tok": 2,
        "layernorm_full_attention_alpha": 1.7,
        "layernorm_full_attention_beta": 0.9,
        "layernorm_linear_attention_alpha": 1.6,
        "layernorm_linear_attention_beta": 1.1,
        "layernorm_mlp_alpha": 1.5,
        "layernorm_mlp_beta": 0.8,
        "postnorm": True,
        "rms_norm_eps": 1e-5,
        "vocab_size": 97,
        "max_position_embeddings": 4096,
    }
    return TextConfig(**(sizes | changes))  # pyright: ignore[reportArgumentType]
