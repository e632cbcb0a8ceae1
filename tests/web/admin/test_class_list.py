"""The admin's list of classes: filters, order and pages."""

from __future__ import annotations

import re

from tests.support.demo_site import COVERED, OWN, OWN_TOO, STRANGE, DemoSite
from tests.support.pages import Page, text_of
from wellness.records import classrooms


def shown(page: Page) -> list[str]:
    """The classes of the list, in order, by their links to be changed."""
    links = (link for link in page.all("a") if re.fullmatch(r"/admin/classes/[^/#]+", str(link.get("href"))))
    return [text_of(link).removeprefix("Edit").strip() for link in links]


def test_the_classes_are_filtered_by_words_school_grade_and_missing_teacher(demo: DemoSite) -> None:
    admin, own = demo.signed_in("admin"), demo.classroom(OWN)
    assert {OWN, OWN_TOO, STRANGE, COVERED} <= set(shown(admin.open("/admin/")))
    assert shown(admin.open("/admin/?class=advisory+7-1")) == [OWN]
    assert OWN in shown(admin.open(f"/admin/?class={demo.person('teacher').name}"))
    assert STRANGE not in shown(admin.open(f"/admin/?school={own.school_id}"))
    of_grade = {room.name for room in demo.classrooms() if own.grade in room.grades}
    assert set(shown(admin.open(f"/admin/?grade={own.grade}"))) == of_grade
    assert COVERED in shown(admin.open("/admin/?no_teacher=1"))
    assert OWN not in shown(admin.open("/admin/?no_teacher=1"))
    page = admin.open("/admin/?class=nothing+like+this")
    assert shown(page) == []
    assert "None of your classes match these filters." in page.main


def test_a_long_list_has_pages_and_counts_as_people_do(demo: DemoSite) -> None:
    own = demo.classroom(OWN)
    with demo.records.writing() as tx:
        for number in range(1, 131):
            classrooms.add_classroom(
                tx, school_id=own.school_id, year_id=own.year_id, name=f"Extra {number}", grade="12", size=20,
                first_on=own.first_on,
            )  # fmt: skip
    admin = demo.signed_in("admin")
    first = admin.open("/admin/?class=extra&grade=12")
    assert shown(first) == [f"Extra {number}" for number in range(1, 101)]
    assert "1–100 of 130" in first.main
    assert "Show all of them" in first.main
    second = admin.open(next(str(link.get("href")) for link in first.all("a") if "page=2" in str(link.get("href"))))
    assert shown(second) == [f"Extra {number}" for number in range(101, 131)]
    for odd in ("0", "-1", "99", "x", "9" * 400):
        assert shown(admin.open(f"/admin/?class=extra&page={odd}"))
