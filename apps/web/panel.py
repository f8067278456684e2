"""The panel that looks inside, as one piece of HTML: words and their heat maps change without asking the server."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from PIL import Image

from minimax_vl.apps.serving.images import LIMITS
from minimax_vl.apps.web.charts import cells, columns, data_uri, overlay, stack
from minimax_vl.looking.places import heat, newlines, tiles
from minimax_vl.reply import Reply
from minimax_vl.vision.images import open_image
from minimax_vl.vision.pixels import to_rgb

if TYPE_CHECKING:
    from minimax_vl.looking.replay import Look
    from minimax_vl.pipeline import Pipeline
    from minimax_vl.vision.tiling import TilePlan

WIDEST = 720  # pixels of a picture in the panel
MOST_WORDS = 60  # heat maps of one panel


def summary(reply: Reply | None, looking_again: bool = False, thinking: bool = False) -> str:
    """One line below the conversation while and after an answer is written."""
    if reply is None:
        return '<span class="wait">looking at it ...</span>'
    if looking_again:
        return '<span class="wait">not sure: looking again ...</span>'
    if thinking:
        return f'<span class="wait">thinking: {html.escape(reply.thought)} ...</span>'
    times, count = reply.timings, len(reply.tokens)
    speed = f"{(count - 1) / times.decode:,.0f} tokens/s" if count > 1 and times.decode else ""
    seen = f"{sum(plan.tokens for plan in reply.tiles):,} of them picture" if reply.tiles else ""
    parts = [f"{times.total:.1f} s", f"read {reply.prompt_tokens:,} tokens", seen, f"wrote {count}", speed]
    return " · ".join(part for part in parts if part)


def panel(
    seen: Look | None, images: Sequence[Any], reply: Reply | None, pipeline: Pipeline, remembered: int = 0
) -> str:
    """Everything that was seen; a hint when there is no answer yet. remembered: prompt tokens that were not read."""
    if seen is None or reply is None:
        return '<p class="hint">Ask something first: this shows how the last answer came about.</p>'
    pictures = [to_rgb(open_image(image, limits=LIMITS)) for image in images]
    tile = pipeline.config.tiling.tile
    cards = [
        *(_tiles(i, picture, plan, tile) for i, (picture, plan) in enumerate(zip(pictures, seen.plans))),
        _thought(reply) if reply.thought else "",
        *(_looked(i, picture, seen, tile) for i, picture in enumerate(pictures) if seen.words),
        _words(seen) if seen.words and not pictures else "",
        _times(seen, reply, pipeline, remembered),
        _experts(seen),
        _states(seen),
    ]
    note = (
        f"Replayed in {seen.seconds:.1f} s from the ids of the answer: at {seen.same} of {seen.ids} steps the likeliest"
        " id is the one that was written."
    )
    return f'<div class="cards">{"".join(cards)}</div><p class="hint">{note}</p>'


def _card(title: str, text: str, body: str, kind: str = "") -> str:
    return f'<section class="card {kind}"><h3>{title}</h3><p>{text}</p>{body}</section>'


def _picture(picture: Image.Image, alt: str) -> str:
    shown = picture.copy()
    shown.thumbnail((WIDEST, WIDEST))
    return f'<img src="{data_uri(shown, "JPEG")}" alt="{html.escape(alt)}">'


def _tiles(index: int, picture: Image.Image, plan: TilePlan, tile: int) -> str:
    """The grid over the picture; tiles are numbered, not told apart by colour."""
    width, height = picture.size
    boxes = []
    for number, part in enumerate((t for t in tiles(plan, tile) if not t.empty), 1):
        place = (
            f"left:{part.left / width:.3%};top:{part.top / height:.3%};"
            f"width:{(part.right - part.left) / width:.3%};height:{(part.bottom - part.top) / height:.3%}"
        )
        boxes.append(f'<div class="tile" style="{place}"><span><b>{number}</b>{part.tokens}</span></div>')
    rows, cols = plan.grid
    table = [
        ("whole picture, small", plan.side**2),
        (f"{rows} x {cols} tiles", plan.tokens - plan.side**2 - newlines(plan)),
        ("ends of rows", newlines(plan)),
    ]
    list_ = "".join(f"<li><b>{tokens:,}</b> {name}</li>" for name, tokens in table)
    cut = ""
    if (picture.height, picture.width) != plan.size:
        done = "A margin was added for a second look" if min(plan.crop) < 0 else "White margins were left out"
        cut = f" {done}: {plan.size[1]} x {plan.size[0]} pixels."
    text = f"{width} x {height} pixels, <b>{plan.tokens:,} tokens</b>; a tile's number stands before its tokens.{cut}"
    shown = _picture(picture, f"Picture {index + 1} with its tiles")
    return _card(
        f"Picture {index + 1}: how it was cut",
        text,
        f'<div class="shot">{shown}{"".join(boxes)}</div><ul class="counts">{list_}</ul>',
    )


def _thought(reply: Reply) -> str:
    text = "Written before the answer, for the model itself: what it reads here it need not see again."
    return _card("What it thought", text, f'<p class="thought">{html.escape(reply.thought)}</p>')


def _looked(index: int, picture: Image.Image, seen: Look, tile: int) -> str:
    """The picture under one heat map per word; the chosen word's radio button decides which is shown."""
    plan, weights = seen.plans[index], seen.of_image(index).numpy()
    name, maps, rules = f"w{index}", [], []
    for number in range(min(len(seen.words), MOST_WORDS)):
        uri = data_uri(overlay(heat(plan, weights[number], tile)))
        maps.append(
            f'<img class="heat" data-word="{number}" src="{uri}" alt="" style="{_box(plan, picture)}">'
        )
        chosen = f'#panel .looked{index}:has(input[value="{number}"]:checked)'
        rules.append(f'{chosen} .heat[data-word="{number}"],{chosen} .share{number}{{display:block}}')
    shares = "".join(
        f'<span class="told share{number}">{weights[number].sum():.0%} of what these layers read for this word'
        f" lay on this picture; {word.probability:.0%} sure.</span>"
        for number, word in enumerate(seen.words[:MOST_WORDS])
    )
    layers = ", ".join(map(str, seen.softmax_layers))
    text = (
        f"Choose a word of the answer. Bright is where the softmax layers ({layers}) read while it was chosen, mean of"
        " all heads. The lightning layers, which are most, have no such map: this is a trace, not a proof."
    )
    body = (
        f"<style>{''.join(rules)}</style>{_word_buttons(seen, name)}"
        f'<div class="shot">{_picture(picture, f"Picture {index + 1}")}{"".join(maps)}</div>{shares}'
    )
    return _card(f"Picture {index + 1}: where it looked", text, body, f"looked{index}")


def _box(plan: TilePlan, picture: Image.Image) -> str:
    """The part of the picture that was shown, as CSS."""
    (height, width), (top, left) = plan.size, plan.crop
    return (
        f"left:{left / picture.width:.3%};top:{top / picture.height:.3%};"
        f"width:{width / picture.width:.3%};height:{height / picture.height:.3%}"
    )


def _word_buttons(seen: Look, name: str) -> str:
    buttons = []
    for number, word in enumerate(seen.words[:MOST_WORDS]):
        text = html.escape(word.text) or "(end)"
        mark = "checked" if number == 0 else ""
        buttons.append(
            f'<label class="word" style="--sure:{word.probability:.3f}" title="{word.probability:.1%} sure">'
            f'<input type="radio" name="{name}" value="{number}" {mark}><span>{text}</span>'
            f"<small>{word.probability:.0%}</small></label>"
        )
    return f'<div class="words" role="radiogroup" aria-label="Words of the answer">{"".join(buttons)}</div>'


def _words(seen: Look) -> str:
    return _card(
        "How sure it was",
        "The probability of each word, given everything before it.",
        _word_buttons(seen, "words"),
    )


def _times(seen: Look, reply: Reply, pipeline: Pipeline, remembered: int) -> str:
    times, count = reply.timings, len(reply.tokens)
    # Of a later turn it is not known which pictures were new, so no rate is told.
    picture = 0 if remembered else sum(plan.tokens for plan in seen.plans)
    fresh = reply.prompt_tokens - remembered

    def rate(tokens: int, seconds: float, what: str) -> str:
        return f"{tokens / seconds:,.0f} {what}/s" if seconds > 0 and tokens > 0 else ""

    parts = [
        ("Prepare", times.preprocess, "open, cut, tokenize"),
        ("See", times.vision, rate(picture, times.vision, "picture tokens")),
        ("Read", times.prefill, rate(fresh, times.prefill, "tokens")),
        ("Write", times.decode, rate(count - 1, times.decode, "tokens")),
    ]
    # Quantised weights are buffers.
    weights = sum(x.nbytes for x in (*pipeline.model.parameters(), *pipeline.model.buffers()))
    memory = (
        ("weights", weights),
        ("this conversation's cache", seen.cache_bytes),
        ("process, now", psutil.Process().memory_info().rss),
    )
    rows = "".join(f"<li><b>{_mib(size)}</b> {what}</li>" for what, size in memory)
    text = "Of the real run."
    if remembered:
        text += f" {remembered:,} of {reply.prompt_tokens:,} tokens were remembered from the turn before."
    return _card("Time and memory", text, f'{stack(parts)}<ul class="counts">{rows}</ul>')


def _mib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"


def _short(norm: float) -> str:
    """Two digits, and more only where they stand before the point anyway."""
    return f"{norm:,.0f}" if norm >= 10 else f"{norm:.2g}"


def _experts(seen: Look) -> str:
    count = seen.experts.shape[1]
    labels = [f"layer {i}" for i in range(len(seen.experts))]
    tops = [
        f"layer {i}: expert {int(row.argmax())} takes {float(row.max()):.0%}"
        for i, row in enumerate(seen.experts)
    ]
    text = (
        f"How a layer's choices fall on its {count} experts, over all tokens; behind each bar its balance, 1 when all"
        f" are chosen equally often. Mean {float(seen.balance.mean()):.2f}."
    )
    return _card("Experts", text, columns(seen.experts.numpy(), labels, seen.balance.tolist(), tops))


def _states(seen: Look) -> str:
    """Rows are heads, layer below layer; columns are the prompt from left to right."""
    if not seen.states.numel():
        return ""
    norms = seen.states.flatten(0, 1).numpy()  # [layers * H, pieces]
    peaks = norms.max(1, keepdims=True)
    alt = f"{len(norms)} heads by {norms.shape[1]} pieces of the prompt"
    total = seen.prompt_tokens
    bands = "".join(
        f'<span style="left:{slots.start / total:.2%};width:{len(slots) / total:.2%}">picture {i + 1}</span>'
        for i, slots in enumerate(seen.slots)
    )
    heads = seen.states.shape[1]
    text = (
        f"Norm of the running state, each head against its own largest: {heads} heads (rows) in each of"
        f" {len(seen.lightning_layers)} lightning layers, as the prompt is read from left to right. Heads that"
        " forget fast follow what they read; slow ones fill up."
    )
    names = "".join(f"<span>{layer}</span>" for layer in seen.lightning_layers)
    least, most = _short(peaks.min()), _short(peaks.max())
    body = (
        f'<div class="states"><div class="layers" aria-hidden="true">{names}</div><div><div class="bands">{bands}</div>'
        f"{cells(norms / np.maximum(peaks, 1e-12), alt)}</div></div>"
        f'<div class="scale"><span>0</span><i></i><span>the head\'s largest ({least} to {most})</span></div>'
    )
    return _card("Lightning states", text, body)
