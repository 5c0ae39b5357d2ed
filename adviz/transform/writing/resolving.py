"""The backward part with its loops: their headers count backwards, and each pass gets back what it kept."""

from __future__ import annotations

from adviz.transform.statements import Function, Loop
from adviz.transform.values import Var
from adviz.transform.writing.adjoints import Backward
from adviz.transform.writing.keeping import Kept, loops, stack
from adviz.transform.writing.lines import Assign, Line, Raw, tokens
from adviz.transform.writing.shares import Header, Restore


def resolve(function: Function, backward: Backward, kept: Kept, variables: list[Var]) -> list[Line]:
    """The backward part with the headers of its loops, and with the values its regions get back."""
    blocks = backward.blocks
    run = {line.loop for line in backward.lines if isinstance(line, Header)}
    zipped: set[Loop] = set()
    for loop in loops(function.region):
        if loop not in run:
            continue
        counted = any((u.id, ".") in kept.needed for u in loop.targets)
        if kept.stacked.get(loop.body) and not (loop.body.parent is not None and loop.body.parent.repeated):
            zipped.add(loop)
        elif loop.count is not None:
            kept.require(loop.count)
        if counted or (loop not in zipped and loop.count is None):
            for n, _ in tokens(loop.iterable):
                kept.require(variables[n])
    for loop in zipped:
        items = kept.stacked[loop.body]
        if blocks is not None and all(kind == "." for _, kind in items):
            blocks.merge(loop, [variables[n] for n, _ in items])
    lines: list[Line] = []
    for line in backward.lines:
        match line:
            case Header(depth=depth, loop=loop):
                lines.append(Raw(depth, header(loop, kept, loop in zipped, None if blocks is None else blocks.again(loop.body)), loop.at))
            case Restore(depth=depth, region=region):
                items = kept.stacked.get(region, []) if not (region.loop in zipped and region is region.loop.body) else []
                lines += [Raw(depth, f"\x01{n}{kind} = {stack(n, kind)}.pop()", None) for n, kind in reversed(items)]
                lines += [Assign(depth, u.token, ("text", u.by.text), False, u.by.at) for u in sorted(kept.again.get(region, []), key=lambda u: u.id)]
            case _:
                lines.append(line)
    return lines


def header(loop: Loop, kept: Kept, zipped: bool, recorded: tuple[str, str] | None) -> str:
    """The header of a loop that runs backwards: counters and kept values, the last ones first."""
    items = [(f"\x01{n}{kind}", stack(n, kind)) for n, kind in kept.stacked.get(loop.body, [])] if zipped else []
    items = items if recorded is None else [recorded]
    sources = []
    if any((u.id, ".") in kept.needed for u in loop.targets):
        ended = loop.count is not None
        passes = f"[:len({items[0][1]})]" if ended and items else f"[:{loop.count.token}]" if loop.count is not None else ""
        sources.append((loop.pattern, f"reversed({loop.iterable}{passes})"))
    sources += [(item, f"reversed({itself})") for item, itself in items]
    if not sources:
        return f"for _ in range({loop.count.token}):" if loop.count is not None else f"for _ in {loop.iterable}:"
    if len(sources) == 1:
        return f"for {sources[0][0]} in {sources[0][1]}:"
    return f"for {', '.join(target for target, _ in sources)} in zip({', '.join(source for _, source in sources)}):"
