"""The front door: every command in the table opens, and every way of failing has its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from minimax_vl import __version__
from minimax_vl.apps import cli
from minimax_vl.errors import InvalidRequest, MiniMaxVLError, UnreadableImage


def arguments(parser) -> None:
    parser.add_argument("--n", type=int)
    parser.add_argument("--json", action="store_true")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    """`command(run)` registers a command called `probe` that does what `run` does."""

    def register(run):
        module = types.ModuleType("probe_command")
        module.add_arguments, module.run = arguments, run
        monkeypatch.setitem(sys.modules, "probe_command", module)
        monkeypatch.setitem(cli.COMMANDS, "probe", ("probe_command", "a probe"))

    return register


def raising(error: BaseException):
    def run(args):
        raise error

    return run


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_every_command_without_torch(name: str, tmp_path: Path) -> None:
    code = (
        f"import sys; from minimax_vl.apps.cli import main; code = main([{name!r}, '--help'])\n"
        "print(code, sorted({'torch', 'transformers', 'gradio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout.splitlines()[-1] == "0 []"


def test_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in cli.COMMANDS)
    assert cli.main([]) == 2  # nothing was asked for


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"minimax-vl {__version__}\n"


def test_python_runs_the_package(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "minimax_vl", "--version"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"minimax-vl {__version__}\n", "")


def test_unknown_command_lists_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cation"]) == 2
    shown = capsys.readouterr().err
    assert "'cation'" in shown
    assert all(name in shown for name in cli.COMMANDS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MiniMaxVLError("f", "e", "c", "n"), 1),
        (UnreadableImage("f", "e", "c", "n"), 1),
        (InvalidRequest("f", "e", "c", "n"), 2),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_exit_code_of_each_failure(command, error: BaseException, code: int, capsys) -> None:
    command(raising(error))
    assert cli.main(["probe"]) == code
    shown = capsys.readouterr()
    assert not shown.out
    if isinstance(error, MiniMaxVLError):
        assert all(f"{label}: " in shown.err for label in ("found", "expected", "likely cause", "next step"))


def test_who_asked_for_json_gets_the_error_in_it(command, capsys) -> None:
    command(raising(UnreadableImage("f", "e", "c", "n")))
    assert cli.main(["probe", "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"error": str(UnreadableImage("f", "e", "c", "n"))}
    assert "likely cause: c" in shown.err


def test_our_own_mistakes_keep_their_traceback(command) -> None:
    command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["probe"])


def test_usage_errors_are_two(command, capsys) -> None:
    command(lambda args: 0)
    assert cli.main(["probe", "--n", "many"]) == 2
    assert cli.main(["probe", "--n", "3"]) == 0


PROBE = (
    "import sys, types; from minimax_vl.apps import cli\n"
    "probe = types.ModuleType('probe'); probe.add_arguments = lambda parser: None\n"
    "probe.run = lambda args: {run} and 0\n"
    "sys.modules['probe'] = probe; cli.COMMANDS['probe'] = ('probe', ''); sys.exit(cli.main({asked!r}))"
)


@pytest.mark.parametrize("asked", [["probe"], ["--help"]], ids=str)
def test_a_closed_pipe_ends_quietly(asked) -> None:
    # the reader is gone before the writer begins: what fits into a pipe could be written before a later one leaves
    code = PROBE.format(run="print('an answer')", asked=asked)
    reader, pipe = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", code], stdout=pipe, stderr=subprocess.PIPE)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, b"")


# A disk cannot be filled in a test; Linux has a device that says it is full, macOS and Windows have none.
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("asked", [["probe"], ["--help"]], ids=str)
def test_a_full_disk_behind_the_output_is_said(asked, unbuffered) -> None:
    code = PROBE.format(run="print('an answer')", asked=asked)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("minimax-vl: SaveFailed\nfound: the output cannot be written: ")
    assert "Traceback" not in done.stderr
    assert "next step: " in done.stderr


def test_a_working_folder_that_is_gone_is_said(command, tmp_path, monkeypatch, capsys) -> None:
    command(lambda args: pytest.fail("the command ran"))
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert cli.main(["probe"]) == 2
    assert "a working folder that no longer exists" in capsys.readouterr().err


def test_an_interrupt_while_a_command_is_imported(monkeypatch, capsys):
    """Importing is most of the time that a short command takes."""
    monkeypatch.setattr(cli, "import_module", raising(KeyboardInterrupt()))
    assert cli.main(["plan"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_terminal_without_the_letters_shows_their_numbers() -> None:
    code = PROBE.format(run="print(chr(0x20AC) + ' 5, caf' + chr(0xDCE9))", asked=["probe"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stdout) == (0, b"\\u20ac 5, caf\\udce9\n"), done.stderr


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_stream_that_was_closed_before_is_empty(stream) -> None:
    code = PROBE.format(
        run="[sys.stdin.read(), sys.stdout.isatty(), print('x', file=sys.stderr)]", asked=["probe"]
    )
    number = ("stdin", "stdout", "stderr").index(stream)
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {number}>&-', sys.executable, code], stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0


def test_bytes_that_are_no_text_are_replaced_on_their_way_in() -> None:
    code = PROBE.format(run="print(ascii(input()))", asked=["probe"])
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=b"caf\xe9\n",
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )
    assert (done.returncode, done.stdout) == (0, b"'caf\\ufffd'\n"), done.stderr


def with_torch(source: str, run: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command that imports a torch of this source."""
    (folder / "torch.py").write_text(source)
    code = PROBE.format(run=run, asked=["probe"])
    # A shell starts what is in its background without a handler.
    code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{code}"
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_an_interrupt_ends_us_while_torch_is_imported(tmp_path) -> None:
    swallowed = "import signal\ntry: signal.raise_signal(signal.SIGINT)\nexcept KeyboardInterrupt: pass\n"
    done = with_torch(swallowed, "[__import__('torch'), print('not reached')]", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_what_guards_the_import_of_torch_goes_with_it(tmp_path) -> None:
    left = "signal.getsignal(signal.SIGINT) is signal.default_int_handler, 'Torch' in str(sys.meta_path)"
    done = with_torch("name = 'ours'\n", f"print(__import__('torch').name, {left})", tmp_path)
    assert (done.returncode, done.stdout) == (0, "ours True False\n"), done.stderr
    found = len(sys.meta_path)
    assert cli.main(["plan", "debug"]) == 0
    assert len(sys.meta_path) == found
