"""What is installed, what clashes, and which backend each op resolves to."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from minimax_vl.loading.machine import free_memory

PACKAGES = (
    "torch", "triton", "transformers", "tokenizers", "safetensors", "accelerate", "pillow", "numpy", "gradio",
    "timm", "torchvision",
)  # fmt: skip
OPTIONAL = {"triton", "timm", "torchvision"}

TORCHVISION_FIX = (
    "torchvision is installed but does not load, and transformers' model imports fail with it. Remove it"
    " (pip uninstall torchvision), or install the build that belongs to this torch from PyTorch's own index."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    report = examine()
    print(json.dumps(report) if args.json else render(report))
    return 1 if report["problems"] else 0


def examine() -> dict[str, Any]:
    """Everything that doctor knows, as plain JSON values; `problems` is empty on a sound installation."""
    problems: list[str] = []
    packages = {name: _version(name) for name in PACKAGES}
    for name, version in packages.items():
        if version is None and name not in OPTIONAL:
            problems.append(f"{name} is not installed: pip install {name}")
    if packages["torchvision"] and not _loads("torchvision"):
        problems.append(TORCHVISION_FIX)
    nano = _nano()
    if not nano:
        problems.append("nano's weights are missing from the package: install it again, or train them")
    return {
        "version": _version("minimax-vl"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": _memory_gib(),
        "packages": packages,
        "gpus": _attempt("torch", _gpus, problems),
        "backends": _attempt("the table of backends", lambda: _backends(problems), problems),
        "nano": nano,
        "problems": problems,
    }


def render(report: dict[str, Any]) -> str:
    """The report as text for a terminal."""
    total, free = report["memory_gib"]["total"], report["memory_gib"]["available"]
    width = max((len(row["op"]) for row in report["backends"]), default=0)
    lines = [
        f"minimax-vl {report['version']}, Python {report['python']}, {report['platform']}",
        f"CPU       {report['cores']} cores, {total} GiB of memory, {free} GiB available",
        *(
            f"GPU {i}     {gpu['name']}, {gpu['memory_gib']} GiB, sm_{gpu['arch']}"
            for i, gpu in enumerate(report["gpus"])
        ),
        "" if report["gpus"] else "GPU       none",
        "Packages",
        *(f"  {name:<14} {version or '-'}" for name, version in report["packages"].items()),
        "",
        "Kernels",
        *(
            f"  {r['device']:<5} {r['op']:<{width}} {r['backend']:<10} of {', '.join(r['available'])} ({r['reason']})"
            for r in report["backends"]
        ),
        "",
        "nano",
        *(
            f"  {name}  {file['mib']} MiB  sha256 {file['sha256'][:16]}"
            for name, file in report["nano"].items()
        ),
        "",
        *(f"PROBLEM: {problem}" for problem in report["problems"]),
    ]
    return "\n".join(lines) + ("" if report["problems"] else "No problem found.")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)  # reads a text file; the package itself is not imported
    except metadata.PackageNotFoundError:
        return None


def _loads(package: str) -> bool:
    # in a process of its own: a failed import of a C++ extension may leave this one in pieces
    return subprocess.run([sys.executable, "-c", f"import {package}"], capture_output=True).returncode == 0


def _attempt(
    what: str, read: Callable[[], list[dict[str, Any]]], problems: list[str]
) -> list[dict[str, Any]]:
    try:
        return read()
    except Exception as error:  # doctor must finish above all where something is broken
        problems.append(f"{what} cannot be read: {type(error).__name__}: {error}")
        return []


def _gpus() -> list[dict[str, Any]]:
    import torch

    if not torch.cuda.is_available():
        return []
    cards = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return [
        {
            "index": i,
            "name": c.name,
            "memory_gib": round(c.total_memory / 2**30, 1),
            "arch": f"{c.major}{c.minor}",
        }
        for i, c in enumerate(cards)
    ]


def _backends(problems: list[str]) -> list[dict[str, Any]]:
    """What every op takes; where it cannot take what the variable asks for, what it would take without that."""
    from minimax_vl.kernels.backends import TABLE, VARIABLE, default_device, report, runs_on

    asked = os.environ.get(VARIABLE)
    known = [backend for backend in TABLE["rms_norm"] if all(backend in rows for rows in TABLE.values())]
    here = [backend for backend in known if runs_on(backend, default_device())]
    if asked and asked not in here:
        problems.append(
            f"{VARIABLE}={asked} is no backend that every op has here, and every answer is refused with it:"
            f" unset it, or set it to {' or '.join(here)}"
        )
    found = []
    for device in sorted({"cpu", default_device()}):
        fits = not asked or (asked in known and runs_on(asked, device))
        with nullcontext() if fits else _unset(VARIABLE):
            found += [
                {
                    "device": device,
                    "op": op,
                    "backend": backend,
                    "available": list(available),
                    "reason": reason,
                }
                for op, backend, available, reason in report(device)
            ]
    return found


@contextmanager
def _unset(variable: str) -> Iterator[None]:
    value = os.environ.pop(variable)
    try:
        yield
    finally:
        os.environ[variable] = value


def _memory_gib() -> dict[str, float | None]:
    """Total and available memory; None where the system does not tell."""
    names = getattr(os, "sysconf_names", {})
    page = os.sysconf("SC_PAGE_SIZE") if "SC_PAGE_SIZE" in names else 0
    total = os.sysconf("SC_PHYS_PAGES") * page if "SC_PHYS_PAGES" in names else None
    gib = [None if size is None else round(size / 2**30, 1) for size in (total, free_memory("cpu"))]
    return {"total": gib[0], "available": gib[1]}


def _nano() -> dict[str, dict[str, Any]]:
    folder = Path(str(resources.files("minimax_vl"))) / "assets" / "nano"
    return {
        path.name: {
            "mib": round(path.stat().st_size / 2**20, 1),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.glob("*.safetensors"))
    }
