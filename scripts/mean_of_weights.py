"""The mean of checkpoints that were trained from one: better than each of them where their last steps were small.

    python scripts/mean_of_weights.py runs/nano-9a runs/nano-9b --out runs/nano-9

Each is a folder as `minimax-vl train --out` writes it, `model` with `heads.safetensors` beside it; so is what is
written, in int8 (the mean is taken of the weights, not of their integers). Wortsman et al. 2022 call it a soup.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.load import load_model
from minimax_vl.loading.save import save_checkpoint


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", help="folders of training")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    args = parser.parse_args()
    first, *others = (load_model(run / "model", dtype="float32") for run in args.runs)
    if any(model.config != first.config for model in others):
        raise InvalidRequest("checkpoints of several sizes", "runs that began with the same weights")
    states = [model.state_dict() for model in (first, *others)]
    first.load_state_dict({key: torch.stack([state[key] for state in states]).mean(0) for key in states[0]})
    save_checkpoint(
        first,
        args.out / "model",
        dtype=torch.bfloat16,
        quantize="int8",
        tokenizer=args.runs[0] / "model" / "tokenizer.json",
    )
    heads = [load_file(run / "heads.safetensors") for run in args.runs]
    means = {key: torch.stack([head[key] for head in heads]).mean(0) for key in heads[0]}
    save_file(means, args.out / "heads.safetensors")


if __name__ == "__main__":
    main()
