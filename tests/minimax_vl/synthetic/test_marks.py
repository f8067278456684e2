"""Rectangles of a page, and the square that telephones read."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.marks import code_square


def test_a_square_code_has_rings_in_three_corners_only():
    cells = code_square(25, seed=3)
    ring = cells[:7, :7]
    assert ring[0].all() and ring[:, 0].all() and ring[2:5, 2:5].all() and not ring[1, 1:6].any()
    assert np.array_equal(cells[:7, -7:], ring) and np.array_equal(cells[-7:, :7], ring)
    assert not np.array_equal(cells[-7:, -7:], ring) and not cells[7, :8].any()
    large = code_square(25, seed=3, module=3)
    assert large.shape == (75, 75) and np.array_equal(large[1::3, 1::3], cells)


def test_parts_of_a_box_fill_it():
    box = Box(10, 20, 110, 80)
    for above, below in (box.split(15), box.split(-45)):
        assert above == Box(10, 20, 110, 35) and below == Box(10, 35, 110, 80)
    for left, right in (box.cut(40), box.cut(-60)):
        assert left == Box(10, 20, 50, 80) and right == Box(50, 20, 110, 80)
    assert box.inset(5) == Box(15, 25, 105, 75) and box.inset(5, 0) == Box(15, 20, 105, 80)
    assert box.columns(2, gap=10) == [Box(10, 20, 55, 80), Box(65, 20, 110, 80)]
    assert box.rows(3) == [Box(10, 20, 110, 40), Box(10, 40, 110, 60), Box(10, 60, 110, 80)]
    assert box.to(y0=30).corners == (10, 30, 110, 80) and (box.width, box.height) == (100, 60)
