"""The command line: what it prints, what it refuses, and that it never shows a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import adviz
from adviz import lessons
from adviz.cli import COMMANDS, FORMATS, main
from adviz.texts import text
from adviz.waiting import told

ROOT = Path(__file__).resolve().parents[1]
AT_WORK = re.compile(r"adviz: .+, \d+ s")
RUNNING = ("ln(x1)+x1*x2-sin(x2)", "x1=2", "x2=5")
LEARNERS = '''
import math
import time
import numpy as np

NUMBER = 3

def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)

def with_default(x, rate=0.5, *, exact=1.0):
    return x * rate * exact

def loss(w, b):
    return np.sum(w * w) * b

def two(x, y):
    return x * y, x + y

def fails(x):
    y = x * 2
    return y / [][0]

def leaks(x):
    return math.sin(x)

def ends(x):
    raise SystemExit(7)

def waits(x):
    print("began", flush=True)
    time.sleep(60)
    return x

class Model:
    @staticmethod
    def square(x):
        return x * x
'''


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every test runs in an empty folder with a module of a learner's, and leaves the modules as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("adviz.waiting.SECOND", 1e6)  # a slow machine is not what is tested
    (tmp_path / "learners.py").write_text(LEARNERS, encoding="utf-8")
    yield tmp_path
    for name in [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(str(tmp_path))]:
        del sys.modules[name]


@pytest.fixture
def adviz_says(capsys: pytest.CaptureFixture[str]):
    def says(*words: str) -> Said:
        capsys.readouterr()
        code = main(words)
        return Said(code, *capsys.readouterr())

    return says


class Started(NamedTuple):
    commands: list[list[str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """JupyterLab is not started but asked for; nobody is there to answer a question."""
    seen = Started([])
    monkeypatch.setattr(lessons, "watched", lambda words: seen.commands.append(words) or 0)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return seen


def process(*words: str, cwd: Path, encoding: str = "utf-8", **pipes: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
    return subprocess.Popen([sys.executable, "-m", "adviz", *words], cwd=cwd, env=environment, text=True, encoding=encoding, **pipes)  # type: ignore[call-overload,no-any-return]


def ended(running: subprocess.Popen[str]) -> Said:
    """What a process said; that it was still at work on a slow machine is left out."""
    out, err = running.communicate(timeout=120)
    return Said(running.returncode, out or "", "".join(line for line in err.splitlines(True) if not AT_WORK.fullmatch(line.strip())))


# what is shown


@pytest.mark.parametrize(
    "options, timeline",
    [
        ((), lambda f: adviz.values(f, 2.0, 5.0)),
        (("--mode", "reverse"), lambda f: adviz.reverse(f, 2.0, 5.0)),
        (("--mode", "forward", "--seed", "1,0"), lambda f: adviz.forward(f, 2.0, 5.0, seed=(1, 0))),
        (("--mode", "forward", "--seed", "-1, 1/2"), lambda f: adviz.forward(f, 2.0, 5.0, seed=(-1, 0.5))),
        (("--mode", "reverse", "--seed=-2"), lambda f: adviz.reverse(f, 2.0, 5.0, seed=-2)),
    ],
)
def test_show_prints_the_table_that_print_prints(adviz_says, options, timeline) -> None:
    said = adviz_says("show", *RUNNING, *options)
    assert said == (0, f"{timeline(adviz.formula(RUNNING[0]))}\n", "")


def test_words_and_options_come_in_any_order(adviz_says) -> None:
    wanted = adviz_says("show", *RUNNING, "--mode", "reverse")
    formula, *point = RUNNING
    assert adviz_says("show", "--mode", "reverse", formula, *reversed(point)) == wanted
    assert adviz_says("show", formula, point[0], "--mode", "reverse", point[1]) == wanted
    assert adviz_says("show", formula, "2", "5", "--mode=reverse") == wanted


def test_a_formula_or_a_number_may_begin_with_a_minus(adviz_says) -> None:
    assert adviz_says("show", "-x^2", "-3", "--mode", "reverse").out == f"{adviz.reverse(adviz.formula('-x^2'), -3.0)}\n"


@pytest.mark.parametrize("named", ["learners:f", "learners.py:f", "./learners.py:f"])
def test_a_function_is_found_by_its_module_or_its_file(adviz_says, folder: Path, named: str) -> None:
    named = named if "/" not in named else f"{folder}/learners.py:f"
    said = adviz_says("show", named, "x1=2", "x2=5", "--mode", "reverse")
    assert said.code == 0
    assert [line.split()[-1] for line in said.out.splitlines()[1:3]] == ["5.5", "1.716"]


def test_a_function_of_a_class_arrays_constants_and_defaults_are_understood(adviz_says) -> None:
    assert "= 9" in adviz_says("show", "learners:Model.square", "x=3").out
    assert "[1 4]" in adviz_says("show", "learners:loss", "w=[1, 2]", "b=2").out
    assert "= 0.866" in adviz_says("show", "sin(x)", "x=pi/3").out
    assert "v₀ · 0.5" in adviz_says("show", "learners:with_default", "x=4").out.replace("v₋₁", "v₀")


def test_seeds_of_arrays_stand_in_brackets(adviz_says) -> None:
    said = adviz_says("show", "learners:loss", "w=[1,2]", "b=2", "--mode", "forward", "--seed", "[[1, 0], 0]")
    assert said.code == 0
    assert said.out.splitlines()[-1].endswith("= 4")


def test_every_format_that_a_timeline_has_can_be_written(adviz_says, folder: Path) -> None:
    formats = [name for name in FORMATS if hasattr(adviz.Timeline, f"to_{name}")]
    assert {"html", "svg", "latex", "csv", "json"} <= set(formats)
    said = adviz_says("show", "x^2", "x=3", "--mode", "reverse", *(word for name in formats for word in (f"--{name}", f"sine.{name}")))
    assert said.code == 0
    assert said.out == f"{adviz.reverse(adviz.formula('x^2'), 3.0)}\n"
    assert [line for line in said.err.splitlines() if "wrote" in line] == [text("cli.written", file=f"sine.{name}") for name in formats]
    assert all((folder / f"sine.{name}").stat().st_size > 50 for name in formats)
    assert json.loads((folder / "sine.json").read_text(encoding="utf-8"))["format"] == "adviz-trace"


def test_a_minus_writes_to_stdout_and_nothing_else_does(adviz_says) -> None:
    said = adviz_says("show", "x^2", "x=3", "--json", "-")
    assert json.loads(said.out)["title"] == "f(x)"
    assert said.err == ""


def test_check_prints_that_all_ways_agree(adviz_says) -> None:
    said = adviz_says("check", "learners:f", "x1=2", "x2=5")
    assert said == (0, f"{adviz.check(sys.modules['learners'].f, 2.0, 5.0)}\n", "")
    assert said.out.rstrip().endswith(text("check.ok"))


def test_check_ends_with_one_where_a_rule_is_wrong(folder: Path) -> None:
    """In a process of its own, whose table nobody else reads."""
    (folder / "wrong.py").write_text("import adviz\ndef squared(x):\n    return x * x\nadviz.elementwise(squared, 'a * a', 'a')\nfrom adviz.functions import squared\n", encoding="utf-8")
    running = process("check", "wrong:squared", "x=3", cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = ended(running)
    assert (said.code, said.err) == (1, "")
    assert said.out.rstrip().endswith(text("check.row"))


def test_doctor_prints_its_report(adviz_says, monkeypatch: pytest.MonkeyPatch) -> None:
    said = adviz_says("doctor")
    assert said.code == 0
    assert [line.split("  ")[0] for line in said.out.splitlines()[:-2]] == [finding.subject for finding in adviz.doctor().findings]
    monkeypatch.setattr("adviz.views.layout.positions", None)
    assert adviz_says("doctor").code == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_that_are_its_own(adviz_says, command: str) -> None:
    for ask in (("--help",), ("-h",), ("--help", "anything")):
        said = adviz_says(command, *ask)
        assert (said.code, said.err) == (0, "")
        assert text(f"cli.{command}") in said.out
        assert f"  adviz {command} " in said.out or f"  adviz {command}\n" in said.out
    assert f"adviz {command}" in adviz_says("--help").out


def test_the_overview_is_what_no_word_at_all_shows(adviz_says) -> None:
    assert adviz_says() == adviz_says("--help") == adviz_says("help")
    assert adviz_says("--version") == (0, f"adviz {adviz.__version__}\n", "")


def test_the_examples_of_show_and_check_run(adviz_says, folder: Path) -> None:
    (folder / "mymodule.py").write_text(LEARNERS, encoding="utf-8")
    (folder / "folder").mkdir()
    (folder / "folder" / "model.py").write_text(LEARNERS, encoding="utf-8")
    for command in ("show", "check"):
        lines = [line.strip() for line in text(f"cli.{command}.examples").splitlines() if line.startswith("  adviz")]
        assert lines
        for line in lines:
            said = adviz_says(*parsed(line))
            assert said.code == 0, (line, said.err)


def parsed(line: str) -> list[str]:
    import shlex

    return shlex.split(line.split("      ")[0])[1:]


def test_the_commands_of_the_readme_run(adviz_says, started: Started, folder: Path) -> None:
    """Each line of its block, with a mymodule.py whose f takes one number."""
    (folder / "mymodule.py").write_text("def f(x):\n    return x * x\n", encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## On the command line\n\n```sh\n")[2].partition("```")[0]
    lines = [line.partition("   #")[0].strip() for line in block.splitlines()]
    assert {line.split()[1] for line in lines} == set(COMMANDS) - {"grade", "exercises"}
    for line in lines:
        said = adviz_says(*parsed(line), *(["--yes"] if line == "adviz lab" else []))
        assert said.code == 0, (line, said.err)


# what is refused: one message on stderr, nothing on stdout, no traceback

REFUSED = [
    ("unknown command", ("draw",), "draw"),
    ("no function", ("show",), "FUNCTION"),
    ("an option that is none", ("show", "x", "x=1", "--colour"), "--colour"),
    ("a mode that is none", ("show", "x", "x=1", "--mode", "sideways"), "sideways"),
    ("no formula", ("show", "x*", "x=1"), "Column 3"),
    ("no point", ("show", "x*y"), "x=2 y=3"),
    ("half a point", ("show", "x*y", "x=1"), "'y'"),
    ("a point too long", ("show", "x*y", "x=1", "y=2", "z=3"), "'z'"),
    ("one input twice", ("show", "x*y", "x=1", "x=2"), "x is given twice"),
    ("a word for a number", ("show", "x", "x=two"), "two"),
    ("an array that is none", ("show", "x", "x=[1,"), "brackets"),
    ("an array of words", ("show", "x", 'x=["a"]'), "brackets"),
    ("a deep array", ("show", "x", "x=" + "[" * 100_000), "brackets"),
    ("values with a seed", ("show", "x", "x=1", "--seed", "1"), "--mode forward"),
    ("no seed", ("show", "x*y", "1", "2", "--mode", "forward"), "--seed 1,0"),
    ("no seed for two outputs", ("show", "learners:two", "1", "2", "--mode", "reverse"), "--seed 1,0"),
    ("a seed too long", ("show", "x*y", "1", "2", "--mode", "forward", "--seed", "1,0,0"), "seed"),
    ("a seed that is none", ("show", "x*y", "1", "2", "--mode", "forward", "--seed", "1,a"), "--seed"),
    ("a module that is not there", ("show", "nowhere:f", "1"), "nowhere"),
    ("a file that is not there", ("show", "nowhere.py:f", "1"), "nowhere.py"),
    ("a module of no name", ("show", "no-where:f", "1"), "no-where"),
    ("a function that is not there", ("show", "learners:g", "1"), "f, with_default, loss"),
    ("what is no function", ("show", "learners:NUMBER", "1"), "an int"),
    ("a keyword-only input", ("show", "learners:with_default", "x=1", "exact=2"), "exact"),
    ("a builtin that refuses", ("show", "learners:ends", "1"), "SystemExit: 7"),
    ("a leak", ("show", "learners:leaks", "x=1"), "Write np.sin"),
    ("a file that cannot be written", ("show", "x", "x=1", "--svg", "no/such/folder.svg"), "no/such/folder.svg"),
    ("a port that is none", ("lab", "--port", "many"), "many"),
    ("a folder that is none", ("lab", "elsewhere"), "elsewhere"),
]


@pytest.mark.parametrize("words, told", [(words, told) for _, words, told in REFUSED], ids=[name for name, *_ in REFUSED])
def test_bad_input_is_refused_in_one_message(adviz_says, words: tuple[str, ...], told: str) -> None:
    said = adviz_says(*words)
    assert said.code == 2
    assert told in said.err
    assert said.err.startswith("adviz: ")
    assert "Traceback" not in said.err
    assert "fault of adviz" not in said.err
    assert len(said.err) < 700


def test_a_learners_own_exception_is_shown_with_its_line(adviz_says, folder: Path) -> None:
    line = next(n for n, code in enumerate(LEARNERS.splitlines(), 1) if "[][0]" in code)
    for command in ("show", "check"):
        said = adviz_says(command, "learners:fails", "x=1")
        assert said.code == 2
        place = text("cli.place", file=folder / "learners.py", line=line, function="fails", code="return y / [][0]")
        assert said.err == f"adviz: {text('cli.raised', error='IndexError: list index out of range', place=place)}\n"


@pytest.mark.parametrize(
    "source, told",
    [
        ("def f(x:\n    return x", "line 1"),
        ("import nothing_of_this_name\n", "nothing_of_this_name"),
        ("raise ValueError('half done')\n", "ValueError: half done"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3"),
    ],
)
def test_a_module_that_cannot_be_imported_is_shown_with_its_line(adviz_says, folder: Path, source: str, told: str) -> None:
    (folder / "half.py").write_text(source, encoding="utf-8")
    said = adviz_says("show", "half:f", "x=1")
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert "half.py" in said.err
    assert "Traceback" not in said.err


def test_a_fault_of_adviz_is_said_to_be_one(adviz_says, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adviz.cli.swept", lambda *_: 1 / 0)
    said = adviz_says("show", "x", "x=1")
    assert said.code == 2
    assert said.err == f"adviz: {text('cli.own_error', error='ZeroDivisionError: division by zero')}\n"


def test_a_stream_that_has_no_subscripts_shows_question_marks(folder: Path) -> None:
    said = ended(process("show", "x*x", "x=3", cwd=folder, encoding="ascii", stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].endswith("= 9")


# how it ends, and what it says meanwhile


def test_ctrl_c_ends_it_quietly(folder: Path) -> None:
    running = process("show", "learners:waits", "x=1", cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stdout.readline() == "began\n"
    running.send_signal(signal.SIGINT)
    assert ended(running) == (130, "", "")


def test_a_reader_that_stops_reading_is_no_error(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    running = process("show", *RUNNING, cwd=folder, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert ended(running) == (141, "", "")


def test_work_of_more_than_a_second_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("adviz.waiting.SECOND", 0.01)
    monkeypatch.setattr("adviz.waiting.SELDOM", 0.01)
    with told("counting"):
        heard = ""
        while heard.count("\n") < 3:
            heard += capsys.readouterr().err
            time.sleep(0.001)
    assert set(heard.splitlines()) <= {text("cli.working", work="counting", seconds=n) for n in range(60)}


def test_work_of_less_than_a_second_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with told("counting"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_terminal_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("adviz.waiting.SECOND", 0.001)
    with told("counting"):
        while "counting" not in terminal.getvalue():
            time.sleep(0.001)
    assert terminal.getvalue().startswith("\radviz: counting")
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert "\n" not in terminal.getvalue()


# the lessons


def answers(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))


def test_an_empty_folder_is_offered_the_lessons(adviz_says, started: Started, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "\n")
    said = adviz_says("lab", "--no-browser", "--port", "8899")
    place = folder / lessons.FOLDER
    assert said.code == 0
    assert "[Y/n]" in said.err
    names = lessons.lessons_in(ROOT / "notebooks")
    assert lessons.lessons_in(place) == names
    assert all((place / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes() for name in names)
    (command,) = started.commands
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert {f"--ServerApp.root_dir={place}", "--no-browser", "--port=8899", str(place / names[0])} <= set(command)


@pytest.mark.parametrize("answer", ["n\n", "no\n", "perhaps\n", ""])
def test_who_does_not_agree_keeps_an_empty_folder(adviz_says, started: Started, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    answers(monkeypatch, answer)
    said = adviz_says("lab")
    assert said.code == 2
    assert said.err.endswith(f"adviz: {text('lab.not_copied')}\n")
    assert not (folder / lessons.FOLDER).exists()
    assert started.commands == []


def test_lessons_that_are_there_are_opened_as_they_are(adviz_says, started: Started, folder: Path) -> None:
    assert adviz_says("lab", "--yes").code == 0
    first = next((folder / lessons.FOLDER).glob("*.ipynb"))
    first.write_text("{}", encoding="utf-8")
    for where in (".", str(folder / lessons.FOLDER)):
        said = adviz_says("lab", where)
        assert said.code == 0
        assert "[Y/n]" not in said.err
    assert first.read_text(encoding="utf-8") == "{}"
    assert [f"--ServerApp.root_dir={folder / lessons.FOLDER}" in command for command in started.commands] == [True] * 3


def test_copying_again_writes_over_nothing(folder: Path) -> None:
    place = lessons.copied(folder)
    first = next(place.glob("*.ipynb"))
    first.write_text("mine", encoding="utf-8")
    assert lessons.copied(folder) == place
    assert first.read_text(encoding="utf-8") == "mine"


def test_a_checkout_opens_its_own_lessons(adviz_says, started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    assert adviz_says("lab", str(ROOT)).code == 0
    assert f"--ServerApp.root_dir={ROOT / 'notebooks'}" in started.commands[0]


@pytest.mark.parametrize("answer, code", [("y\n", 0), ("n\n", 2), ("", 2)])
def test_jupyterlab_is_installed_only_by_consent(adviz_says, started: Started, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    installed: list[list[str]] = []
    found = lessons.importlib.util.find_spec
    monkeypatch.setattr(lessons.importlib.util, "find_spec", lambda name: None if name == "jupyterlab" else found(name))
    monkeypatch.setattr(lessons.subprocess, "run", lambda words, check: installed.append(words) or subprocess.CompletedProcess(words, 0))
    answers(monkeypatch, answer)
    said = adviz_says("lab", str(ROOT))
    assert said.code == code
    assert [words[:4] for words in installed] == ([[sys.executable, "-m", "pip", "install"]] if code == 0 else [])
    assert len(started.commands) == (1 if code == 0 else 0)
    assert "jupyterlab" in said.err


EARS = {
    "a lab that hears": "",
    "one that does not hear Ctrl-C": "signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "one that hears nothing": "[signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]",
}


def watching(ears: str, folder: Path) -> subprocess.Popen[str]:
    """A process that watches another as `adviz lab` watches JupyterLab; both are up."""
    inner = f"import signal, time; {ears}\nprint('up', flush=True); time.sleep(60)"
    outer = f"import sys; from adviz import lessons; lessons.ENDS_WITHIN = 0.2; sys.exit(lessons.watched([sys.executable, '-c', {inner!r}]))"
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, "start_new_session": True}
    running = subprocess.Popen([sys.executable, "-c", outer], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, **options)  # type: ignore[call-overload]
    assert running.stdout.readline() == "up\n"
    return running  # type: ignore[no-any-return]


@pytest.mark.parametrize("ears", EARS.values(), ids=EARS)
def test_ctrl_c_ends_the_lab_whatever_it_hears(folder: Path, ears: str) -> None:
    running = watching(ears, folder)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all that run in it
    assert running.communicate(timeout=60) == ("", None)  # its end of the pipe is closed by both
    assert running.returncode == 0


def test_a_request_to_end_reaches_the_lab(folder: Path) -> None:
    running = watching("", folder)
    running.terminate()
    running.communicate(timeout=60)
    assert running.returncode == signal.SIGTERM
