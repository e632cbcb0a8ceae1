"""After a person's data was removed, nothing of it is left in the files of the records."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.demo_site import DemoSite
from wellness.records import people
from wellness.records.schema import reflection
from wellness.school.people import remove_person, set_temporary_password


def test_nothing_of_a_removed_person_is_left_in_the_bytes_of_the_records(demo: DemoSite) -> None:
    teacher, admin = demo.person("teacher"), demo.person("admin")
    hashed = "a-hash-that-is-hers-alone"
    with demo.records.writing() as tx:
        people.set_password_hash(tx, teacher.id, hashed)
        words = tx.execute(select(reflection.c.text).where(reflection.c.person_id == teacher.id)).scalars().all()
    traces = [teacher.id, teacher.email, teacher.name, hashed, *words]
    assert words and all(trace.encode() in in_files(demo) for trace in traces)
    demo.signed_in("teacher").open("/teach/")
    set_temporary_password(demo.records, admin, teacher.id, demo.clock())

    remove_person(demo.records, admin, teacher.id, demo.clock())

    left = [trace for trace in traces if trace.encode() in in_files(demo)]
    assert left == []
    assert demo.signed_in("coach").open("/coach/").status == 200
    assert demo.records.find_damage(thorough=True) == []


def in_files(demo: DemoSite) -> bytes:
    """All bytes of the database and of its companions."""
    return b"".join(path.read_bytes() for path in sorted(demo.home.glob("records.db*")))
