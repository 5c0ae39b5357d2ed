"""The command line: `adviz show "ln(x1)+x1*x2-sin(x2)" x1=2 x2=5 --mode reverse`.

What was asked for goes to stdout, everything else to stderr. A command ends with 0, with 1 where a check failed, with 2 where something typed
cannot be used; an error is one message and never a traceback.
"""

from __future__ import annotations

import argparse
import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from adviz import __version__
from adviz.arguments import typed_function, typed_point, typed_seed
from adviz.errors import AdvizError, InputError
from adviz.position import is_internal
from adviz.running import function_name
from adviz.texts import known, text
from adviz.timeline import Timeline, forward, reverse, values
from adviz.waiting import told
from adviz.wengert import Trace, trace

FORMATS = ("html", "svg", "png", "gif", "film", "latex", "csv", "json")
MODES = ("values", "forward", "reverse")
FAILED, REFUSED, INTERRUPTED, UNHEARD = 1, 2, 130, 141


class Command(NamedTuple):
    """What a command does, and how its words are read."""

    run: Callable[[argparse.Namespace], int]
    words: Callable[[argparse.ArgumentParser], object]


class Parser(argparse.ArgumentParser):
    """A reader of words whose errors are errors of adviz."""

    def error(self, message: str) -> NoReturn:
        raise InputError(text("cli.usage", reason=message, command=self.prog))


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; the number that the process ends with."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no v₁ shows ? for it
    try:
        code = run(list(sys.argv[1:] if words is None else words))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `adviz show ... | head`: nobody hears the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except AdvizError as error:
        return refused(str(error))
    except OSError as error:
        return refused(text("cli.file", file=error.filename or "", reason=error.strerror or error))
    except Exception as error:
        return refused(text("cli.own_error", error=f"{type(error).__name__}: {error}"))


def run(words: list[str]) -> int:
    """Find the command and let it run."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if words[0] == "--version":
        print(f"adviz {__version__}")
        return 0
    name, *rest = words
    if name not in COMMANDS:
        raise InputError(text("cli.command", command=repr(name)[:60], commands=", ".join(COMMANDS)))
    parser = Parser(
        prog=f"adviz {name}", description=text(f"cli.{name}"), epilog=text(f"cli.{name}.examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, add_help=False,
    )  # fmt: skip
    parser.add_argument("-h", "--help", action="store_true", help=text("cli.help"))
    COMMANDS[name].words(parser)
    if {"-h", "--help"} & set(rest):
        print(parser.format_help())
        return 0
    takes_formulas = name != "exercises"  # which has -o
    return COMMANDS[name].run(parser.parse_intermixed_args(list(map(positional, rest)) if takes_formulas else rest))


def overview() -> str:
    """What `adviz --help` says."""
    lines = [f"  adviz {name:<8} {text(f'cli.{name}')}" for name in COMMANDS]
    return "\n".join([text("cli.about"), "", *lines, "", text("cli.examples")])


def positional(word: str) -> str:
    """A formula such as -x^2 and a seed such as -1,0 are no options: with a space before it, argparse knows."""
    return f" {word}" if len(word) > 1 and word[0] == "-" and word[1] != "-" else word


def refused(message: str) -> int:
    """Tell on stderr why it cannot be done."""
    print(f"adviz: {message}", file=sys.stderr)
    return REFUSED


@contextmanager
def learners_code() -> Iterator[None]:
    """What the learner's code raises in here is an InputError that shows its line."""
    try:
        yield
    except (AdvizError, BrokenPipeError):
        raise
    except (Exception, SystemExit) as error:
        raise InputError(what_was_raised(error)) from None


def what_was_raised(error: BaseException) -> str:
    """An exception with the last line of the learner's that it came through; one that came through none is adviz's own."""
    raised = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, SyntaxError) and error.filename:
        return text("cli.unreadable", error=raised)
    steps = [(f, line) for f, line in traceback.walk_tb(error.__traceback__) if not is_internal(f.f_code) and f.f_code.co_filename[:1] != "<"]
    libraries = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    own = [step for step in steps if not step[0].f_code.co_filename.startswith(libraries)] or steps
    if not own:
        return text("cli.own_error", error=raised)
    frame, line = own[-1]
    file = frame.f_code.co_filename
    code = linecache.getline(file, line, frame.f_globals).strip()
    return text("cli.raised", error=raised, place=text("cli.place", file=file, line=line, function=frame.f_code.co_name, code=code))


def words_of_function(parser: argparse.ArgumentParser) -> None:
    """What `show` and `check` have in common: a function, and a point."""
    parser.add_argument("function", metavar="FUNCTION", help=text("cli.function"))
    parser.add_argument("point", metavar="NAME=VALUE", nargs="*", help=text("cli.values"))


def function_and_point(given: argparse.Namespace) -> tuple[Callable[..., Any], list[Any]]:
    """What stands in those words; a module is imported for it."""
    with learners_code():
        f = typed_function(given.function)
    return f, typed_point(f, given.point)


def words_of_show(parser: argparse.ArgumentParser) -> None:
    """A function, a point, a mode, and files to write."""
    words_of_function(parser)
    parser.add_argument("--mode", choices=MODES, default="values", help=text("cli.mode"))
    parser.add_argument("--seed", metavar="NUMBERS", help=text("cli.seed"))
    for name in FORMATS:
        if hasattr(Timeline, f"to_{name}"):
            parser.add_argument(f"--{name}", metavar="FILE", help=text(f"cli.{name}"))


def show(given: argparse.Namespace) -> int:
    """Print the table of a mode, and write the files."""
    f, point = function_and_point(given)
    seed = None if given.seed is None else typed_seed(given.seed)
    with told(text("cli.work.trace", function=function_name(f))):
        with learners_code():
            t = trace(f, *point)
        timeline = swept(t, given.mode, seed)
        table = str(timeline)
    files = {name: getattr(given, name) for name in FORMATS if getattr(given, name, None) is not None}
    if "-" not in files.values():
        print(table)
    for name, file in files.items():
        with told(text("cli.work.write", file=file)):
            _write(getattr(timeline, f"to_{name}"), file)
    return 0


def swept(t: Trace, mode: str, seed: tuple[Any, ...] | None) -> Timeline:
    """The timeline of that mode; a seed that is missing is asked for in the words of the command line."""
    if mode == "values":
        if seed is not None:
            raise InputError(text("cli.seed.values"))
        return values(t)
    ends = t.parameters if mode == "forward" else t.outputs
    if seed is None and len(ends) > 1:
        example = ",".join("1" if k == 0 else "0" for k in range(len(ends)))
        raise InputError(text(f"cli.seed.{mode}", function=t.function, count=len(ends), example=example))
    return (forward if mode == "forward" else reverse)(t, seed=seed)


def _write(export: Callable[[Path | None], Any], file: str) -> None:
    """Into the file; "-" is stdout."""
    if file != "-":
        export(Path(file))
        print(text("cli.written", file=file), file=sys.stderr)
        return
    content = export(None)
    if isinstance(content, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        print(content)


def check(given: argparse.Namespace) -> int:
    """Print how far all ways to differentiate agree."""
    from adviz.agreement import check as compare

    f, point = function_and_point(given)
    with told(text("cli.work.check", function=function_name(f))), learners_code():
        agreement = compare(f, *point)
    print(agreement)
    return 0 if agreement.ok else FAILED


def doctor(given: argparse.Namespace) -> int:
    """Print what adviz finds on this machine."""
    from adviz.checkup import doctor as examine

    with told(text("cli.work.doctor")):
        report = examine()
    print(report)
    return 0 if report.ok else FAILED


def words_of_lab(parser: argparse.ArgumentParser) -> None:
    """A folder, and how JupyterLab is opened."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help=text("cli.lab.folder"))
    parser.add_argument("--no-browser", action="store_true", help=text("cli.lab.no_browser"))
    parser.add_argument("--port", type=int, metavar="NUMBER", help=text("cli.lab.port"))
    parser.add_argument("--yes", action="store_true", help=text("cli.lab.yes"))


def lab(given: argparse.Namespace) -> int:
    """Open the lessons in JupyterLab."""
    from adviz.lessons import Lab, open_lab

    folder = Path(given.folder.strip()).resolve()
    if not folder.is_dir():
        raise InputError(text("cli.lab.no_folder", folder=folder))
    return open_lab(Lab(folder, not given.no_browser, given.port, partial(agreed, given.yes)))


def agreed(already: bool, question: str) -> bool:
    """Whether the learner agrees; nobody there to answer is no."""
    if already:
        return True
    print(question, end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return bool(answer) and answer.strip().lower() in ("", "y", "yes")


def words_of_grade(parser: argparse.ArgumentParser) -> None:
    """Results, the key they are marked by, and files to write."""
    parser.add_argument("results", metavar="RESULTS", nargs="+", help=text("cli.grade.results"))
    parser.add_argument("--key", metavar="KEY", help=text("cli.grade.key"))
    for name in ("html", "csv"):
        parser.add_argument(f"--{name}", metavar="FILE", help=text(f"cli.grade.{name}"))


def grade(given: argparse.Namespace) -> int:
    """Mark results again from what was typed; a line that cannot be marked is named and the rest goes on."""
    from adviz.exercises import keys, marking, summary

    key = None if given.key is None else keys.read_key(given.key.strip())
    with told(text("cli.work.grade")):
        report = marking.grade([file.strip() for file in given.results], key)
    files = {"html": (given.html, summary.as_html), "csv": (given.csv, summary.as_csv)}
    if "-" not in (given.html, given.csv):
        print(summary.as_text(report))
    for file, written in files.values():
        if file is not None:
            _put(written(report), file)
    for problem in report.problems:
        print(summary.printable(str(problem)), file=sys.stderr)
    return FAILED if report.problems else 0


def words_of_exercises(parser: argparse.ArgumentParser) -> None:
    """Keys, and where the answers go."""
    parser.add_argument("--key", metavar="KEY", nargs="+", help=text("cli.exercises.key"))
    parser.add_argument("--seed", metavar="TEXT", action="append", default=[], help=text("cli.exercises.seed"))
    parser.add_argument("--lang", metavar="LANGUAGES", default="", help=text("cli.exercises.lang"))
    parser.add_argument("-o", "--output", metavar="FILE", help=text("cli.exercises.output"))


def exercises(given: argparse.Namespace) -> int:
    """The answers to a key, as text or as one page."""
    from adviz.exercises import keys, summary

    if not given.key:
        raise InputError(text("cli.exercises.none"))
    languages = [known(language.strip()) for language in given.lang.split(",") if language.strip()]
    with told(text("cli.work.exercises")):
        tasks = [task for file in given.key for task in keys.read_key(file.strip()).tasks([seed.strip() for seed in given.seed])]
        if given.output is not None:
            _put(summary.key_page(tasks, languages), given.output.strip())
    if given.output is None:
        print(summary.key_text(tasks))
    return 0


def _put(content: str, file: str) -> None:
    """Text into a file; "-" is stdout."""
    _write(lambda path: content if path is None else path.write_text(content, encoding="utf-8"), file)


COMMANDS = {
    "show": Command(show, words_of_show),
    "check": Command(check, words_of_function),
    "lab": Command(lab, words_of_lab),
    "doctor": Command(doctor, lambda parser: None),
    "grade": Command(grade, words_of_grade),
    "exercises": Command(exercises, words_of_exercises),
}
