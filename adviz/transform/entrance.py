"""What a call of a program runs first: straight through, where floats go in and ordinary numbers come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.transform import compiled
from adviz.transform.reading.learner import MISSING
from adviz.transform.values import NUMBER, Container
from adviz.transform.versions import Version, body_text, inner_text
from adviz.transform.writing.filling import Assembled
from adviz.transform.writing.forwards import listed
from adviz.transform.writing.lines import Assign, Copies, Line
from adviz.transform.writing.names import WORD
from adviz.transform.writing.rules import written

FLAT = (NUMBER, Container(NUMBER))  # kinds of arguments that are looked at one by one


def entrance(version: Version, mode: str, wrt: Any, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """What a call runs first: straight through on floats, where the numbers that come out are ordinary; `otherwise`, else.

    `mode` is "reverse", "forward" or "record".
    """
    simple = not version.facts.arrays and all(kind in FLAT for kind in version.kinds.values()) and not any("[" in name for name in version.kinds)
    first = version.entrance(mode, wrt) if simple else None
    if first is None:
        return through(mode, otherwise)
    name, namespace = version.function.name, version.namespace(first[0]) | {"otherwise": otherwise, "missing": MISSING}
    return compiled.function(framed(version, "seed, wrt" if mode == "forward" else "y_bar", *first), name, namespace)


def framed(version: Version, seeds: str, assembled: Assembled, lines: list[Line], result: str) -> str:
    """The program between the tests of what goes in and of what comes out."""
    names = assembled.arguments
    rest, is_missing = ("*rest", "not rest") if takes_more(version) else ("rest", "rest is missing")
    tests = [*(f"{seed} is None" for seed in seeds.split(", ")), is_missing]
    kinds = zip(names, version.kinds.values(), strict=True)
    tests += [f"{name}.__class__ is float" if kind == NUMBER else f"is_floats({name})" for name, kind in kinds]
    parameters = [*(f"{name}=missing" for name in names), "rest=missing" if rest == "rest" else rest, *(f"{seed}=None" for seed in seeds.split(", "))]
    whole = listed([*names, rest])
    overwritten = any(name in names for line in lines for name in assigned_names(line))
    source = [
        *inner_text(assembled),
        f"def {version.function.name}({', '.join(parameters)}):",
        f"    if {' and '.join(tests)}:",
        *([f"        given = {whole}"] if overwritten else []),
        "        try:",
        *body_text(lines, 2),
        f"            if {sound(assembled)}:",
        f"                return {result}",
        "        except FLOAT_ERRORS:",
        "            pass",
        f"        return otherwise({'given' if overwritten else whole}, {', '.join('None' for _ in seeds.split(', '))})",
        f"    return otherwise({whole}, {seeds})",
        "",
    ]
    return "\n".join(source)


def takes_more(version: Version) -> bool:
    """Whether there may be more arguments than the program has: a place for one costs less than *rest, which takes any number of them."""
    a = version.of.node.args
    positional = len(a.args) + len(a.posonlyargs) - len(version.of.bound)
    return bool(a.vararg or a.kwarg or a.kwonlyargs) or len(version.kinds) < positional


def assigned_names(line: Line) -> list[str]:
    """The names a line sets."""
    match line:
        case Assign(target=target):
            return [target]
        case Copies(pairs=pairs):
            return [target for target, _ in pairs]
    text = line.text
    return WORD.findall(text.partition(" in ")[0].removeprefix("for ") if text.startswith("for ") else text.partition(" = ")[0])


def through(mode: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The entrance of a program whose arguments must be looked at first."""
    if mode == "forward":
        return lambda *arguments, seed=None, wrt=None: otherwise(arguments, seed, wrt)
    return lambda *arguments, y_bar=None: otherwise(arguments, y_bar)


def sound(assembled: Assembled) -> str:
    """The condition under which the numbers are those of a trace: they are finite, so that no nan and no infinite slope is hidden, and no
    derivative is 0 that might be 0 because nothing arrived."""
    numbers = [written(tree) for tree, is_list in zip(assembled.derivatives, assembled.lists, strict=True) if not is_list and tree[0] != "number"]
    lists = [written(tree) for tree, is_list in zip(assembled.derivatives, assembled.lists, strict=True) if is_list]
    total = " + ".join([*assembled.outputs, *numbers])
    tests = [f"({total}) * 0.0 == 0.0"] if total else []
    tests += [f"is_plain({u})" if assembled.uncertain else f"is_finite({u})" for u in lists]
    if assembled.uncertain and numbers:
        tests.append(f"{' != 0.0 != '.join(numbers)}{' != 0.0' if len(numbers) % 2 else ''}")
    return " and ".join(tests) or "True"
