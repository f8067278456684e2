"""The lmms-eval adapter against a stand-in of the harness: its modules, its requests of six arguments."""

from __future__ import annotations

import importlib
import re
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest
from minimax_vl.pipeline import Pipeline
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()


class Hook:
    def __init__(self) -> None:
        self.seen: list = []

    def add_partial(self, kind, request, reply) -> None:
        self.seen.append((kind, request, reply))


class BaseModel(ABC):
    """What `lmms_eval.api.model.lmms` of 0.7.3 asks of a subclass."""

    is_simple = True

    def __init__(self) -> None:
        self._rank, self._world_size = 0, 1
        self.cache_hook, self.task_dict = Hook(), {}

    @abstractmethod
    def loglikelihood(self, requests): ...

    @abstractmethod
    def generate_until(self, requests): ...

    @abstractmethod
    def generate_until_multi_round(self, requests): ...


@dataclass
class TokenCounts:
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass
class GenerationResult:
    text: str
    token_counts: TokenCounts | None = None


@dataclass
class ModelManifest:
    model_id: str
    simple_class_path: str | None = None
    chat_class_path: str | None = None


@dataclass
class Instance:
    args: tuple


STAND_IN = {
    "lmms_eval": {},
    "lmms_eval.api": {},
    "lmms_eval.api.model": {"lmms": BaseModel},
    "lmms_eval.api.instance": {"TokenCounts": TokenCounts, "GenerationResult": GenerationResult},
    "lmms_eval.models": {},
    "lmms_eval.models.registry_v2": {"ModelManifest": ModelManifest},
}


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch):
    """The adapter's module, imported where lmms-eval is what stands above."""
    for name, values in STAND_IN.items():
        module = ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "minimax_vl.apps.harness.lmms", raising=False)
    module = importlib.import_module("minimax_vl.apps.harness.lmms")
    monkeypatch.setattr(module, "load", lambda *args, **options: Pipeline(PIPELINE.model, PIPELINE.tokenizer))
    yield module
    sys.modules.pop("minimax_vl.apps.harness.lmms", None)


DOCS = [
    {
        "text": f"what is the total {'please ' * (i % 4)}",
        "images": [Image.new("RGB", (30 + 9 * i, 90), (i, 9, 9))] * (i % 3),
    }
    for i in range(9)
]


def messages_of(doc):
    images = [{"type": "image", "url": image} for image in doc["images"]]
    return [{"role": "user", "content": [*images, {"type": "text", "text": doc["text"]}]}]


def requests(settings, docs=range(9)):
    return [Instance(("", messages_of, settings, i, "task", "split")) for i in docs]


def model_of(adapter, **options):
    model = adapter.MiniMaxVL(**options)
    model.task_dict = {"task": {"split": DOCS}}
    return model


@pytest.mark.parametrize("batch_size", [1, "2", 20])
def test_replies_come_in_the_order_of_the_requests_and_equal_the_pipelines(adapter, batch_size) -> None:
    model = model_of(adapter, batch_size=batch_size, max_batch_size=64)
    settings = {"max_new_tokens": 6, "temperature": 0, "do_sample": False, "top_p": None, "until": ["\n\n"]}
    results = model.generate_until(requests(settings))
    expected = [PIPELINE.ask(doc["images"], doc["text"], max_new_tokens=6, stop="\n\n") for doc in DOCS]
    assert [one.text for one in results] == [str(reply) for reply in expected]
    assert [one.token_counts.output_tokens for one in results] == [len(reply.tokens) for reply in expected]
    assert [one.token_counts.input_tokens for one in results] == [reply.prompt_tokens for reply in expected]
    assert model.cache_hook.seen == [("generate_until", ("", settings), str(reply)) for reply in expected]


def test_it_is_what_the_registry_accepts(adapter) -> None:
    from minimax_vl.apps.harness.manifest import manifest

    entry = manifest()
    module, name = entry.chat_class_path.rsplit(".", 1)
    found = getattr(importlib.import_module(module), name)
    assert issubclass(found, BaseModel) and found.is_simple is False
    model = model_of(adapter)
    assert (model._rank, model._world_size, str(model.device)) == (0, 1, "cpu")
    assert model.accelerator.num_processes == 1
    with pytest.raises(NotImplementedError):
        model.loglikelihood([])


def test_the_entry_point_names_the_manifest() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    table = project.split('[project.entry-points."lmms_eval.models"]\n')[1]
    name, module, function = re.match(r'(\w+) = "([\w.]+):(\w+)"', table).groups()
    assert name == "minimax_vl"
    assert callable(getattr(importlib.import_module(module), function))


def test_one_bad_question_costs_only_itself(adapter, monkeypatch, caplog) -> None:
    broken = [*DOCS[:2], {"text": "what?", "images": [b"not an image"]}, *DOCS[3:]]
    model = model_of(adapter, batch_size=2)
    good = [one.text for one in model.generate_until(requests({"max_new_tokens": 4}))]
    model.task_dict = {"task": {"split": broken}}
    results = [one.text for one in model.generate_until(requests({"max_new_tokens": 4}))]
    assert results == [*good[:2], "", *good[3:]]
    assert "question 2 is answered with nothing" in caplog.text


def test_max_tiles_reach_the_processor(adapter) -> None:
    wide = [{"text": "what?", "images": [Image.new("RGB", (200, 200))]}]
    lengths = []
    for options in ({}, {"max_tiles": "1"}):
        model = model_of(adapter, **options)
        model.task_dict = {"task": {"split": wide}}
        (result,) = model.generate_until(requests({"max_new_tokens": 1}, [0]))
        lengths.append(result.token_counts.input_tokens)
    assert lengths[1] < lengths[0]


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({}, {"temperature": 0.0, "stop": ()}),
        ({"temperature": 0, "top_p": 0.9, "num_beams": 1}, {"temperature": 0.0, "stop": ()}),
        ({"do_sample": False, "temperature": 0.7}, {"temperature": 0.0, "stop": ()}),
        ({"do_sample": True}, {"temperature": 1.0, "stop": ()}),
        ({"temperature": 0.7, "top_p": 0.9}, {"temperature": 0.7, "top_p": 0.9, "stop": ()}),
        ({"until": "\n", "max_new_tokens": 3}, {"temperature": 0.0, "stop": ("\n",), "max_new_tokens": 3}),
    ],
    ids=str,
)
def test_settings_of_tasks(adapter, settings, options) -> None:
    assert adapter.options_of(settings) == options


def test_settings_that_cannot_be_followed_stop_the_run(adapter) -> None:
    for settings in ({"num_beams": 4}, {"typical_p": 0.3}):
        model = model_of(adapter)
        with pytest.raises(InvalidRequest, match="generation settings"):
            model.generate_until(requests({"max_new_tokens": 1}) + requests(settings, [0]))
        assert not model.cache_hook.seen  # before the first question
    for options in ({"batch_size": "auto"}, {"max_tiles": 0}):
        with pytest.raises(InvalidRequest, match="whole number"):
            model_of(adapter, **options)
