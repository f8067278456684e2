"""`python -m minimax_vl` is the command `minimax-vl`, for where scripts are not on the path."""

import runpy
import sys
from importlib.util import find_spec


def need_installed(door: str) -> None:
    """End the process with one message where `python -m door` sees only the folder of a checkout.

    The folders beside this one become its subpackages by installing it, so a checkout alone has none of them.
    """
    if find_spec("minimax_vl.apps") is not None:
        return
    from minimax_vl.errors import InvalidRequest

    error = InvalidRequest(
        found=f"a folder minimax_vl, and no installed package of that name for {sys.executable}",
        expected="minimax-vl installed in the environment of this Python",
        cause="a fresh checkout, or another Python than the one that it was installed for",
        next_step=f"run `make demo` (or `pip install -e .`) in the checkout, and then `.venv/bin/python -m {door}`",
    )
    print(f"{door}: minimax-vl is not installed\n{error}", file=sys.stderr)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    need_installed("minimax_vl")
    runpy.run_module("minimax_vl.apps.cli", run_name="__main__", alter_sys=True)
