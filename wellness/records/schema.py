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
    EnteredRole,
    Extent,
    JobState,
    Language,
    NotDoneReason,
    PartKind,
    PublicationAct,
    Role,
    Seen,
    TextKind,
    Told,
    ViewingState,
    WalkthroughItem,
)
from ..errors import worded
from .database.instants import UtcDateTime
from .database.words import Text

REVISIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004", "0005")
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
    return _column("id", Text, worded("Random name of this row."), primary_key=True)


def _one_of(name: str, column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


_WHILE_IN_USE = worded("Kept while the school uses the site.")
_HISTORY = worded("Kept as the school's history; a person's name leaves it when the account is removed.")


# --- Schools, years, classes ------------------------------------------------------------------------------------------

school = _table(
    "school",
    _id(),
    _column("name", Text, "Name of the school.", unique=True),
    purpose=worded("The schools of the district."),
    retention=_WHILE_IN_USE,
)

school_year = _table(
    "school_year",
    _id(),
    _column("name", Text, "Name of the year, such as 2026-27.", unique=True),
    _column("starts_on", Date, "First day."),
    _column("ends_on", Date, "Last day."),
    CheckConstraint("starts_on <= ends_on", name="days_in_order"),
    purpose=worded("The school years, so that classes and numbers belong to one."),
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

no_school_day = _table(
    "no_school_day",
    _id(),
    _column(
        "school_id",
        Text,
        "The school, or nothing for every school.",
        ForeignKey("school.id", ondelete="CASCADE"),
        nullable=True,
    ),
    _column("on_day", Date, "The day without school.", index=True),
    _column("reason", Text, "Why, such as a holiday."),
    UniqueConstraint("school_id", "on_day"),
    purpose=worded("Days without school, so that nothing is due on them."),
    retention=_WHILE_IN_USE,
)

classroom = _table(
    "classroom",
    _id(),
    _column("school_id", Text, "The school.", ForeignKey("school.id")),
    _column("year_id", Text, "The school year.", ForeignKey("school_year.id")),
    _column("name", Text, "Name of the class, such as Room 12."),
    _column("grade", Text, "Grade, K to 12."),
    _column("size", Integer, "How many students the class has: a number, no list."),
    _column("is_active", Boolean, "Whether the class meets now."),
    CheckConstraint("size > 0", name="size_positive"),
    UniqueConstraint("school_id", "year_id", "name"),
    Index(None, "year_id"),
    purpose=worded("The classes that run a session. A class has a size and no list of students."),
    retention=_WHILE_IN_USE,
)

classroom_teacher = _table(
    "classroom_teacher",
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE"), primary_key=True),
    _column(
        "person_id", Text, "The teacher.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    purpose=worded("Who teaches which class."),
    retention=worded("Until the teacher leaves the class or the account is removed."),
)

door = _table(
    "door",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id", ondelete="CASCADE"), index=True),
    _column("code", Text, "The short code on the class's door card."),
    _column("code_digest", Text, "Fingerprint of the code, by which it is looked up.", unique=True),
    _column("created_at", UtcDateTime, "When the card was made."),
    _column("revoked_at", UtcDateTime, "When the card stopped working.", nullable=True),
    purpose=worded("The door cards, with which a substitute opens this week's session for one class."),
    retention=worded("A card stops working when a new one is made or the school year ends."),
)

# --- People -----------------------------------------------------------------------------------------------------------

person = _table(
    "person",
    _id(),
    _column("email", Text, "Work e-mail, in small letters; it is the name to sign in with.", unique=True),
    _column("name", Text, "The person's name."),
    _column("role", Text, "Teacher, coach or admin."),
    _column(
        "school_id", Text, "The person's school, or nothing for every school.", ForeignKey("school.id"), nullable=True
    ),
    _column("language", Text, "Language of the pages."),
    _column("password_hash", Text, "Salted hash of the password; the password itself is never kept."),
    _column("version", Integer, "Counts up when the password or the role changes, which ends every sign-in."),
    _column("is_active", Boolean, "Whether the person may sign in."),
    _column("created_at", UtcDateTime, "When the account was made."),
    _one_of("role_known", "role", Role),
    _one_of("language_known", "language", Language),
    purpose=worded("The accounts of staff. Students and families have none."),
    retention=worded("Until an admin removes the account."),
)

sign_in = _table(
    "sign_in",
    _column("key_digest", Text, "Fingerprint of the random key in the browser's cookie.", primary_key=True),
    _column("person_id", Text, "Who signed in.", ForeignKey("person.id", ondelete="CASCADE"), index=True),
    _column("person_version", Integer, "The account's version at that time."),
    _column("created_at", UtcDateTime, "When the person signed in."),
    _column("seen_at", UtcDateTime, "When the sign-in was last used, to within some minutes."),
    _column("expires_at", UtcDateTime, "When it ends by itself.", index=True),
    purpose=worded("Who of the staff is signed in."),
    retention=worded("Until the person signs out: at most 12 hours without use and 7 days in all."),
)

sign_in_failure = _table(
    "sign_in_failure",
    _column(
        "account_digest",
        Text,
        "Fingerprint of the e-mail that was typed, another one for each browser that has signed in with it before.",
        primary_key=True,
    ),
    _column("failures", Integer, "Wrong passwords in a row."),
    _column("last_at", UtcDateTime, "When the last one was.", index=True),
    _column("blocked_until", UtcDateTime, "Until when the next try has to wait.", nullable=True),
    CheckConstraint("failures > 0", name="failures_positive"),
    purpose=worded("Slows down the guessing of a staff password."),
    retention=worded("Until the right password is entered, at most a day after the last wrong one."),
)

# --- Plans and viewings -----------------------------------------------------------------------------------------------

plan = _table(
    "plan",
    _id(),
    _column("school_id", Text, "The school.", ForeignKey("school.id", ondelete="CASCADE")),
    _column("week_on", Date, "Monday of the week.", index=True),
    _column("grade", Text, "The grade."),
    _column("slug", Text, "The session that is due."),
    _column("entered_by", Text, "Who planned it.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("entered_at", UtcDateTime, "When it was planned."),
    UniqueConstraint("school_id", "week_on", "grade"),
    purpose=worded("Which session is due for which grades in which week."),
    retention=_HISTORY,
)

_PERSON_SAID = f"state IN ('{ViewingState.DELIVERED.value}', '{ViewingState.NOT_DONE.value}')"

viewing = _table(
    "viewing",
    _column("id", Integer, "Number of the viewing.", primary_key=True),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("slug", Text, "The session."),
    _column("revision", Text, "Which text of the session was shown."),
    _column("language", Text, "Language in which it was shown."),
    _column("on_day", Date, "The school day."),
    _column("week_on", Date, "Monday of that week.", index=True),
    _column("state", Text, "Opened, played, delivered or not done."),
    _column("extent", Text, "Whether a delivered session was whole or shortened.", nullable=True),
    _column("reason", Text, "Why a session was not done.", nullable=True),
    _column("minutes", Integer, "Minutes it took.", nullable=True),
    _column("coverage", Float, "Share of the video or the practice that ran, 0 to 1."),
    _column("opened_at", UtcDateTime, "When it was first opened for the class.", nullable=True),
    _column("played_at", UtcDateTime, "When enough of it had run.", nullable=True),
    _column("entered_at", UtcDateTime, "When a person said how it went.", nullable=True),
    _column(
        "entered_by",
        Text,
        "The member of staff who said so.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("entered_role", Text, "Teacher, substitute, coach, admin, or the site itself."),
    _column("is_late", Boolean, "Whether it was entered on a later day."),
    _one_of("language_known", "language", Language),
    _one_of("state_known", "state", ViewingState),
    _one_of("extent_known", "extent", Extent),
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
    purpose=worded(
        "One class and one session on one day: what was opened, what ran and what the teacher said about it."
    ),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

viewing_ran = _table(
    "viewing_ran",
    _column("viewing_id", Integer, "The viewing.", ForeignKey("viewing.id", ondelete="CASCADE"), primary_key=True),
    _column("part", Text, "Which video or practice of the session.", primary_key=True),
    _column("duration", Integer, "Its length in seconds."),
    _column("ranges", Text, "Which of its seconds ran for the class."),
    CheckConstraint("duration > 0", name="duration_positive"),
    purpose=worded("Which seconds of a video or practice ran for a class, so that the same minute counts once."),
    retention=worded("As long as the viewing."),
)

viewing_change = _table(
    "viewing_change",
    _column("id", Integer, "Number of the change.", primary_key=True),
    _column("batch_id", Text, "Changes that were made with one press.", index=True),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id"), index=True),
    _column("slug", Text, "The session."),
    _column("on_day", Date, "The school day."),
    _column("before", JSON(none_as_null=True), "What was said before.", nullable=True),
    _column("after", JSON, "What was said instead."),
    _column("at", UtcDateTime, "When."),
    _column("by", Text, "The member of staff.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("role", Text, "Teacher, substitute, coach or admin."),
    _column("undone_at", UtcDateTime, "When the change was taken back.", nullable=True),
    _column("undone_by", Text, "Who took it back.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _one_of("role_known", "role", EnteredRole),
    purpose=worded("What was said about a viewing before it was changed, so that nothing is overwritten unseen."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

outside_lesson = _table(
    "outside_lesson",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("on_day", Date, "The school day.", index=True),
    _column("minutes", Integer, "Minutes taught."),
    _column("curriculum", Text, "The curriculum it came from."),
    _column("title", Text, "What was taught."),
    _column("entered_by", Text, "The member of staff.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("entered_at", UtcDateTime, "When it was entered."),
    CheckConstraint("minutes > 0", name="minutes_positive"),
    Index(None, "classroom_id", "on_day"),
    purpose=worded("SEL minutes taught from another curriculum, so that the week's minutes add up."),
    retention=_HISTORY,
)

class_week = _table(
    "class_week",
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id"), primary_key=True),
    _column("week_on", Date, "Monday of the week.", primary_key=True),
    _column("slug", Text, "The session that was planned.", nullable=True),
    _column("told", Text, "What the viewings of the week say of it.", nullable=True),
    _column("delivered_minutes", Integer, "Minutes of delivered sessions."),
    _column("outside_minutes", Integer, "Minutes taught from other curricula."),
    _one_of("told_known", "told", Told),
    CheckConstraint("delivered_minutes >= 0 AND outside_minutes >= 0", name="minutes_not_negative"),
    purpose=worded(
        "The week of a class added up from its viewings and outside lessons, so that the report of a district is quick. "
        "It can be made again from them."
    ),
    retention=worded("As long as the viewing."),
    sqlite_with_rowid=False,  # a week's row lies where its key is, and the report reads hardly anything else
)

# --- Texts ------------------------------------------------------------------------------------------------------------


def _text_key(*, in_primary_key: bool) -> tuple[Column[Any], ...]:
    return (
        _column("kind", Text, "Whether it is a session, a training module or a page.", primary_key=in_primary_key),
        _column("slug", Text, "Name of the text, as in its address.", primary_key=in_primary_key),
        _column("language", Text, "Language of the text.", primary_key=in_primary_key),
        _one_of("kind_known", "kind", TextKind),
        _one_of("language_known", "language", Language),
    )  # type: ignore[return-value]


draft = _table(
    "draft",
    *_text_key(in_primary_key=True),
    _column("text", Text, "What is being written; nothing when it was published or thrown away.", nullable=True),
    _column("version", Integer, "How often it was saved, so that nobody overwrites another unseen."),
    _column("base_revision", Text, "The published text that it began from.", nullable=True),
    _column(
        "changed_by",
        Text,
        "The member of staff who saved it last.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("changed_at", UtcDateTime, "When it was saved last."),
    _column("publish_at", UtcDateTime, "When it is to be published by itself.", index=True, nullable=True),
    _column(
        "scheduled_by",
        Text,
        "The member of staff who chose that time.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    CheckConstraint("version > 0", name="version_positive"),
    CheckConstraint("publish_at IS NULL OR text IS NOT NULL", name="scheduled_has_text"),
    purpose=worded("The texts that coaches are writing, saved as they type."),
    retention=worded("Until the text is published or thrown away."),
)

draft_keep = _table(
    "draft_keep",
    *_text_key(in_primary_key=True),
    _column("warning", Text, "The warning of the check.", primary_key=True),
    _column("reason", Text, "Why the words stay as they are."),
    _column(
        "by", Text, "The member of staff who said so.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True
    ),
    _column("at", UtcDateTime, "When."),
    purpose=worded("Warnings of the check that a coach answered with a reason to keep her words."),
    retention=_HISTORY,
)

draft_opened = _table(
    "draft_opened",
    *_text_key(in_primary_key=True),
    _column("person_id", Text, "The member of staff.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    _column("opened_at", UtcDateTime, "Since when the text is open."),
    _column("seen_at", UtcDateTime, "When it was last seen open.", index=True),
    purpose=worded("Who has a text open in the studio, so that two people do not write over each other."),
    retention=worded("Until the next day."),
)

publication = _table(
    "publication",
    _column("seq", Integer, "Number of the entry.", primary_key=True),
    *_text_key(in_primary_key=False),
    _column("act", Text, "Whether it came with the site, was published, restored, taken down, or changed outside."),
    _column("revision", Text, "Mark of the text.", nullable=True),
    _column("text", Text, "The text that went live; nothing when it was taken down.", nullable=True),
    _column("by", Text, "The member of staff.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("at", UtcDateTime, "When."),
    _one_of("act_known", "act", PublicationAct),
    CheckConstraint("(revision IS NULL) = (text IS NULL)", name="text_has_revision"),
    Index(None, "kind", "slug", "language", "seq"),
    purpose=worded("The log of every text that went live, from which the pages are made and any can be restored."),
    retention=_HISTORY,
    sqlite_autoincrement=True,
)

# --- Training ---------------------------------------------------------------------------------------------------------

_THEIRS = worded("Until the account is removed. Only this person sees it.")
_OF_THE_PERSON = worded("Until the account is removed.")


def _whose() -> tuple[Column[Any], ...]:
    return (
        _column(
            "person_id", Text, "The member of staff.", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
        ),
        _column("slug", Text, "The training module.", primary_key=True),
    )


training_progress = _table(
    "training_progress",
    *_whose(),
    _column("part", Text, "Which part of the module.", primary_key=True),
    _column("seen_at", UtcDateTime, "When the person last looked at it."),
    _column("done_at", UtcDateTime, "When the person said it is done.", nullable=True),
    _one_of("part_known", "part", PartKind),
    purpose=worded("Which parts of a training module a member of staff has done, so that they can go on later."),
    retention=worded("Until the account is removed. The coach sees how many parts are done."),
)

training_answer = _table(
    "training_answer",
    *_whose(),
    _column("revision", Text, "Which text of the module was shown.", primary_key=True),
    _column("question", Text, "Which question of its check.", primary_key=True),
    _column("chosen", JSON, "What the member of staff chose so far."),
    _column("saved_at", UtcDateTime, "When it was saved."),
    purpose=worded("What a member of staff chose in a check that is not handed in yet, so that nothing is lost."),
    retention=worded("Until the check is handed in or the module completed. Only this person sees it."),
)

training_try = _table(
    "training_try",
    _column("id", Text, "Random name of this try, made with its form.", primary_key=True),
    _column("person_id", Text, "The member of staff.", ForeignKey("person.id", ondelete="CASCADE")),
    _column("slug", Text, "The training module."),
    _column("revision", Text, "Which text of the module was shown."),
    _column("chosen", JSON, "What the member of staff chose."),
    _column("right", Integer, "How many questions were right."),
    _column("graded", Integer, "How many questions can be right or wrong."),
    _column("is_passed", Boolean, "Whether that is enough."),
    _column("tried_at", UtcDateTime, "When it was handed in."),
    CheckConstraint('"right" >= 0 AND "right" <= graded', name="right_of_graded"),
    Index(None, "person_id", "slug"),
    purpose=worded("The tries at the check of a training module. It may be tried as often as one likes."),
    retention=_THEIRS,
)

reflection = _table(
    "reflection",
    *_whose(),
    _column("place", Text, "Where in the module it was asked.", primary_key=True),
    _column("prompt", Text, "What was asked."),
    _column("text", Text, "What the member of staff wrote."),
    _column("changed_at", UtcDateTime, "When it was written."),
    _column(
        "shared_at", UtcDateTime, "When the person shared it with the coach; empty while it is private.", nullable=True
    ),
    purpose=worded("What a member of staff wrote for themselves in a training module."),
    retention=worded(
        "Until the person deletes it or the account is removed. Only this person sees it, unless they share it."
    ),
)

facilitation = _table(
    "facilitation",
    *_whose(),
    _column(
        "classroom_id",
        Text,
        "The class it is planned with.",
        ForeignKey("classroom.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("planned_on", Date, "The day it is planned for.", nullable=True),
    _column(
        "viewing_id",
        Integer,
        "The viewing that the person chose as the real one.",
        ForeignKey("viewing.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    _column("changed_at", UtcDateTime, "When it was last changed."),
    purpose=worded("The one real Friday of a training module: planned with a class, then chosen from its viewings."),
    retention=_OF_THE_PERSON,
)

completion = _table(
    "completion",
    _column("code", Text, "Random code on the certificate, by which anyone can verify it.", primary_key=True),
    _column("person_id", Text, "The member of staff.", ForeignKey("person.id", ondelete="CASCADE")),
    _column("slug", Text, "The training module."),
    _column("language", Text, "Language of the module."),
    _column("revision", Text, "Which text of the module was completed."),
    _column("title", Text, "Its title, as on the certificate."),
    _column("issuer", Text, "Who issues the certificate."),
    _column("hours", Float, "Contact hours, as they counted on that day."),
    _column("completed_on", Date, "The day it was completed.", index=True),
    _column("completed_at", UtcDateTime, "When it was completed."),
    _column("practised_on", Date, "The day of the real one that the coach visited.", nullable=True),
    _one_of("language_known", "language", Language),
    CheckConstraint("hours >= 0", name="hours_not_negative"),
    UniqueConstraint("person_id", "slug", "revision"),
    purpose=worded("The training modules a member of staff completed: what the certificate states."),
    retention=_OF_THE_PERSON,
)

assignment = _table(
    "assignment",
    _id(),
    _column("slug", Text, "The training module."),
    _column(
        "school_id",
        Text,
        "The school whose teachers are asked.",
        ForeignKey("school.id", ondelete="CASCADE"),
        nullable=True,
    ),
    _column("person_id", Text, "The person who is asked.", ForeignKey("person.id", ondelete="CASCADE"), nullable=True),
    _column("due_on", Date, "By when."),
    _column("assigned_by", Text, "Who asks.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("assigned_at", UtcDateTime, "When it was asked."),
    CheckConstraint("(school_id IS NULL) <> (person_id IS NULL)", name="one_is_asked"),
    UniqueConstraint("slug", "school_id"),
    UniqueConstraint("slug", "person_id"),
    purpose=worded("The training modules that a coach asks staff to take, and by when."),
    retention=worded("Until the coach takes it back or the account is removed."),
)


def _item(item: WalkthroughItem, meaning: str) -> Column[str]:
    return _column(item.value, Text, meaning)


walkthrough = _table(
    "walkthrough",
    _id(),
    _column("classroom_id", Text, "The class.", ForeignKey("classroom.id")),
    _column("slug", Text, "The session."),
    _column("on_day", Date, "The school day.", index=True),
    _column("coach_id", Text, "Who visited.", ForeignKey("person.id", ondelete="SET NULL"), index=True, nullable=True),
    _column(
        "teacher_id",
        Text,
        "Who led the session; nothing for a substitute.",
        ForeignKey("person.id", ondelete="SET NULL"),
        index=True,
        nullable=True,
    ),
    _item(WalkthroughItem.CHOICES, "Whether what comes was previewed and the choices were named."),
    _item(WalkthroughItem.ALONGSIDE, "Whether the teacher took part alongside."),
    _item(WalkthroughItem.ALTERNATIVE, "Whether the alternative was offered without comment."),
    _item(WalkthroughItem.PASSING, "Whether there was time, and passing was fine."),
    _item(WalkthroughItem.CLOSING, "Whether it was closed with a look around the room."),
    _column("glow", Text, "One thing that went well."),
    _column("next_step", Text, "One thing to try next."),
    _column("noted_at", UtcDateTime, "When it was noted."),
    *(_one_of(f"{item.value}_known", item.value, Seen) for item in WalkthroughItem),
    Index(None, "classroom_id", "slug", "on_day"),
    purpose=worded("A coach's visit to a class: what the teacher offered, never what a student did. It has no score."),
    retention=_HISTORY,
)

# --- Recordings -------------------------------------------------------------------------------------------------------

media_job = _table(
    "media_job",
    _id(),
    _column("name", Text, "Name of the recording that a coach brings."),
    _column("title", Text, "Its title."),
    _column("state", Text, "Waiting, working, ready or failed."),
    _column("percent", Integer, "How much of the work is done, 0 to 100."),
    _column("problem", Text, "Why the work failed.", nullable=True),
    _column("digest", Text, "Which recording came of it.", nullable=True),
    _column(
        "asked_by",
        Text,
        "The member of staff who brought it.",
        ForeignKey("person.id", ondelete="SET NULL"),
        nullable=True,
    ),
    _column("asked_at", UtcDateTime, "When it was brought."),
    _column("changed_at", UtcDateTime, "When the work last went on.", index=True),
    _one_of("state_known", "state", JobState),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent_is_share"),
    CheckConstraint(f"(state = '{JobState.READY.value}') = (digest IS NOT NULL)", name="ready_has_digest"),
    CheckConstraint(f"(state = '{JobState.FAILED.value}') = (problem IS NOT NULL)", name="failed_has_problem"),
    purpose=worded("The work on recordings that coaches bring, so that it can be followed and started again."),
    retention=worded("Until a week after the work ended."),
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
    _column("person_id", Text, "The member of staff.", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    _column("role", Text, "In which role."),
    _column("action", Text, "What was done."),
    _column("object", Text, "To what."),
    _column("detail", Text, "What changed."),
    purpose=worded("What staff changed on the site, so that a mistake can be found and mended."),
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
