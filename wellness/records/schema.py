"""The tables of the records: what each is for, what each column holds and how long it is kept.

The page *What we record* is generated from this file (`describe`), so a table or a column without its sentence cannot
be made. The schema itself is only ever changed by the migrations; a test compares the two.

There is no column for a student's name, account, answer, device or network address, and a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

from ..domain import (
    ClassChangeKind,
    ClassPlanRule,
    ClosureKind,
    Completeness,
    EnteredRole,
    ExpectationKind,
    JobState,
    Language,
    NotDoneReason,
    PartKind,
    PublicationAct,
    ReachKind,
    Role,
    Seen,
    TextKind,
    ViewingState,
    WalkthroughItem,
    WeekRule,
    WeekStatus,
)
from ..errors import worded
from .database.column_types import Text, UtcDateTime

REVISIONS: tuple[str, ...] = tuple(f"{number:04}" for number in range(1, 19))
"""Every migration this program knows, oldest first; the last one is the schema below."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMES)


# --- How a table is written -------------------------------------------------------------------------------------------


def _table(name: str, *items: SchemaItem, purpose: str, retention: str, **options: Any) -> Table:
    return Table(name, metadata, *items, info={"purpose": purpose, "retention": retention}, **options)


def _column(
    name: str, kind: Any, meaning: str, *items: SchemaItem, nullable: bool = False, **options: Any
) -> Column[Any]:
    return Column(name, kind, *items, nullable=nullable, info={"meaning": meaning}, **options)


def _id() -> Column[str]:
    return _column("id", Text, worded("Random ID of this row."), primary_key=True)


def _one_of(name: str, column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


_WHILE_IN_USE = worded("Kept while the school uses the site.")
_HISTORY = worded("Kept as the school’s history. A person’s name is removed from it when their account is deleted.")


# --- Schools, years, classes ------------------------------------------------------------------------------------------

school = _table(
    "school",
    _id(),
    _column("name", Text, "Name of the school.", unique=True),
    _column("time_zone", Text, "Its time zone; empty if it’s the district’s.", nullable=True),
    _column("closed_on", Date, "The last day of a school that was closed.", nullable=True),
    purpose=worded("The district’s schools."),
    retention=_WHILE_IN_USE,
)

school_year = _table(
    "school_year",
    _id(),
    _column("name", Text, "Name of the year, such as 2026-27.", unique=True),
    _column("starts_on", Date, "First day."),
    _column("ends_on", Date, "Last day."),
    CheckConstraint("starts_on <= ends_on", name="days_in_order"),
    purpose=worded("School years. Every class and every number belongs to one."),
    retention=_WHILE_IN_USE,
)

term = _table(
    "term",
    _id(),
    _column("year_id", Text, "The school year.", ForeignKey("school_year.id", ondelete="CASCADE"), index=True),
    _column("name", Text, "Name of the term."),
    _column("starts_on", Date, "First day."),
    _column("ends_on", Date, "Last day."),
    CheckConstraint("starts_on <= ends_on", name="days_in_order"),
    purpose=worded("The terms of a school year."),
    retention=_WHILE_IN_USE,
)


def _entered() -> tuple[Column[Any], ...]:
    """Who entered a row about the school's time, in which role, and when."""
    return (
        _column(
            "entered_by",
            Text,
            "The person who entered it; empty if that person’s account was deleted.",
            ForeignKey("person.id", ondelete="SET NULL"),
            nullable=True,
        ),
        _column("entered_role", Text, "That person’s role."),
        _column("entered_at", UtcDateTime, "When it was entered."),
    )


school_calendar = _table(
    "school_calendar",
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE"), primary_key=True),
    _column("year_id", Text, "The school year.", ForeignKey("school_year.id", ondelete="CASCADE"), primary_key=True),
    _column("first_on", Date, "First school day."),
    _column("last_on", Date, "Last school day."),
    CheckConstraint("first_on <= last_on", name="days_in_order"),
    Index(None, "year_id"),
    purpose=worded("The first and last school day of each school in each school year. Nothing is due outside of them."),
    retention=_WHILE_IN_USE,
)

closure = _table(
    "closure",
    _id(),
    _column("batch_id", Text, "The same for all schools it was entered for at once.", index=True),
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE")),
    _column("first_on", Date, "First day."),
    _column("last_on", Date, "Last day."),
    _column("kind", Text, "Whether the school is closed or has half days."),
    _column("holds_sessions", Boolean, "Whether sessions are held on these half days."),
    _column("reason", Text, "Why, such as a holiday."),
    _column("import_id", Text, "The calendar file’s import that added it.", nullable=True, index=True),
    _column("source_uid", Text, "Its name in that calendar file, so the next import knows it.", nullable=True),
    *_entered(),
    _column("withdrawn_at", UtcDateTime, "When it was removed or replaced.", nullable=True),
    _one_of("kind_known", "kind", ClosureKind),
    CheckConstraint("first_on <= last_on", name="days_in_order"),
    CheckConstraint(f"kind = '{ClosureKind.HALF_DAY.value}' OR NOT holds_sessions", name="closed_holds_none"),
    Index(None, "school_id", "first_on"),
    purpose=worded("No-school days and half days, so nothing is due when a class can’t meet."),
    retention=_WHILE_IN_USE,
)

school_weekday = _table(
    "school_weekday",
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE"), primary_key=True),
    _column("valid_from", Date, "The Monday from which on it counts.", primary_key=True),
    _column("weekday", Integer, "The weekday on which sessions are due, from 0 (Monday) to 4 (Friday)."),
    *_entered(),
    CheckConstraint("weekday BETWEEN 0 AND 4", name="weekday_of_school"),
    purpose=worded("The weekday on which a school’s sessions are due, if it isn’t Friday."),
    retention=_WHILE_IN_USE,
)

minutes_target = _table(
    "minutes_target",
    _column("valid_from", Date, "The day from which on it counts.", primary_key=True),
    _column("minutes", Integer, "SEL minutes per class and week."),
    *_entered(),
    CheckConstraint("minutes > 0", name="minutes_positive"),
    purpose=worded("The goal of SEL minutes per week, so a new goal doesn’t change what was reported before."),
    retention=_WHILE_IN_USE,
)

week_decision = _table(
    "week_decision",
    _column("id", Integer, "Number of the decision; the highest one for a week counts.", primary_key=True),
    _column("batch_id", Text, "The same for all weeks and schools it was made for at once."),
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE")),
    _column("week_on", Date, "Monday of the week."),
    _column("says", Text, "Whether the week goes by the calendar, is left out or is due on a certain day."),
    _column("due_on", Date, "That day.", nullable=True),
    *_entered(),
    _one_of("says_known", "says", WeekRule),
    CheckConstraint(f"(says = '{WeekRule.DUE_ON.value}') = (due_on IS NOT NULL)", name="due_on_has_day"),
    Index(None, "school_id", "week_on"),
    purpose=worded("What was decided for a week when school closed unexpectedly, so nothing turns late by itself."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

classroom = _table(
    "classroom",
    _id(),
    _column("school_id", Text, "The school.", ForeignKey("school.id")),
    _column("year_id", Text, "The school year.", ForeignKey("school_year.id")),
    _column("name", Text, "Name of the class, such as Room 12."),
    _column("grade", Text, "The grade whose plan the class follows: PK, K or 1 to 12."),
    _column("grades", Text, "All grades of the class, such as 7 or 7,8."),
    _column("size", Integer, "How many students the class has: a number, not a list."),
    _column("first_on", Date, "First day the class meets."),
    _column("last_on", Date, "Last day the class meets; empty until the school year ends.", nullable=True),
    _column("follows_id", Text, "The class it continues from.", ForeignKey("classroom.id"), nullable=True),
    CheckConstraint("size > 0", name="size_positive"),
    CheckConstraint("first_on <= last_on", name="days_in_order"),
    UniqueConstraint("school_id", "year_id", "name"),
    Index(None, "year_id"),
    purpose=worded("The classes that do sessions. A class has a size, but no list of students."),
    retention=_WHILE_IN_USE,
)

class_weekday = _table(
    "class_weekday",
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE"), primary_key=True),
    _column("valid_from", Date, "The Monday from which on it counts.", primary_key=True),
    _column(
        "weekday",
        Integer,
        "The weekday on which the class’s sessions are due, from 0 (Monday) to 4 (Friday); empty if it’s the school’s.",
        nullable=True,
    ),
    *_entered(),
    CheckConstraint("weekday BETWEEN 0 AND 4", name="weekday_of_school"),
    purpose=worded("The weekday on which a class’s sessions are due, if it isn’t the school’s."),
    retention=_WHILE_IN_USE,
)

class_change = _table(
    "class_change",
    _column("id", Integer, "Number of the change.", primary_key=True),
    _column("kind", Text, "Whether the class was closed, merged into another one or split."),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE"), index=True),
    _column(
        "other_id",
        Text,
        "The class it was merged into, or the new one.",
        ForeignKey("classroom.id", ondelete="CASCADE"),
        nullable=True,
        index=True,
    ),
    _column("last_on", Date, "Last day before the change counts."),
    _column("last_on_before", Date, "The class’s last day until then, if it had one.", nullable=True),
    _column("size", Integer, "How many students moved.", nullable=True),
    *_entered(),
    _column("undone_at", UtcDateTime, "When it was undone.", nullable=True),
    _one_of("kind_known", "kind", ClassChangeKind),
    purpose=worded("Classes that were closed, merged or split, so that it can be undone."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

teaching = _table(
    "teaching",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE")),
    _column("person_id", Text, "The teacher.", ForeignKey("person.id", ondelete="CASCADE"), index=True),
    _column("first_on", Date, "First day the person teaches the class."),
    _column("last_on", Date, "Last day; empty while the person teaches the class.", nullable=True),
    CheckConstraint("first_on <= last_on", name="days_in_order"),
    UniqueConstraint("classroom_id", "person_id", "first_on"),
    purpose=worded("Who teaches each class, from which day to which day."),
    retention=worded("Kept while the school uses the site, or until the account is deleted."),
)

door = _table(
    "door",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE"), index=True),
    _column("code", Text, "The short code on the class’s door card."),
    _column("code_digest", Text, "Fingerprint of the code, used to look it up.", unique=True),
    _column("created_at", UtcDateTime, "When the card was made."),
    _column("revoked_at", UtcDateTime, "When the card stopped working.", nullable=True),
    purpose=worded("The door cards. A substitute uses one to open this week’s session for one class."),
    retention=worded("A card stops working when a new one is made or the school year ends."),
)

# --- People -----------------------------------------------------------------------------------------------------------

person = _table(
    "person",
    _id(),
    _column("email", Text, "Work email, in lowercase; used to sign in.", unique=True),
    _column("name", Text, "The person’s name."),
    _column("role", Text, "Teacher, coach, principal or admin."),
    _column("reach", Text, "Whether the role is for all schools or for those listed for the person."),
    _column("language", Text, "Language the person sees the site in."),
    _column("password_hash", Text, "Salted hash of the password. The password itself is never stored."),
    _column(
        "password_expires_at",
        UtcDateTime,
        "When a temporary password stops working; empty once the person has chosen their own.",
        nullable=True,
    ),
    _column("version", Integer, "Goes up when the password or role changes. That signs the person out everywhere."),
    _column("is_active", Boolean, "Whether the person can sign in."),
    _column("created_at", UtcDateTime, "When the account was created."),
    _one_of("role_known", "role", Role),
    _one_of("reach_known", "reach", ReachKind),
    _one_of("language_known", "language", Language),
    purpose=worded("Staff accounts. Students and families don’t have accounts."),
    retention=worded("Until an admin deletes the account."),
)

person_school = _table(
    "person_school",
    _column("person_id", Text, "The staff member.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    _column(
        "school_id",
        Text,
        "A school of theirs.",
        ForeignKey("school.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    purpose=worded("The schools of staff whose role isn’t for all schools."),
    retention=worded("Until an admin changes it or the account is deleted."),
)

sign_in = _table(
    "sign_in",
    _column("key_digest", Text, "Fingerprint of the random key in the browser’s cookie.", primary_key=True),
    _column("person_id", Text, "The person who signed in.", ForeignKey("person.id", ondelete="CASCADE"), index=True),
    _column("person_version", Integer, "The account’s version at that time."),
    _column("created_at", UtcDateTime, "When the person signed in."),
    _column("seen_at", UtcDateTime, "When the sign-in was last used, to within a few minutes."),
    _column("expires_at", UtcDateTime, "When it ends automatically.", index=True),
    _column("confirmed_at", UtcDateTime, "When the password was last entered, so important changes can ask for it."),
    _column("is_remembered", Boolean, "Whether the person asked to stay signed in on this device."),
    purpose=worded("The staff who are signed in now."),
    retention=worded(
        "Until the person signs out. At most 12 hours without use, and 7 days in total; 30 days if the person asked "
        "to stay signed in."
    ),
)

sign_in_failure = _table(
    "sign_in_failure",
    _column(
        "account_digest",
        Text,
        "Fingerprint of the email that was typed. Each browser that has signed in with it before has its own.",
        primary_key=True,
    ),
    _column("failures", Integer, "Wrong passwords in a row."),
    _column("last_at", UtcDateTime, "When the last wrong password was entered.", index=True),
    _column("blocked_until", UtcDateTime, "When the next try is allowed.", nullable=True),
    CheckConstraint("failures > 0", name="failures_positive"),
    purpose=worded("Slows down attempts to guess a staff password."),
    retention=worded("Until the right password is entered, or one day after the last wrong one."),
)

# --- Turning the year over -----------------------------------------------------------------------------------------

rollover = _table(
    "rollover",
    _id(),
    _column(
        "from_year_id",
        Text,
        "The school year that was copied.",
        ForeignKey("school_year.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column(
        "to_year_id",
        Text,
        "The school year it was copied to; empty if that year was removed.",
        ForeignKey("school_year.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    *_entered(),
    _column("undone_at", UtcDateTime, "When it was undone.", nullable=True),
    purpose=worded("When an admin turned the school year over, so that it can be undone."),
    retention=_HISTORY,
)

rollover_item = _table(
    "rollover_item",
    _column("rollover_id", Text, "The rollover.", ForeignKey("rollover.id", ondelete="CASCADE"), primary_key=True),
    _column("number", Integer, "The order in which it was made.", primary_key=True),
    _column("table_name", Text, "The table of what was made, such as classroom."),
    _column("row_id", Text, "Its ID."),
    _column("made", JSON, "What it was when it was made: names and days, and never a person."),
    purpose=worded("What a rollover made. Undoing it removes only what nobody has changed since."),
    retention=_HISTORY,
)

unsent_form = _table(
    "unsent_form",
    _column(
        "person_id",
        Text,
        "The staff member who typed it.",
        ForeignKey("person.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    _column("page", Text, "The page with the form."),
    _column("action", Text, "Where the form was sent."),
    _column("fields", JSON, "What was typed, without passwords and files."),
    _column("at", UtcDateTime, "When it was sent.", index=True),
    purpose=worded("What someone typed into a form after their sign-in had ended, so that they get it back."),
    retention=worded("Until the form is saved, at most one day. Only this person sees it."),
)

# --- Plans and viewings -----------------------------------------------------------------------------------------------


def _planned_by() -> tuple[Column[Any], ...]:
    """Who planned it, when, and with what else."""
    return (
        _column("by", Text, "The person who planned it.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
        _column("role", Text, "Coach or admin; the site itself when nobody is known."),
        _column("at", UtcDateTime, "When it was planned."),
        _column("batch_id", Text, "Entries that were made with one click.", index=True),
    )


plan_entry = _table(
    "plan_entry",
    _column("id", Integer, "Number of the entry. The highest of a grade and week counts.", primary_key=True),
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE")),
    _column("week_on", Date, "Monday of the week.", index=True),
    _column("grade", Text, "The grade."),
    _column("says", Text, "Whether a session is due, or nothing."),
    _column("slug", Text, "The session that is due.", nullable=True),
    *_planned_by(),
    _one_of("says_known", "says", (ClassPlanRule.SESSION, ClassPlanRule.NOTHING)),
    CheckConstraint("(says = 'session') = (slug IS NOT NULL)", name="session_has_slug"),
    _one_of("role_known", "role", EnteredRole),
    Index(None, "school_id", "week_on", "grade", "id"),
    purpose=worded("The session that is due for each grade each week. Rows are added, never changed."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

class_plan_entry = _table(
    "class_plan_entry",
    _column("id", Integer, "Number of the entry. The highest of a class and week counts.", primary_key=True),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE")),
    _column("week_on", Date, "Monday of the week.", index=True),
    _column("says", Text, "Whether a session is due, nothing, or again what the grade does."),
    _column("slug", Text, "The session that is due.", nullable=True),
    *_planned_by(),
    _one_of("says_known", "says", ClassPlanRule),
    CheckConstraint("(says = 'session') = (slug IS NOT NULL)", name="session_has_slug"),
    _one_of("role_known", "role", EnteredRole),
    Index(None, "classroom_id", "week_on", "id"),
    purpose=worded("The weeks in which one class does something else than its grade. Rows are added, never changed."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

_PERSON_SAID = f"state IN ('{ViewingState.DELIVERED.value}', '{ViewingState.NOT_DONE.value}')"

viewing = _table(
    "viewing",
    _column("id", Integer, "Number of the viewing.", primary_key=True),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("slug", Text, "The session."),
    _column("revision", Text, "Which version of the session was shown."),
    _column("language", Text, "Language it was shown in."),
    _column("on_day", Date, "The school day."),
    _column(
        "week_on", Date, "Monday of the week it counts for: its own, or the earlier one it makes up for.", index=True
    ),
    _column("state", Text, "Opened, played, delivered or not done."),
    _column("extent", Text, "Whether a delivered session was complete or shortened.", nullable=True),
    _column("reason", Text, "Why a session wasn’t done.", nullable=True),
    _column("minutes", Integer, "How many minutes it took.", nullable=True),
    _column("coverage", Float, "How much of the video or practice played, from 0 to 1."),
    _column("opened_at", UtcDateTime, "When it was first opened for the class.", nullable=True),
    _column("played_at", UtcDateTime, "When enough of it had played.", nullable=True),
    _column("entered_at", UtcDateTime, "When a person logged how it went.", nullable=True),
    _column(
        "entered_by",
        Text,
        "The staff member who logged it.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("entered_role", Text, "Teacher, substitute, coach, admin, or the site itself."),
    _column("is_late", Boolean, "Whether it was entered on a later day."),
    _one_of("language_known", "language", Language),
    _one_of("state_known", "state", ViewingState),
    _one_of("extent_known", "extent", Completeness),
    _one_of("reason_known", "reason", NotDoneReason),
    _one_of("entered_role_known", "entered_role", EnteredRole),
    CheckConstraint("minutes > 0", name="minutes_positive"),
    CheckConstraint("coverage >= 0 AND coverage <= 1", name="coverage_is_share"),
    CheckConstraint("week_on <= on_day", name="week_before_day"),
    CheckConstraint(f"(state = '{ViewingState.DELIVERED.value}') = (extent IS NOT NULL)", name="delivered_has_extent"),
    CheckConstraint(f"(state = '{ViewingState.NOT_DONE.value}') = (reason IS NOT NULL)", name="not_done_has_reason"),
    CheckConstraint(
        f"NOT ({_PERSON_SAID}) OR (entered_at IS NOT NULL AND entered_role <> '{EnteredRole.AUTO.value}')",
        name="a_person_said_so",
    ),
    UniqueConstraint("classroom_id", "slug", "on_day"),
    Index(None, "classroom_id", "week_on"),
    purpose=worded("One class and one session on one day: what was opened, what played and what the teacher logged."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

viewing_ran = _table(
    "viewing_ran",
    _column("viewing_id", Integer, "The viewing.", ForeignKey("viewing.id", ondelete="CASCADE"), primary_key=True),
    _column("part", Text, "Which video or practice of the session.", primary_key=True),
    _column("duration", Integer, "Its length in seconds."),
    _column("ranges", Text, "Which of its seconds played for the class."),
    CheckConstraint("duration > 0", name="duration_positive"),
    purpose=worded("Which seconds of a video or practice played for a class, so the same minute only counts once."),
    retention=worded("As long as the viewing."),
)

viewing_change = _table(
    "viewing_change",
    _column("id", Integer, "Number of the change.", primary_key=True),
    _column("batch_id", Text, "Changes that were made with one click.", index=True),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id"), index=True),
    _column("slug", Text, "The session."),
    _column("on_day", Date, "The school day."),
    _column("before", JSON(none_as_null=True), "The previous answer.", nullable=True),
    _column("after", JSON, "The new answer."),
    _column("at", UtcDateTime, "When."),
    _column("by", Text, "The staff member.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("role", Text, "Teacher, substitute, coach or admin."),
    _column("undone_at", UtcDateTime, "When the change was undone.", nullable=True),
    _column("undone_by", Text, "The person who undid it.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _one_of("role_known", "role", EnteredRole),
    purpose=worded("What a viewing said before it was changed, so nothing is overwritten without a trace."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

door_note = _table(
    "door_note",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("slug", Text, "The session."),
    _column("revision", Text, "Which version of the session was shown."),
    _column("language", Text, "Language it was shown in."),
    _column("on_day", Date, "The school day."),
    _column("week_on", Date, "Monday of that week."),
    _column("state", Text, "Delivered or not done."),
    _column("extent", Text, "Whether a delivered session was complete or shortened.", nullable=True),
    _column("reason", Text, "Why a session wasn’t done.", nullable=True),
    _column("minutes", Integer, "How many minutes it took.", nullable=True),
    _column("at", UtcDateTime, "When it was entered with the door card."),
    _one_of("language_known", "language", Language),
    _one_of("state_known", "state", (ViewingState.DELIVERED, ViewingState.NOT_DONE)),
    UniqueConstraint("classroom_id", "week_on"),
    purpose=worded("What a door card says when staff had logged something else; a teacher uses or dismisses it."),
    retention=worded("Until a teacher uses or dismisses it."),
)

outside_lesson = _table(
    "outside_lesson",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("on_day", Date, "The school day.", index=True),
    _column("minutes", Integer, "Minutes taught."),
    _column("curriculum", Text, "The curriculum it came from."),
    _column("title", Text, "What was taught."),
    _column("entered_by", Text, "The staff member.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("entered_at", UtcDateTime, "When it was entered."),
    CheckConstraint("minutes > 0", name="minutes_positive"),
    Index(None, "classroom_id", "on_day"),
    purpose=worded("SEL minutes taught from another curriculum, so the week’s minutes add up."),
    retention=_HISTORY,
)

class_week = _table(
    "class_week",
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id"), primary_key=True),
    _column("week_on", Date, "Monday of the week.", primary_key=True),
    _column("slug", Text, "The session that was planned.", nullable=True),
    _column("told", Text, "The planned session’s status, from the week’s viewings.", nullable=True),
    _column("delivered_minutes", Integer, "Minutes of delivered sessions."),
    _column("outside_minutes", Integer, "Minutes taught from other curricula."),
    _one_of("told_known", "told", WeekStatus),
    CheckConstraint("delivered_minutes >= 0 AND outside_minutes >= 0", name="minutes_not_negative"),
    purpose=worded(
        "A class’s week, added up from its viewings and other SEL lessons so a district’s report is "
        "fast. It can be rebuilt from them."
    ),
    retention=worded("As long as the viewing."),
    sqlite_with_rowid=False,  # a week's row lies where its key is, and the report reads hardly anything else
)

# --- What was expected ------------------------------------------------------------------------------------------------

closed_weeks = _table(
    "closed_weeks",
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE"), primary_key=True),
    _column("through", Date, "Monday of the latest week whose numbers are closed."),
    purpose=worded("How far each school’s weeks are over, so a later change can’t rewrite what was reported."),
    retention=_WHILE_IN_USE,
)

amendment = _table(
    "amendment",
    _column("id", Integer, "Number of the amendment.", primary_key=True),
    _column("school_id", Text, "The school.", ForeignKey("school.id"), index=True),
    _column("week_on", Date, "Monday of the week that was changed."),
    _column("reason", Text, "Why the past week was changed."),
    _column(
        "undoes_id",
        Integer,
        "The amendment that this one undoes.",
        ForeignKey("amendment.id"),
        nullable=True,
        unique=True,
    ),
    _column(
        "by",
        Text,
        "The staff member; empty if the account was deleted.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("at", UtcDateTime, "When."),
    CheckConstraint("reason <> ''", name="reason_given"),
    purpose=worded("Changes to weeks that were over. The week grid and the report show them as footnotes."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

expected = _table(
    "expected",
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id"), primary_key=True),
    _column("week_on", Date, "Monday of the week.", primary_key=True),
    _column("seq", Integer, "1 when the week closed; each amendment adds one. The highest counts.", primary_key=True),
    _column("school_id", Text, "The class’s school at that time.", ForeignKey("school.id")),
    _column("grade", Text, "The class’s grade at that time."),
    _column("due_on", Date, "The day the session was due.", nullable=True),
    _column("slug", Text, "The session that was planned.", nullable=True),
    _column("target", Integer, "SEL minutes that week’s goal was."),
    _column("kind", Text, "How the week counts."),
    _column(
        "amendment_id",
        Integer,
        "The amendment that wrote the row; empty if the week’s close did.",
        ForeignKey("amendment.id"),
        nullable=True,
        index=True,
    ),
    _one_of("kind_known", "kind", ExpectationKind),
    CheckConstraint("seq > 0", name="seq_positive"),
    Index(None, "school_id", "week_on"),
    purpose=worded("What was expected of each class in each week that is over. Rows are added, never changed."),
    retention=_HISTORY,
    sqlite_with_rowid=False,
)

# --- Texts ------------------------------------------------------------------------------------------------------------


def _text_key(*, in_primary_key: bool) -> tuple[Column[Any], ...]:
    return (
        _column("kind", Text, "Whether it is a session, a training module or a page.", primary_key=in_primary_key),
        _column("slug", Text, "The item’s name, as in its web address.", primary_key=in_primary_key),
        _column("language", Text, "Language of this version.", primary_key=in_primary_key),
        _one_of("kind_known", "kind", TextKind),
        _one_of("language_known", "language", Language),
    )  # type: ignore[return-value]


draft = _table(
    "draft",
    *_text_key(in_primary_key=True),
    _column("text", Text, "The draft; empty once it was published or deleted.", nullable=True),
    _column("version", Integer, "How often it was saved, so no one overwrites another person’s changes by accident."),
    _column("base_revision", Text, "The published version it started from.", nullable=True),
    _column(
        "changed_by",
        Text,
        "The staff member who saved it last.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("changed_at", UtcDateTime, "When it was last saved."),
    _column("publish_at", UtcDateTime, "When it’s scheduled to be published.", index=True, nullable=True),
    _column(
        "scheduled_by",
        Text,
        "The staff member who scheduled it.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    CheckConstraint("version > 0", name="version_positive"),
    CheckConstraint("publish_at IS NULL OR text IS NOT NULL", name="scheduled_has_text"),
    purpose=worded("Drafts that coaches are writing, saved as they type."),
    retention=worded("Until the draft is published or deleted."),
)

draft_keep = _table(
    "draft_keep",
    *_text_key(in_primary_key=True),
    _column("warning", Text, "The check’s suggestion.", primary_key=True),
    _column("reason", Text, "Why it was kept as is."),
    _column("by", Text, "The staff member who logged it.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("at", UtcDateTime, "When."),
    purpose=worded("The check’s suggestions that a coach kept as is, with the reason."),
    retention=_HISTORY,
)

draft_opened = _table(
    "draft_opened",
    *_text_key(in_primary_key=True),
    _column("person_id", Text, "The staff member.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    _column("opened_at", UtcDateTime, "When it was opened."),
    _column("seen_at", UtcDateTime, "When it was last seen open.", index=True),
    purpose=worded("Which staff have an item open for editing, so two people don’t overwrite each other’s changes."),
    retention=worded("Until the next day."),
)

publication = _table(
    "publication",
    _column("seq", Integer, "Number of the entry.", primary_key=True),
    *_text_key(in_primary_key=False),
    _column(
        "act",
        Text,
        "Whether it came with the site, was published, restored or unpublished, or was edited outside the site.",
    ),
    _column("revision", Text, "Fingerprint of this version.", nullable=True),
    _column("text", Text, "The version that was published; empty if it was unpublished.", nullable=True),
    _column("by", Text, "The staff member.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("at", UtcDateTime, "When."),
    _one_of("act_known", "act", PublicationAct),
    CheckConstraint("(revision IS NULL) = (text IS NULL)", name="text_has_revision"),
    Index(None, "kind", "slug", "language", "seq"),
    purpose=worded("Every version that was published. The pages are made from it, and any version can be restored."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

# --- Training ---------------------------------------------------------------------------------------------------------

_THEIRS = worded("Until the account is deleted. Only this person sees it.")
_OF_THE_PERSON = worded("Until the account is deleted.")


def _whose() -> tuple[Column[Any], ...]:
    return (
        _column("person_id", Text, "The staff member.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        _column("slug", Text, "The training module.", primary_key=True),
    )


training_progress = _table(
    "training_progress",
    *_whose(),
    _column("part", Text, "Which part of the module.", primary_key=True),
    _column("seen_at", UtcDateTime, "When the person last looked at it."),
    _column("done_at", UtcDateTime, "When the person marked it done.", nullable=True),
    _one_of("part_known", "part", PartKind),
    purpose=worded("Which parts of a training module a staff member has done, so they can continue later."),
    retention=worded("Until the account is deleted. The coach sees how many parts are done."),
)

training_answer = _table(
    "training_answer",
    *_whose(),
    _column("revision", Text, "Which version of the module was shown.", primary_key=True),
    _column("question", Text, "Which question of its check.", primary_key=True),
    _column("chosen", JSON, "What the staff member has chosen so far."),
    _column("saved_at", UtcDateTime, "When it was saved."),
    purpose=worded("What a staff member chose in a check they haven’t submitted yet, so nothing is lost."),
    retention=worded("Until the check is submitted or the module is completed. Only this person sees it."),
)

training_try = _table(
    "training_try",
    _column("id", Text, "Random ID of this try, created with its form.", primary_key=True),
    _column("person_id", Text, "The staff member.", ForeignKey("person.id", ondelete="CASCADE")),
    _column("slug", Text, "The training module."),
    _column("revision", Text, "Which version of the module was shown."),
    _column("chosen", JSON, "What the staff member chose."),
    _column("right", Integer, "How many answers were right."),
    _column("graded", Integer, "How many questions are scored."),
    _column("is_passed", Boolean, "Whether that’s a passing score."),
    _column("tried_at", UtcDateTime, "When it was submitted."),
    CheckConstraint('"right" >= 0 AND "right" <= graded', name="right_of_graded"),
    Index(None, "person_id", "slug"),
    purpose=worded("Each try at a training module’s check. Staff can try as often as they like."),
    retention=_THEIRS,
)

reflection = _table(
    "reflection",
    *_whose(),
    _column("place", Text, "Where the question is in the module.", primary_key=True),
    _column("prompt", Text, "The question."),
    _column("text", Text, "What the staff member wrote."),
    _column("changed_at", UtcDateTime, "When it was written."),
    _column(
        "shared_at", UtcDateTime, "When the person shared it with the coach; empty while it is private.", nullable=True
    ),
    purpose=worded("What a staff member wrote for themselves in a training module."),
    retention=worded(
        "Until the person deletes it or the account is deleted. Only this person sees it, unless they share it."
    ),
)

facilitation = _table(
    "facilitation",
    *_whose(),
    _column(
        "classroom_id",
        Text,
        "The class it’s planned with.",
        ForeignKey("classroom.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("planned_on", Date, "The day it’s planned for.", nullable=True),
    _column(
        "viewing_id",
        Integer,
        "The viewing the person chose as their Friday session.",
        ForeignKey("viewing.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    _column("changed_at", UtcDateTime, "When it was last changed."),
    purpose=worded(
        "The real Friday session that goes with a training module: planned with a class, then chosen from its viewings."
    ),
    retention=_OF_THE_PERSON,
)

completion = _table(
    "completion",
    _column(
        "code", Text, "Random code on the certificate. Anyone can use it to verify the certificate.", primary_key=True
    ),
    _column(
        "person_id",
        Text,
        "The staff member; empty once that person’s account was deleted.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("slug", Text, "The training module."),
    _column("language", Text, "Language of the module."),
    _column("revision", Text, "Which version of the module was completed."),
    _column("title", Text, "Its title, as on the certificate."),
    _column("issuer", Text, "The organization that issues the certificate."),
    _column("hours", Float, "Contact hours, as counted on that day."),
    _column("completed_on", Date, "The day it was completed.", index=True),
    _column("completed_at", UtcDateTime, "When it was completed."),
    _column("practised_on", Date, "The day of the Friday session that the coach visited.", nullable=True),
    _column(
        "left_name",
        Text,
        "The name on the certificate once that person’s account was deleted, if the district keeps names.",
        nullable=True,
    ),
    _column(
        "left_school_ids",
        JSON(none_as_null=True),
        "The schools where the person worked, once the account was deleted.",
        nullable=True,
    ),
    _one_of("language_known", "language", Language),
    CheckConstraint("hours >= 0", name="hours_not_negative"),
    CheckConstraint("person_id IS NULL OR (left_name IS NULL AND left_school_ids IS NULL)", name="left_or_here"),
    UniqueConstraint("person_id", "slug", "revision"),
    purpose=worded("The training modules a staff member completed, as stated on the certificate."),
    retention=worded(
        "Kept so that a certificate can be verified. When the account is deleted, the person’s name is removed, unless "
        "the district chose to keep names on certificates."
    ),
)

assignment = _table(
    "assignment",
    _id(),
    _column("slug", Text, "The training module."),
    _column(
        "school_id",
        Text,
        "The school whose teachers it is assigned to.",
        ForeignKey("school.id", ondelete="CASCADE"),
        nullable=True,
    ),
    _column(
        "person_id", Text, "The person it’s assigned to.", ForeignKey("person.id", ondelete="CASCADE"), nullable=True
    ),
    _column("due_on", Date, "The due date."),
    _column(
        "assigned_by", Text, "The person who assigned it.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True
    ),
    _column("assigned_at", UtcDateTime, "When it was assigned."),
    CheckConstraint("(school_id IS NULL) <> (person_id IS NULL)", name="one_is_asked"),
    UniqueConstraint("slug", "school_id"),
    UniqueConstraint("slug", "person_id"),
    purpose=worded("The training modules that a coach assigned to staff, with due dates."),
    retention=worded("Until the coach removes it or the account is deleted."),
)


def _item(item: WalkthroughItem, meaning: str) -> Column[str]:
    return _column(item.value, Text, meaning)


walkthrough = _table(
    "walkthrough",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("slug", Text, "The session."),
    _column("on_day", Date, "The school day.", index=True),
    _column(
        "coach_id",
        Text,
        "The coach who visited.",
        ForeignKey("person.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    _column(
        "teacher_id",
        Text,
        "The teacher who led the session; empty for a substitute, or once that person’s account was deleted.",
        ForeignKey("person.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    _column("led_by_substitute", Boolean, "Whether a substitute led the session."),
    _item(WalkthroughItem.CHOICES, "Whether the teacher previewed what was coming and named the choices."),
    _item(WalkthroughItem.ALONGSIDE, "Whether the teacher took part too."),
    _item(WalkthroughItem.ALTERNATIVE, "Whether the alternative was offered without comment."),
    _item(WalkthroughItem.PASSING, "Whether the teacher left time and let students pass."),
    _item(WalkthroughItem.CLOSING, "Whether the teacher closed with a look around the room."),
    _column("glow", Text, "One thing that went well."),
    _column("next_step", Text, "One thing to try next."),
    _column("noted_at", UtcDateTime, "When it was logged."),
    *(_one_of(f"{item.value}_known", item.value, Seen) for item in WalkthroughItem),
    CheckConstraint("NOT led_by_substitute OR teacher_id IS NULL", name="one_led"),
    Index(None, "classroom_id", "slug", "on_day"),
    purpose=worded("A coach’s visit to a class: what the teacher did, never what a student did. It has no score."),
    retention=worded(
        "Kept as the school’s history. When the account of the teacher is deleted, so are the name, the glow and the "
        "next step; when the account of the coach is, so is that name."
    ),
)

# --- Recordings -------------------------------------------------------------------------------------------------------

media_job = _table(
    "media_job",
    _id(),
    _column("name", Text, "Name of the video a coach uploaded."),
    _column("title", Text, "Its title."),
    _column("state", Text, "Waiting, processing, ready or failed."),
    _column("percent", Integer, "How much of the processing is done, from 0 to 100."),
    _column("problem", Text, "Why processing failed.", nullable=True),
    _column("digest", Text, "The video that resulted.", nullable=True),
    _column(
        "asked_by",
        Text,
        "The staff member who uploaded it.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("asked_at", UtcDateTime, "When it was uploaded."),
    _column("changed_at", UtcDateTime, "When processing last made progress.", index=True),
    _one_of("state_known", "state", JobState),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent_is_share"),
    CheckConstraint(f"(state = '{JobState.READY.value}') = (digest IS NOT NULL)", name="ready_has_digest"),
    CheckConstraint(f"(state = '{JobState.FAILED.value}') = (problem IS NOT NULL)", name="failed_has_problem"),
    purpose=worded("Processing of videos that coaches upload, so they can see its progress and retry."),
    retention=worded("Until a week after processing ends."),
)

# --- The site itself --------------------------------------------------------------------------------------------------

setting = _table(
    "setting",
    _column("key", Text, "Name of the setting.", primary_key=True),
    _column("value", JSON, "Its value."),
    purpose=worded("What an admin set for the whole site."),
    retention=_WHILE_IN_USE,
)

audit = _table(
    "audit",
    _column("id", Integer, "Number of the entry.", primary_key=True),
    _column("at", UtcDateTime, "When.", index=True),
    _column("person_id", Text, "The staff member.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("role", Text, "The person’s role."),
    _column("action", Text, "What was done."),
    _column("object", Text, "What it was done to."),
    _column("detail", Text, "What changed."),
    _column(
        "about_id",
        Text,
        "The staff member whose account it was done to; empty for other entries and once that account is removed.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    purpose=worded("What staff changed on the site, so a mistake can be found and fixed."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)


# --- What we record ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnStatement:
    """One column and what it holds, in a sentence."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TableStatement:
    """One table: what it is for, how long its rows are kept, what its columns hold."""

    name: str
    purpose: str
    retention: str
    columns: tuple[ColumnStatement, ...]


def describe() -> Iterator[TableStatement]:
    """Everything that is recorded, table by table in the order of this file."""
    for table in metadata.tables.values():
        columns = tuple(ColumnStatement(column.name, column.info["meaning"]) for column in table.columns)
        yield TableStatement(table.name, table.info["purpose"], table.info["retention"], columns)
