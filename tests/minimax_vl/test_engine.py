"""The engine: answers as if alone, whoever joins, leaves or fails beside them; bounded; quick to let go."""

from __future__ import annotations

import queue
import threading
import time

import numpy as np
import pytest
import torch

from minimax_vl.chat import assistant_turn, user_turn
from minimax_vl.engine import Engine, Limits
from minimax_vl.engine.memory import Kept, Prompt
from minimax_vl.errors import Busy, DeadlinePassed, InvalidRequest, Stopping
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
IMAGES = [np.random.default_rng(i).integers(0, 256, (60 + 30 * i, 100, 3), np.uint8) for i in range(3)]
QUESTIONS = (
    "What is it?",
    "Why is it so, and since when has it been so?",
    "How many?",
    "Who?",
    "Tell me more.",
)


@pytest.fixture
def engine():
    with Engine(PIPELINE, Limits(chunk=64)) as engine:
        yield engine


def requests():
    """Five conversations of unequal prompts, with no, one and two images."""
    counts = (1, 0, 2, 1, 0)
    return [
        ([user_turn(q, n)], IMAGES[:n] if i != 3 else IMAGES[2:])
        for i, (q, n) in enumerate(zip(QUESTIONS, counts, strict=True))
    ]


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the engine did not get there in time"
        time.sleep(0.002)


def test_concurrent_answers_equal_single_ones(engine):
    want = [PIPELINE.chat(*r, max_new_tokens=6 + 3 * i) for i, r in enumerate(requests())]
    streams = [engine.stream(*r, max_new_tokens=6 + 3 * i) for i, r in enumerate(requests())]
    got: list = [None] * len(streams)

    def read(i):
        got[i] = "".join(streams[i])

    threads = [threading.Thread(target=read, args=(i,)) for i in range(len(streams))]
    [t.start() for t in threads], [t.join() for t in threads]
    for stream, text, reply in zip(streams, got, want, strict=True):
        assert text == stream.reply == reply
        assert stream.reply.tokens == reply.tokens
        assert stream.reply.finish_reason == reply.finish_reason
    assert engine.counts.steps < engine.counts.tokens  # they were written together
    assert engine.load() | {"kept_bytes": 0} == {"waiting": 0, "reading": 0, "writing": 0, "kept_bytes": 0}


def test_a_later_turn_reads_only_what_is_new(engine):
    first = [user_turn("What is it?", 1)]
    reply = "".join(engine.stream(first, IMAGES[:1], max_new_tokens=5))
    read = engine.counts.prompt_tokens
    second = [*first, assistant_turn(reply), user_turn("And why?")]
    stream = engine.stream(second, IMAGES[:1], max_new_tokens=5)
    assert "".join(stream) == PIPELINE.chat(second, IMAGES[:1], max_new_tokens=5)
    assert engine.counts.reused_tokens == read
    assert stream.reply.timings.vision == 0


def test_another_question_about_an_image_does_not_look_again(engine):
    list(engine.stream([user_turn("What is it?", 1)], IMAGES[:1], max_new_tokens=2))
    stream = engine.stream([user_turn("Where?", 1)], IMAGES[:1], max_new_tokens=4)
    assert "".join(stream) == PIPELINE.ask(IMAGES[0], "Where?", max_new_tokens=4)
    assert engine.counts.reused_tokens > stream.reply.tiles[0].tokens  # up to the end of the image
    other = engine.stream([user_turn("What is it?", 1)], IMAGES[1:2], max_new_tokens=4)
    assert "".join(other) == PIPELINE.ask(IMAGES[1], "What is it?", max_new_tokens=4)
    assert other.reply.timings.vision > 0


def test_an_image_that_was_seen_is_recalled_with_its_features(engine):
    seen, new = (PIPELINE.processor.image(image) for image in IMAGES[:2])
    assert engine.recall(seen) is seen
    list(engine.stream([user_turn("What is it?", 1)], [seen], max_new_tokens=2))
    torch.testing.assert_close(engine.recall(seen).features, PIPELINE.encode(seen).features)
    assert engine.recall(new) is new


def test_pixels_go_when_they_have_been_seen(engine):
    events: list = []
    job = engine.submit(*requests()[2], listener=events.append, max_new_tokens=3)
    wait_until(lambda: events and events[-1].last)
    assert [image.pixels.numel() for image in job.request.inputs.images] == [0, 0]
    assert len(events[-1].reply.tiles) == 2


def test_features_are_kept_without_prefixes():
    with Engine(PIPELINE) as engine:
        list(engine.stream([user_turn("A?", 1)], IMAGES[:1], max_new_tokens=1))
        stream = engine.stream([user_turn("B?", 2)], [IMAGES[1], IMAGES[0]], max_new_tokens=3)
        assert "".join(stream) == PIPELINE.ask([IMAGES[1], IMAGES[0]], "B?", max_new_tokens=3)


def test_a_reader_that_leaves_frees_the_model_and_nobody_else(engine):
    staying = engine.stream([user_turn("Who?")], max_new_tokens=40)
    leaving = engine.stream([user_turn("How many?")], max_new_tokens=2000)
    next(leaving)
    leaving.close()
    assert "".join(staying) == PIPELINE.chat([user_turn("Who?")], max_new_tokens=40)
    wait_until(lambda: engine.load()["writing"] == 0)
    assert engine.counts.closed == 1
    assert len(leaving.reply.tokens) < 2000
    assert leaving.reply.finish_reason == "closed"


def test_a_request_cancelled_before_it_was_read_never_runs(engine):
    events: queue.SimpleQueue = queue.SimpleQueue()
    job = engine.submit([user_turn("Who?")], listener=events.put, max_new_tokens=4)
    job.cancel()
    event = events.get(timeout=10)
    while not event.last:
        event = events.get(timeout=10)
    assert event.reply.finish_reason in ("closed", "length", "stop")
    job.cancel()  # after the end it is nothing


def test_too_many_requests_are_refused():
    gate = threading.Event()
    with Engine(PIPELINE, Limits(batch=1, queue=2)) as engine:

        def hold(event):
            gate.wait(20)

        for number in range(3):
            engine.submit([user_turn("Who?")], listener=hold, max_new_tokens=2)
            if number == 0:
                wait_until(lambda: engine.load()["waiting"] == 0)
        with pytest.raises(Busy, match="2 requests waiting"):
            engine.submit([user_turn("Who?")], listener=hold)
        assert engine.counts.refused == 1
        gate.set()
        wait_until(lambda: sum(engine.load()[k] for k in ("waiting", "reading", "writing")) == 0)


def test_pixels_of_waiting_requests_are_bounded():
    gate = threading.Event()
    with Engine(PIPELINE, Limits(batch=1, waiting_bytes=1)) as engine:
        engine.submit([user_turn("Who?")], listener=lambda event: gate.wait(20), max_new_tokens=2)
        wait_until(lambda: engine.load()["waiting"] == 0)
        engine.submit([user_turn("Who?", 1)], IMAGES[:1], listener=lambda event: None, max_new_tokens=2)
        with pytest.raises(Busy):
            engine.submit([user_turn("Who?", 1)], IMAGES[:1], listener=lambda event: None)
        gate.set()


def test_a_deadline_ends_a_request_with_an_error(engine):
    with pytest.raises(DeadlinePassed, match="no complete answer"):
        list(engine.stream([user_turn("Who?")], max_new_tokens=3000, seconds=0.3))
    assert "".join(engine.stream([user_turn("Who?")], max_new_tokens=3))
    assert engine.counts.failed == 1


def test_a_failing_step_fails_its_requests_and_not_the_engine(engine, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the device is gone")

    with monkeypatch.context() as patch:
        patch.setattr(PIPELINE.model, "forward", broken)
        with pytest.raises(RuntimeError, match="the device is gone"):
            list(engine.stream([user_turn("Who?")], max_new_tokens=3))
    assert "".join(engine.stream([user_turn("Who?")], max_new_tokens=3))


def test_bad_requests_raise_where_they_are_made(engine):
    with pytest.raises(InvalidRequest, match="0 image parts"):
        engine.stream([user_turn("Who?")], IMAGES[:1])
    with pytest.raises(InvalidRequest, match="option colour"):
        engine.stream([user_turn("Who?")], colour="red")


def test_closing_ends_everything_and_refuses_more():
    engine = Engine(PIPELINE)
    stream = engine.stream([user_turn("Who?")], max_new_tokens=3000)
    next(stream)
    engine.close()
    with pytest.raises(Stopping, match="not complete"):  # or the reader would take it for the whole answer
        list(stream)
    assert stream.reply.finish_reason == "closed"
    with pytest.raises(Stopping, match="closed"):
        engine.stream([user_turn("Who?")])


def test_a_short_prompt_is_not_starved_by_a_long_one():
    with Engine(PIPELINE, Limits(chunk=16)) as engine:
        order: list[str] = []
        long = [user_turn("word " * 600)]
        engine.submit(long, listener=lambda e: order.append("long"), max_new_tokens=1)
        wait_until(lambda: engine.load()["reading"] == 1)
        engine.submit([user_turn("Who?")], listener=lambda e: order.append("short"), max_new_tokens=1)
        wait_until(lambda: len(order) == 2)
        assert order == ["short", "long"]


def test_kept_things_are_bounded_and_the_oldest_go():
    kept: Kept = Kept(room=40)
    for name in "abc":
        kept.put(name, torch.zeros(4))  # 16 bytes
    assert kept.get("a") is None
    assert (kept.nbytes, len(kept)) == (32, 2)
    kept.get("b")
    kept.put("d", torch.zeros(4))
    assert kept.get("b") is not None and kept.get("c") is None
    kept.put("d", torch.zeros(100))
    assert (kept.nbytes, len(kept)) == (16, 1)


def test_a_prompt_begins_with_another_only_if_ids_and_images_do():
    whole = Prompt((1, 2, 3), (b"x",))
    assert whole.starts_with(Prompt((1, 2), (b"x",)))
    assert not whole.starts_with(Prompt((1, 2), (b"y",)))
    assert not whole.starts_with(Prompt((1, 3), ()))


def test_a_row_that_cannot_join_ends_the_batch_with_errors_and_not_the_engine(engine, monkeypatch):
    import minimax_vl.engine.engine as module

    def broken(*args):
        raise RuntimeError("no memory to join")

    running = engine.stream([user_turn("How many?")], max_new_tokens=3000)
    next(running)
    with monkeypatch.context() as patch:
        patch.setattr(module, "join", broken)
        with pytest.raises(RuntimeError, match="no memory to join"):
            list(engine.stream([user_turn("Who?")], max_new_tokens=30))
        with pytest.raises(RuntimeError, match="no memory to join"):
            list(running)
    assert "".join(engine.stream([user_turn("Who?")], max_new_tokens=3))


def test_an_error_between_the_steps_leaves_nobody_waiting(engine, monkeypatch):
    def broken():
        raise RuntimeError("a mistake of ours")

    stream = engine.stream([user_turn("How many?")], max_new_tokens=3000)
    next(stream)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_reap", broken)
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            list(stream)
    assert "".join(engine.stream([user_turn("Who?")], max_new_tokens=3))


def test_closing_a_stream_that_was_never_read_cancels_it(engine):
    engine.stream([user_turn("How many?")], max_new_tokens=3000).close()
    wait_until(lambda: engine.counts.closed == 1)
    wait_until(lambda: engine.load()["writing"] == 0)


def test_extreme_sampling_hurts_nobody(engine):
    staying = engine.stream([user_turn("Who?")], max_new_tokens=20)
    for options in ({"temperature": 1e-37}, {"temperature": 1.0, "repetition_penalty": 1e-38}):
        assert list(engine.stream([user_turn("How many?")], max_new_tokens=8, seed=1, **options))
    assert "".join(staying) == PIPELINE.chat([user_turn("Who?")], max_new_tokens=20)


@pytest.mark.parametrize(
    "wrong", [{"batch": 0}, {"tiles": 0}, {"chunk": 0}, {"queue": -1}, {"seconds": float("nan")}], ids=str
)
def test_limits_under_which_nothing_would_move(wrong):
    (name,) = wrong
    with pytest.raises(InvalidRequest, match=f"{name}="):
        Limits(**wrong)
