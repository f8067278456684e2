"""DocVQA from the command line: `python -m eval.docvqa` in a checkout, `python -m minimax_vl.eval.docvqa` anywhere.

A door of a few lines, as `minimax-vl eval docvqa` is; the benchmark itself is tasks/docvqa.py.
"""

from __future__ import annotations

import sys

from minimax_vl.__main__ import need_installed
from minimax_vl.checkout import leave_checkout

if __name__ == "__main__":
    need_installed("eval.docvqa")
    leave_checkout()  # entered under its bare name, with the checkout on sys.path
    from minimax_vl.eval.command import main

    sys.exit(main("docvqa"))
