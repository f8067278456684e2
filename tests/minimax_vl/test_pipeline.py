"""The public methods agree with each other, and refuse what cannot be answered before the model works."""

from __future__ import annotations

import pickle
import threading
from collections import deque

import numpy as np
import pytest
import torch

from minimax_vl import pipeline as module
from minimax_vl.chat import assistant_turn, user_turn
from minimax_vl.errors import (
    CheckpointError,
    ContextTooLong,
    InvalidRequest,
    MiniMaxVLError,
    ModelMissing,
    RemoteRefused,
    UnreadableImage,
)
from minimax_vl.loading.save import save_checkpoint
from minimax_vl.pipeline import EncodedImage, Pipeline, Reply, TextStream, load
from minimax_vl.presets import PRESETS
from minimax_vl.testing import NANO, debug_pipeline

PIPELINE = debug_pipeline()
IMAGES = [np.random.default_rng(i).integers(0, 256, (60 + 30 * i, 100, 3), np.uint8) for i in range(3)]
SEEN = PIPELINE.encode(IMAGES[0])
SHORT = {"max_new_tokens": 8}


def test_a_reply_is_a_string_that_knows_its_story():
    reply = PIPELINE.ask(IMAGES[0], "What is it?", logprobs=True, **SHORT)
    assert isinstance(reply, str)
    assert reply == PIPELINE.tokenizer.decode(reply.tokens)
    assert len(reply.logprobs) == len(reply.tokens) <= 8
    assert reply.finish_reason in ("stop", "length")
    assert reply.tiles[0].size == (60, 100)
    assert reply.prompt_tokens > reply.tiles[0].tokens
    assert min(reply.timings.preprocess, reply.timings.vision, reply.timings.prefill) > 0
    assert reply.to_dict()["tiles"] == [{"grid": [*reply.tiles[0].grid], "tokens": reply.tiles[0].tokens}]
    copy = pickle.loads(pickle.dumps(reply))
    assert (copy, copy.tokens, copy.tiles) == (reply, reply.tokens, reply.tiles)


def test_streaming_adds_up_to_the_reply():
    stream = PIPELINE.stream("What is it?", images=IMAGES[:2], **SHORT)
    pieces = list(stream)
    assert isinstance(stream, TextStream)
    assert "".join(pieces) == stream.reply == PIPELINE.ask(IMAGES[:2], "What is it?", **SHORT)
    unread = PIPELINE.ask(IMAGES[0], "Why?", stream=True, **SHORT)
    assert unread.reply == ""  # nothing runs before the first piece


def test_closing_a_stream_stops_the_model():
    calls = []
    handle = PIPELINE.model.register_forward_hook(lambda *_: calls.append(1))
    with PIPELINE.stream("What is it?", images=IMAGES[:1], max_new_tokens=50) as stream:
        first = next(stream)
        before = len(calls)
    handle.remove()
    assert len(calls) == before < 50
    assert stream.reply.finish_reason == "closed"
    assert stream.reply.startswith(first)
    assert list(stream) == []


def test_an_encoded_image_stands_for_the_image():
    encoded = PIPELINE.encode(IMAGES[1])
    assert encoded.features.shape[0] == encoded.plan.tokens
    assert PIPELINE.ask(encoded, "What?", **SHORT) == PIPELINE.ask(IMAGES[1], "What?", **SHORT)
    mixed = PIPELINE.ask([IMAGES[0], encoded, IMAGES[2]], "Which?", **SHORT)
    assert mixed == PIPELINE.ask(IMAGES, "Which?", **SHORT)
    assert PIPELINE.encode(encoded).plan == encoded.plan


def test_an_encoded_image_can_be_kept_in_a_file():
    seen = load("nano", device="cpu").encode(NANO.parent / "examples" / "form.png")
    kept = pickle.loads(pickle.dumps(seen))
    assert seen.wider and kept.wider is None and kept.plan == seen.plan
    assert torch.equal(kept.features, seen.features)
    plain, again = (PIPELINE.ask(page, "What?") for page in (SEEN, pickle.loads(pickle.dumps(SEEN))))
    assert again == plain


def test_an_encoded_image_equals_itself_alone():
    assert SEEN in [SEEN] and PIPELINE.encode(IMAGES[0]) != SEEN
    tiled = PIPELINE.processor.image(IMAGES[0])
    assert tiled in [tiled] and tiled != PIPELINE.processor.image(IMAGES[0])


def test_a_turn_may_be_an_image_alone():
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": ""}]}
    assert PIPELINE.chat([turn], IMAGES[0], tools=None, **SHORT).prompt_tokens > SEEN.plan.tokens


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_a_batch_equals_single_calls(batch_size):
    pairs = [
        (IMAGES[0], "What?"),
        ([], "Hello?"),
        (IMAGES, "Which of these is it?"),
        (IMAGES[2], "Why?"),
    ] * 3
    replies = PIPELINE.batch(pairs, batch_size=batch_size, **SHORT)
    singles = [PIPELINE.ask(image, question, **SHORT) for image, question in pairs[:4]] * 3
    assert replies == singles
    assert [reply.tokens for reply in replies] == [single.tokens for single in singles]


def test_a_batch_draws_what_single_calls_draw():
    options = {"temperature": 1.2, "seed": 3, **SHORT}
    replies = PIPELINE.batch([(image, "What?") for image in IMAGES], **options)
    assert replies == [PIPELINE.ask(image, "What?", **options) for image in IMAGES]


def test_caption_is_a_question_and_lists_stay_lists():
    prompt = PIPELINE.caption_prompt("short")
    assert PIPELINE.caption(IMAGES[0], length="short", **SHORT) == PIPELINE.ask(IMAGES[0], prompt, **SHORT)
    replies = PIPELINE.caption(IMAGES, **SHORT)
    assert replies == [PIPELINE.caption(image, **SHORT) for image in IMAGES]
    assert PIPELINE.caption([], **SHORT) == []


def test_chat_carries_the_conversation():
    turns = [user_turn("First?", 1), assistant_turn("One."), user_turn("Second?", 1)]
    reply = PIPELINE.chat(turns, IMAGES[:2], **SHORT)
    assert len(reply.tiles) == 2
    assert reply == "".join(PIPELINE.chat(turns, IMAGES[:2], stream=True, **SHORT))
    assert PIPELINE.chat(turns[:1], IMAGES[:1], **SHORT) == PIPELINE.ask(IMAGES[0], "First?", **SHORT)


def test_one_image_needs_no_list():
    turn = [user_turn("What?", 1)]
    assert PIPELINE.chat(turn, IMAGES[0], **SHORT) == PIPELINE.chat(turn, IMAGES[:1], **SHORT)
    with pytest.raises(UnreadableImage, match="no file 'page.png'"):  # not one file for each letter
        PIPELINE.stream("What?", "page.png")


def test_threads_get_the_answers_they_asked_for():
    questions = ["What?", "Why is that so?", "Who?", "Where is it?"]
    expected = {q: PIPELINE.ask(IMAGES[0], q, **SHORT) for q in questions}
    found: dict[str, Reply] = {}
    threads = [
        threading.Thread(target=lambda q=q: found.__setitem__(q, PIPELINE.ask(IMAGES[0], q, **SHORT)))
        for q in questions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_an_open_stream_blocks_nobody():
    stream = PIPELINE.stream("What?", images=IMAGES[:1], max_new_tokens=20)
    next(stream)
    assert PIPELINE.ask(IMAGES[0], "Why?", **SHORT) == debug_pipeline().ask(IMAGES[0], "Why?", **SHORT)
    rest = "".join(stream)
    assert stream.reply.endswith(rest)


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(question):
    with pytest.raises(InvalidRequest, match="an empty question"):
        PIPELINE.ask(IMAGES[0], question)


def test_a_question_longer_than_the_context_is_refused_before_any_work():
    small = debug_pipeline(context=200)
    small.model.register_forward_hook(lambda *_: pytest.fail("the model ran"))
    with pytest.raises(ContextTooLong, match="expected: at most 200 tokens"):
        small.ask(IMAGES[0], "word " * 300)


def test_megabytes_are_refused_without_splitting_them(monkeypatch):
    monkeypatch.setattr(PIPELINE.tokenizer, "encode", lambda text: pytest.fail("the text was split"))
    with pytest.raises(ContextTooLong, match=r"a prompt of \d+ tokens or more\nexpected: at most"):
        PIPELINE.ask([], "x" * (PIPELINE.context + 1) * PIPELINE.tokenizer.longest)


def test_remote_addresses_need_permission():
    with pytest.raises(RemoteRefused):
        PIPELINE.ask("https://example.org/cat.png", "What?")


@pytest.mark.parametrize(
    "call",
    [
        lambda: PIPELINE.ask(IMAGES[0], "What?", max_tokens=5),
        lambda: PIPELINE.encode(IMAGES[0], temperature=1),
        lambda: PIPELINE.caption(IMAGES[0], length="huge"),
        lambda: PIPELINE.caption(IMAGES, stream=True),
        lambda: PIPELINE.batch([], batch_size=0),
        lambda: PIPELINE.chat([]),
        lambda: load("nano", dtype="fp7"),
        lambda: load("nano", device="toaster"),
        lambda: debug_pipeline(context=0),
        lambda: load("nano", device="meta"),
        lambda: PIPELINE.ask(IMAGES[0], None),
        lambda: load("nano", quantize="int2"),
        lambda: PIPELINE.ask(None, "What?"),
        lambda: PIPELINE.caption(None),
        lambda: PIPELINE.ask(EncodedImage(SEEN.plan, torch.cat([SEEN.features] * 2, 1)), "What?"),
        lambda: PIPELINE.ask(IMAGES[0], "What?", max_tiles="2"),
        lambda: PIPELINE.ask(SEEN, "What?", max_tiles=SEEN.plan.tiles - 2),
        lambda: PIPELINE.chat([user_turn("What?")], tools={"name": "weather"}),
        lambda: PIPELINE.chat([{"role": "user", "content": ""}]),
        lambda: PIPELINE.chat([user_turn("What?"), assistant_turn("This."), user_turn(" ")]),
        lambda: PIPELINE.chat([{"role": "user"}], stream=True),
        lambda: PIPELINE.chat(5),
        lambda: PIPELINE.batch([(IMAGES[0], "What?", 1)]),
        lambda: PIPELINE.batch(None),
        lambda: PIPELINE.batch("What?"),
        lambda: PIPELINE.ask(IMAGES[0], "What?", limits=5),
        lambda: PIPELINE.caption(IMAGES[0], length=["short"]),
        lambda: load("nano", second_look="no"),
        lambda: Pipeline(PIPELINE.model, PIPELINE.tokenizer, second_look=1),
    ],
    ids=[
        "option",
        "encode option",
        "length",
        "streamed list",
        "batch size",
        "no messages",
        "dtype",
        "device",
        "context",
        "kind of device",
        "no text",
        "quantize",
        "no image",
        "no image to describe",
        "encoded by another model",
        "tiles",
        "tiles of an encoded image",
        "one tool",
        "empty message",
        "empty last message",
        "no content",
        "a number for messages",
        "triple",
        "no pairs",
        "text for pairs",
        "limits",
        "list of lengths",
        "second look",
        "second look of a pipeline",
    ],
)
def test_nonsense_is_refused_with_what_was_expected(call):
    with pytest.raises(InvalidRequest, match=r"found: .*\nexpected: ") as caught:
        call()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("kind", [iter, deque, tuple])
def test_a_conversation_may_be_any_iterable(kind):
    said = [user_turn("What?", images=1), assistant_turn("This."), user_turn("And that?")]
    assert PIPELINE.chat(kind(said), IMAGES[0], **SHORT) == PIPELINE.chat(said, IMAGES[0], **SHORT)
    asked = [PIPELINE.chat(turns, **SHORT).prompt_tokens for turns in (kind(said[2:]), said[2:])]
    assert asked[0] == asked[1]
    with pytest.raises(InvalidRequest, match="an empty message"):
        PIPELINE.chat(kind([user_turn(" ")]))


def test_an_unknown_model_is_refused_with_the_known_names():
    with pytest.raises(MiniMaxVLError, match="nano"):
        load("nanoo")


def test_module_functions_load_once(monkeypatch):
    loads = []

    def fake(name, **options):
        loads.append((name, options))
        return PIPELINE

    monkeypatch.setattr(module, "load", fake)
    module._load_once.cache_clear()
    assert module.ask(IMAGES[0], "What?", **SHORT) == module.ask(IMAGES[0], "What?", device="auto", **SHORT)
    assert module.caption(IMAGES[0], dtype="fp32", **SHORT) == PIPELINE.caption(IMAGES[0], **SHORT)
    assert loads == [
        ("nano", {"device": "auto", "dtype": "auto", "second_look": None}),
        ("nano", {"device": "auto", "dtype": "fp32", "second_look": None}),
    ]
    module._load_once.cache_clear()


def test_nano_is_captioned_in_the_words_it_was_trained_on():
    from minimax_vl.model import VLModel

    nano = Pipeline(VLModel(PRESETS["nano"]), PIPELINE.tokenizer)
    assert {nano.caption_prompt(length) for length in ("short", "normal", "long")} == {"Describe the image."}


@pytest.mark.skipif(not (NANO / "config.json").exists(), reason="nano's weights are not in this checkout yet")
def test_nano_reads_a_page_nobody_showed_it():
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (336, 336), "white")
    font = ImageFont.load_default(size=22)
    for i, line in enumerate(["Invoice No.: 48213", "Date: 14 March 2021", "Total: $73.50"]):
        ImageDraw.Draw(page).text((20, 40 + 60 * i), line, fill="black", font=font)
    nano = load("nano", device="cpu")
    assert "73.50" in nano.ask(page, "What is the total?")
    assert nano.ask(page, "What is the total?") == nano.batch([(page, "What is the total?")])[0]


def test_a_tokenizer_of_another_checkpoint_is_refused(tmp_path):
    save_checkpoint(PIPELINE.model, tmp_path, tokenizer=NANO / "tokenizer.json")
    text = (tmp_path / "config.json").read_text()
    at = PIPELINE.config.image_token_index
    (tmp_path / "config.json").write_text(
        text.replace(f'"image_token_index": {at}', f'"image_token_index": {at + 1}')
    )
    with pytest.raises(CheckpointError, match=f"{at} in tokenizer.json, {at + 1} in config.json"):
        load(tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"context": 0}, {"context": "8192"}, {"second_look": 1}, {"kv_cache": "fp8"}]
)
def test_options_are_refused_before_anything_is_read(wrong, monkeypatch):
    monkeypatch.setattr("minimax_vl.loading.resolve", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(InvalidRequest, match=next(iter(wrong))):
        load("folder", **wrong)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelMissing):
        load(tmp_path)
