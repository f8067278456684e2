"""minimax-vl make-checkpoint: random weights in the released layout, to try loading and speed at any size."""

from __future__ import annotations

import argparse
from pathlib import Path

from minimax_vl.apps.convert import check_empty, size
from minimax_vl.loading.formats import DTYPES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", type=Path, help="folder to write")
    parser.add_argument(
        "--preset", default="minimax-vl-01", help="whose geometry, or a checkpoint folder's (%(default)s)"
    )
    parser.add_argument("--layers", type=int, metavar="N", help="decoder layers, from the first on (all)")
    parser.add_argument(
        "--random", action="store_true", help="random weights: the only kind, so it may be left out"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same weights (%(default)s)")
    parser.add_argument("--dtype", choices=DTYPES, default="bf16", help="of dense tensors (%(default)s)")
    parser.add_argument("--quantize", choices=("int8", "int4"), help="experts and attention in fewer bits")
    parser.add_argument("--max-shard-size", type=size, default="5GB", help="bytes in one file (%(default)s)")
    parser.add_argument("--force", action="store_true", help="write into a folder that is not empty")


def run(args: argparse.Namespace) -> int:
    import torch

    from minimax_vl.loading.names import count_parameters
    from minimax_vl.loading.placement import config_of
    from minimax_vl.loading.stand_in import write_stand_in

    config = config_of(args.preset)
    check_empty(args.target, args.force)
    written = write_stand_in(
        args.target,
        config,
        layers=args.layers,
        seed=args.seed,
        dtype=getattr(torch, DTYPES[args.dtype]),
        quantize=args.quantize,
        max_shard_bytes=args.max_shard_size,
    )
    count = count_parameters(written)
    layers = written.text.num_hidden_layers
    print(f"{args.target}: {layers} layer{'' if layers == 1 else 's'}, {count:,} random parameters")
    return 0
