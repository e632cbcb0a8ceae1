"""Builders that tests share: records on a real database in a scratch folder, and a small cast of people and classes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete, select

from tests.support.postgres import fresh_postgresql
from wellness.domain import (
    EVERYWHERE,
    Classroom,
    Completeness,
    EnteredRole,
    Outcome,
    Person,
    Reach,
    Role,
    School,
    SchoolYear,
    VideoFacts,
    ViewingState,
)
from wellness.media import MediaStore
from wellness.records import Records, Writing, calendars, classrooms, open_records, people, schools
from wellness.records.schema import classroom, teaching

MONDAY = date(2026, 9, 14)
FRIDAY = date(2026, 9, 18)
NOON = datetime(2026, 9, 18, 16, 0, tzinfo=UTC)
"""Friday noon in New York."""

DONE = Outcome(ViewingState.DELIVERED, extent=Completeness.WHOLE)
SHORTENED = Outcome(ViewingState.DELIVERED, extent=Completeness.SHORTENED, minutes=5)


# --- Databases --------------------------------------------------------------------------------------------------------


def sqlite_url(folder: Path) -> str:
    """The address of a database file in the folder; no file is made."""
    return f"sqlite:///{folder / 'records.db'}"


def fresh_sqlite(folder: Path) -> str:
    """A database file made by the migrations. Migrating once and copying the file keeps the tests quick."""
    ready = folder.parent / "migrated.db"
    if not ready.exists():
        records = Records(sqlite_url(folder))
        records.migrate()
        records.close()
        shutil.copy(folder / "records.db", ready)
    shutil.copy(ready, folder / "records.db")
    return sqlite_url(folder)


ENGINES: dict[str, Callable[[Path], str]] = {"sqlite": fresh_sqlite, "postgresql": fresh_postgresql}
"""The engines the contract is tested on: the address of empty records for one test."""


def fresh_records(folder: Path, engine: str = "sqlite", *, busy_timeout: float = 15.0) -> Records:
    """Empty records with the newest schema."""
    return open_records(ENGINES[engine](folder), busy_timeout=busy_timeout)


# --- The cast ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cast:
    """Two schools, a year, three classes and four people; `stranger` teaches in the other school."""

    school: School
    other_school: School
    year: SchoolYear
    room_12: Classroom
    room_14: Classroom
    other_room: Classroom
    teacher: Person
    stranger: Person
    coach: Person
    admin: Person


def add_person(tx: Writing, name: str, role: Role, school_id: str | None = None) -> Person:
    """A person called `name` with the email name@demo.test and no usable password."""
    email = f"{name.split()[0].lower()}@demo.test"
    reach = EVERYWHERE if school_id is None else Reach.of(school_id)
    return people.add_person(tx, email=email, name=name, role=role, password_hash="!", at=NOON, reach=reach)


def add_cast(tx: Writing) -> Cast:
    """The cast, in this transaction."""
    school, other = schools.add_school(tx, "Elm School"), schools.add_school(tx, "Oak School")
    year = schools.add_year(tx, "2026-27", date(2026, 8, 31), date(2027, 6, 18), [("Fall", MONDAY, date(2027, 1, 22))])
    teacher = add_person(tx, "Tessa Teacher", Role.TEACHER, school.id)
    stranger = add_person(tx, "Sam Stranger", Role.TEACHER, other.id)

    def room(name: str, where: School, by: Person) -> Classroom:
        return classrooms.add_classroom(
            tx, school_id=where.id, year_id=year.id, name=name, grade="6", size=24, first_on=year.starts_on,
            teacher_ids=[by.id],
        )  # fmt: skip

    return Cast(
        school=school,
        other_school=other,
        year=year,
        room_12=room("Room 12", school, teacher),
        room_14=room("Room 14", school, teacher),
        other_room=room("Room 1", other, stranger),
        teacher=teacher,
        stranger=stranger,
        coach=add_person(tx, "Cora Coach", Role.COACH, school.id),
        admin=add_person(tx, "Ada Admin", Role.ADMIN),
    )


def close_school(tx: Writing, school_ids: Collection[str], first: date, last: date | None = None) -> None:
    """No-school days called Break in these schools, from first to last."""
    calendars.add_closure(tx, school_ids, first, last or first, "Break", by=None, at=NOON)


def set_teachers(tx: Writing, classroom_id: str, teacher_ids: Iterable[str]) -> None:
    """These people and no others have taught the class since its first day."""
    own = teaching.c.classroom_id == classroom_id
    tx.execute(delete(teaching).where(own))
    first_on = tx.execute(select(classroom.c.first_on).where(classroom.c.id == classroom_id)).scalar_one()
    for teacher_id in teacher_ids:
        classrooms.add_teaching(tx, classroom_id, teacher_id, first_on)


def end_class(tx: Writing, room: Classroom, last_on: date) -> None:
    """The class meets for the last time on that day."""
    classrooms.set_days(tx, room.id, room.first_on, last_on)


ENTERED = {Role.TEACHER: EnteredRole.TEACHER, Role.COACH: EnteredRole.COACH, Role.ADMIN: EnteredRole.ADMIN}
"""The role in which each member of staff enters something."""


# --- Texts ------------------------------------------------------------------------------------------------------------

CHECKOUT = Path(__file__).parents[2]
"""The top of the repository."""


def docs_example() -> str:
    """The whole session file of docs/authoring.md, as it stands there."""
    guide = (CHECKOUT / "docs" / "authoring.md").read_text(encoding="utf-8")
    return guide.split("```markdown\n", 1)[1].split("\n```\n", 1)[0] + "\n"


def docs_module() -> str:
    """The whole training module of docs/authoring.md, as it stands there."""
    guide = (CHECKOUT / "docs" / "authoring.md").read_text(encoding="utf-8")
    return guide.split("## Training modules\n", 1)[1].split("```markdown\n", 1)[1].split("\n```\n", 1)[0] + "\n"


def changed(text: str, *swaps: tuple[str, str]) -> str:
    """The text with each old piece, which has to be there, replaced once by the new one."""
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, piece: str) -> int:
    """The number of the first line that holds the piece."""
    return next(number for number, line in enumerate(text.split("\n"), start=1) if piece in line)


def short_session(title: str, words: str = "Notice your feet.", **facts: str) -> str:
    """A small session without a problem; `facts` replace what stands at its top."""
    swaps = {"title: Feet on the floor": f"title: {title}", "About ten minutes. You": f"{words} You"}
    for name, value in facts.items():
        line = next(line for line in docs_example().split("\n") if line.startswith(f"{name}:"))
        swaps[line] = f"{name}: {value}"
    return changed(docs_example(), *swaps.items())


def small_library(folder: Path, **titles: str) -> Path:
    """A library of small sessions; `feet="Feet"` becomes sessions/feet.md."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    (folder / "sessions").mkdir(exist_ok=True)
    for slug, title in titles.items():
        (folder / "sessions" / f"{slug}.md").write_text(short_session(title), encoding="utf-8")
    return folder


def bundled_videos() -> tuple[VideoFacts, ...]:
    """The recordings that come with the site, as texts know them."""
    return MediaStore.list_bundled_facts(CHECKOUT / "static" / "media")


# --- Instances --------------------------------------------------------------------------------------------------------


def copy_instance(source: Path, target: Path) -> Path:
    """A copy of an instance's folder, or of its `media`. Recordings never change, so they are shared by hard links."""

    def copy(file: str, there: str) -> None:
        if Path(file).suffix in (".mp4", ".m4a", ".jpg"):
            os.link(file, there)
        else:
            shutil.copy2(file, there)

    return shutil.copytree(source, target, copy_function=copy)
