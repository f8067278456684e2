"""Laws of the generation loop, against a slow loop without cache, chunks or batches."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from minimax_vl.errors import CheckpointError, ContextTooLong, InvalidRequest
from minimax_vl.generate import MOST_THOUGHT, Answer, GenerationParams, generate, left_padded
from minimax_vl.reply import Timings
from minimax_vl.runner import Request
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
MODEL, TOKENIZER = PIPELINE.model, PIPELINE.tokenizer
PROMPTS = [
    TOKENIZER.encode(text)
    for text in ("What is the total?", "A", "Read the line that starts with Date, please.")
]


def write(prompts, **params):
    answers = [Answer(prompt, GenerationParams(**params), TOKENIZER, 4096) for prompt in prompts]
    for _ in generate(MODEL, answers, None):
        pass
    return answers


@torch.inference_mode()
def slow_greedy(prompt, count):
    """The whole text through the model for every id."""
    ids = list(prompt)
    while len(ids) < len(prompt) + count:
        logits = MODEL(MODEL.embed(torch.tensor([ids])))[0]
        logits[TOKENIZER.image] = -torch.inf
        ids.append(int(logits.argmax()))
        if ids[-1] == TOKENIZER.eos:
            return ids[len(prompt) : -1]
    return ids[len(prompt) :]


@pytest.mark.parametrize("chunk", [1, np.int64(3), 4096, 10**20], ids=str)
def test_equals_the_slow_loop(chunk):
    for prompt in PROMPTS:
        (answer,) = write([prompt], max_new_tokens=12, prefill_chunk=chunk)
        assert answer.ids == slow_greedy(prompt, 12)


@pytest.mark.parametrize(
    "params", [{}, {"temperature": 1.3, "seed": 5, "top_p": 0.9}, {"repetition_penalty": 1.5}], ids=str
)
def test_a_batch_equals_single_rows(params):
    together = write(PROMPTS, max_new_tokens=15, logprobs=True, **params)
    alone = [write([prompt], max_new_tokens=15, logprobs=True, **params)[0] for prompt in PROMPTS]
    assert [a.ids for a in together] == [a.ids for a in alone]
    for a, b in zip(together, alone):
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-4)


def test_rows_end_on_their_own():
    limits = [2, 9, 5]
    answers = [
        Answer(prompt, GenerationParams(max_new_tokens=limit), TOKENIZER, 4096)
        for prompt, limit in zip(PROMPTS, limits)
    ]
    steps = sum(1 for _ in generate(MODEL, answers, None))
    assert [answer.ids for answer in answers] == [slow_greedy(p, n) for p, n in zip(PROMPTS, limits)]
    assert steps == max(len(answer.ids) + (answer.finish_reason == "stop") for answer in answers)


def test_logprobs_are_the_models_own():
    (answer,) = write(PROMPTS[:1], max_new_tokens=4, logprobs=True, temperature=2.0, seed=0)
    ids = torch.tensor([PROMPTS[0] + answer.ids])
    with torch.inference_mode():
        logits = MODEL(MODEL.embed(ids), logits="all")[0, len(PROMPTS[0]) - 1 : -1].clone()
        logits[:, TOKENIZER.image] = -torch.inf
    expected = logits.log_softmax(-1).gather(1, ids[0, len(PROMPTS[0]) :, None]).flatten()
    assert answer.logprobs == pytest.approx(expected.tolist(), abs=1e-4)


def feed(answer, ids):
    """Each id as the only likely one, until the answer ends; what was shown on the way."""
    shown = []
    for id in ids:
        answer.take(torch.nn.functional.one_hot(torch.tensor(id), TOKENIZER.size).float())
        shown.append(answer.fresh())
        if answer.finish_reason:
            break
    return shown


def spell(text, **params):
    """An Answer that draws the ids of `text`, and what it showed after each."""
    answer = Answer([1], GenerationParams(**params), TOKENIZER, 4096)
    return answer, feed(answer, [*TOKENIZER.encode(text), TOKENIZER.eos])


@pytest.mark.parametrize("temperature", [0.0, 2.0])
def test_the_likeliest_choice_is_the_answer(temperature):
    letters = ("B", "D", "A")
    answers = write(PROMPTS, choices=letters, logprobs=True, temperature=temperature)
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        with torch.inference_mode():
            last = MODEL(MODEL.embed(torch.tensor([prompt])), logits="all")[0, -1].clone()
            last[TOKENIZER.image] = -torch.inf
        told = {letter: float(last.log_softmax(-1)[TOKENIZER.encode(letter)[0]]) for letter in letters}
        assert answer.text == max(told, key=told.__getitem__)
        assert answer.logprobs == pytest.approx([told[answer.text]], abs=1e-4)
        assert (answer.finish_reason, len(answer.ids)) == ("stop", 1)


def thinking(thought, text, *, closed=True, **params):
    """An answer to which the model writes a thought and a text."""
    answer = Answer([1, 2], GenerationParams(**params), TOKENIZER, 4096)
    ids = [TOKENIZER.think, *TOKENIZER.encode(thought), *[TOKENIZER.thought] * closed]
    return answer, feed(answer, [*ids, *TOKENIZER.encode(text), TOKENIZER.eos]), len(ids)


def test_a_thought_is_no_part_of_the_answer():
    answer, shown, before = thinking("Mon: 40; Tue: 25. 40 - 25", "15", logprobs=True)
    assert (answer.text, answer.thought, answer.finish_reason) == ("15", "Mon: 40; Tue: 25. 40 - 25", "stop")
    assert "".join(shown) == "15" and answer.thought_ids == before
    assert len(answer.ids) == len(answer.logprobs) == before + len(TOKENIZER.encode("15"))


def test_a_reply_knows_how_many_of_its_ids_are_a_thought():
    answer, _, before = thinking("Mon: 40; Tue: 25", "15")
    inputs = SimpleNamespace(plans=())
    reply = Request(inputs, answer, Timings()).reply()
    assert (reply, reply.thought, reply.thought_tokens) == ("15", "Mon: 40; Tue: 25", before)
    assert len(reply.tokens) == before + len(TOKENIZER.encode("15"))
    assert reply.to_dict()["thought_tokens"] == before


def test_a_thought_stands_first_or_is_none():
    answer = Answer([1, 2], GenerationParams(max_new_tokens=4), TOKENIZER, 4096)
    feed(answer, [TOKENIZER.thought, TOKENIZER.think, *TOKENIZER.encode("15")])
    assert (answer.text, answer.thought, answer.thought_ids) == ("15", "", 0)
    assert answer.ids[:2] == [TOKENIZER.thought, TOKENIZER.think], (
        "brackets out of place count, and are not shown"
    )
    assert answer.finish_reason == "length"


def test_a_bracket_inside_a_thought_or_after_it_is_no_text():
    answer = Answer([1, 2], GenerationParams(max_new_tokens=8), TOKENIZER, 4096)
    opens, closes = TOKENIZER.think, TOKENIZER.thought
    feed(answer, [opens, opens, *TOKENIZER.encode("4"), closes, *TOKENIZER.encode("1"), closes, opens])
    feed(answer, TOKENIZER.encode("5"))
    assert (answer.text, answer.thought, answer.thought_ids) == ("15", "4", 4)


@pytest.mark.parametrize("choices", [(), ("A", "B")])
def test_half_a_character_at_the_end_of_a_thought_stays_there(choices):
    answer = Answer([1, 2], GenerationParams(choices=choices), TOKENIZER, 4096)
    half = TOKENIZER.encode("漢")[0]
    assert TOKENIZER.decode([half]) == "\ufffd"
    letter = TOKENIZER.encode("A")
    shown = feed(answer, [TOKENIZER.think, half, TOKENIZER.thought, *letter, TOKENIZER.eos])
    assert (answer.text, answer.thought, "".join(shown)) == ("A", "\ufffd", "A")


def test_a_thought_is_not_searched_for_stop_strings():
    answer, shown, _ = thinking("one END", "two END three", stop="END")
    assert (answer.text, answer.thought, "".join(shown)) == ("two ", "one END", "two ")


def test_a_thought_takes_no_room_from_the_answer():
    answer, shown, before = thinking("Mon: 40; Tue: 25", "15 and more", max_new_tokens=2)
    assert (answer.text, answer.finish_reason, "".join(shown)) == ("15", "length", "15")
    assert answer.thought_ids == before > 2


@pytest.mark.parametrize("spare", [0, 1, 2, 5, 300])
def test_an_endless_thought_is_closed_in_time(spare):
    """Of a context with room for `spare` ids beside the answer's, or of one with more than a thought may take."""
    answer = Answer([1, 2], GenerationParams(max_new_tokens=3), TOKENIZER, 5 + spare)
    feed(answer, [TOKENIZER.think, *[TOKENIZER.encode("x")[0]] * 400])
    assert answer.finish_reason == "length" and len(answer.ids) <= 3 + spare
    assert answer.thought_ids <= max(min(spare, MOST_THOUGHT), 2)
    if spare > 1:
        assert answer.text == "xxx" and answer.ids[answer.thought_ids - 1] == TOKENIZER.thought


def test_a_choice_waits_for_the_thought_before_it():
    answer, _, before = thinking("Seaweed", "B", choices=("A", "B", "C"))
    assert (answer.text, answer.thought, len(answer.ids)) == ("B", "Seaweed", before + 1)


@pytest.mark.parametrize("spare", [0, 1, 2, 9])
def test_a_choice_is_made_whatever_room_the_thought_has(spare):
    answer = Answer([1, 2], GenerationParams(choices=("A", "B"), max_new_tokens=1), TOKENIZER, 3 + spare)
    feed(answer, [TOKENIZER.think, *TOKENIZER.encode("Seaweed and what eats it"), TOKENIZER.thought, 0])
    assert answer.text in ("A", "B") and answer.finish_reason == "stop"
    assert len(answer.ids) == answer.thought_ids + 1 <= 1 + spare


def test_a_thought_that_breaks_off_is_closed_and_answered():
    answer = Answer([1, 2], GenerationParams(), TOKENIZER, 4096)
    ids = [TOKENIZER.think, *TOKENIZER.encode("A: 4"), TOKENIZER.eos, *TOKENIZER.encode("4"), TOKENIZER.eos]
    feed(answer, ids)
    assert (answer.text, answer.thought, answer.finish_reason) == ("4", "A: 4", "stop")
    assert answer.ids[answer.thought_ids - 1] == TOKENIZER.thought and TOKENIZER.eos not in answer.ids


def test_a_choice_is_made_where_the_thought_breaks_off():
    answer, _, _ = thinking("Seaweed", "", closed=False, choices=("A", "B"))
    assert answer.text in ("A", "B") and answer.finish_reason == "stop"


@pytest.mark.parametrize("choices", [("A", ""), ("A", "A")])
def test_choices_must_be_told_apart_by_their_first_token(choices):
    with pytest.raises(InvalidRequest, match="choice"):
        Answer(PROMPTS[0], GenerationParams(choices=choices), TOKENIZER, 4096)


def test_end_of_sentence_stops():
    answer, shown = spell("Total 你好 👩‍👩‍👧")
    assert (answer.text, answer.finish_reason) == ("Total 你好 👩‍👩‍👧", "stop")
    assert "".join(shown) == answer.text
    assert TOKENIZER.eos not in answer.ids


@pytest.mark.parametrize(
    ("stop", "kept"), [("\n", "one END"), ("END", "one "), (("zzz", "D\ntw"), "one EN"), ("E", "one ")]
)
def test_the_answer_ends_before_a_stop_string(stop, kept):
    answer, shown = spell("one END\ntwo END", stop=stop)
    assert (answer.text, answer.finish_reason) == (kept, "stop")
    assert "".join(shown) == kept  # nothing of the stop string was shown on the way


def test_what_only_looked_like_a_stop_string_is_shown():
    answer, shown = spell("one EN two", stop="END")
    assert "".join(shown) == answer.text == "one EN two"


@pytest.mark.parametrize("options", [{}, {"temperature": 1.0}, {"choices": ("A", "B")}], ids=str)
def test_an_answer_is_not_drawn_from_what_is_no_number(options):
    answer = Answer(PROMPTS[0], GenerationParams(**options), TOKENIZER, 4096)
    with pytest.raises(CheckpointError, match="not numbers"):
        answer.take(torch.full((MODEL.config.text.vocab_size,), torch.nan))


def test_length_ends_and_says_so():
    answer, _ = spell("one two three four", max_new_tokens=2)
    assert (len(answer.ids), answer.finish_reason) == (2, "length")


def test_image_slots_are_never_answered():
    class Only:
        """A model that wants to answer with an image."""

        config, device, embed, new_cache = MODEL.config, MODEL.device, MODEL.embed, MODEL.new_cache

        def __call__(self, embeds, cache, pad=None):
            logits = torch.zeros(embeds.shape[0], TOKENIZER.size)
            logits[:, TOKENIZER.image], logits[:, 99] = 9.0, 1.0
            return logits

    answer = Answer([1], GenerationParams(max_new_tokens=3), TOKENIZER, 64)
    for _ in generate(Only(), [answer], None):
        pass
    assert answer.ids == [99] * 3


def test_closing_stops_the_model():
    calls = []
    handle = MODEL.register_forward_hook(lambda *_: calls.append(1))
    answer = Answer(PROMPTS[0], GenerationParams(max_new_tokens=50), TOKENIZER, 4096)
    steps = generate(MODEL, [answer], None)
    next(steps)
    next(steps)
    steps.close()
    handle.remove()
    assert len(calls) == 2  # the prefill and one token


def test_context_is_checked_before_any_work():
    with pytest.raises(
        ContextTooLong, match="a prompt of 90 tokens and max_new_tokens=20\nexpected: at most 100"
    ):
        Answer([1] * 90, GenerationParams(max_new_tokens=20), TOKENIZER, 100)
    with pytest.raises(ContextTooLong, match="a prompt of 100 tokens"):
        Answer([1] * 100, GenerationParams(), TOKENIZER, 100)
    assert Answer([1] * 90, GenerationParams(), TOKENIZER, 100).limit == 10  # what the context leaves


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_new_tokens": 0},
        {"max_new_tokens": 2.5},
        {"max_new_tokens": "5"},
        {"prefill_chunk": 0},
        {"stop": ""},
        {"stop": ("a", "")},
        {"stop": None},
        {"stop": [1]},
        {"choices": [1]},
        {"choices": "yes"},  # not y, e and s
    ],
    ids=str,
)
def test_nonsense_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(InvalidRequest, match=f"{name}="):
        GenerationParams(**wrong)


def test_left_padding():
    ids, pad = left_padded([[7, 8], [9], [5, 6, 4]], 0)
    assert ids.tolist() == [[0, 7, 8], [0, 0, 9], [5, 6, 4]]
    assert pad.tolist() == [1, 2, 0]
