"""An unsure answer is asked for again with a margin around the image, and the surer one stays, whoever asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from minimax_vl import second_look as module
from minimax_vl.pipeline import Pipeline
from minimax_vl.presets import PRESETS
from minimax_vl.processor import Processor
from minimax_vl.reply import Reply, Timings
from minimax_vl.second_look import MARGINS, SURE, as_asked, as_seen, looks_twice, surer, unsure
from minimax_vl.testing import NANO, debug_pipeline
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.pixels import framed

PLAIN = debug_pipeline()
TWICE = Pipeline(PLAIN.model, PLAIN.tokenizer, second_look=True)
IMAGES = [np.random.default_rng(i).integers(0, 256, (60 + 30 * i, 100, 3), np.uint8) for i in range(3)]
QUESTION, SHORT = "What is it?", {"max_new_tokens": 8}


def with_margin(image: np.ndarray, margin: float = MARGINS[0]) -> Image.Image:
    return framed(Image.fromarray(image), round(margin * max(image.shape)))


def looks(image: np.ndarray) -> list[Reply]:
    """What a plain pipeline answers to the image as it is, and with each margin."""
    seen = [image, *(with_margin(image, margin) for margin in MARGINS)]
    return [PLAIN.ask(one, QUESTION, logprobs=True, **SHORT) for one in seen]


def likeliest(image: np.ndarray) -> Reply:
    """All of them are looked at: a random model is never sure."""
    return max(looks(image), key=lambda reply: sum(reply.logprobs or ()))


def reply(*probabilities: float, text: str = "x", seconds: float = 0.0, thought: int = 0) -> Reply:
    """Of whose ids the first `thought` are not the answer's."""
    logprobs = tuple(float(np.log(p)) for p in probabilities)
    ids = (1,) * len(logprobs)
    return Reply(text, tokens=ids, thought_tokens=thought, logprobs=logprobs, timings=Timings(decode=seconds))


def test_unsure_is_whoever_doubts_one_id() -> None:
    assert unsure(reply(0.99, SURE - 0.01, 0.99)) and not unsure(reply(0.99, SURE + 0.01))
    assert not unsure(reply()), "an answer without ids has nothing to doubt"


def test_the_likelier_answer_stays_with_the_time_of_both() -> None:
    first, second = reply(0.5, 0.9, text="first", seconds=1.0), reply(0.6, 0.9, text="second", seconds=2.0)
    assert surer(first, second) == "second" and surer(second, first) == "second"
    assert surer(first, second).timings.decode == 3.0 == surer(second, first).timings.decode
    assert surer(first, replace_text(first)) == "first", "a tie leaves what was said first"


def test_a_thought_makes_an_answer_neither_sure_nor_unsure() -> None:
    assert not unsure(reply(0.1, 0.2, 0.99, thought=2)) and unsure(reply(0.1, 0.2, 0.5, thought=2))
    brief, thoughtful = reply(0.8, text="brief"), reply(0.5, 0.5, 0.9, text="thoughtful", thought=2)
    assert surer(brief, thoughtful) == "thoughtful" == surer(thoughtful, brief)
    assert surer(thoughtful, brief).thought_tokens == 2


def replace_text(one: Reply) -> Reply:
    return Reply("other", tokens=one.tokens, logprobs=one.logprobs)


def test_logprobs_are_shown_to_those_who_asked() -> None:
    assert as_asked(reply(0.5), {"logprobs": True}).logprobs is not None
    assert as_asked(reply(0.5), {}).logprobs is None


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.shape[0])
def test_ask_gives_the_likeliest_of_plain_answers(image: np.ndarray) -> None:
    first, *_ = looks(image)
    assert unsure(first), "random weights are"
    got = TWICE.ask(image, QUESTION, **SHORT)
    assert got == likeliest(image) and got.logprobs is None
    sizes = [image.shape[:2], *(with_margin(image, margin).size[::-1] for margin in MARGINS)]
    assert got.timings.decode > 0 and got.tiles[0].size in sizes
    assert TWICE.ask(image, QUESTION, logprobs=True, **SHORT).logprobs == likeliest(image).logprobs


def test_every_way_of_asking_gives_the_same() -> None:
    want = [likeliest(image) for image in IMAGES]
    assert TWICE.batch([(image, QUESTION) for image in IMAGES], batch_size=2, **SHORT) == want
    encoded = [TWICE.encode(image) for image in IMAGES]
    assert TWICE.batch([(image, QUESTION) for image in encoded], **SHORT) == want
    with TWICE.stream(QUESTION, IMAGES[0], **SHORT) as stream:
        assert [*stream] == [str(want[0])] and stream.reply == want[0], (
            "asked for by name, it comes in one piece"
        )
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
    assert TWICE.chat([turn], IMAGES[0], **SHORT) == want[0]


def test_nano_alone_looks_twice_by_itself() -> None:
    nano, other = PRESETS["nano"], PLAIN.config
    assert looks_twice(None, nano) and looks_twice(True, other)
    assert not looks_twice(None, other) and not looks_twice(False, nano)
    assert not PLAIN.second_look and TWICE.second_look


@pytest.fixture
def by_itself(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A model that looks twice although nobody said so."""
    monkeypatch.setattr("minimax_vl.pipeline.looks_twice", lambda asked, config: asked is None)
    return Pipeline(PLAIN.model, PLAIN.tokenizer)


def test_what_looks_twice_by_itself_streams_in_pieces_and_describes_at_once(by_itself: Pipeline) -> None:
    image = next(image for image in IMAGES if likeliest(image) != looks(image)[0])
    first, want = looks(image)[0], likeliest(image)
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
    assert by_itself.ask(image, QUESTION, **SHORT) == want == by_itself.chat([turn], image, **SHORT)
    assert by_itself.batch([(image, QUESTION)], **SHORT) == [want]
    for stream in (
        by_itself.ask(image, QUESTION, stream=True, **SHORT),
        by_itself.stream(QUESTION, image, **SHORT),
        by_itself.chat([turn], image, stream=True, **SHORT),
    ):
        assert len([*stream]) > 1 and stream.reply == first and stream.reply.logprobs is None
    assert by_itself.caption(image, **SHORT) == PLAIN.caption(image, **SHORT)
    assert by_itself.caption(IMAGES, batch_size=2, **SHORT) == PLAIN.caption(IMAGES, **SHORT)


def test_an_engine_looks_once(by_itself: Pipeline) -> None:
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
    request = by_itself.request([turn], IMAGES[:1], (), SHORT)
    assert request.again is None and not request.answer.params.logprobs


def test_a_sure_answer_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "unsure", lambda _: False)
    monkeypatch.setattr(module, "surer", lambda *_: pytest.fail("asked again"))
    assert TWICE.ask(IMAGES[0], QUESTION, **SHORT) == looks(IMAGES[0])[0]


def test_a_sure_second_answer_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    doubts = iter([True, False])
    monkeypatch.setattr(module, "unsure", lambda _: next(doubts))
    for image in IMAGES[:1]:
        two = max(looks(image)[:2], key=lambda reply: sum(reply.logprobs or ()))
        assert TWICE.ask(image, QUESTION, **SHORT) == two
    assert next(doubts, None) is None


def test_images_are_cut_again_as_a_reply_saw_them() -> None:
    cuts = [image := TWICE.processor.image(IMAGES[0])]
    while cuts[-1].wider:
        cuts.append(cuts[-1].wider())
    assert len(cuts) == 3
    for cut in cuts:
        assert [one.plan for one in as_seen([image], [cut.plan])] == [cut.plan]
    other = TWICE.processor.image(IMAGES[2])
    assert as_seen([image], [other.plan]) == [image] and as_seen([], []) == []


def test_draws_and_images_cut_elsewhere_are_not_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "surer", lambda *_: pytest.fail("asked again"))
    drawn = {"temperature": 1.0, "seed": 3, **SHORT}
    assert TWICE.ask(IMAGES[0], QUESTION, **drawn) == PLAIN.ask(IMAGES[0], QUESTION, **drawn)
    assert TWICE.ask(PLAIN.encode(IMAGES[0]), QUESTION, **SHORT) == looks(IMAGES[0])[0]
    assert TWICE.ask([], QUESTION, **SHORT) == PLAIN.ask([], QUESTION, **SHORT)


def test_a_second_look_that_does_not_fit_leaves_the_first_answer() -> None:
    wide = np.random.default_rng(7).integers(0, 256, (40, 166, 3), np.uint8)  # its margin takes another grid
    first = PLAIN.ask(wide, QUESTION, **SHORT)
    narrow = Pipeline(PLAIN.model, PLAIN.tokenizer, second_look=True, context=first.prompt_tokens + 8)
    assert PLAIN.ask(with_margin(wide), QUESTION, **SHORT).prompt_tokens > first.prompt_tokens
    assert narrow.ask(wide, QUESTION, **SHORT) == first


def test_an_encoded_image_is_encoded_once_more_for_all_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = TWICE.encode(IMAGES[0])
    assert encoded.wider is not None and encoded.wider() is encoded.wider()
    third = encoded.wider().wider
    assert third is not None and third().wider is None


def test_a_margin_has_the_colour_of_the_edge_and_the_crop_tells_where_it_begins() -> None:
    page = Image.new("RGB", (640, 640), (250, 250, 245))
    page.paste((20, 20, 20), (300, 300, 420, 330))
    around = framed(page, 19)
    assert around.size == (678, 678) and around.getpixel((0, 0)) == (250, 250, 245)
    assert around.crop((19, 19, 659, 659)).tobytes() == page.tobytes()
    tiling = replace(PRESETS["nano"].tiling, crop_ink=False)
    image = Processor(Tokenizer.read(NANO), tiling, second_look=True).image(page)
    assert image.plan.crop == (0, 0) and image.wider is not None
    assert image.wider().plan.crop == (-19, -19) and image.wider().plan.size == (678, 678)


def closed_at(call: int) -> tuple[list[str], Reply, int]:
    """Pieces, reply and calls of the model, of a stream that is closed while the model runs for the n-th time."""
    stream, calls = TWICE.ask(IMAGES[0], QUESTION, stream=True, **SHORT), []

    def close(*_: object) -> None:
        calls.append(1)
        if len(calls) == call:
            stream.close()  # as from another thread: the reader is inside `next`

    handle = TWICE.model.register_forward_hook(close)
    try:
        return [*stream], stream.reply, len(calls)
    finally:
        handle.remove()


def test_closing_the_stream_stops_the_look() -> None:
    first = looks(IMAGES[0])[0]
    pieces, got, calls = closed_at(3)
    assert (pieces, calls, got.finish_reason) == ([], 3, "closed")
    assert got.tokens == first.tokens[: len(got.tokens)] and got.logprobs is None


def test_a_look_that_was_stopped_leaves_the_first_answer() -> None:
    first = looks(IMAGES[0])[0]
    second = len(first.tokens) + (first.finish_reason == "stop") + 2  # a call for each id, and for the end
    pieces, got, calls = closed_at(second)
    assert (pieces, calls) == ([], second)
    assert got == first and got.finish_reason == first.finish_reason


def test_a_wider_look_at_an_encoded_image_is_not_bound_by_its_tiles() -> None:
    wide = np.random.default_rng(7).integers(0, 256, (40, 166, 3), np.uint8)  # its margin takes another grid
    encoded = TWICE.encode(wide)
    bound = encoded.plan.tiles - 1
    assert TWICE.ask(encoded, QUESTION, max_tiles=bound, **SHORT) == TWICE.ask(encoded, QUESTION, **SHORT)
