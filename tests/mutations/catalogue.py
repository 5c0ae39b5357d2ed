"""The mistakes: in which file, which text (it occurs once) becomes which, and what kind of slip that is.

Every slip is one that somebody made once, in this or another engine: a sign, a factor, two partials exchanged, a share that replaces
the sum, a seed that is lost, the wrong trace among several.
"""

from __future__ import annotations

from typing import NamedTuple

# Which tests look at which part, the quickest first. The run ends at the first failure.
TABLE = ("tests/test_operators.py", "tests/test_table.py")
SWEEPS = ("tests/test_sweeps.py", "tests/test_operators.py")
NESTING = ("tests/test_operators.py", "tests/test_nesting.py")
TRACING = ("tests/test_trace.py", "tests/test_sweeps.py", "tests/test_ordering.py", "tests/test_bad_input.py")
LATTICE = ("tests/test_lattice.py",)
PRECISION = ("tests/test_precision.py",)
ARRAYS = ("tests/test_structural.py", "tests/test_arrays.py")


class Mutation(NamedTuple):
    """One mistake: adviz/<file>, the text that is there, what takes its place, what kind of slip it is, which tests must see it."""

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]


# fmt: off
MUTATIONS: tuple[Mutation, ...] = (
    # rules of the table
    Mutation("table.py", '"a - b",               "1",                                "-1"', '"a - b",               "1",                                "1"', "a lost sign: ∂(a-b)/∂b", TABLE),
    Mutation("table.py", '"a * b",               "b",                                "a"', '"a * b",               "a",                                "b"', "partials exchanged: the product", TABLE),
    Mutation("table.py", '"1 / b",                            "-v / b"', '"1 / b",                            "v / b"', "a lost sign: the quotient", TABLE),
    Mutation("table.py", '"2 * a"', '"a"', "a lost factor: the square", TABLE),
    Mutation("table.py", '"1 / (2 * unsigned(v))"', '"1 / unsigned(v)"', "a lost factor: the root", TABLE),
    Mutation("table.py", '"1 / (3 * v * v)"', '"1 / (3 * v)"', "a lost power: the cube root", TABLE),
    Mutation("table.py", 'row(np.cos,          "cos(a)",              "-sin(a)")', 'row(np.cos,          "cos(a)",              "sin(a)")', "a lost sign: the cosine", TABLE),
    Mutation("table.py", '"cosh(a)",             "sinh(a)")', '"cosh(a)",             "-sinh(a)")', "a sign too many, as for cos: the hyperbolic cosine", TABLE),
    Mutation("table.py", '"1 + v * v"', '"1 - v * v"', "tan taken for tanh", TABLE),
    Mutation("table.py", '"1 / (1 + a * a)"', '"1 / (1 - a * a)"', "arctan taken for arctanh", TABLE),
    Mutation("table.py", '"sech(a) * sech(a)"', '"sech(a)"', "a lost square: tanh", TABLE),
    Mutation("table.py", '"v * log(2)"', '"v"', "the inner derivative forgotten: 2**a", TABLE),
    Mutation("table.py", '"1 / (unsigned(a) * log(10))"', '"1 / unsigned(a)"', "the inner derivative forgotten: log10", TABLE),
    Mutation("table.py", '"unit(b, a) / hypot(a, b)",         "-unit(a, b) / hypot(a, b)")', '"-unit(a, b) / hypot(a, b)",        "unit(b, a) / hypot(a, b)")', "arctan2 with its operands exchanged", TABLE),
    Mutation("table.py", 'row(np.maximum,      "maximum(a, b)",       "step(a, b)",                       "step(b, a)"', 'row(np.maximum,      "maximum(a, b)",       "step(b, a)",                       "step(a, b)"', "max with min's slopes", TABLE),
    Mutation("table.py", '"1",                                "-(a // b)"', '"1",                                "0"', "a % b as if constant in b", TABLE),
    Mutation("table.py", '"v * logistic(-a)"', '"v * logistic(a)"', "the logistic function's second factor", TABLE),
    Mutation("table.py", '"-v * tanh(a)"', '"v * tanh(a)"', "wrong only from the second derivative on: sech", TABLE),
    Mutation("table.py", '"power_2_0(a, b)",                  "power_1_1(a, b)"', '"power_2_0(a, b)",                  "power_0_2(a, b)"', "wrong only in a mixed second derivative of a power", TABLE),
    Mutation("table.py", '"unit(b, a) * unit(b, a) / hypot(a, b)"', '"unit(a, b) * unit(b, a) / hypot(a, b)"', "wrong only from the second derivative on: hypot", TABLE),
    Mutation("table.py", '(f"sinc_{n + 1}(a)",)', '(f"sinc_{n}(a)",)', "a family of derivatives that stops climbing", TABLE),
    # kernels: guards and conventions
    Mutation("kernels.py", "else 0.5 if a == b else", "else 1.0 if a == b else", "the tie goes to one side", TABLE),
    Mutation("kernels.py", "return b * power(a, b - 1) if b != 0 else 0.0", "return b * power(a, b - 1) if a != 0 else 0.0", "a guard on the base in place of the exponent", TABLE),
    Mutation("kernels.py", "        if logs and a == 0 and exponent > 0:\n            return 0.0\n", "", "0 to a power times its logarithm: 0 · ∞", TABLE),
    Mutation("kernels.py", "    if k > 0 and a < 0:\n        return math.nan\n", "    if k > 0 and a < 0:\n        a = -a\n", "a logarithm of |a| in place of an undefined one", TABLE),
    Mutation("kernels.py", "return a / h if h != 0 else a * 0.0", "return a / h if h != 0 else 1.0", "another subgradient of hypot at the origin", TABLE),
    Mutation("kernels.py", "-1.0 if a < 0 else a * 0.0 if a == 0 else math.nan", "-1.0", "|a| has the slope -1 at 0", TABLE),
    # what is recorded
    Mutation("generate.py", '("other", "self.value"), "self", ("a", "self.index"), (1,)', '("other", "self.value"), "self", ("a", "self.index"), (0,)', "a constant on the left: the partial of the wrong operand", TABLE),
    Mutation("generate.py", '        "        if other.tape is tape:",\n', '        "        if True:",\n', "two traces taken for one", NESTING),
    Mutation("generate.py", 'undefined = f"if v != v: return {otherwise}"', 'undefined = "pass"', "an undefined value with a defined slope", TABLE),
    Mutation("recording.py", "return max(tapes, key=lambda tape: tape.depth, default=None)", "return min(tapes, key=lambda tape: tape.depth, default=None)", "the outermost trace records in place of the innermost", NESTING),
    Mutation("recording.py", "mine = [isinstance(u, Handle) and u.tape is tape for u in operands]", "mine = [isinstance(u, Handle) for u in operands]", "an outer number taken for the inner trace's: perturbation confusion", NESTING),
    Mutation("recording.py", "    if undefined:  # nan", "    if False:  # nan", "an undefined value with a defined slope, in nested traces", TABLE),
    Mutation("recording.py", "    while isinstance(u, Handle):\n        u = u.value\n    return u\n", "    return u.value if isinstance(u, Handle) else u\n", "stop_gradient peels one trace only", NESTING),
    Mutation("tape.py", "        self.depth = next(depths)\n", "        self.depth = 0\n", "all traces are equally deep", NESTING),
    Mutation("tape.py", '        self.__class__ = ClosedTape  # type: ignore[assignment]\n', "", "a run that is over goes on recording", TRACING),
    Mutation("tape.py", "self.inputs = range(1 - len(numbers), 1)", "self.inputs = range(-len(numbers), 0)", "inputs numbered off by one", SWEEPS),
    # sweeps
    Mutation("sweeps.py", "v_dot = term if v_dot is None else v_dot + term", "v_dot = term", "a tangent that keeps its last term only", SWEEPS),
    Mutation("sweeps.py", "adjoint[j] = share if before is None else before + share", "adjoint[j] = share", "an adjoint that is overwritten: a missing accumulation", SWEEPS),
    Mutation("sweeps.py", "adjoint[i] = y_bar if adjoint[i] is None else adjoint[i] + y_bar", "adjoint[i] = y_bar", "an output named twice is seeded once", SWEEPS),
    Mutation("sweeps.py", "return [(u if u != 0 else None) if u.__class__ in (float, int) else partly(u) for u in seed]", "return list(seed)", "a seed of 0 meets infinity", ("tests/test_sweeps.py", "tests/test_arrays.py")),
    Mutation("sweeping.py", "    return [None if u.__class__ in (float, int) and u == 0 else u for u in seed]", "    return list(seed)", "a seed of 0 meets infinity, in the numeric reading", SWEEPS),
    Mutation("generate_sweeps.py", "ast.BinOp(node.args[1], ast.Mult(), ", "ast.BinOp(node.args[1], ast.Add(), ", "the generated sweep adds where it multiplies", SWEEPS),
    Mutation("generate_sweeps.py", 'ast.unparse(_Operand(k).visit', 'ast.unparse(_Operand(0).visit', "the generated sweep sends both shares to the first operand", SWEEPS),
    Mutation("generate_sweeps.py", '"islice(reversed(adjoint), len(trace.inputs) - 1, len(adjoint) - 1)"', '"islice(reversed(adjoint), len(trace.inputs), len(adjoint))"', "adjoints read off by one", SWEEPS),
    Mutation("wengert.py", "if self.maps else v_bar * self.partials[k]", "if self.maps else v_bar + self.partials[k]", "the stepwise share adds where it multiplies", SWEEPS),
    Mutation("wengert.py", "return Assignment(i, row, (a, b), value, (p, q), position, label)", "return Assignment(i, row, (a, b), value, (q, p), position, label)", "the trace shows partials exchanged", TRACING),
    # operators
    Mutation("operators.py", "        return mine(result, seed)\n", "        return tuple(result)\n", "a derivative shares its memory with the seed", ARRAYS),
    Mutation("operators.py", "    seed[k] = 1.0\n    if np.ndim(leaves[k]):", "    seed[0] = 1.0\n    if np.ndim(leaves[k]):", "always the first unit vector of a Jacobian", TABLE),
    Mutation("operators.py", "        x_bar = self.per_argument(self._reverse((1.0,)))", "        x_bar = self.per_argument(self._reverse((2.0,)))", "a seed of 2", TABLE),
    Mutation("operators.py", "outer, _, inner = mode.partition(\"-over-\")", "inner, _, outer = mode.partition(\"-over-\")", "the Hessian's modes exchanged", ("tests/test_nesting.py",)),
    # the textbook's order
    Mutation("ordering.py", "order = sorted(range(len(units)), key=depths.__getitem__)", "order = list(range(len(units)))", "evaluation order in place of the textbook's", TRACING),
    Mutation("ordering.py", "depths.append(1 + max(before, default=0))", "depths.append(max(before, default=0))", "levels that do not rise", TRACING),
    # arrays
    Mutation("structural.py", "    total = np.sum(share, axis=repeated) if repeated else share\n", "    total = share\n", "a broadcast operand's share not summed", ARRAYS),
    Mutation("reductions.py", "    return spread(v_bar / count_over(a, axis), a, axis, keepdims)\n", "    return spread(v_bar, a, axis, keepdims)\n", "the mean without its 1/n", ARRAYS),
    Mutation("reductions.py", "    return (hit / np.sum(hit, axis=axis, keepdims=True)).astype(", "    return (hit * 1.0).astype(", "a tie of max counted in full for each", ARRAYS),
    Mutation("shapes.py", "np.add.at(out, key, a)  # an index may name an entry twice", "out[key] = a", "an entry named twice gets one share", ARRAYS),
    Mutation("reductions.py", "np.flip(np.cumsum(np.flip(v_bar, axis), axis=axis), axis)", "np.cumsum(v_bar, axis=axis)", "cumsum's adjoint runs the wrong way", ARRAYS),
    Mutation("shapes.py", "else select(0.0, u_dot, condition=condition)", "else select(u_dot, 0.0, condition=condition)", "where: the branch that was not taken", ARRAYS),
    Mutation("reductions.py", "* (2.0 / (count_over(a, axis) - ddof))", "* (2.0 / count_over(a, axis))", "the variance without ddof", ARRAYS),
    Mutation("matrices.py", "np.matmul(v_bar, transposed(b_2)) if k == 0", "np.matmul(v_bar, b_2) if k == 0", "a lost transposition: right for symmetric matrices only", ARRAYS),
    Mutation("matrices.py", "        return unbroadcast(-np.expand_dims(b_bar, -1)", "        return unbroadcast(np.expand_dims(b_bar, -1)", "a lost sign: solve", ARRAYS),
    Mutation("matrices.py", "b_bar = np.linalg.solve(transposed(a), v_bar)", "b_bar = np.linalg.solve(a, v_bar)", "a lost transposition: solve", ARRAYS),
    Mutation("matrices.py", "    return (s + transposed(s)) * _lower(a, 0.5)\n", "    return (s + transposed(s)) * _lower(a, 1.0)\n", "Cholesky's diagonal counted twice", ARRAYS),
    Mutation("elementary.py", "            return flow if constant == 1.0 else -flow\n", "            return flow\n", "a lost sign of a constant partial on arrays", ARRAYS),
    # precision
    Mutation("reductions.py", ".astype(precision(a))", ".astype(float)", "max in double precision whatever its operand", PRECISION),
    Mutation("readings.py", "python(_with_plain_constants(tree), ", "python(tree, ", "log(2) of NumPy's makes double precision of a partial", PRECISION),
    Mutation("linear.py", "np.asarray(partial, precision(self.value))", "np.asarray(partial)", "a partial of 1 in double precision", PRECISION),
    Mutation("operators.py", "return float(u) if u == 0 or", "return float(u) if", "a seed of 0 in few digits starts a path", PRECISION),
    Mutation("paths.py", "return Paths(np.where(kinds != 0, self.flow * partial, 0.0), kinds)", "return Paths(self.flow * partial, kinds)", "0 · ∞ in an entry that is out of reach", ARRAYS),
    Mutation("paths.py", "UP: VOID, DOWN: VOID, VOID: VOID}", "UP: ZERO, DOWN: ZERO, VOID: VOID}", "0 · ∞ along a path taken for 0", LATTICE),
    Mutation("paths.py", "void = (kinds & VOID != 0) | ((kinds & UP != 0) & (kinds & DOWN != 0))", "void = kinds & VOID != 0", "∞ - ∞ taken for ∞", ARRAYS),
)
# fmt: on
