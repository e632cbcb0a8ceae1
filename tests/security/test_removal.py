"""After a person's data was removed, nothing of it is left in the files of the records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import Column, Table, func, insert, select, update

from tests.support.demo_site import MONDAY, TODAY, DemoSite
from tests.support.scratch import DONE
from wellness.cli import main
from wellness.domain import ClassChangeKind, EnteredRole, PublicationAct, TextKind
from wellness.records import Writing, completions, outcomes, people, settings
from wellness.records.schema import metadata, person, reflection, walkthrough
from wellness.school.people import GOES, STAYS

HASH = "a-hash-that-is-hers-alone"
GLOW = "Words about how she led it."
ADDED: dict[str, dict[str, object]] = {
    "amendment": {"week_on": MONDAY, "reason": "A trip."},
    "class_change": {"kind": ClassChangeKind.CLOSED, "last_on": TODAY, "entered_role": "coach"},
    "class_weekday": {"valid_from": MONDAY, "weekday": 3, "entered_role": "coach"},
    "class_plan_entry": {"week_on": MONDAY, "says": "nothing", "role": "coach", "batch_id": "b"},
    "rollover": {"id": "r", "entered_role": "admin"},
    "draft_keep": {"kind": TextKind.SESSION, "slug": "a", "language": "en", "warning": "w", "reason": "It is fine."},
    "draft": {"kind": TextKind.SESSION, "slug": "a", "language": "en", "text": "x", "version": 1},
    "draft_opened": {"kind": TextKind.SESSION, "slug": "a", "language": "en"},
    "media_job": {"id": "j", "name": "v", "title": "V", "state": "waiting", "percent": 0},
    "publication": {"kind": TextKind.SESSION, "slug": "a", "language": "en", "act": PublicationAct.UNPUBLISHED},
    "minutes_target": {"valid_from": MONDAY, "minutes": 30, "entered_role": "admin"},
    "school_weekday": {"valid_from": MONDAY, "weekday": 3, "entered_role": "coach"},
    "training_answer": {"slug": "a", "revision": "r", "question": "q", "chosen": ["a"]},
    "week_decision": {"batch_id": "b", "week_on": MONDAY, "says": "left out", "entered_role": "coach"},
    "outside_lesson": {"id": "o", "on_day": TODAY, "minutes": 9, "curriculum": "Health", "title": "T"},
    "assignment": {"id": "s", "slug": "a", "due_on": TODAY},
    "person_school": {},
    "unsent_form": {"page": "/a", "action": "/a", "fields": {"a": ["b"]}},
}
"""A row of each table that the demo has none of, without its references and times."""


def columns_of_people() -> list[tuple[Table, Column[str]]]:
    """Every column that points to an account."""
    return [
        (table, key.parent) for table in metadata.sorted_tables for key in table.foreign_keys if key.references(person)
    ]


def do_everything(demo: DemoSite) -> list[str]:
    """Let the teacher be in every column that can name a person; return what may not be left of her."""
    teacher, coach = demo.person("teacher"), demo.person("coach")
    classroom = demo.classroom()
    ids = {"school": classroom.school_id, "classroom": classroom.id, "person": teacher.id}
    with demo.records.writing() as tx:
        people.set_password_hash(tx, teacher.id, HASH)
    demo.signed_in("teacher").open("/teach/")
    with demo.records.writing() as tx:
        for batch, by in (("one", teacher), ("two", coach)):
            outcomes.enter_outcome(
                tx, batch, classroom.id, "feet", "r", TODAY, DONE, by.id, EnteredRole.TEACHER, demo.clock(), False
            )
            outcomes.undo_batch(tx, batch, teacher.id, demo.clock())
        for table, column in columns_of_people():
            if count(tx, table, column, teacher.id) == 0:
                name_her(tx, demo, table, column, ids)
        tx.execute(update(walkthrough).where(walkthrough.c.teacher_id == teacher.id).values(glow=GLOW))
        words = tx.execute(select(reflection.c.text).where(reflection.c.person_id == teacher.id)).scalars().all()
        nowhere = [f"{t}.{c.name}" for t, c in columns_of_people() if count(tx, t, c, teacher.id) == 0]
    assert nowhere == []
    return [teacher.id, teacher.email, teacher.name, HASH, GLOW, *words]


def name_her(tx: Writing, demo: DemoSite, table: Table, column: Column[str], ids: dict[str, str]) -> None:
    """Put her into the column, of a new row where the demo has none, else of a row that is there."""
    if table.name not in ADDED:
        key = tx.execute(select(*table.primary_key.columns).limit(1)).one()
        whole = [one == value for one, value in zip(table.primary_key.columns, key, strict=True)]
        tx.execute(update(table).where(*whole).values({column.name: ids["person"]}))
        return
    values: dict[str, object] = {"at": demo.clock()} if "at" in table.columns else {}
    for one in table.columns:
        if one.foreign_keys and (not one.nullable or one.references(person.c.id)):
            values[one.name] = ids[next(iter(one.foreign_keys)).column.table.name]
        if one.name.endswith("_at") and not one.nullable:
            values[one.name] = demo.clock()
    tx.execute(insert(table).values(**values, **ADDED[table.name]))


def count(tx: Writing, table: Table, column: Column[str], person_id: str) -> int:
    """How many rows name the person in this column."""
    return tx.execute(select(func.count()).select_from(table).where(column == person_id)).scalar_one()


def by_page(demo: DemoSite) -> str:
    """Remove the teacher as an admin does; return what the page had said."""
    admin, path = demo.signed_in("admin"), f"/admin/people/{demo.person('teacher').id}/remove"
    page = admin.open(path)
    assert admin.submit(page.form(path)).path == "/admin/#people"
    return page.main


def by_command(demo: DemoSite) -> str:
    """Remove the teacher on the command line; return what it said."""
    teacher = demo.person("teacher")
    answer = CliRunner().invoke(
        main, ["people", "remove", teacher.email], input="y\n", env={"WELLNESS_HOME": str(demo.home)}
    )
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.mark.parametrize("remove", [by_page, by_command])
def test_nothing_of_a_removed_person_is_left_in_the_bytes_of_the_records(
    demo: DemoSite, remove: Callable[[DemoSite], str]
) -> None:
    traces = do_everything(demo)
    assert len(traces) > 5 and all(trace.encode() in in_files(demo) for trace in traces)

    said = remove(demo)

    assert [words for words in (*GOES.values(), *STAYS.values()) if words not in said] == []
    left = [trace for trace in traces if trace.encode() in in_files(demo)]
    assert left == []
    assert demo.signed_in("coach").open("/coach/").status == 200
    assert demo.records.find_damage(thorough=True) == []


def test_only_the_certificates_keep_the_name_when_the_district_wants_it(demo: DemoSite) -> None:
    teacher, admin = demo.person("teacher"), demo.signed_in("admin")
    with demo.records.reading() as tx:
        codes = [one.code for found in completions.list_completions(tx, [teacher.id]).values() for one in found]
    admin.submit(admin.open("/admin/settings").form("/settings"), certificates_keep_names="y")
    assert "keep the name" in by_page(demo)
    for code in codes:
        assert teacher.name in demo.browser().open(f"/certificates/{code}").main
    assert codes and in_files(demo).count(teacher.name.encode()) == len(codes)
    with demo.records.reading() as tx:
        assert settings.load_settings(tx).certificates_keep_names


def test_every_table_that_names_a_person_is_in_the_list_of_what_goes_or_stays() -> None:
    goes = {table.name for table, column in columns_of_people() if rule_of(column) == "CASCADE"}
    stays = {table.name for table, column in columns_of_people() if rule_of(column) == "SET NULL"}
    assert goes | {"walkthrough"} == set(GOES)
    assert stays == set(STAYS)


def rule_of(column: Column[str]) -> str | None:
    """What happens to the row when the account goes."""
    return next(iter(column.foreign_keys)).ondelete


def in_files(demo: DemoSite) -> bytes:
    """All bytes of the database and of its companions."""
    return b"".join(path.read_bytes() for path in sorted(demo.home.glob("records.db*")))
