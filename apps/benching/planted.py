"""What a softmax layer makes of a long cache, against the definition; and whether one key among all is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from minimax_vl.kernels import apply_rotary
from minimax_vl.text_backbone.cache import HybridCache, KeyValues
from minimax_vl.text_backbone.config import SOFTMAX
from minimax_vl.text_backbone.rope import rotary_angles

if TYPE_CHECKING:
    from minimax_vl.text_backbone.model import TextBackbone

SCORE = 40.0  # of the planted key, in nats: a million others together reach about 14
FOUND = 0.01  # what is read may be so far from the value beside the key, relative
DEPTHS = (0.001, 0.33, 0.9)  # of the prompt, where keys are planted
PIECE = 65536  # keys at a time
Seen = dict[
    str, Tensor
]  # the last position's "query", before rotation, and "mixed", what attention gave [H, D]


@contextmanager
def watching(text: TextBackbone) -> Iterator[Seen]:
    """Keep the last softmax layer's query and attention of each call's last position."""
    seen: Seen = {}
    mixer = text.get_submodule(f"model.layers.{_last_softmax(text)}.self_attn")
    shape = (text.config.num_attention_heads, text.config.head_dim)

    def query(module: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        seen["query"] = made[0, -1].view(shape).clone()

    def mixed(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen["mixed"] = given[0][0, -1].view(shape).clone()

    hooks = [
        mixer.get_submodule("q_proj").register_forward_hook(query),
        mixer.get_submodule("o_proj").register_forward_pre_hook(mixed),
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def check_last_query(text: TextBackbone, cache: HybridCache, seen: Seen) -> dict[str, float]:
    """Relative error of the last chunk's last query, and of one token after it, over all keys in the cache."""
    layer = _keys_of(text, cache)
    last_chunk = _error(seen["mixed"], attention(_rotated(text, seen, cache.position - 1), *_rows(layer)))
    _, after = _one_more(text, cache, seen, lambda: _rows(layer))
    return {"last_chunk": last_chunk, "one_token": after}


def find_planted(text: TextBackbone, cache: HybridCache, seen: Seen) -> list[dict[str, Any]]:
    """A key that one query must find, at several depths: how far what it reads is from the value beside that key.

    "error" alone says nothing of the key: attention that overlooks it agrees with a definition that does.
    """
    layer, found = _keys_of(text, cache), []
    _one_more(text, cache, seen, lambda: _rows(layer))  # the query of the token to come
    query = _rotated(text, seen, cache.position)
    for depth in DEPTHS:
        at = int(depth * cache.position)
        keys, values = (x[at] for x in _rows(layer))  # [G, D] each, views
        kept = keys.clone(), values.clone()
        keys.copy_(_key_for(query, keys))
        values.copy_(torch.randn(values.shape, generator=torch.Generator().manual_seed(at)))
        mixed, error = _one_more(text, cache, seen, lambda: _rows(layer))
        wanted = values.repeat_interleave(query.shape[0] // values.shape[0], dim=0)  # [H, D]
        distance = _error(mixed, wanted)
        found.append({"position": at, "found": distance < FOUND, "error": error, "distance": distance})
        for mine, before in zip((keys, values), kept):
            mine.copy_(before)
    return found


def attention(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The definition in float64, some keys at a time: query [H, D], keys and values [S, G, D] -> [H, D]."""
    H, D = query.shape
    G = keys.shape[1]
    asked = query.double().view(G, H // G, D)
    peak = torch.full((G, H // G, 1), -torch.inf, dtype=torch.float64, device=query.device)
    total, mixed = torch.zeros_like(peak), torch.zeros_like(asked)
    for k, v in zip(keys.split(PIECE), values.split(PIECE)):
        scores = torch.einsum("ghd,sgd->ghs", asked, k.double()) * D**-0.5
        higher = torch.maximum(peak, scores.amax(-1, keepdim=True))
        shares, fade = (scores - higher).exp(), (peak - higher).exp()
        total = total * fade + shares.sum(-1, keepdim=True)
        mixed = mixed * fade + torch.einsum("ghs,sgd->ghd", shares, v.double())
        peak = higher
    return (mixed / total).view(H, D)


def _one_more(
    text: TextBackbone, cache: HybridCache, seen: Seen, rows: Callable[[], tuple[Tensor, Tensor]]
) -> tuple[Tensor, float]:
    """What the attention of one token more gives, and its error; the cache then is where it was."""
    moment = cache.snapshot()
    text.hidden_states(text.model.embed_tokens.weight[None, :1], cache)
    error = _error(seen["mixed"], attention(_rotated(text, seen, cache.position - 1), *rows()))
    cache.restore(moment)
    return seen["mixed"], error


def _key_for(query: Tensor, like: Tensor) -> Tensor:
    """A key [G, D] that every head of its group scores SCORE or more. query [H, D], rotated."""
    G, D = like.shape
    heads = query.float().view(G, -1, D)
    middle = nn.functional.normalize(heads, dim=-1).sum(1, keepdim=True)  # [G, 1, D]
    least = (heads * middle).sum(-1).amin(1, keepdim=True) * D**-0.5  # [G, 1]
    if bool((least <= 0).any()):
        raise ValueError(
            "the heads of a group ask in opposite directions: no key suits them all; use another seed"
        )
    return (middle[:, 0] * SCORE / least).to(like.dtype)


def _rotated(text: TextBackbone, seen: Seen, position: int) -> Tensor:
    """[H, D]"""
    query = seen["query"]
    return apply_rotary(query[None, None], *rotary_angles(text.config, position, 1, query.device))[0, 0]


def _rows(layer: KeyValues) -> tuple[Tensor, Tensor]:
    keys, values = layer.held()
    return keys[0], values[0]  # [S, G, D] each


def _keys_of(text: TextBackbone, cache: HybridCache) -> KeyValues:
    return cast(KeyValues, cache.layers[_last_softmax(text)])


def _last_softmax(text: TextBackbone) -> int:
    kinds = text.config.attn_type_list
    return len(kinds) - 1 - kinds[::-1].index(SOFTMAX)


def _error(got: Tensor, want: Tensor) -> float:
    """Root mean square of the difference over that of `want`."""
    return float((got.double() - want.double()).square().mean().sqrt() / want.double().square().mean().sqrt())
