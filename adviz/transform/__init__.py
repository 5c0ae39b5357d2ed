"""Source transformation: the derivative of a function as a program."""

from adviz.transform.program import Program, source

__all__ = ["Program", "source"]
