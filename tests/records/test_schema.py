"""What the tables can hold, and that the migrations make exactly what `schema.py` says."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from tests.support.postgres import empty_postgresql
from wellness.records import Records, describe, migrations, schema

pytestmark = pytest.mark.each_engine

ALLOWED = {
    "school": "id name time_zone closed_on",
    "school_year": "id name starts_on ends_on",
    "term": "id year_id name starts_on ends_on",
    "school_calendar": "school_id year_id first_on last_on",
    "closure": (
        "id batch_id school_id first_on last_on kind holds_sessions reason import_id source_uid "
        "entered_by entered_role entered_at withdrawn_at"
    ),
    "minutes_target": "valid_from minutes entered_by entered_role entered_at",
    "week_decision": "id batch_id school_id week_on says due_on entered_by entered_role entered_at",
    "school_weekday": "school_id valid_from weekday entered_by entered_role entered_at",
    "classroom": "id school_id year_id name grade grades size first_on last_on follows_id",
    "class_weekday": "classroom_id valid_from weekday entered_by entered_role entered_at",
    "class_change": (
        "id kind classroom_id other_id last_on last_on_before size entered_by entered_role entered_at undone_at"
    ),
    "teaching": "id classroom_id person_id first_on last_on",
    "door": "id classroom_id code code_digest created_at revoked_at",
    "rollover": "id from_year_id to_year_id entered_by entered_role entered_at undone_at",
    "rollover_item": "rollover_id number table_name row_id made",
    "person": ("id email name role reach language password_hash password_expires_at version is_active created_at"),
    "person_school": "person_id school_id",
    "sign_in": "key_digest person_id person_version created_at seen_at expires_at confirmed_at is_remembered",
    "sign_in_failure": "account_digest failures last_at blocked_until",
    "plan_entry": "id school_id week_on grade says slug by role at batch_id",
    "class_plan_entry": "id classroom_id week_on says slug by role at batch_id",
    "viewing": (
        "id classroom_id slug revision language on_day week_on state extent reason minutes coverage opened_at "
        "played_at entered_at entered_by entered_role is_late"
    ),
    "unsent_form": "person_id page action fields at",
    "viewing_ran": "viewing_id part duration ranges",
    "viewing_change": "id batch_id classroom_id slug on_day before after at by role undone_at undone_by",
    "door_note": "id classroom_id slug revision language on_day week_on state extent reason minutes at",
    "outside_lesson": "id classroom_id on_day minutes curriculum title entered_by entered_at",
    "draft": "kind slug language text version base_revision changed_by changed_at publish_at scheduled_by",
    "draft_keep": "kind slug language warning reason by at",
    "draft_opened": "kind slug language person_id opened_at seen_at",
    "publication": "seq kind slug language act revision text by at",
    "training_progress": "person_id slug part seen_at done_at",
    "training_answer": "person_id slug revision question chosen saved_at",
    "training_try": "id person_id slug revision chosen right graded is_passed tried_at",
    "reflection": "person_id slug place prompt text changed_at shared_at",
    "facilitation": "person_id slug classroom_id planned_on viewing_id changed_at",
    "class_week": "classroom_id week_on slug told delivered_minutes outside_minutes",
    "closed_weeks": "school_id through",
    "expected": "classroom_id week_on seq school_id grade due_on slug target kind amendment_id",
    "amendment": "id school_id week_on reason undoes_id by at",
    "completion": (
        "code person_id slug language revision title issuer hours completed_on completed_at practised_on left_name "
        "left_school_ids"
    ),
    "assignment": "id slug school_id person_id due_on assigned_by assigned_at",
    "walkthrough": (
        "id classroom_id slug on_day coach_id teacher_id led_by_substitute choices alongside alternative passing "
        "closing glow next_step noted_at"
    ),
    "media_job": "id name title state percent problem digest asked_by asked_at changed_at",
    "setting": "key value",
    "audit": "id at person_id role action object detail about_id",
}
"""Every column there is. A new one is added here on purpose, after asking whether it could tell of a child."""

FORBIDDEN = [
    "student",
    "students",
    "pupil",
    "pupils",
    "child",
    "children",
    "kid",
    "kids",
    "minor",
    "learner",
    "roster",
    "enrollment",
    "guardian",
    "parent",
    "family",
    "answer",
    "answers",
    "response",
    "responses",
    "tally",
    "mood",
    "feeling",
    "score",
    "grade_book",
    "birthday",
    "birth",
    "gender",
    "race",
    "ethnicity",
    "iep",
    "ip",
    "address",
    "host",
    "agent",
    "device",
    "browser",
    "fingerprint",
    "cookie",
    "session",
    "location",
    "latitude",
    "longitude",
    "phone",
    "photo",
    "mac",
]


def parts(name: str) -> set[str]:
    """The words of a column's name."""
    return {name, *name.split("_")}


def test_every_column_was_allowed_on_purpose(records: Records) -> None:
    with records.reading() as tx:
        found = inspect(tx)
        tables = set(found.get_table_names()) - {"alembic_version", "sqlite_sequence"}
        columns = {table: {column["name"] for column in found.get_columns(table)} for table in tables}
    assert columns == {table: set(names.split()) for table, names in ALLOWED.items()}


def test_no_column_can_tell_of_a_student_or_a_device() -> None:
    for table in describe():
        for column in table.columns:
            assert not parts(column.name) & set(FORBIDDEN), f"{table.name}.{column.name}"


def test_everything_recorded_has_a_purpose_a_retention_and_a_meaning(records: Records) -> None:
    tables = list(describe())
    assert {table.name for table in tables} == set(ALLOWED)
    for table in tables:
        assert table.purpose.endswith(".")
        assert table.retention.endswith(".")
        assert {column.name for column in table.columns} == set(ALLOWED[table.name].split())
        assert all(column.meaning.endswith(".") for column in table.columns)


def test_the_migrations_make_what_the_schema_says(records: Records) -> None:
    with records.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_migrations_make_the_same_rules(records: Records, url: str) -> None:
    engine = create_engine(empty_beside(url))
    schema.metadata.create_all(engine)
    with engine.connect() as wanted, records.reading() as made:
        assert rules(made) == rules(wanted)
    engine.dispose()


def empty_beside(url: str) -> str:
    """The address of a database without a table, of the same engine."""
    return f"{url}.wanted" if url.startswith("sqlite") else empty_postgresql()


def rules(connection: Connection) -> dict[str, Any]:
    """Checks, keys and references of every table, which the comparison of Alembic leaves out."""
    found = inspect(connection)

    def sort(items: Any) -> list[str]:
        return sorted(map(repr, items))

    return {
        table: (
            sort(found.get_check_constraints(table)),
            sort(found.get_unique_constraints(table)),
            sort(found.get_foreign_keys(table)),
            found.get_pk_constraint(table),
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_every_migration_has_its_file() -> None:
    assert migrations.revisions() == schema.REVISIONS


@pytest.mark.parametrize("table", schema.metadata.tables.values(), ids=lambda table: table.name)
def test_what_points_to_a_person_lets_the_person_go(table: Any) -> None:
    """An account can always be removed: rows about it go, rows of the school's history stay without it."""
    for key in table.foreign_keys:
        if key.target_fullname == "person.id":
            assert key.ondelete in ("CASCADE", "SET NULL"), key.parent
