"""What was expected of each class in each week that is over, so that a later change can't rewrite it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = "'session', 'nothing planned', 'no school', 'left out', 'not meeting', 'logged only'"


def upgrade() -> None:
    """Make the tables and close every week that is over, so that each reported number stays what it is."""
    op.create_table(
        "closed_weeks",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_closed_weeks_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_closed_weeks")),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_amendment_reason_given")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_amendment_school_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["amendment.id"], name=op.f("fk_amendment_undoes_id")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_amendment_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_amendment_undoes_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_amendment_school_id"), "amendment", ["school_id"], unique=False)
    expected = op.create_table(
        "expected",
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_expected_kind_known")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_expected_seq_positive")),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_expected_amendment_id")),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_expected_classroom_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_expected_school_id")),
        sa.PrimaryKeyConstraint("classroom_id", "week_on", "seq", name=op.f("pk_expected")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_expected_amendment_id"), "expected", ["amendment_id"], unique=False)
    op.create_index(op.f("ix_expected_school_id_week_on"), "expected", ["school_id", "week_on"], unique=False)
    _close(op.get_bind(), expected)


# As the numbers were made when this was written; it stays as it is when that changes.

_YEAR = sa.table("school_year", sa.column("id"), sa.column("starts_on", sa.Date()), sa.column("ends_on", sa.Date()))
_CLOSURE = sa.table(
    "closure", sa.column("school_id"), sa.column("first_on", sa.Date()), sa.column("last_on", sa.Date())
)
_PLAN = sa.table("plan", sa.column("school_id"), sa.column("week_on", sa.Date()), sa.column("grade"), sa.column("slug"))
_WEEK = sa.table("class_week", sa.column("classroom_id"), sa.column("week_on", sa.Date()), sa.column("told"))
_SETTING = sa.table("setting", sa.column("key"), sa.column("value", sa.JSON()))
_CLOSED = sa.table("closed_weeks", sa.column("school_id"), sa.column("through", sa.Date()))


def _close(connection: sa.Connection, expected: sa.Table) -> None:
    settings = {row.key: row.value for row in connection.execute(sa.select(_SETTING))}
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.get("time_zone", "America/New_York"))).date()
    target = settings.get("minutes_target", 45)
    years = connection.execute(sa.select(_YEAR).order_by(_YEAR.c.starts_on)).all()
    told = {(row.classroom_id, row.week_on) for row in connection.execute(sa.select(_WEEK)) if row.told is not None}
    for school_id in connection.execute(sa.text("SELECT id FROM school")).scalars().all():
        ranges = connection.execute(sa.select(_CLOSURE).where(_CLOSURE.c.school_id == school_id)).all()
        closed = {
            row.first_on + timedelta(days=n) for row in ranges for n in range((row.last_on - row.first_on).days + 1)
        }
        planned = {
            (row.week_on, row.grade): row.slug
            for row in connection.execute(sa.select(_PLAN).where(_PLAN.c.school_id == school_id))
        }
        through = None
        for year in years:
            rows = _classes(connection, school_id, year.id)
            for week_on, due_on in _weeks_over(year, closed, today):
                through = max(week_on, through or week_on)
                for room in rows:
                    slug = planned.get((week_on, room.grade))
                    made = {"classroom_id": room.id, "week_on": week_on, "seq": 1, "school_id": school_id}
                    kind = _kind(due_on, slug, (room.id, week_on) in told)
                    facts = {"grade": room.grade, "due_on": due_on, "slug": slug, "target": target, "kind": kind}
                    connection.execute(sa.insert(expected).values(**made, **facts, amendment_id=None))
        if through is not None:
            connection.execute(sa.insert(_CLOSED).values(school_id=school_id, through=through))


def _classes(connection: sa.Connection, school_id: str, year_id: str) -> list[Any]:
    found = sa.text("SELECT id, grade FROM classroom WHERE school_id = :school AND year_id = :year AND last_on IS NULL")
    return list(connection.execute(found, {"school": school_id, "year": year_id}))


def _weeks_over(year: Any, closed: set[date], today: date) -> Iterator[tuple[date, date | None]]:
    """The weeks of the year that are over, each with its due day: Friday, or the last day before it with school."""
    week_on = year.starts_on - timedelta(days=year.starts_on.weekday())
    while week_on <= year.ends_on:
        days = (week_on + timedelta(days=weekday) for weekday in (4, 3, 2, 1, 0))
        due_on = next((day for day in days if day not in closed), None)
        if (due_on or week_on + timedelta(days=6)) >= today:
            return
        yield week_on, due_on
        week_on += timedelta(weeks=1)


def _kind(due_on: date | None, slug: str | None, is_told: bool) -> str:
    if due_on is None:
        return "logged only" if slug is not None and is_told else "no school"
    return "session" if slug is not None else "nothing planned"
