"""The admin's list of classes: what its filters leave, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from ...domain import Classroom, name_key

PAGE = 100
"""Classes on one page."""


@dataclass(frozen=True, slots=True)
class ClassList:
    """The classes of one page, how many the filters leave, and the addresses of the pages around it, empty for none."""

    shown: Sequence[Classroom]
    found: int
    first: int
    filters: dict[str, str]
    before: str
    after: str

    @property
    def is_filtered(self) -> bool:
        """Whether the address asks for some of the classes only."""
        return any(self.filters.values())

    @property
    def last(self) -> int:
        """The number of the last class of the page; `first` is that of the first one."""
        return self.first + len(self.shown) - 1


def asked_classes(own: Sequence[Classroom], year_id: str) -> ClassList:
    """Return the page of these classes that the address asks for."""
    filters = {name: request.args.get(name, "").strip() for name in ("class", "school", "grade", "no_teacher")}
    left = [one for one in own if _matches(one, filters)]
    pages = max(1, -(-len(left) // PAGE))
    asked = request.args.get("page", "")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1

    def address(number: int) -> str:
        given: dict[str, Any] = {name: value for name, value in filters.items() if value}
        return url_for("admin.overview", _anchor="classes", **{**given, "year": year_id, "page": str(number)})

    return ClassList(
        shown=left[(page - 1) * PAGE : page * PAGE],
        found=len(left),
        first=(page - 1) * PAGE + 1,
        filters=filters,
        before=address(page - 1) if page > 1 else "",
        after=address(page + 1) if page < pages else "",
    )


def _matches(one: Classroom, filters: dict[str, str]) -> bool:
    """Whether name or a teacher's name has the words, and school, grade and missing teacher are as asked."""
    names = name_key(" ".join((one.name, *one.teacher_names)))
    return (
        all(word in names for word in name_key(filters["class"]).split())
        and filters["school"] in ("", one.school_id)
        and filters["grade"] in ("", *one.grades)
        and not (filters["no_teacher"] and one.teacher_ids)
    )
