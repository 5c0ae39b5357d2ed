"""Which numbers change with the parameters that a tangent program is asked for."""

from __future__ import annotations

from adviz.transform.statements import Apply, Call, Function, If, Loop, Mirror, Op, Region
from adviz.transform.values import Var


def moving(function: Function, still: set[int]) -> set[int]:
    """The numbers that change with the parameters that do: all that are computed from them."""
    found = {u.id for u in function.parameters if u.id not in still}
    while True:
        size = len(found)
        spread_along(function.region, found)
        if len(found) == size:
            return found


def spread_along(region: Region, found: set[int]) -> None:
    """One more step: what is computed from what changes, changes."""
    for s in region.statements:
        match s:
            case Op(var=var, operands=operands):
                if any(isinstance(u, Var) and (u.id in found or (u.root is not None and u.root.id in found)) for u in operands):
                    found.add(var.id)
            case Mirror(var=Var() as var) | Apply(var=var):
                found.add(var.id)
            case Call(results=several):
                found.update(u.id for u in several)
            case If():
                spread_along(s.then, found)
                spread_along(s.other, found)
                found.update(m.var.id for m in s.merges if any(isinstance(u, Var) and u.id in found for u in (m.then, m.other)))
            case Loop():
                spread_along(s.body, found)
                for c in s.carried:
                    if any(isinstance(u, Var) and u.id in found for u in (c.first, c.next)):
                        found |= {c.head.id, c.out.id}
