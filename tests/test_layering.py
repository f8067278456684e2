"""Imports point down, form no circle, and the front door opens without the heavy packages."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_USE = {
    "kernels": {"kernels"},
    "vision": {"vision", "kernels"},
    "text_backbone": {"text_backbone", "kernels"},
    "minimax_vl": {"minimax_vl", "vision", "text_backbone", "kernels"},
    "eval": {"eval", "minimax_vl", "vision", "text_backbone", "kernels"},
    "apps": {"apps", "eval", "minimax_vl", "vision", "text_backbone", "kernels"},
}
# These two import nothing of ours, so they lie below every folder.
BOTTOM = {"minimax_vl.errors", "minimax_vl.checkout"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "minimax_vl" else ("minimax_vl", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(p): p for folder in MAY_USE for p in sorted((ROOT / folder).rglob("*.py"))}


def folder_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in MAY_USE else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Our modules that a file imports, at any depth of the code, but not for type checkers only."""
    for node in walk_at_run_time(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "minimax_vl")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "minimax_vl":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in FILES else str(node.module)


def walk_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from walk_at_run_time(child)


@pytest.mark.parametrize("module", FILES)
def test_imports_point_down(module: str) -> None:
    used = {folder_of(name) for name in imports(FILES[module]) if name not in BOTTOM}
    allowed = set() if module in BOTTOM else MAY_USE[folder_of(module)]
    extra = sorted(used - allowed)
    assert not extra, f"{module} imports {extra}; it may use only {sorted(allowed)}"


@pytest.mark.parametrize("module", FILES)
def test_no_module_imports_the_package_around_it(module: str) -> None:
    around = {".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1)}
    around = {name for name in around if folder_of(name) == folder_of(module)}  # apps may use minimax_vl.load
    taken = around & set(imports(FILES[module]))
    assert not taken, f"{module} takes names from {sorted(taken)}: import the file that defines them"


def test_imports_form_no_circle() -> None:
    edges = {module: set(imports(path)) & set(FILES) for module, path in FILES.items()}
    while True:  # what imports nothing left, or is imported by nothing left, lies on no circle
        imported = set().union(*(edges[module] for module in edges))
        outside = {
            module for module, used in edges.items() if not used & edges.keys() or module not in imported
        }
        if not outside:
            break
        edges = {module: used for module, used in edges.items() if module not in outside}
    assert not edges, f"these modules import each other in a circle: {sorted(edges)}"


def run_python(code: str, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HEAVY = {"torch", "PIL", "gradio", "transformers", "numpy"}


@pytest.mark.parametrize(
    "entry",
    ["import minimax_vl", "from minimax_vl.apps.cli import main; main(['--help'])"],
    ids=["import", "help"],
)
def test_the_front_door_is_light(entry: str, tmp_path: Path) -> None:
    code = f"{entry}\nimport sys\nprint(sorted({HEAVY} & set(sys.modules)))"
    assert run_python(code, tmp_path).splitlines()[-1] == "[]"


def test_import_takes_under_a_fifth_of_a_second(tmp_path: Path) -> None:
    code = "import time; start = time.perf_counter(); import minimax_vl; print(time.perf_counter() - start)"
    # the fastest of three: other processes share the machine
    assert min(float(run_python(code, tmp_path)) for _ in range(3)) < 0.2


BARE = sorted(MAY_USE.keys() - {"minimax_vl"})
FIND = f"from importlib.util import find_spec; print([name for name in {BARE} if find_spec(name)])"


def test_no_bare_name_is_installed(tmp_path: Path) -> None:
    assert run_python(FIND, tmp_path) == "[]"


def test_leaving_the_checkout_frees_the_bare_names() -> None:
    assert run_python(FIND, ROOT) != "[]"  # `python -c` puts the working directory on sys.path
    assert (
        run_python(f"from minimax_vl.checkout import leave_checkout; leave_checkout(); {FIND}", ROOT) == "[]"
    )
