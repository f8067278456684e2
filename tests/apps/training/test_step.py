"""One step: the gradients of the weighted losses, in one buffer."""

from __future__ import annotations

import multiprocessing

import torch

from minimax_vl.apps.training.batches import PageBatches
from minimax_vl.apps.training.reader import Reader, fresh_model, located
from minimax_vl.apps.training.recipe import Stage
from minimax_vl.apps.training.step import Step
from minimax_vl.apps.training.testing import SMALL
from minimax_vl.loading.hub import PACKAGED

WEIGHTS = {"answer": 1.0, "glyph": 0.3, "paint": 0.5, "landmark": 0.25, "balance": 0.1}


def test_the_buffer_holds_the_gradient_of_the_weighted_losses_and_nothing_of_the_step_before():
    pages = PageBatches(
        SMALL, PACKAGED / "nano", None, multiprocessing.Value("d", 0.0), tiles=4, seed=0, stage=Stage()
    )
    first, second = (located(batch) for batch, _ in zip(pages, range(2)))
    reader = Reader(fresh_model(SMALL, seed=0))
    reader.idle = torch.nn.Parameter(torch.ones(3))  # no loss reaches it
    step = Step(reader, torch.device("cpu"), record=False)
    step.weigh(**WEIGHTS, feed=1.0)
    step.gradient.fill_(float("nan"))
    step(first)
    torch.manual_seed(7)  # of the wear
    losses = step(second)
    assert (reader.idle.grad == 0).all()
    found = {name: p.grad.clone() for name, p in reader.named_parameters()}
    assert torch.equal(torch.cat([grad.flatten() for grad in found.values()]), step.gradient)
    torch.manual_seed(7)
    again = reader(second, augmented=True, feed=torch.tensor(1.0))
    total = sum(weight * getattr(again, name) for name, weight in WEIGHTS.items())
    others = {name: p for name, p in reader.named_parameters() if name != "idle"}
    wanted = torch.autograd.grad(total, list(others.values()))
    torch.testing.assert_close(losses.answer, again.answer)
    for name, grad in zip(others, wanted, strict=True):
        torch.testing.assert_close(found[name], grad, msg=name)
