"""The wheel holds every file of the tree under one top-level name, and works where the tree is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOMES = {"minimax_vl": "minimax_vl"}
HOMES |= {d: f"minimax_vl/{d}" for d in ("kernels", "vision", "text_backbone", "eval", "apps")}

IMPORT_ALL = """
import importlib, json, sys
failed = {}
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"
import minimax_vl
print(json.dumps({"home": minimax_vl.__file__, "failed": failed}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # from a copy: setuptools leaves build/ behind, and the next wheel would take stale files from it
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for folder in HOMES:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(source))
    return next(out.glob("*.whl"))


def pip(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def files_of_the_tree() -> set[str]:
    wanted = {"minimax_vl/py.typed"}
    for folder, home in HOMES.items():
        wanted |= {f"{home}/{p.relative_to(ROOT / folder).as_posix()}" for p in (ROOT / folder).rglob("*.py")}
    assets = ROOT / "minimax_vl" / "assets"
    wanted |= {
        f"minimax_vl/{p.relative_to(ROOT / 'minimax_vl').as_posix()}"
        for p in assets.rglob("*")
        if p.is_file()
    }
    return {name for name in wanted if "__pycache__" not in name}


def test_the_wheel_holds_the_tree(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    missing, surplus = files_of_the_tree() - names, names - files_of_the_tree()
    assert not missing, f"a folder without __init__.py, or data outside assets/: {sorted(missing)}"
    assert not surplus, f"files that the tree does not have: {sorted(surplus)}"


def test_every_module_imports_where_the_tree_is_not(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip("install", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py")
    )
    if sys.platform != "linux":  # triton is published for Linux only
        modules = [name for name in modules if not name.rsplit(".", 1)[-1].startswith("triton_")]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, json.dumps(modules)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert Path(result["home"]).is_relative_to(site), "the test imported another copy than the wheel's"
    assert not result["failed"]
