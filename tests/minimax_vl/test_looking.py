"""Looking inside changes nothing, reproduces the answer, and its numbers add up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from minimax_vl.chat import assistant_turn, user_turn
from minimax_vl.errors import InvalidRequest
from minimax_vl.kernels import softmax_attention
from minimax_vl.looking import heat, look, tiles
from minimax_vl.looking.places import newlines
from minimax_vl.looking.replay import attention_rows
from minimax_vl.looking.words import words_of
from minimax_vl.presets import PRESETS
from minimax_vl.testing import debug_pipeline
from minimax_vl.vision.tiling import plan_tiles

PIPELINE = debug_pipeline()
IMAGES = [np.random.default_rng(i).integers(0, 256, (90, 60 + 90 * i, 3), np.uint8) for i in range(2)]
MESSAGES = [user_turn("What is it?", 2), assistant_turn("A picture."), user_turn("And why?")]
TILINGS = {name: PRESETS[name].tiling for name in ("debug", "nano", "minimax-vl-01")}


@pytest.fixture(scope="module")
def reply():
    return PIPELINE.chat(MESSAGES, IMAGES, max_new_tokens=24, logprobs=True)


@pytest.fixture(scope="module")
def seen(reply):
    return look(PIPELINE, MESSAGES, IMAGES, reply)


def test_the_replay_writes_the_same_ids(seen, reply):
    assert seen.same == seen.ids == len(reply.tokens) + (reply.finish_reason == "stop")


def test_probabilities_are_those_of_the_answer(seen, reply):
    for word in seen.words:
        if not word.end:
            assert word.probability == pytest.approx(
                np.exp(sum(reply.logprobs[word.first : word.last])), rel=1e-3
            )


def test_words_are_the_text(seen, reply):
    told = " ".join(word.text for word in seen.words)
    assert told.split() == str(reply).split()  # a space may follow a broken character inside one id


def test_nothing_stays_behind(reply, seen):
    """No hook is left, and the same question has the same answer."""
    hooks = [m for m in PIPELINE.model.modules() if m._forward_hooks or m._forward_pre_hooks]
    assert hooks == []
    assert PIPELINE.chat(MESSAGES, IMAGES, max_new_tokens=24).tokens == reply.tokens


def test_pieces_do_not_change_what_is_seen(seen, reply):
    other = look(PIPELINE, MESSAGES, IMAGES, reply, pieces=3)
    assert other.ends[-1] == seen.ends[-1] == seen.prompt_tokens
    assert len(other.ends) <= 3 < len(seen.ends)
    torch.testing.assert_close(other.attention, seen.attention, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(other.experts, seen.experts, atol=0.02, rtol=0)


def test_attention_is_a_share_of_one(seen):
    layers, words, prompt = seen.attention.shape
    assert (layers, words, prompt) == (len(seen.softmax_layers), len(seen.words), seen.prompt_tokens)
    total = seen.attention.sum(-1)
    assert bool((total > 0).all()) and bool((total <= 1 + 1e-5).all())
    torch.testing.assert_close(total[:, 0], torch.ones(layers), atol=0.05, rtol=0)  # almost no answer yet


def test_slots_hold_exactly_the_images(seen):
    ids = PIPELINE.processor(MESSAGES, IMAGES).ids[0].tolist()
    image = PIPELINE.config.image_token_index
    assert [i for slots in seen.slots for i in slots] == [t for t, id in enumerate(ids) if id == image]
    assert [len(slots) for slots in seen.slots] == [plan.tokens for plan in seen.plans]


def test_experts_and_states_have_every_layer(seen):
    config = PIPELINE.config.text
    assert seen.experts.shape == (config.num_hidden_layers, config.num_local_experts)
    torch.testing.assert_close(seen.experts.sum(-1), torch.ones(config.num_hidden_layers))
    assert bool(((seen.balance > 0) & (seen.balance <= 1 + 1e-6)).all())
    assert seen.states.shape == (len(seen.lightning_layers), config.num_attention_heads, len(seen.ends))
    assert bool((seen.states > 0).all())


def test_another_conversation_is_refused(reply):
    with pytest.raises(InvalidRequest, match="conversation of"):
        look(PIPELINE, [user_turn("Something else?", 2)], IMAGES, reply)
    with pytest.raises(InvalidRequest):
        look(PIPELINE, MESSAGES, IMAGES, reply, max_tiles=1)


def test_an_answer_that_was_cut_short_has_no_end(reply):
    whole = PIPELINE.chat(MESSAGES, IMAGES, max_new_tokens=24)
    cut = PIPELINE.chat(MESSAGES, IMAGES, max_new_tokens=24, stop=str(whole)[2:5])
    chosen = PIPELINE.chat(MESSAGES, IMAGES, choices=["Apples and pears", "Bread"])
    for stopped in (cut, chosen):
        assert stopped.finish_reason == "stop"
        seen = look(PIPELINE, MESSAGES, IMAGES, stopped)
        assert seen.ids == len(stopped.tokens) and not any(word.end for word in seen.words)


def test_text_alone_has_no_pictures():
    messages = [user_turn("Why?")]
    seen = look(PIPELINE, messages, [], PIPELINE.chat(messages, max_new_tokens=4))
    assert seen.slots == () and seen.same == seen.ids


def test_attention_rows_are_the_weights_of_the_kernel():
    """With values that tell the keys apart, the op's output is the weights themselves."""
    S, T, H, G, D = 9, 4, 4, 2, 16
    torch.manual_seed(0)
    q, k = torch.randn(1, T, H, D), torch.randn(1, S, G, D)
    v = torch.zeros(1, S, G, D)
    v[0, torch.arange(S), :, torch.arange(S)] = 1  # S <= D
    mixed = softmax_attention(q, k, v)[0].mean(1)[:, :S]  # [T, S]
    torch.testing.assert_close(attention_rows(q[0], k[0], torch.arange(S - T, S)), mixed)


def test_a_character_of_several_ids_is_one_word():
    tokenizer = PIPELINE.tokenizer
    ids = tokenizer.encode("one 日本 two")
    words = words_of(ids, [-0.5] * (len(ids) + 1), tokenizer, ended=True)
    assert [word.text for word in words] == ["one", "日本", "two", ""]
    assert [w.last for w in words[:-1]] == [w.first for w in words[1:]]


def test_the_brackets_of_a_thought_are_words_of_their_own():
    tokenizer = PIPELINE.tokenizer
    ids = [tokenizer.think, *tokenizer.encode("A: 4"), tokenizer.thought, *tokenizer.encode("four")]
    words = words_of(ids, [-0.5] * (len(ids) + 1), tokenizer, ended=True)
    assert [word.text for word in words] == ["<think>", "A:", "4", "</think>", "four", ""]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TILINGS)), st.integers(60, 3000), st.integers(60, 3000))
def test_tiles_hold_every_token_and_cover_the_picture(name, height, width):
    tiling = TILINGS[name]
    plan = plan_tiles(height, width, tiling)
    found = tiles(plan, tiling.tile)
    assert len(found) == plan.tiles - 1
    assert sum(t.tokens for t in found) + newlines(plan) + plan.side**2 == plan.tokens
    area = sum((t.right - t.left) * (t.bottom - t.top) for t in found if not t.empty)
    assert area == pytest.approx(height * width, rel=0.01)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(TILINGS)), st.integers(60, 3000), st.integers(60, 3000))
def test_heat_keeps_even_weight_even(name, height, width):
    tiling = TILINGS[name]
    plan = plan_tiles(height, width, tiling)
    density = heat(plan, np.ones(plan.tokens, np.float32), tiling.tile)
    assert max(density.shape) == 160
    h, w = density.shape
    if min(h, w) > 20:  # away from the edges, where padding begins
        middle = density[h // 3 : -(h // 3), w // 3 : -(w // 3)]
        assert middle.std() < 0.15 * middle.mean()


def test_heat_lies_where_the_weight_is():
    """The weight of one feature of a tile shows at that feature's place in the picture."""
    tiling = TILINGS["debug"]
    plan = plan_tiles(112, 112, tiling)  # 2 x 2 tiles of 2 x 2 features
    weights = np.zeros(plan.tokens, np.float32)
    weights[plan.side**2 + 3] = 1  # first row of features, last column
    density = heat(plan, weights, tiling.tile)
    h, w = density.shape
    y, x = np.unravel_index(density.argmax(), density.shape)
    assert y < h / 4 and x > 3 * w / 4
