"""A step in fixed memory writes the same ids as the growing cache; recorded as a CUDA graph, the same bits."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.batch import Batch
from minimax_vl.decode import DecodeStep, DecodeSteps, recordable, runs_of
from minimax_vl.generate import Answer, GenerationParams, generate
from minimax_vl.loading.homes import Homes
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.offload import connect
from minimax_vl.quantised import hold_quantised
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
MODEL, TOKENIZER = PIPELINE.model, PIPELINE.tokenizer
PROMPTS = [
    TOKENIZER.encode(text)
    for text in ("What is the total?", "A", "Read the line that starts with Date, please.")
]


def write(prompts, steps, model=MODEL, **params):
    answers = [
        Answer(prompt, GenerationParams(**{"max_new_tokens": 20} | params), TOKENIZER, 4096)
        for prompt in prompts
    ]
    for _ in generate(model, answers, None, steps=steps):
        pass
    return [(answer.ids, answer.finish_reason) for answer in answers]


@pytest.mark.parametrize(
    "params",
    [{}, {"prefill_chunk": 3}, {"temperature": 1.3, "seed": 5}, {"repetition_penalty": 1.5}],
    ids=str,
)
@pytest.mark.parametrize("rows", [1, 3])
def test_writes_what_the_growing_cache_writes(rows, params):
    steps = DecodeSteps(MODEL.language_model, capture=False)
    want = write(PROMPTS[:rows], None, **params)
    assert write(PROMPTS[:rows], steps, **params) == want
    other = [prompt[::-1] for prompt in PROMPTS[:rows]]
    write(other, steps)
    assert write(PROMPTS[:rows], steps, **params) == want, "something of the answer before was left"


def test_keys_of_eight_bits_are_stepped_over_in_the_same_way():
    model = debug_pipeline().model
    model.language_model.kv_cache = "int8"
    steps = DecodeSteps(model.language_model, capture=False)
    for _ in range(2):
        assert write(PROMPTS, steps, model) == write(PROMPTS, None, model)


def test_rows_that_end_early_disturb_nobody():
    limits = [2, 19, 7]
    answers = [
        Answer(prompt, GenerationParams(max_new_tokens=limit), TOKENIZER, 4096)
        for prompt, limit in zip(PROMPTS, limits)
    ]
    for _ in generate(MODEL, answers, None, steps=DecodeSteps(MODEL.language_model, capture=False)):
        pass
    for answer, prompt, limit in zip(answers, PROMPTS, limits):
        assert [(answer.ids, answer.finish_reason)] == write([prompt], None, max_new_tokens=limit)


def test_a_step_is_lent_once_kept_and_replaced_when_too_small():
    steps = DecodeSteps(MODEL.language_model, capture=False)
    first = steps.lend(1, 100, 20)
    assert first is not None and steps.lend(1, 100, 20) is None, "two answers must not share a cache"
    other = steps.lend(2, 100, 20)
    assert other is not None and other is not first
    steps.give_back(first)
    assert steps.lend(1, 1000, 1) is first, "short answers use what is there"
    steps.give_back(first)
    assert steps.lend(1, 5000, 1) is None, "a short answer does not repay a new one"
    larger = steps.lend(1, 5000, 20)
    assert larger is not None and larger.capacity >= 5000


def test_only_so_many_are_kept():
    steps = DecodeSteps(MODEL.language_model, capture=False)
    for rows in range(1, 7):
        step = steps.lend(rows, 10, 20)
        assert step is not None
        steps.give_back(step)
    kept = [rows for rows in range(1, 7) if steps.lend(rows, 10, 1)]
    assert kept == [3, 4, 5, 6]


def test_an_interrupted_answer_gives_its_step_back():
    steps = DecodeSteps(MODEL.language_model, capture=False)
    answer = Answer(PROMPTS[0], GenerationParams(max_new_tokens=50), TOKENIZER, 4096)
    running = generate(MODEL, [answer], None, steps=steps)
    next(running)
    running.close()
    assert steps.lend(1, 10, 1) is not None


def test_the_device_goes_on_while_ids_are_looked_at(monkeypatch):
    """Every id but the first and the last is fed before anyone has seen it; the text and its end are the same."""
    fed = []

    class Seen(Batch):
        def write(self, last):
            fed.append(tuple(last.flatten().tolist()))
            return super().write(last)

    def ids(**params):
        fed.clear()
        params = {"max_new_tokens": 20} | params
        answers = [Answer(PROMPTS[0], GenerationParams(**params), TOKENIZER, 4096) for _ in range(2)]
        steps = DecodeSteps(MODEL.language_model, capture=False)
        running = generate(MODEL, answers, None, steps=steps, open_batch=Seen)
        written = [(len(answers[0].ids), len(fed)) for _ in running]
        return answers[0].ids, written

    want, written = ids()
    assert fed == [(id, id) for id in want[:-1]]
    assert written == [(1, 0), *((n, n) for n in range(2, 20)), (20, 19)]
    got, written = ids(logprobs=True)
    assert got == want and written == [(n, n - 1) for n in range(1, 21)], (
        "a step has written over these logits"
    )
    stop = TOKENIZER.decode(want[:5])[-2:]
    short, _ = ids(stop=stop)
    assert short == want[: len(short)] and len(fed) == len(short), "one step in vain, not more"


@torch.inference_mode()
def test_a_full_step_says_so():
    step = DecodeStep(MODEL.language_model, 1, 3, capture=False)
    MODEL(MODEL.embed(torch.tensor([PROMPTS[0][:3]])), step.reset())
    step.begin()
    with pytest.raises(ValueError, match="3 tokens fill"):
        step(torch.tensor([[1]]))


@torch.inference_mode()
@pytest.mark.parametrize("runs", [[[0], [1, 2, 3]], [[0, 1], [2], [3]]], ids=str)
def test_stages_add_up_to_the_step(runs):
    """As over several devices: each stage has a position of its own and hands two rows on."""
    whole, parts = (DecodeStep(MODEL.language_model, 3, 64, capture=False, runs=cut) for cut in (None, runs))
    assert len(whole.stages) == 1 and len(parts.stages) == len(runs)
    make = torch.Generator().manual_seed(2)
    for _ in range(2):  # the second prompt meets what the first left
        ids, pad = torch.randint(5, 200, (3, 9), generator=make), torch.tensor([0, 4, 8])
        steps = torch.randint(5, 200, (6, 3, 1), generator=make)
        logits = []
        for step in (whole, parts):
            MODEL(MODEL.embed(ids), step.reset(), pad=pad)
            step.begin()
            logits.append(torch.stack([step(last).clone() for last in steps]))
        assert torch.equal(*logits)


def test_stages_follow_the_devices():
    text = debug_pipeline().model.language_model
    assert runs_of(text) == [[0, 1, 2, 3]]
    for away in text.model.layers[1:3]:
        away.to("meta")
    assert runs_of(text) == [[0], [1, 2], [3]]
    assert not recordable(text), "only CUDA devices record"


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kv_cache", [None, "int8"])
def test_a_graph_gives_the_bits_of_its_step(rows, dtype, kv_cache):
    model = debug_pipeline().model.to("cuda", dtype)
    model.language_model.kv_cache = kv_cache
    captured, plain = (
        DecodeStep(model.language_model, rows, 64, capture=capture) for capture in (True, False)
    )
    make = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        for _ in range(2):  # the second prompt meets what the first left
            ids = torch.randint(5, 200, (rows, 9), generator=make)
            pad = torch.tensor([0, 4, 8][:rows], device="cuda") if rows > 1 else None
            steps = torch.randint(5, 200, (12, rows, 1), generator=make)
            logits = []
            for step in (captured, plain):
                model(model.embed(ids), step.reset(), pad=pad)
                step.begin()
                logits.append(torch.stack([step(last).clone() for last in steps]))
            assert torch.equal(*logits)
            eager, cache = [], model.new_cache(64)
            model(model.embed(ids), cache, pad=pad)
            eager = torch.stack([model(model.embed(last), cache) for last in steps])
            assert (eager - logits[0]).abs().max() < (1e-4 if dtype == torch.float32 else 0.1)


@pytest.mark.gpu
def test_a_graph_writes_the_same_ids():
    model = debug_pipeline().model.to("cuda")
    steps = DecodeSteps(model.language_model)
    for rows in (1, 3, 1):
        assert write(PROMPTS[:rows], steps, model) == write(PROMPTS[:rows], None, model)


@pytest.mark.gpu(2)
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("bits", [None, 8])
def test_graphs_over_two_gpus_write_the_same_ids(rows, bits):
    whole, spread = (debug_pipeline().model for _ in range(2))
    if bits:
        for model in (whole, spread):
            hold_quantised(model, quantised_parameters(model.config, bits))
    homes = Homes("cuda:0", ("cuda:0", "cuda:0", "cuda:1", "cuda:1"), "cuda:1")
    spread.to(homes.main)
    text = spread.language_model
    for part, home in zip(
        (*text.model.layers, text.model.norm, text.lm_head), (*homes.layers, homes.last, homes.last)
    ):
        part.to(home)
    connect(spread, homes)
    assert recordable(text) and runs_of(text) == [[0, 1], [2, 3]]
    steps = DecodeSteps(text)
    want = write(PROMPTS[:rows], None, whole.to("cuda:0"))
    for _ in range(2):
        assert write(PROMPTS[:rows], steps, spread) == want
    assert steps.lend(rows, 10, 1) is not None, "nothing was recorded"
