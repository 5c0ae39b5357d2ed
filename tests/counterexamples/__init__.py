"""Programs that were differentiated wrongly once, here or by others, shrunk: each a module with `f`, `POINT` and what was wrong.

A failing random program prints the text of such a module; it is kept here under a name of its own, and tests/test_random_programs.py
runs all of them in every mode.
"""
