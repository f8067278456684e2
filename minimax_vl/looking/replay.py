"""A second pass over a prompt and its answer that looks inside: attention, experts, states, probabilities.

Answering itself records nothing and costs what it always does. The replay feeds the ids that were generated, piece
by piece, with hooks on the softmax layers; a piece runs as one step of the pipeline's runner, so that answers being
written beside it neither wait for all of it nor pass through its hooks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from minimax_vl.chat import Message
from minimax_vl.errors import InvalidRequest
from minimax_vl.kernels import apply_rotary
from minimax_vl.looking.words import Word, words_of
from minimax_vl.reply import Reply, Timings
from minimax_vl.second_look import as_seen
from minimax_vl.text_backbone.cache import HybridCache, KeyValues, LightningState
from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline
    from minimax_vl.text_backbone.model import TextBackbone
    from minimax_vl.tokenizer import Tokenizer
    from minimax_vl.vision.tiling import TilePlan

PIECES = 24  # of a prompt: so many columns has the picture of the states


@dataclass(frozen=True)
class Look:
    """What was seen. Layers are named by their index in the model."""

    plans: tuple[TilePlan, ...]
    slots: tuple[range, ...]  # positions of each image's tokens in the prompt
    prompt_tokens: int
    words: tuple[Word, ...]
    same: int  # ids at which the replay's likeliest id is the one that was generated
    ids: int  # ids of the answer, its end included
    softmax_layers: tuple[int, ...]
    attention: Tensor  # [layers, words, prompt tokens]: mean over heads and the word's ids; the rest is on the answer
    experts: Tensor  # [layers, X]: share of each layer's choices, over all tokens
    lightning_layers: tuple[int, ...]
    states: Tensor  # [layers, H, pieces]: Frobenius norm of the state at the end of each piece
    ends: tuple[int, ...]  # tokens read at the end of each piece
    cache_bytes: int
    seconds: float  # that the replay took

    @property
    def balance(self) -> Tensor:
        """[layers]: 1 where all experts of a layer are chosen equally often, 0 where always the same ones are."""
        entropy = -(self.experts * self.experts.clamp_min(1e-12).log()).sum(-1)
        return entropy / math.log(self.experts.shape[1])

    def of_image(self, index: int, layer: int | None = None) -> Tensor:
        """[words, tokens of that image]: attention of one softmax layer, by its index in the model, or mean of all."""
        rows = self.attention if layer is None else self.attention[[self.softmax_layers.index(layer)]]
        slots = self.slots[index]
        return rows.mean(0)[:, slots.start : slots.stop]


@torch.inference_mode()
def look(
    pipeline: Pipeline,
    messages: Sequence[Message],
    images: Sequence[Any],
    reply: Reply,
    *,
    pieces: int = PIECES,
    **image_options: Any,
) -> Look:
    """Replay `reply` to a conversation; images and image_options as they were given to `Pipeline.chat`.

    Raises InvalidRequest when the conversation is not the one that the reply belongs to.
    """
    began = perf_counter()
    inputs = pipeline.processor(messages, images, **image_options)
    inputs = pipeline.processor(messages, as_seen(inputs.images, reply.tiles))
    prompt = inputs.ids[0].tolist()
    if len(prompt) != reply.prompt_tokens or inputs.plans != reply.tiles:
        raise InvalidRequest(
            found=f"a conversation of {len(prompt)} tokens for a reply to {reply.prompt_tokens}",
            expected="the messages, images and image options that the reply was written to",
            cause="a message that was edited since, or another max_tiles",
            next_step="pass the same conversation, or ask again",
        )
    model, ended = pipeline.model, _ended_itself(reply, pipeline.tokenizer)
    features = pipeline.runner.features(inputs.images, Timings())
    ids = torch.tensor([[*prompt, *reply.tokens]])
    embeds = model.embed(ids, torch.cat(features) if features else None)  # [1, T, C]
    wanted = [*reply.tokens, *([pipeline.tokenizer.eos] if ended else [])]
    record = _Record(model.language_model, len(prompt), wanted, model.config.image_token_index)
    cache = model.new_cache(embeds.shape[1])
    for part in embeds.split(max(1, math.ceil(len(prompt) / pieces)), dim=1):
        with pipeline.runner.stage(Timings(), "prefill"):
            record.read(part, cache)
    words = words_of(reply.tokens, record.logprobs, pipeline.tokenizer, ended)
    kinds = pipeline.config.text.attn_type_list
    return Look(
        plans=inputs.plans,
        slots=_slots(prompt, inputs.plans, model.config.image_token_index),
        prompt_tokens=len(prompt),
        words=words,
        same=record.same,
        ids=len(wanted),
        softmax_layers=tuple(i for i, kind in enumerate(kinds) if kind == SOFTMAX),
        attention=record.attention(words),
        experts=record.chosen / record.chosen.sum(-1, keepdim=True),
        lightning_layers=tuple(i for i, kind in enumerate(kinds) if kind == LIGHTNING),
        states=torch.stack(record.states, -1),
        ends=tuple(record.ends),
        cache_bytes=cache.nbytes,
        seconds=perf_counter() - began,
    )


def _ended_itself(reply: Reply, tokenizer: Tokenizer) -> bool:
    """Whether the model wrote an end: not where a stop string cut its text off, nor where a choice stood for more."""
    return reply.finish_reason == "stop" and tokenizer.decode(reply.tokens[reply.thought_tokens :]) == reply


@dataclass
class _Record:
    """What the pieces read so far have shown. The id at position t is predicted at position t - 1."""

    backbone: TextBackbone
    prompt: int
    wanted: list[int]  # ids of the answer
    image_id: int
    logprobs: list[float] = field(default_factory=list)
    same: int = 0
    states: list[Tensor] = field(default_factory=list)  # [layers, H] per piece
    ends: list[int] = field(default_factory=list)
    rows: dict[int, list[Tensor]] = field(default_factory=dict)  # layer -> [rows, prompt] per piece

    def __post_init__(self) -> None:
        config = self.backbone.config
        self.chosen = torch.zeros(config.num_hidden_layers, config.num_local_experts)

    def read(self, part: Tensor, cache: HybridCache) -> None:
        """Run one piece [1, t, C] and take down what it shows."""
        start, end = cache.position, cache.position + part.shape[1]
        first = max(start, self.prompt - 1) - start  # from here on, positions predict ids of the answer
        last = min(end, self.prompt - 1 + len(self.wanted)) - start
        routing: list[Tensor] = []
        with self._watching(first, last):
            hidden = self.backbone.hidden_states(part, cache, router_logits=routing)
        self._count(routing)
        if first < last:
            self._predict(self.backbone.head(hidden[0, first:last]))
        norms = [
            layer.state[0].norm(dim=(-2, -1)).cpu()
            for layer in cache.layers
            if isinstance(layer, LightningState) and layer.state is not None
        ]
        if start < self.prompt:
            self.states.append(torch.stack(norms) if norms else torch.zeros(0, 0))
            self.ends.append(min(end, self.prompt))

    def attention(self, words: Sequence[Word]) -> Tensor:
        """[layers, words, prompt]."""
        layers = [torch.cat(self.rows[i]) for i in sorted(self.rows)]  # [rows, prompt] each
        if not layers or not words:
            return torch.zeros(len(layers), len(words), self.prompt)
        return torch.stack(
            [torch.stack([rows[word.first : word.last].mean(0) for word in words]) for rows in layers]
        )

    def _predict(self, logits: Tensor) -> None:
        """Compare logits [rows, V] with the ids that were generated there."""
        ids = self.wanted[len(self.logprobs) : len(self.logprobs) + len(logits)]
        at = torch.tensor(ids, device=logits.device)[:, None]
        logits[:, self.image_id] = -torch.inf
        self.same += int((logits.argmax(-1, keepdim=True) == at).sum())
        self.logprobs += logits.log_softmax(-1).gather(1, at)[:, 0].tolist()

    def _count(self, routing: list[Tensor]) -> None:
        top = self.backbone.config.num_experts_per_tok
        for layer, logits in enumerate(routing):  # [1, t, X]
            chosen = logits[0].topk(top, dim=-1).indices.flatten()
            self.chosen[layer] += chosen.bincount(minlength=logits.shape[-1]).cpu()

    @contextmanager
    def _watching(self, first: int, last: int) -> Iterator[None]:
        """Hooks on the softmax layers while one piece runs; none when it predicts nothing."""
        handles = []
        if first < last:
            for index, kind in enumerate(self.backbone.config.attn_type_list):
                if kind == SOFTMAX:
                    mixer: Any = self.backbone.model.layers[index].self_attn
                    handles.append(mixer.register_forward_hook(self._hook(index, first, last)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, index: int, first: int, last: int) -> Any:
        def hook(mixer: Any, args: tuple[Any, ...], _output: Tensor) -> None:
            h, chunk, cache = args
            assert isinstance(cache, KeyValues)
            q = mixer.q_proj(h[:, first:last]).view(1, last - first, mixer.heads, mixer.head_dim)
            q = apply_rotary(q, chunk.cos[first:last], chunk.sin[first:last])[0]  # [rows, H, D]
            keys = cache.held()[0][0]  # [S, G, D], this piece's included
            seen = (
                len(keys) - h.shape[1] + torch.arange(first, last, device=h.device)
            )  # own position of each row
            self.rows.setdefault(index, []).append(attention_rows(q, keys, seen)[:, : self.prompt].cpu())

        return hook


def attention_rows(q: Tensor, keys: Tensor, at: Tensor) -> Tensor:
    """Softmax weights of queries [n, H, D] at positions `at` [n] over keys [S, G, D], mean over heads: [n, S] fp32.

    The definition of `kernels.attention`, which computes the mix but does not keep the weights.
    """
    n, H, D = q.shape
    S, G, _ = keys.shape
    late = torch.arange(S, device=q.device) > at[:, None]  # [n, S]
    total = torch.zeros(n, S, device=q.device)
    for group, queries in enumerate(
        q.float().view(n, G, H // G, D).unbind(1)
    ):  # [n, H/G, D]: bounds the memory
        scores = torch.einsum("nhd,sd->hns", queries, keys[:, group].float()) * D**-0.5
        total += scores.masked_fill(late, -torch.inf).softmax(-1).sum(0)
    return total / H


def _slots(prompt: list[int], plans: Sequence[TilePlan], image_id: int) -> tuple[range, ...]:
    """Positions of each image's tokens; images may follow each other without a gap."""
    at, slots = 0, []
    for plan in plans:
        first = prompt.index(image_id, at)
        at = first + plan.tokens
        slots.append(range(first, at))
    return tuple(slots)
