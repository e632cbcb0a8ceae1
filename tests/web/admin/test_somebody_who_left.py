"""Pages say “somebody who left” for a person who was removed, and “a substitute” only where a substitute led."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.demo_site import MONDAY, OWN, DemoSite
from tests.support.pages import PageClient
from wellness.domain import Walkthrough
from wellness.records import completions, walkthroughs

LEFT = "somebody who left"


def remove(demo: DemoSite, key: str) -> None:
    """Remove the person's account, as an admin does."""
    admin, path = demo.signed_in("admin"), f"/admin/people/{demo.person(key).id}/remove"
    admin.submit(admin.open(path).form(path))


def a_visit(demo: DemoSite, coach: PageClient, led_by: str) -> Walkthrough:
    """A visit of this coach to the class, led by a teacher or a substitute."""
    form = coach.open(f"/coach/classes/{demo.classroom(OWN).id}/visit").find("form", class_="visit")
    items: dict[str, Any] = {
        f"item_{item}": "seen" for item in ("choices", "alongside", "alternative", "passing", "closing")
    }
    typed: dict[str, Any] = {"led_by": led_by, "glow": "Calm start.", "next_step": "One breath more."}
    coach.submit(form, **typed, **items)
    with demo.records.reading() as tx:
        return walkthroughs.list_walkthroughs(tx)[0]


def test_a_visit_to_a_removed_teacher_is_not_a_substitutes(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    teacher_id = demo.person("teacher").id
    path = f"/training/visits/{a_visit(demo, coach, teacher_id).id}"
    remove(demo, "teacher")
    page = coach.open(path)
    assert f"Led by: {LEFT}." in page.main and "substitute" not in page.main
    assert "Calm start." not in page.main and "deleted with the account" in page.main
    assert LEFT in coach.open("/coach/visits").main
    edited = coach.open(f"/coach/classes/{demo.classroom(OWN).id}/visits/{path.rpartition('/')[2]}")
    form = edited.find("form", class_="visit")
    assert f"Led by: {LEFT}." in coach.submit(form, glow="Calm.", next_step="Wait.").main


def test_a_visit_led_by_a_substitute_stays_one_when_the_coach_is_removed(demo: DemoSite) -> None:
    path = f"/training/visits/{a_visit(demo, demo.signed_in('coach'), 'substitute').id}"
    remove(demo, "coach")
    assert f"Written by {LEFT}. Led by: a substitute." in demo.signed_in("admin").open(path).main


def test_the_roster_keeps_the_row_of_a_removed_teacher(demo: DemoSite) -> None:
    teacher = demo.person("teacher")
    with demo.records.reading() as tx:
        one = next(iter(completions.list_completions(tx, [teacher.id]).values()))[0]
    address = f"/coach/training/roster?month={one.completed_on.isoformat()[:7]}"
    coach, csv = demo.signed_in("coach"), address.replace("roster?", "roster.csv?")
    before = next(row for row in coach.open(address).rows() if one.code in row)
    remove(demo, "teacher")
    after = next(row for row in coach.open(address).rows() if one.code in row)
    assert after == [LEFT, *before[1:]]
    line = next(line for line in coach.fetch(csv).get_data(as_text=True).splitlines() if one.code in line)
    assert line.startswith(f'"{LEFT}","{before[1]}",')
    assert one.code not in demo.signed_in("coach2").open(address).main


def test_every_page_that_named_a_removed_person_says_that_they_left(demo: DemoSite) -> None:
    teacher, coach = demo.person("teacher"), demo.person("coach")
    admin = demo.signed_in("admin")
    room = demo.classroom(OWN)
    a_visit(demo, demo.signed_in("coach"), teacher.id)
    editor = a_draft(demo)
    addresses = [
        f"/teach/classes/{room.id}",
        f"/coach/cells/{room.id}/{MONDAY - timedelta(days=7)}",
        "/coach/training",
        "/admin/audit",
        editor,
        "/coach/studio/",
    ]
    remove(demo, "teacher")
    remove(demo, "coach")
    pages = {address: admin.open(address).main for address in addresses}
    assert [address for address, text in pages.items() if teacher.name in text or coach.name in text] == []
    assert [address for address, text in pages.items() if LEFT not in text] == []


def a_draft(demo: DemoSite) -> str:
    """The coach saves a draft; its editor's address."""
    coach, path = demo.signed_in("coach"), "/coach/studio/sessions/body-scan"
    typed: dict[str, Any] = {"fact-title": "Body scan, again"}
    coach.submit(coach.open(path).form(path), **typed)
    return path
