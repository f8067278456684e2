"""Train nano: step, log, check, save. Ends itself in time, stops when a logged loss is NaN; one file, top to bottom."""

from __future__ import annotations

import json
import math
import multiprocessing
import queue
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import torch
from torch.utils.data import DataLoader

from minimax_vl.apps.benching.kernels.ceilings import matmul_rate
from minimax_vl.apps.folders import made, writing
from minimax_vl.apps.training import recipe
from minimax_vl.apps.training.average import Average
from minimax_vl.apps.training.batches import Batch, PageBatches
from minimax_vl.apps.training.optimiser import Adam, Muon, split_parameters
from minimax_vl.apps.training.ranks import Ranks
from minimax_vl.apps.training.reader import Reader, exact_answers, fresh_model, located
from minimax_vl.apps.training.recipe import Stage
from minimax_vl.apps.training.saving import load_heads, save
from minimax_vl.apps.training.step import ROOM, Step
from minimax_vl.apps.training.work import step_flops
from minimax_vl.config import ModelConfig
from minimax_vl.kernels.backends import TABLE, resolve, use_backend
from minimax_vl.loading import load_model
from minimax_vl.model import VLModel


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run. Time decides its length; `begin` and `until` place it in a longer campaign (0..1)."""

    out: Path
    tokenizer: Path
    fonts: Path | None
    real: Path | None  # a pack of real pages
    resume: Path | None
    minutes: float
    max_steps: int
    begin: float
    until: float
    one_tile_until: float  # progress up to which pages of one tile come alone
    many_pages: float  # share of batches of many small pages in a conversation
    tiles: int  # ViT tiles a batch, thumbnails included; batch sizes follow
    muon_rate: float
    adam_rate: float
    warmup: int
    decay_from: float  # progress at which the rates start to fall, linearly, to 2 % at 1
    average: int  # steps over whose weights the mean is checked and saved, 0 for the last weights
    glyph_weight: float
    paint_weight: float
    landmark_weight: float
    balance_weight: float
    echo: int  # how often a batch may be learned from, when no fresh one is ready
    workers: int
    seed: int
    save_every: float  # minutes
    check_every: float  # minutes
    check_pages: int
    compile: bool
    int8: bool  # save matrices in 8 bits


class Diverged(RuntimeError):
    """The loss is not a number."""


def train(config: ModelConfig, settings: Settings, device: torch.device) -> VLModel:
    """Run until the time or the steps are used up; checkpoints and `log.jsonl` appear in `settings.out`.

    Raises SaveFailed where they cannot be written, and Diverged.
    """
    began = time.monotonic()
    path = made(settings.out) / "log.jsonl"
    with writing(path):  # said before anything is learned
        path.touch()
    progress = multiprocessing.Value("d", settings.begin)
    ranks = Ranks(device)
    device = ranks.device
    batches = _loader(config, settings, progress, ranks)  # workers start to draw while the model is built

    model = (
        load_model(settings.resume, dtype=torch.float32)
        if settings.resume
        else fresh_model(config, settings.seed)
    )
    reader = Reader(model).to(device)
    ready = load_heads(reader, settings.resume)
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.set_float32_matmul_precision("high")
        torch.cuda.manual_seed(settings.seed + ranks.rank)  # of the augmentation
    muon_parameters, adam_parameters = split_parameters([reader])
    # Masters are taken before the model is rounded.
    muon, adam = Muon(muon_parameters, compiled=settings.compile), Adam(adam_parameters)
    if device.type == "cuda":
        reader.to(torch.bfloat16)
    if settings.compile:
        reader.compile_parts()
        torch._dynamo.config.recompile_limit = 64
    average = Average(reader, settings.average)
    run = Step(reader, device, record=settings.compile and device.type == "cuda")
    held_out = _held_out(config, settings) if ranks.rank == 0 else []

    step, pages, drawn, last_save, last_check = 0, 0, 0, 0.0, 0.0
    work, measured = 0.0, time.monotonic()  # of this rank since the last logged step
    with path.open("a", encoding="utf-8") as log, use_backend("dense", "expert_mlp"):
        _write(
            log, {"settings": {k: str(v) for k, v in asdict(settings).items()}, "ranks": ranks.size}, ranks
        )
        _write_ceiling(log, device, ranks)
        for op in TABLE:  # a compiled layer may look an op up, but not import it
            resolve(op)
        for batch, fresh in echoed(batches, settings.echo, random.Random(settings.seed)):
            minutes = (time.monotonic() - began) / 60
            share = ranks.agree(max(minutes / settings.minutes, step / settings.max_steps))
            if share >= 1:
                break
            progress.value = now = settings.begin + share * (settings.until - settings.begin)
            dense = recipe.dense(now)
            run.weigh(
                answer=1.0,
                glyph=settings.glyph_weight * dense,
                paint=settings.paint_weight * dense,
                landmark=settings.landmark_weight * dense,
                balance=settings.balance_weight,
                feed=1.0 if ready or step > settings.warmup else 0.0,
            )
            shape = [*batch["tiles"].shape[:2], batch["ids"].shape[1]]
            losses, work = run(batch), work + step_flops(config, *shape)
            ranks.average(run.gradient)
            size = torch.linalg.vector_norm(run.gradient, dtype=torch.float32)
            scale = _clip(size, warm=step < settings.warmup)
            factor = recipe.rate(step, now, warmup=settings.warmup, decay_from=settings.decay_from)
            muon.step(settings.muon_rate * factor, scale)
            adam.step(settings.adam_rate * factor, scale)
            average.take(step)
            if step % 20 == 0 or step < 5:
                # Averaged, so that a NaN on one rank ends all of them.
                named = {k: v for k, v in vars(losses).items() if k != "shares"}
                mean = torch.stack([*named.values()]).detach().float()
                ranks.average(mean)
                found = dict(zip(named, mean.tolist(), strict=True))
                numbers = {
                    "step": step,
                    "minutes": round(minutes, 2),
                    "progress": round(now, 4),
                    **found,
                    "grad_norm": size.item(),
                    "pages": pages,
                    "drawn": drawn,  # of them; the others came once more
                    "shape": shape,
                    "experts": [[round(x, 3) for x in layer] for layer in losses.shares.tolist()],
                    "tflops": round(work / (time.monotonic() - measured) / 1e12, 1),
                }
                work, measured = 0.0, time.monotonic()
                _write(log, numbers, ranks)
                if odd := {name: value for name, value in found.items() if not math.isfinite(value)}:
                    raise Diverged(f"losses {odd} at step {step}; the last checkpoint is kept")
            rows = batch["ids"].shape[0] * ranks.size
            step, pages, drawn = step + 1, pages + rows, drawn + rows * fresh
            if ranks.rank == 0 and minutes - last_check >= settings.check_every and held_out:
                last_check = minutes
                _write_ceiling(log, device, ranks)
                with average.in_place():
                    check = _check(reader, held_out, device)
                _write(log, {"step": step, "minutes": round(minutes, 2), "check": check}, ranks)
            if ranks.rank == 0 and minutes - last_save >= settings.save_every:
                last_save = minutes
                with average.in_place():
                    save(reader, settings, step, now)
        average.settle()
        _write_ceiling(log, device, ranks)
        if held_out:
            _write(log, {"step": step, "pages": pages, "check": _check(reader, held_out, device)}, ranks)
    if ranks.rank == 0:
        save(reader, settings, step, settings.until)
    ranks.close()
    return model


def echoed(
    batches: Iterator[Batch], times: int, rng: random.Random, apart: int = 8
) -> Iterator[tuple[Batch, bool]]:
    """The batches as they come, True, and earlier ones while none is there, False: no device waits for slow pens.

    Each is given at most `times` times, the repeats among `apart` or more others. A repeat is worn anew, and asks the
    same.
    """
    if times == 1:
        yield from ((batch, True) for batch in batches)
        return
    ready: queue.Queue[Batch | Exception | None] = queue.Queue(maxsize=2)

    def fetch() -> None:
        try:
            for batch in batches:
                ready.put(batch)
            ready.put(None)
        except Exception as error:  # of a process that draws: it must end the run, not this thread alone
            ready.put(error)

    threading.Thread(target=fetch, daemon=True).start()
    kept: deque[tuple[Batch, int]] = deque(maxlen=4 * apart)
    while True:
        try:
            fresh = ready.get(block=len(kept) <= apart)
        except queue.Empty:
            place = rng.randrange(len(kept))
            batch, uses = kept[place]
            if uses + 1 == times:
                del kept[place]
            else:
                kept[place] = batch, uses + 1
            yield batch, False
            continue
        if fresh is None:
            return
        if isinstance(fresh, Exception):
            raise fresh
        kept.append((fresh, 1))
        yield fresh, True


def _clip(size: torch.Tensor, *, warm: bool) -> torch.Tensor:
    """What the gradients are multiplied by: at most norm 1, and 0 where the norm is far out of line or not finite.

    Decided on the device: reading the norm on the host would stall every step.
    """
    sound = torch.isfinite(size) & (size < 100 if not warm else size < float("inf"))
    return torch.where(sound, (1.0 / (size + 1e-6)).clamp_max(1.0), torch.zeros_like(size))


def _loader(config: ModelConfig, settings: Settings, progress: Any, ranks: Ranks) -> Iterator[Batch]:
    pages = PageBatches(
        config,
        settings.tokenizer,
        settings.fonts,
        progress,
        tiles=settings.tiles,
        seed=settings.seed,
        stage=Stage(one_tile_until=settings.one_tile_until, many_share=settings.many_pages),
        part=(ranks.rank, ranks.size),
        real=settings.real,
    )
    cuda = torch.cuda.is_available()
    workers = settings.workers
    return iter(
        DataLoader(
            pages,
            batch_size=None,
            collate_fn=cast(Any, _complete),  # typed in PyTorch for a list of samples only
            num_workers=workers,
            prefetch_factor=3 if workers else None,
            pin_memory=cuda,
        )
    )


def _complete(batch: Batch) -> Batch:
    return located(batch, ROOM * batch["ids"].shape[0])


def _held_out(config: ModelConfig, settings: Settings) -> list[Batch]:
    if not settings.check_pages:
        return []
    pages = PageBatches(
        config,
        settings.tokenizer,
        None,
        multiprocessing.Value("d", 1.0),
        tiles=min(settings.tiles, 5 * settings.check_pages),
        seed=settings.seed,
        stage=Stage(one_tile_until=settings.one_tile_until),
        split="heldout",
    )
    wanted, found = settings.check_pages, []
    for batch in pages:
        found.append(_complete(batch))
        wanted -= batch["ids"].shape[0]
        if wanted <= 0:
            return found
    raise AssertionError("the stream of pages is endless")


def _check(reader: Reader, batches: list[Batch], device: torch.device) -> dict[str, float]:
    # Gradients stay on: switching them off would compile every layer a second time.
    right = total = 0
    for batch in batches:
        r, t = exact_answers(reader, {name: value.to(device) for name, value in batch.items()})
        right, total = right + r, total + t
    return {"exact": round(right / max(total, 1), 4), "answers": total}


def _write_ceiling(log: IO[str], device: torch.device, ranks: Ranks) -> None:
    """What `tflops` is to be held against: the rate of one large product, at rest and at the clock of training."""
    if device.type == "cuda" and ranks.rank == 0:
        _write(log, {"product_tflops": round(matmul_rate(device) / 1e12, 1)}, ranks)


def _write(log: IO[str], row: dict[str, Any], ranks: Ranks) -> None:
    if ranks.rank:
        return
    line = json.dumps(row)
    log.write(line + "\n")
    log.flush()
    print(line, file=sys.stderr, flush=True)
