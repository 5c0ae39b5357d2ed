"""Every error of adviz: one family, each also the built-in error a Python programmer would expect."""


class AdvizError(Exception):
    """Anything adviz refuses. Its text says what happened, where, and what to write instead."""


class TracedValueError(AdvizError, TypeError):
    """A traced value was asked to become a plain number, or was used after its trace had ended."""


class MissingAttribute(TracedValueError, AttributeError):
    """A traced value was asked for something that only plain numbers or arrays have."""


class InputError(AdvizError, TypeError):
    """An input, a seed or a number of arguments that cannot be differentiated."""


class InputRangeError(AdvizError, OverflowError):
    """An input too large for a floating-point number."""


class OutputError(AdvizError, TypeError):
    """The function returned something that is not a number."""


class RowError(AdvizError, ValueError):
    """A row of the table that cannot be read: its text is not a formula in a, b and v."""


class FormulaError(AdvizError, ValueError):
    """A formula typed as text that cannot be read."""


class DocumentError(AdvizError, ValueError):
    """A file or text that is not a trace document of a version this adviz reads."""


class UnsupportedError(AdvizError, NotImplementedError):
    """Something adviz does not differentiate; its text names what to write instead."""


class TransformError(UnsupportedError, SyntaxError):
    """A construct of Python that source transformation does not take; points at the learner's file, line and column."""

    __init__ = SyntaxError.__init__
    __str__ = SyntaxError.__str__


class BudgetError(AdvizError, RuntimeError):
    """A limit on operations, nodes or rows was reached."""
