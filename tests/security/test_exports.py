"""What leaves as a table for a spreadsheet: no cell of it is ever a formula. There is no export as XLSX."""

from __future__ import annotations

import csv
import io

import pytest

from tests.security.test_access import Matrix
from wellness.records import classrooms, people, schools
from wellness.web.http.csv import escape_formula

FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.test")', "=cmd|' /C calc'!A0", "＝1", "＋1", "－1", "＠SUM(A1)",
    "\t=1", "\r=1", "\n=1", '"=1', "=1\",=2", "-2+3+cmd|' /C calc'!D2", "=IMPORTXML(1)", "%0a=1", "\u00a0=1", "\u200b=1", " =1",
)  # fmt: skip
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_that_a_spreadsheet_would_run_stays_as_it_is(text: str) -> None:
    kept = escape_formula(text)
    assert kept.endswith(text)
    assert not kept.lstrip("\u00a0\u200b \ufeff").startswith(DANGEROUS)


def test_every_table_of_every_route_is_harmless_whatever_the_names_are(matrix: Matrix) -> None:
    """Finds the exports by what they answer, so a new one is tried by itself."""
    demo, tables = matrix.demo, 0
    own, teacher, code = matrix.classroom, demo.person("teacher"), demo.door().code
    browser = demo.signed_in("admin")
    for name in ("=1+1", "@SUM(A1)"):
        with demo.records.writing() as tx:
            classrooms.change_classroom(tx, own.id, name=name, grade="7", size=20)
            schools.add_school(tx, name)
            people.add_person(
                tx, email=f"{name}@x.org", name=name, role=teacher.role, password_hash="!", at=demo.clock()
            )
        for method, endpoint, _ in matrix.routes():
            if method != "GET":
                continue
            answer = browser.fetch(matrix.address(matrix.rule(endpoint), code))
            kind = answer.headers.get("Content-Disposition", "")
            assert "spreadsheet" not in answer.mimetype, f"{endpoint}: an XLSX needs tests of its own"
            if answer.mimetype != "text/csv":
                continue
            tables += 1
            assert kind.startswith("attachment;"), endpoint
            for row in csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))):
                assert not [cell for cell in row if cell.startswith(DANGEROUS)], endpoint
    assert tables >= 2
