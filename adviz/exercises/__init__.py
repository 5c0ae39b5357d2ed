"""Exercises: asked before told. Every one is a function, a point, a mode and the cells that are asked for; answers are computed.

>>> from adviz import exercises as ex
>>> q = ex.predict("ln(x1) + x1*x2 - sin(x2)", at=(2, 5), mode="reverse", ask="fanout")
>>> q.answer("2 - cos(5)").ok, q.answer("5").ok, q.answer("11/2").ok
(True, False, True)
>>> print(q.result)
2 of 2 answers right, 0 shown.
"""

from adviz.exercises.bughunts import bughunt
from adviz.exercises.choosing import choose
from adviz.exercises.coding import code
from adviz.exercises.exercise import Exercise, Feedback, Result
from adviz.exercises.generator import random
from adviz.exercises.keys import Key, key, mark, read_key
from adviz.exercises.paths import paths
from adviz.exercises.results import Results, session
from adviz.exercises.tables import predict, table


def results() -> Results:
    """What was answered in this session; `results().save("week3.jsonl")` writes it into a file."""
    return session.results()


__all__ = [
    "Exercise", "Feedback", "Key", "Result", "Results", "bughunt", "choose", "code", "key", "mark", "paths", "predict", "random", "read_key",
    "results", "table",
]  # fmt: skip
