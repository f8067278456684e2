"""The mean of checkpoints that were trained from one: better than each of them where their last steps were small.

    python scripts/mean_of_weights.py runs/nano-9a runs/nano-9b --out runs/nano-9

Each is a folder as `minimax-vl train --out` writes it, `model` with `heads.safetensors` beside it; so is what is
written, in int8 (the mean is taken of the weights, not of their integers). A run without heads, which only training
needs, is left out of their mean. Wortsman et al. 2022 call it a soup.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from minimax_vl.apps.training.saving import HEADS
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
    for run, model in zip(args.runs[1:], others):
        if model.config != first.config:
            raise InvalidRequest(
                found=f"{run / 'model'} of another size or shape than {args.runs[0] / 'model'}",
                expected="runs that began with the same weights",
                cause="runs of several presets or mixers, or checkpoints with different tiles or vocabularies",
                next_step="leave one of the two out; their config.json says what differs",
            )
    means = mean_of_heads([run / HEADS for run in args.runs])
    states = [model.state_dict() for model in (first, *others)]
    first.load_state_dict({key: torch.stack([state[key] for state in states]).mean(0) for key in states[0]})
    save_checkpoint(
        first,
        args.out / "model",
        dtype=torch.bfloat16,
        quantize="int8",
        tokenizer=args.runs[0] / "model" / "tokenizer.json",
    )
    if means:
        save_file(means, args.out / HEADS)


def mean_of_heads(paths: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of those files that are there: only training needs heads. Raises InvalidRequest where they differ."""
    known = {path: load_file(path) for path in paths if path.is_file()}
    for path in paths:
        if path not in known:
            print(f"{path} is not there: left out of the mean of heads", file=sys.stderr)
    shapes = {path: {key: head[key].shape for key in head} for path, head in known.items()}
    for one, other in permutations(shapes, 2):
        for key, shape in shapes[one].items():
            if shapes[other].get(key) != shape:
                raise _differing(other, key, shapes[other].get(key), one, shape)
    heads = list(known.values())
    return {key: torch.stack([head[key] for head in heads]).mean(0) for key in heads[0]} if heads else {}


def _differing(
    path: Path, key: str, has: torch.Size | None, other: Path, shape: torch.Size
) -> InvalidRequest:
    lack = (
        f"no {key} in {path}, and one"
        if has is None
        else f"{key} of shape {list(has)} in {path}, and of {list(shape)}"
    )
    return InvalidRequest(
        found=f"{lack} in {other}",
        expected="heads of the same keys and shapes in all runs",
        cause="runs of several versions of the training code, whose losses have other heads",
        next_step="leave the heads of one out: move its heads.safetensors away, and the mean is of the others",
    )


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
