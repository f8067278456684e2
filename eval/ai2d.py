"""AI2D from the command line: `python -m eval.ai2d` in a checkout, `python -m minimax_vl.eval.ai2d` anywhere.

A door of a few lines, as `minimax-vl eval ai2d` is; the benchmark itself is tasks/ai2d.py.
"""

from __future__ import annotations

import sys

from minimax_vl.__main__ import need_installed
from minimax_vl.checkout import leave_checkout

if __name__ == "__main__":
    need_installed("eval.ai2d")
    leave_checkout()  # entered under its bare name, with the checkout on sys.path
    from minimax_vl.eval.command import main

    sys.exit(main("ai2d"))
