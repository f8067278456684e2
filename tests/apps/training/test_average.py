"""The mean of the weights: by its definition, and in a run that goes on from its own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from minimax_vl.apps.training import average
from minimax_vl.apps.training.average import Average
from minimax_vl.apps.training.loop import train
from minimax_vl.apps.training.reader import fresh_model
from minimax_vl.apps.training.testing import SMALL, rows, settings
from minimax_vl.loading import load_model


@pytest.fixture(autouse=True)
def every_step(monkeypatch):
    monkeypatch.setattr(average, "EVERY", 1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("steps", [4, 1000])
def test_the_mean_is_what_it_says(steps, dtype):
    torch.manual_seed(0)
    module = nn.Linear(3, 2).to(dtype)
    seen, kept = [module.weight.detach().float().clone()], Average(module, steps)
    for step in range(9):
        with torch.no_grad():
            module.weight.copy_(torch.randn(2, 3))
        kept.take(step)
        seen.append(module.weight.detach().float().clone())
    want = seen[0]
    for number, weight in enumerate(seen[1:], 2):
        want = want + (weight - want) / min(number, steps)
    if steps == 1000:
        torch.testing.assert_close(want, torch.stack(seen).mean(0))
    with kept.in_place():
        torch.testing.assert_close(module.weight.detach().float(), want.to(dtype).float())
    assert torch.equal(module.weight.detach().float(), seen[-1])


def test_weights_are_as_they_were_when_something_fails_meanwhile():
    module = nn.Linear(2, 2)
    kept, own = Average(module, 5), module.weight.detach().clone() + 1
    module.weight.data.copy_(own)

    def fail():
        assert not torch.equal(module.weight, own)
        raise OSError

    with pytest.raises(OSError), kept.in_place():
        fail()
    assert torch.equal(module.weight, own)


def test_a_run_saves_the_mean_and_goes_on_from_its_own(tmp_path):
    def run(name, steps, **changes):
        chosen = settings(tmp_path / name, max_steps=steps, minutes=1e9, decay_from=1.0, **changes)
        return dict(train(SMALL, chosen, torch.device("cpu")).named_parameters())

    weights = [dict(fresh_model(SMALL, 0).named_parameters()), run("one", 1), run("two", 2)]
    # Checks and saves in between, which must not change where the second step begins.
    mean = run("mean", 2, average=1000, check_pages=1, check_every=0.0, save_every=0.0)
    saved = dict(load_model(tmp_path / "mean" / "model", dtype=torch.float32).named_parameters())
    for name, p in mean.items():
        torch.testing.assert_close(p, torch.stack([w[name] for w in weights]).mean(0), msg=name)
        torch.testing.assert_close(saved[name], p, rtol=2**-7, atol=1e-6, msg=name)
    assert sum("check" in row for row in rows(tmp_path / "mean")) == 3
