"""The fictional district of the demo: its schools, staff and classes. Every name in here is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from ..domain import Contact, Role

DISTRICT = "Juniper County Schools"
TIME_ZONE = "America/New_York"
MINUTES_TARGET = 45

MIDDLE = "Heron Ford Middle School"
ELEMENTARY = "Marigold Ridge Elementary School"
SCHOOLS = (MIDDLE, ELEMENTARY)

DOMAIN = "@demo.test"
"""The domain of every demo email; `.test` is reserved (RFC 6761)."""

CONTACTS = (
    Contact("Ms. Okonkwo-Reed, school social worker", "Room 112", "Before school and at lunch, or 555-0112", MIDDLE),
    Contact("Mr. Birchfield, school counselor", "Room 114, by the library", "Any teacher can send you", MIDDLE),
    Contact("Nurse Greenhaven", "Health room, by the front office", "All day, or 555-0119", MIDDLE),
    Contact(
        "Mr. Villasol-Hart, school social worker", "Room 108", "Before school and at recess, or 555-0128", ELEMENTARY
    ),
    Contact(
        "Ms. Claybrook, school counselor", "Room 110, the yellow door", "Ask your teacher to walk with you", ELEMENTARY
    ),
    Contact("Nurse Fairwater", "Health room, by the office", "All day, or 555-0126", ELEMENTARY),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; `school` None means every school."""

    key: str
    name: str
    role: Role
    school: str | None

    @property
    def email(self) -> str:
        """The email to sign in with."""
        return self.key + DOMAIN


ADMIN = Staff("admin", "Ms. Delphine Arrowood", Role.ADMIN, None)
COACH = Staff("coach", "Ms. Imani Okonkwo-Reed", Role.COACH, None)
PRINCIPAL = Staff("principal", "Dr. Alma Whitcomb-Sosa", Role.PRINCIPAL, MIDDLE)
COACH_2 = Staff("coach2", "Mr. Teodoro Villasol-Hart", Role.COACH, ELEMENTARY)
TEACHER = Staff("teacher", "Ms. Josefina Marlowe-Tran", Role.TEACHER, MIDDLE)
"""The teacher whose classes of this week are not logged yet, so that visitors can run a session."""

STAFF = (
    ADMIN,
    COACH,
    COACH_2,
    PRINCIPAL,
    TEACHER,
    Staff("teacher2", "Mr. Desmond Featherly", Role.TEACHER, ELEMENTARY),
    Staff("teacher3", "Ms. Anjali Thornquist", Role.TEACHER, MIDDLE),
    Staff("teacher4", "Mr. Booker Lindenmoor", Role.TEACHER, MIDDLE),
    Staff("teacher5", "Ms. Xochitl Brambleton", Role.TEACHER, MIDDLE),
    Staff("teacher6", "Mr. Hieu Castleberry-Vo", Role.TEACHER, MIDDLE),
    Staff("teacher7", "Ms. Latoya Pemberwick", Role.TEACHER, MIDDLE),
    Staff("teacher8", "Ms. Wren Oxenfield", Role.TEACHER, ELEMENTARY),
    Staff("teacher9", "Mr. Emeka Summerlark", Role.TEACHER, ELEMENTARY),
    Staff("teacher10", "Ms. Yasmin Hollowell-Aziz", Role.TEACHER, ELEMENTARY),
    Staff("teacher11", "Mx. Rowan Applegarth", Role.TEACHER, ELEMENTARY),
    Staff("teacher12", "Ms. Soledad Finchwater", Role.TEACHER, ELEMENTARY),
)


@dataclass(frozen=True, slots=True)
class Room:
    """A class: when its session begins, who teaches it (`Staff.key`), and how much of the year's sessions it gets to.

    `meets_on` is the one weekday (0 is Monday) on which the class meets; None is every day.
    """

    school: str
    name: str
    grade: str
    size: int
    begins: time
    teachers: tuple[str, ...]
    steadiness: float = 0.8
    has_door: bool = True
    meets_on: int | None = None


_ADVISORY = time(8, 15)
_PERIOD = {1: time(8, 55), 2: time(9, 50), 3: time(10, 45), 4: time(12, 15), 5: time(13, 10), 6: time(14, 5)}

ROOMS = (
    Room(MIDDLE, "Advisory 6-1", "6", 21, _ADVISORY, ("teacher3",), 0.93),
    Room(MIDDLE, "Advisory 6-2", "6", 20, _ADVISORY, ("teacher4",)),
    Room(MIDDLE, "Advisory 7-1", "7", 22, _ADVISORY, ("teacher",), 0.85),
    Room(MIDDLE, "Advisory 7-2", "7", 23, _ADVISORY, ("teacher5",), 0.9),
    Room(MIDDLE, "Advisory 8-1", "8", 24, _ADVISORY, ("teacher6",)),
    Room(MIDDLE, "Advisory 8-2", "8", 22, _ADVISORY, ("teacher7", "teacher6"), 0.88),
    Room(MIDDLE, "English 6, Period 1", "6", 27, _PERIOD[1], ("teacher4", "teacher3")),
    Room(MIDDLE, "Health 6, Period 2", "6", 26, _PERIOD[2], ("teacher",), 0.85),
    Room(MIDDLE, "Science 6, Period 3", "6", 28, _PERIOD[3], ("teacher3",)),
    Room(MIDDLE, "Science 6, Period 6", "6", 24, _PERIOD[6], ("teacher3",), 0.72),
    Room(MIDDLE, "Math 7, Period 1", "7", 29, _PERIOD[1], ("teacher5",), 0.76),
    Room(MIDDLE, "Math 7, Period 3", "7", 28, _PERIOD[3], ("teacher5", "teacher4")),
    Room(MIDDLE, "English 7, Period 4", "7", 26, _PERIOD[4], ("teacher4",), has_door=False),
    Room(MIDDLE, "Social Studies 7, Period 6", "7", 25, _PERIOD[6], ("teacher6",), 0.72),
    Room(MIDDLE, "Social Studies 8, Period 2", "8", 30, _PERIOD[2], ("teacher6",)),
    Room(MIDDLE, "Health 8, Period 5", "8", 27, _PERIOD[5], ("teacher",), 0.82),
    Room(MIDDLE, "Band 8, Period 4", "8", 30, _PERIOD[4], ("teacher7",), 0.75, has_door=False),
    Room(MIDDLE, "Art 8, Period 6", "8", 19, _PERIOD[6], ("teacher7",)),
    Room(ELEMENTARY, "Room 101, Morning", "K", 16, time(9, 10), ("teacher8",), 0.92),
    Room(ELEMENTARY, "Room 101, Afternoon", "K", 14, time(12, 50), ("teacher8",), 0.86),
    Room(ELEMENTARY, "Room 102", "1", 18, time(13, 20), ("teacher9",)),
    Room(ELEMENTARY, "Room 103", "1", 19, time(13, 20), (), 0.3),
    Room(ELEMENTARY, "Room 104", "2", 20, time(12, 40), ("teacher2",), 0.88),
    Room(ELEMENTARY, "Reading Group, Grade 2", "2", 14, time(9, 40), ("teacher2", "teacher9"), has_door=False),
    Room(ELEMENTARY, "Room 201", "3", 22, time(13, 5), ("teacher10",), 0.94),
    Room(ELEMENTARY, "Library, Grade 3", "3", 21, time(10, 30), ("teacher10", "teacher12"), meets_on=1),
    Room(ELEMENTARY, "Room 203", "4", 24, time(13, 5), ("teacher11",)),
    Room(ELEMENTARY, "Art, Grade 4", "4", 23, time(10, 30), ("teacher11",), 0.76, meets_on=2),
    Room(ELEMENTARY, "Room 205", "5", 25, time(12, 35), ("teacher12",), 0.85),
    Room(ELEMENTARY, "Music, Grade 5", "5", 26, time(11, 15), ("teacher12", "teacher8"), has_door=False, meets_on=0),
)
