"""`python -m minimax_vl` is the command `minimax-vl`, for where scripts are not on the path."""

import runpy

if __name__ == "__main__":
    runpy.run_module("minimax_vl.apps.cli", run_name="__main__", alter_sys=True)
