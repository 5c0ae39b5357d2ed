"""Summaries for a teacher: marks as text, CSV and one page; keys as one page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape

from adviz.exercises.exercise import SHOWN, Task
from adviz.exercises.grid import style
from adviz.exercises.items import Item
from adviz.exercises.marking import Report
from adviz.languages import TAGS, speaking, spoken
from adviz.listing import aligned, html_table
from adviz.mutants import sentence
from adviz.texts import text

COLUMNS = ("file", "exercise", "seed", "asked", "right", "first", "tries", "hints", "shown", "changed", "slips")


def rows(report: Report) -> list[tuple[str, ...]]:
    """A heading and a line for every file and exercise."""
    return [tuple(text(f"exercise.head.{name}") for name in COLUMNS), *(tuple(map(_written, score)) for score in report.scores)]


def _written(field: object) -> str:
    return ", ".join(field) if isinstance(field, tuple) else "" if field is None else str(field)


def as_text(report: Report) -> str:
    """The marks as an aligned table."""
    return "\n".join(aligned([tuple(map(printable, row)) for row in rows(report)], left=3)) if report.scores else text("exercise.no_scores")


def printable(cell: str) -> str:
    """What a learner typed as a seed, as it may stand in a line."""
    return "".join(c if c.isprintable() else "\ufffd" for c in cell)


def as_csv(report: Report) -> str:
    """The marks as comma-separated values; no cell is taken for a formula."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows([["'" + c if c.strip()[:1] in ("=", "+", "-", "@") else printable(c) for c in map(_written, score)] for score in report.scores])
    return written.getvalue()


def as_html(report: Report) -> str:
    """The marks as one page: a table, the slips by how often they were made, and the lines that could not be marked."""
    listed = [tuple(map(printable, row)) for row in rows(report)]
    parts = [f"<h1>{escape(text('exercise.marks'))}</h1>", html_table(text("exercise.marks.caption"), listed)]
    made = [slip for score in report.scores for slip in score.slips]
    if made:
        counts = sorted({slip: made.count(slip) for slip in made}.items(), key=lambda entry: -entry[1])
        parts.append(html_table(text("exercise.marks.slips"), [
            (text("exercise.head.slip"), text("exercise.head.files"), text("exercise.head.meaning")),
            *((slip, str(n), sentence(slip)) for slip, n in counts),
        ]))  # fmt: skip
    if report.problems:
        lines = "".join(f"<li>{escape(printable(str(problem)))}</li>" for problem in report.problems)
        parts.append(f"<h2>{escape(text('exercise.marks.problems'))}</h2><ul>{lines}</ul>")
    return page(text("exercise.marks"), [*parts, f"<p>{escape(text('exercise.marks.note'))}</p>"])


def key_page(tasks: Iterable[Task], languages: Sequence[str] = ()) -> str:
    """The key as one page: every exercise with its answers, and each step's reason; once in every language."""
    listed, parts = list(tasks), []
    for language in languages or (spoken(),):
        written = speaking(language, lambda: f"<h1>{escape(text('exercise.key'))}</h1>{''.join(map(_keyed, again(listed)))}")()
        parts.append(f'<section lang="{TAGS.get(language, language)}">{written}</section>')
    return page(text("exercise.key"), parts)


def again(tasks: Iterable[Task]) -> list[Task]:
    """The same tasks in the language that is spoken now."""
    from adviz.exercises.keys import task_of

    return [task_of(task.data) for task in tasks]


def _keyed(task: Task) -> str:
    seed = f" ({escape(printable(task.seed))})" if task.seed else ""
    tables = "".join(grid.as_html() for grid in task.draw({item.name: SHOWN for item in task.items}))
    answers = "".join(map(_answered, task.items))
    return f"<h2><code>{escape(task.id)}</code>{seed}</h2><p>{escape(task.title)}</p>{tables}<ul>{answers}</ul>"


def _answered(item: Item) -> str:
    answer, saw = escape(item.answer()), escape(item.saw())
    return f"<li><code>{escape(item.name)}</code> {escape(item.label)} <strong>{answer}</strong><br>{saw}</li>"


def key_text(tasks: Iterable[Task]) -> str:
    """The same in a terminal."""
    lines: list[str] = []
    for task in tasks:
        lines += [f"{task.id}" + (f" ({printable(task.seed)})" if task.seed else ""), *(f"  {item.name}  {item.answer()}" for item in task.items), ""]
    return "\n".join(lines[:-1])


def page(title: str, parts: Sequence[str]) -> str:
    """One HTML file that loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join([
        "<!doctype html>", f'<html lang="{TAGS.get(spoken(), spoken())}">', '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">', '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>", f"<style>{style()}</style>",
        f'<main class="adviz-exercise adviz-page">{"".join(parts)}</main>', "</html>\n",
    ])  # fmt: skip


