"""20,000 random programs against the 80-digit oracle in every mode, counterexamples shrunk and kept (reliability.md C2, C6)."""

from __future__ import annotations

import math
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from importlib import import_module
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
import pytest

import adviz
from tests import counterexamples
from tests.modes import FIRST_OF_NUMBERS, by_general_program, has_source
from tests.oracle import Judged, Undecided, gradients, judge
from tests.program_text import compiled, forget, text
from tests.random_programs import OPERATIONS, Program, execute, grown
from tests.shrinking import shrunk, size

OF_SOURCE = ["source", "program"] if has_source() else []
ROWS = FIRST_OF_NUMBERS | {"source": by_general_program}
MODES = ["jacobian, forward", "jacobian, reverse", *OF_SOURCE]
EIGHT_BITS = 256  # entries of which the oracle says that rounding takes at most so many units in the last place


class Outcome(NamedTuple):
    """What became of a program: what was wrong, if anything; the accuracy of each entry; why it could not be judged."""

    wrong: str
    ulps: list[float]
    undecided: str
    refused: tuple[str, ...] = ()


def outcome(program: Program, modes: Iterable[str]) -> Outcome:
    f, point = compiled(program), tuple(program.point.values())
    try:
        true = gradients(f, point)
    except Undecided as reason:
        return Outcome("", [], str(reason))
    else:
        wrong, ulps, refused = "", [], []
        for mode in modes:
            try:
                found = ROWS[mode](f, point)
            except SyntaxError:
                if mode not in OF_SOURCE:
                    raise
                refused.append(mode)
                continue
            pairs = [(x, judged) for row, rows in zip(found, true) for x, judged in zip(row, rows)]
            wrong = wrong or next((complaint(mode, x, judged) for x, judged in pairs if not judged.accepts(x)), "")
            ulps += [judged.ulps(x) for x, judged in pairs if is_firm(judged)]
        return Outcome(wrong, ulps, "", tuple(refused))
    finally:
        forget(f)


def is_firm(judged: Judged) -> bool:
    """Whether the program itself keeps the number's digits."""
    return bool(judged.true) and judged.bound <= EIGHT_BITS * math.ulp(float(judged.true))


def complaint(mode: str, found: float, judged: Judged) -> str:
    return f"{mode} says {found!r}; it is {float(judged.true)!r}, and rounding explains {judged.bound:.1e}"


def as_counterexample(program: Program, what: str) -> str:
    """The text of a module for tests/counterexamples."""
    return f'"""{what}."""\n\nimport numpy as np\n\nPOINT = {tuple(program.point.values())!r}\n\n\n{text(program)}'


class Survey(NamedTuple):
    """What became of many programs: the accuracy of each entry, why some could not be judged, how many there were and how many of them
    each mode refused; the seed of the first that is wrong."""

    ulps: list[float]
    undecided: Counter[str]
    refused: Counter[str]
    count: int
    wrong: int | None

    def and_(self, other: Survey) -> Survey:
        wrong = min((seed for seed in (self.wrong, other.wrong) if seed is not None), default=None)
        return Survey(self.ulps + other.ulps, self.undecided + other.undecided, self.refused + other.refused, self.count + other.count, wrong)


def survey(seeds: Sequence[int], modes: Sequence[str]) -> Survey:
    """Run these programs, up to the first that is wrong."""
    ulps, undecided, refused = list[float](), Counter[str](), Counter[str]()
    with np.errstate(all="ignore"):
        for count, seed in enumerate(seeds, 1):
            result = outcome(grown(seed), modes)
            if result.wrong:
                return Survey(ulps, undecided, refused, count, seed)
            ulps += result.ulps
            undecided[result.undecided] += 1
            refused.update(result.refused)
    return Survey(ulps, undecided, refused, len(seeds), None)


def examine(seeds: range, modes: Sequence[str]) -> Survey:
    """Run these programs on all processors; fail with a shrunk one if any is wrong."""
    parts = [seeds[k : k + 250] for k in range(0, len(seeds), 250)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:  # a fork would copy the threads that other tests have started
        found = reduce(Survey.and_, pool.map(survey, parts, [modes] * len(parts)))
    if found.wrong is not None:
        with np.errstate(all="ignore"):
            small = shrunk(grown(found.wrong), lambda p: bool(outcome(p, modes).wrong))
            text = as_counterexample(small, outcome(small, modes).wrong)
        pytest.fail(f"seed {found.wrong}; paste into tests/counterexamples:\n\n{text}", pytrace=False)
    return found


def report(found: Survey) -> list[float]:
    """Print the accuracy and return the shares within 1, 4 and 16 units in the last place."""
    shares = [sum(u <= k for u in found.ulps) / len(found.ulps) for k in (1, 4, 16)]
    print(
        f"\n{found.count} programs in {', '.join(MODES)}; {found.count - found.undecided['']} undecided, refused: {dict(found.refused)}, "
        f"{len(found.ulps)} firm entries; within 1, 4, 16 ulp: " + ", ".join(f"{s:.2%}" for s in shares)
    )
    return shares


def test_500_random_programs_are_right_in_every_mode() -> None:
    found = examine(range(500), MODES)
    shares = report(found)
    assert found.count == 500
    assert found.undecided[""] >= 0.97 * found.count, found.undecided
    assert not found.refused
    assert len(found.ulps) > 500
    assert all(share >= goal for share, goal in zip(shares, (0.78, 0.94, 0.98))), shares


@pytest.mark.long
def test_20000_random_programs_are_right_in_every_mode() -> None:
    found = examine(range(20_000), MODES)
    shares = report(found)
    assert found.count == 20_000
    assert found.undecided[""] >= 0.97 * found.count, found.undecided
    assert sum(found.refused.values()) <= 0.01 * found.count
    assert all(share >= goal for share, goal in zip(shares, (0.78, 0.94, 0.98))), shares


def test_100_random_programs_have_the_oracles_hessians() -> None:
    judged, wrong = 0, []
    for seed in range(100_000, 100_100):
        program = grown(seed)._replace(outputs=("y",))
        f, point = compiled(program), tuple(program.point.values())
        n = len(point)
        try:
            [true] = judge(f, point, 2)
        except Undecided:
            continue
        for pair in ("forward-over-reverse", "reverse-over-reverse"):
            with np.errstate(all="ignore"):
                H = np.asarray(adviz.hessian(f, mode=pair)(*point)).reshape(n, n)
            for i in range(n):
                for j in range(n):
                    entry = true[tuple((k == i) + (k == j) for k in range(n))]
                    judged += 1
                    if not entry.accepts(H[i, j]):
                        wrong.append((seed, pair, i, j, complaint(pair, H[i, j], entry)))
        forget(f)
    assert not wrong, wrong[:3]
    assert judged > 600


@pytest.mark.skipif(not has_source(), reason="this adviz has no source transformation yet")
def test_source_transformation_accepts_random_programs() -> None:
    refused = []
    for seed in range(200):
        f = compiled(grown(seed))
        try:
            adviz.source(f)
        except SyntaxError as error:
            refused.append((seed, str(error)[:80]))
    assert len(refused) <= 20, refused[:5]


def test_the_programs_are_varied_and_use_every_operation() -> None:
    programs = [grown(seed) for seed in range(500)]
    texts = [text(program) for program in programs]
    missing = [row for row, (_, written, _) in OPERATIONS.items() if not any(written.split("{}")[0].strip() in t or row in repr(p) for t, p in zip(texts, programs))]
    assert not missing
    assert all(row in "".join(map(repr, programs)) for row in OPERATIONS)
    for word, share in {"    if ": 0.15, "for _ in range": 0.2, "while ": 0.03, "def helper": 0.1, " += ": 0.3, "return y, ": 0.1}.items():
        assert sum(word in t for t in texts) >= share * len(texts), word
    assert {len(program.point) for program in programs} == {1, 2, 3, 4}
    assert len(set(texts)) == len(texts)


def test_a_seed_always_grows_the_same_program_and_its_text_means_what_the_tree_does() -> None:
    for seed in range(50):
        program = grown(seed)
        assert text(program) == text(grown(seed))
        scope = dict(program.point)
        with np.errstate(all="ignore"):
            execute(program.body, scope, program.helper)
            y = compiled(program)(*program.point.values())
        assert (y if isinstance(y, tuple) else (y,)) == pytest.approx([scope[name] for name in program.outputs], rel=1e-12)


def wrong_sine(program: Program) -> bool:
    """Stands in for a broken rule: whatever has a sine in it and still depends on it is wrong."""
    f, point = compiled(program), tuple(program.point.values())
    broken: dict[str, Any] = {"np": Broken()}
    exec(compile(text(program), "<broken>", "exec"), broken)  # noqa: S102 - the generator's own text
    with np.errstate(all="ignore"):
        return bool(np.any(np.abs(np.ravel(f(*point)) - np.ravel(broken["f"](*point))) > 1e-6))


class Broken:
    """NumPy with another sine."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return (lambda x: np.sin(x) + 0.125) if name == "sin" else getattr(np, name)


def test_a_failing_program_is_shrunk_to_what_fails() -> None:
    failing = next(program for seed in range(200) if wrong_sine(program := grown(seed)) and size(program) > 600)
    small = shrunk(failing, wrong_sine)
    assert wrong_sine(small)
    assert text(small).count("np.") == 1
    assert len(text(small).splitlines()) <= 5
    assert "POINT = (" in as_counterexample(small, "an example")


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(counterexamples.__path__)])
@pytest.mark.parametrize("mode", FIRST_OF_NUMBERS)
def test_a_kept_counterexample_is_right_now(name: str, mode: str) -> None:
    example = import_module(f"tests.counterexamples.{name}")
    assert example.__doc__
    expected = getattr(example, "EXACT", None)
    with np.errstate(all="ignore"):
        try:
            found = FIRST_OF_NUMBERS[mode](example.f, example.POINT)
        except SyntaxError as refusal:
            assert mode in OF_SOURCE
            pytest.skip(f"source transformation refuses this program: {str(refusal).splitlines()[0]}")
    if expected is not None:
        assert np.ravel(found).tolist() == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)
    else:
        assert all(judged.accepts(x) for row, rows in zip(found, gradients(example.f, example.POINT)) for x, judged in zip(row, rows))
