"""Our own stages: one question on one page through the public API, a steady decode, and prefill by length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.clock import Spread, taking_turns
from minimax_vl.config import ModelConfig
from minimax_vl.generate import GenerationParams
from minimax_vl.loading import choose_homes
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.model import VLModel
from minimax_vl.pipeline import Pipeline, load
from minimax_vl.presets import preset
from minimax_vl.reply import Reply, Timings
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.checkpoint_keys import active_parameters
from minimax_vl.text_backbone.config import SOFTMAX
from minimax_vl.text_backbone.model import TextBackbone
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.config import VisionConfig

if TYPE_CHECKING:
    from PIL.Image import Image

QUESTION = "What is the total?"
CHUNK = GenerationParams().prefill_chunk


def pipeline_of(name: str, random: bool) -> Pipeline:
    """The named model as `load` gives it on a CPU; with `random` the preset's shape, fp32, and nano's tokenizer.

    It looks once: a second look takes the same time again, or none. Raises OutOfMemory before it makes a model that
    cannot fit.
    """
    if not random:
        return load(name, device="cpu", second_look=False)
    torch.manual_seed(0)
    config = preset(name)
    choose_homes(config, device="cpu", dtype="float32")
    model, tokenizer = VLModel(config), Tokenizer.read(PACKAGED / "nano")
    return Pipeline(model, tokenizer, name=f"{name}, random weights", second_look=False)


def stages(
    pipeline: Pipeline, size: tuple[int, int], new_tokens: int, repeat: int, line: int | None = None
) -> tuple[dict[str, Spread], dict[str, Any]]:
    """Seconds per stage for a page of `size`, and what was done in them: tokens and GFLOP by stage. line: as of `page`.

    The first five rows are of the answer that the model gives, however short; "decode, steady" writes
    `new_tokens` ids whatever they are, and stands for the speed of long answers.
    """
    image = page(*size, line)
    replies: list[Reply] = []

    def ask() -> None:
        replies.append(pipeline.ask(image, QUESTION, max_new_tokens=32))

    (whole,) = taking_turns([ask], repeat)
    names = [field.name for field in fields(Timings)]
    times = {name: Spread(tuple(getattr(r.timings, name) for r in replies[1:])) for name in names}
    reply = replies[-1]
    steady = taking_turns([decoder(pipeline.model.language_model, reply.prompt_tokens, new_tokens)], repeat)
    times |= {"answer, warm": whole, "decode, steady": steady[0]}
    tiles = sum(plan.tiles for plan in reply.tiles)
    tokens = {"prefill": reply.prompt_tokens, "decode": len(reply.tokens) - 1, "decode, steady": new_tokens}
    gflop = {
        "vision": vision_flops(pipeline.config.vision, tiles) / 1e9,
        "prefill": prefill_flops(pipeline.config, reply.prompt_tokens, last_only=True) / 1e9,
    }
    return times, {"tokens": tokens, "gflop": gflop, "tiles": tiles}


def lengths(model: VLModel, counts: Sequence[int], repeat: int) -> dict[int, Spread]:
    """Seconds of a text prefill of each length, in the chunks that answering uses."""
    text = model.language_model
    jobs = [prefiller(text, ids(text, count)) for count in counts]
    return dict(zip(counts, taking_turns(jobs, repeat), strict=True))


def prefiller(text: TextBackbone, prompt: Tensor) -> Callable[[], None]:
    """A job: prompt [1, T] into a fresh cache."""

    @torch.inference_mode()
    def prefill() -> None:
        cache, embeds = HybridCache(text.config, prompt.shape[1]), text.model.embed_tokens(prompt)
        for start in range(0, prompt.shape[1], CHUNK):
            text(embeds[:, start : start + CHUNK], cache)

    return prefill


def decoder(text: TextBackbone, context: int, steps: int) -> Callable[[], None]:
    """A job: `steps` tokens greedily, one at a time, after a context of `context` tokens that is not timed."""
    with torch.inference_mode():
        cache = HybridCache(text.config, context + steps)
        first = text(text.model.embed_tokens(ids(text, context)), cache).argmax(-1)  # [1]
    moment = cache.snapshot()

    @torch.inference_mode()
    def decode() -> None:
        cache.restore(moment)
        last = first
        for _ in range(steps):
            last = text(text.model.embed_tokens(last[None]), cache).argmax(-1)

    return decode


def ids(text: TextBackbone, count: int) -> Tensor:
    """[1, count] the same random ids every time."""
    random = torch.Generator().manual_seed(0)
    return torch.randint(0, text.config.vocab_size, (1, count), generator=random)


def page(width: int, height: int, line: int | None = None) -> Image:
    """White, with lines of print from margin to margin, as a scan has; what they say matters nothing to the clock.

    line: pixels from one to the next, a 24th of the longer side if not given. Lower ones are enlarged onto more
    tiles by a model whose config asks for it.
    """
    from PIL import Image, ImageDraw, ImageFont

    line = max(12, line or max(width, height) // 24)
    image = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(line * 0.7)
    for row, y in enumerate(range(line // 2, height - line, line)):
        pen.text((line // 2, y), f"Item {row:03d}", "black", font)
        pen.text((width - line // 2, y), f"{row * 13.5:.2f}", "black", font, anchor="ra")
    return image


def vision_flops(config: VisionConfig, tiles: int) -> float:
    """Multiplications and additions of the ViT: its matrices, and scores and sums of full attention."""
    patches, C = config.patches_per_side**2, config.hidden_size
    L = patches + 1  # the class token
    layer = 2 * L * (4 * C * C + 2 * C * config.intermediate_size) + 4 * L * L * C
    return tiles * (
        config.num_hidden_layers * layer + 2 * patches * config.num_channels * config.patch_size**2 * C
    )


def prefill_flops(config: ModelConfig, count: int, *, last_only: bool = False) -> float:
    """Of a prefill of `count` tokens: matrices of the chosen experts, causal attention, states; head left out.

    last_only: as for the next token alone, where the last layer computes one position of what no other one reads.
    """
    text = config.text
    softmax = text.attn_type_list.count(SOFTMAX)
    lightning = text.num_hidden_layers - softmax
    mixing = (
        softmax * 2 * count**2 * text.inner_size + lightning * 4 * count * text.inner_size * text.head_dim
    )
    whole = 2 * count * active_parameters(text) + mixing
    if not last_only:
        return whole
    last = text.attn_type_list[-1]
    layer = replace(config, text=replace(text, attn_type_list=(last,)))
    if last == SOFTMAX:
        kept, keys = 2 * text.num_key_value_heads * text.head_dim, 4 * count * text.inner_size
    else:  # its state needs queries, keys and values of all
        kept, keys = 3 * text.inner_size, 4 * count * text.inner_size * text.head_dim
    one = 2 * (active_parameters(layer.text) - kept * text.hidden_size)
    return whole - prefill_flops(layer, count) + 2 * count * kept * text.hidden_size + one + keys
