"""Takes a checkout of this project off `sys.path`, where its folders would answer to other packages' names.

transformers, for one, looks for a published package called `kernels` and would find our folder. Every door
that may be entered from a checkout (the command line, pytest) calls this first.
"""

from __future__ import annotations

import sys
from pathlib import Path


def leave_checkout() -> None:
    """Drop each entry of `sys.path` that holds our folders under their bare names; installed copies stay."""
    sys.path[:] = [entry for entry in sys.path if not _is_checkout(Path(entry or "."))]


def _is_checkout(folder: Path) -> bool:
    # a wheel has minimax_vl/ but never text_backbone/ beside it
    return (folder / "minimax_vl" / "checkout.py").is_file() and (folder / "text_backbone").is_dir()
