"""Work beside other work: put off where nothing is recorded, a branch of the graph where something is."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.text_backbone.branches import beside


@pytest.mark.parametrize("recorded", [False, True])
def test_without_a_recording_it_is_done_when_it_is_asked_for(recorded: bool) -> None:
    done = []
    later = beside(lambda: done.append("work") or 7, recorded)
    assert done == []
    assert later() == 7 and done == ["work"]


@pytest.mark.gpu
def test_branches_of_a_graph_wait_for_what_they_read() -> None:
    """Sums of what was just written, by three branches at once; each replay finds other numbers there."""
    x, given = torch.zeros(1 << 22, device="cuda"), torch.zeros(1, device="cuda")
    graph, side = torch.cuda.CUDAGraph(), torch.cuda.Stream()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph, stream=side):
        total = torch.zeros(1, device="cuda")
        for turn in range(20):
            x.copy_(given + turn)
            branches = [beside(lambda factor=factor: (x * factor).sum(), True) for factor in (1, 2)]
            here = x.sum()
            total += here + sum(branch() for branch in branches)
    for value in (1.0, 5.0, 2.0):
        given.fill_(value)
        graph.replay()
        assert total.item() == 4 * (1 << 22) * (20 * value + 190)
