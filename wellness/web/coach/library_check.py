"""The check: every problem in the library, with its line."""

from __future__ import annotations

from flask import Blueprint, render_template

from ...domain import Problem, Severity
from ...policy import Action
from ..access import requires
from ..public.session_view import Labeled
from ..request import site


def register(bp: Blueprint) -> None:
    """Add the check of the library to the coach's blueprint."""
    bp.add_url_rule("/check", view_func=check)


@requires(Action.CHECK_CONTENT)
def check() -> str:
    """Every problem of the library, with its line and how to fix it."""
    problems = site().catalogue.list_problems()
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return render_template(
        "coach/check.html",
        by_file=by_file,
        errors=errors,
        warnings=len(problems) - errors,
        texts=[Labeled(entry.file, entry.slug) for entry in site().catalogue.library.list_entries()[0]],
    )
