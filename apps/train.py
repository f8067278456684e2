"""minimax-vl train: train nano from scratch on pages drawn on the fly.

Several GPUs: torchrun --nproc-per-node 2 -m minimax_vl.apps.cli train ... (`--tiles` counts for each of them).
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig

MIXERS = ("hybrid", "softmax", "lightning")
SMOKE = "--minutes 60 --max-steps 3 --tiles 4 --workers 0 --check-pages 2 --no-compile"
WORKERS = 15  # that draw faster than one GPU learns; more than cores only take turns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = f"A few steps on a CPU, to see it run: minimax-vl train --out build/smoke {SMOKE}"
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/nano"),
        help="folder for checkpoints, state.json and log.jsonl (%(default)s)",
    )
    parser.add_argument("--force", action="store_true", help="train over the model of another run in OUT")
    parser.add_argument(
        "--preset", default="nano", help="size to train; a resumed checkpoint has its own (%(default)s)"
    )
    parser.add_argument(
        "--mixers",
        choices=MIXERS,
        default="hybrid",
        help="of the layers, to compare: the preset's own, or one kind only (%(default)s)",
    )
    parser.add_argument(
        "--fonts", type=Path, help="folder of training fonts (default: the few in the package)"
    )
    parser.add_argument("--real", type=Path, help="pack of licensed real pages (scripts/pack_real.py)")
    parser.add_argument("--tokenizer", type=Path, help="folder of tokenizer.json (default: nano's)")
    parser.add_argument(
        "--resume",
        type=Path,
        help="checkpoint folder to go on from, OUT/model; optimisers start anew, learning rates warm up again",
    )
    parser.add_argument("--minutes", type=float, default=25.0, help="length of this run (%(default)s)")
    parser.add_argument("--max-steps", type=int, default=10**9, help="end earlier, after so many steps")
    parser.add_argument(
        "--begin",
        type=float,
        help="where in the whole campaign this run begins, 0..1 (0, or where the resumed run stood)",
    )
    parser.add_argument("--until", type=float, default=1.0, help="and where it ends; rates fall to 2 %% at 1")
    parser.add_argument(
        "--one-tile-until",
        type=float,
        default=0.22,
        help="progress up to which pages of one tile come alone; above 1 for them only (%(default)s)",
    )
    parser.add_argument(
        "--many-pages",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the batches, once pages come together, are conversations about 8 to 52 pages (%(default)s)",
    )
    parser.add_argument("--tiles", type=int, default=420, help="ViT tiles in a batch (%(default)s)")
    parser.add_argument(
        "--muon-rate", type=float, default=0.02, help="learning rate of matrices (%(default)s)"
    )
    parser.add_argument(
        "--adam-rate", type=float, default=3e-3, help="learning rate of the rest (%(default)s)"
    )
    parser.add_argument("--warmup", type=int, default=150, help="steps (%(default)s)")
    parser.add_argument(
        "--decay-from", type=float, default=0.55, help="progress where rates start to fall, 1: nowhere"
    )
    parser.add_argument(
        "--average",
        type=int,
        default=0,
        metavar="STEPS",
        help="check and save the mean of the weights of about so many steps; 0: the last ones (%(default)s)",
    )
    parser.add_argument("--glyph-weight", type=float, default=1.0, help="of the glyph loss (%(default)s)")
    parser.add_argument(
        "--paint-weight", type=float, default=1.0, help="of the loss of colours and places (%(default)s)"
    )
    parser.add_argument(
        "--landmark-weight", type=float, default=1.0, help="of the loss of shapes and marks (%(default)s)"
    )
    parser.add_argument(
        "--balance-weight", type=float, default=0.1, help="of the router's balance loss (%(default)s)"
    )
    parser.add_argument(
        "--echo",
        type=int,
        default=1,
        help="times that a batch may be used while no new one is ready (%(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=min(WORKERS, os.cpu_count() or 1),
        help=f"processes that draw pages (one a core, at most {WORKERS}: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, help="of weights and pages (0, or the one after the resumed run's: other pages)"
    )
    parser.add_argument("--save-every", type=float, default=3.0, help="minutes (%(default)s)")
    parser.add_argument("--check-every", type=float, default=2.0, help="minutes (%(default)s)")
    parser.add_argument("--check-pages", type=int, default=160, help="held-out pages of a check, 0 for none")
    parser.add_argument("--int8", action="store_true", help="save matrices in 8 bits, half the size of bf16")
    parser.add_argument("--no-compile", action="store_true", help="run the layers as they are")
    parser.add_argument(
        "--show",
        type=int,
        metavar="N",
        help="do not train: write N pages with their questions to OUT/pages.png",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")


def run(args: argparse.Namespace) -> int:
    from minimax_vl.apps.answering import note_when_slow

    with note_when_slow(f"drawing {args.show} pages ..." if args.show else "loading PyTorch ..."):
        from minimax_vl.apps.training.asked import (
            check_campaign,
            check_model,
            check_numbers,
            check_sources,
            last_save,
            what_is_left,
        )
        from minimax_vl.apps.training.saving import stood
        from minimax_vl.config import ModelConfig
        from minimax_vl.presets import preset

        check_numbers(args)
        check_model(args)
        progress, seed = stood(args.resume)
        args.begin = progress if args.begin is None else args.begin
        args.seed = seed + 1 if args.seed is None else args.seed
        check_campaign(args.begin, args.until)
        # Pages are cut as the model that reads them expects, whichever preset that was.
        config = ModelConfig.read(args.resume) if args.resume else preset(args.preset)
        check_sources(args, config)
        if args.show:
            return show_pages(args, config)
    before = last_save(args.out)
    try:
        return train_model(args, with_mixers(config, args.mixers))
    except KeyboardInterrupt:
        if os.environ.get("RANK", "0") == "0":  # torchrun's: one of several processes saves, and speaks
            saved = last_save(args.out) != before
            print(f"minimax-vl train: {what_is_left(args, saved)}", file=sys.stderr)
        raise


def train_model(args: argparse.Namespace, config: ModelConfig) -> int:
    from minimax_vl.apps.training.asked import tokenizer_folder
    from minimax_vl.apps.training.loop import Diverged, Settings, train
    from minimax_vl.devices import pick_device
    from minimax_vl.errors import MiniMaxVLError

    fields = {f: getattr(args, f) for f in Settings.__dataclass_fields__ if hasattr(args, f)}
    fields |= {"tokenizer": tokenizer_folder(args), "compile": not args.no_compile}
    try:
        train(config, Settings(**fields), pick_device(args.device))
    except Diverged as error:
        raise MiniMaxVLError(
            found=str(error),
            expected="a finite loss",
            cause="a learning rate that is too high",
            next_step=f"resume from {args.out / 'model'} with half of --muon-rate and --adam-rate",
        ) from error
    return 0


def show_pages(args: argparse.Namespace, config: ModelConfig) -> int:
    from minimax_vl.apps.folders import made, writing
    from minimax_vl.apps.training.show import show

    path = made(args.out) / "pages.png"
    sheet, seconds = show(config, args.show, args.fonts, args.real, args.seed)
    with writing(path):
        sheet.save(path)
    print(f"{path}: {args.show} pages, drawn in {seconds:.2f} s, {args.show / seconds:.0f} a second")
    return 0


def with_mixers(config: ModelConfig, mixers: str) -> ModelConfig:
    """The config with all layers of one kind, or as it is for "hybrid"."""
    from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX

    if mixers == "hybrid":
        return config
    kind = {"softmax": SOFTMAX, "lightning": LIGHTNING}[mixers]
    layers = (kind,) * config.text.num_hidden_layers
    return replace(config, text=replace(config.text, attn_type_list=layers))
