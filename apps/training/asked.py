"""What `minimax-vl train` is asked for, checked before anything is drawn; and what an interrupted run leaves."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from minimax_vl.apps.folders import writing
from minimax_vl.apps.training.real import RealPages
from minimax_vl.apps.training.saving import STATE
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.synthetic import FontBook
from minimax_vl.tokenizer import Tokenizer

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig


def check_numbers(args: argparse.Namespace) -> None:
    """Raises InvalidRequest for a number that no run can have."""

    def checked(names: tuple[str, ...], sound: Callable[[float], bool], *said: str) -> None:
        expected, cause, next_step = said
        for name in names:
            value = getattr(args, name)
            if value is not None and not sound(value):  # written so that NaN is refused, too
                found = f"--{name.replace('_', '-')} {value}"
                raise InvalidRequest(found, expected, cause, next_step)

    checked(
        ("minutes", "max_steps", "tiles", "warmup", "echo", "show"),
        lambda value: value > 0,
        "more than 0",
        "0 or less as a way to say no limit",
        "give a positive number, or leave the option out",
    )
    checked(
        ("average",),
        lambda value: value >= 0,
        "a number of steps, or 0",
        "less than 0 as a way to say none",
        "leave the option out for the last weights",
    )
    checked(
        ("workers", "seed", "check_pages"),
        lambda value: value >= 0,
        "0 or more",
        "less than 0 as a way to say none, or any",
        "give 0, or leave the option out",
    )
    checked(
        ("muon_rate", "adam_rate", "glyph_weight", "paint_weight", "landmark_weight", "balance_weight"),
        lambda value: 0 <= value < math.inf,
        "a finite number, 0 or more",
        "a typing error, or a sign that would learn the opposite",
        "give 0 to learn nothing by it, or leave the option out",
    )
    checked(
        ("save_every", "check_every", "one_tile_until", "decay_from"),
        lambda value: value >= 0,
        "0 or more",
        "less than 0 as a way to say never",
        "give a large number for never, or leave the option out",
    )
    checked(
        ("begin", "until", "many_pages"),
        lambda value: 0 <= value <= 1,
        "a share from 0 to 1",
        "a percentage, or minutes or pages, instead of a share",
        "2 % is 0.02; leave the option out for its default",
    )


def check_campaign(begin: float, until: float) -> None:
    """Raises InvalidRequest for a run that would end before it begins."""
    if not begin <= until:
        raise InvalidRequest(
            found=f"--begin {begin} and --until {until}",
            expected="an end that is not before the beginning",
            cause="the two mixed up, or a resumed run that stood further on than --until",
            next_step=f"give an --until from {begin} to 1, or a smaller --begin",
        )


def check_model(args: argparse.Namespace) -> None:
    """Raises InvalidRequest for layers that a checkpoint does not have, or an OUT of another run; SaveFailed."""
    if args.resume and args.mixers != "hybrid":
        raise InvalidRequest(
            found=f"--mixers {args.mixers} with --resume {args.resume}",
            expected="one of them: a checkpoint brings its layers",
            cause="a comparison that was to go on from trained weights",
            next_step="train from the beginning, or leave --mixers out",
        )
    model = args.out / "model"
    goes_on = args.resume is not None and args.resume.resolve() == model.resolve()
    with writing(args.out):  # one that may not be looked into
        stands = model.exists()
    if stands and not (goes_on or args.force or args.show):
        raise InvalidRequest(
            found=f"{model}, what another run has learned",
            expected="a folder without, or a run that goes on from it",
            cause="the command of an earlier run, given again",
            next_step=f"--resume {model} to go on, another --out, or --force to train over it",
        )


def check_sources(args: argparse.Namespace, config: ModelConfig) -> None:
    """Read fonts, real pages and the tokenizer once: what processes that draw raise comes with their traceback.

    Raises InvalidRequest for a folder without them, and what `Tokenizer.read` raises.
    """
    if args.fonts:
        FontBook.load(args.fonts, "train")
    if args.real:
        RealPages(args.real, config.tiling)
    if not args.show:
        Tokenizer.read(tokenizer_folder(args))


def tokenizer_folder(args: argparse.Namespace) -> Path:
    return args.tokenizer or PACKAGED / "nano"


def last_save(out: Path) -> int | None:
    """When a checkpoint in `out` was whole: the file that a save writes last; None where none was."""
    path = out / STATE
    return path.stat().st_mtime_ns if path.is_file() else None


def what_is_left(args: argparse.Namespace, saved: bool) -> str:
    """One line for whoever interrupts a run: what it has saved, and how to go on."""
    model = args.out / "model"
    if saved:
        return f"interrupted; the newest checkpoint is {model}, and --resume {model} goes on from it"
    kept = f"; {model} is still the earlier run's" if model.exists() else ""
    return (
        f"interrupted before its first save (--save-every {args.save_every:g}): nothing was saved yet{kept}"
    )
