"""No-school days from a calendar file: proposals, one button, one undo."""

from __future__ import annotations

import io
from datetime import date

import pytest

from tests.support.demo_site import OWN, DemoSite
from tests.support.pages import Page, PageClient
from wellness.domain import Closure
from wellness.records import calendars

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//School//EN\r\n"


def event(title: str, *lines: str, uid: str = "") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid or title}", f"SUMMARY:{title}", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    return (HEAD + "".join(events) + "END:VCALENDAR\r\n").encode()


SCHOOL = calendar(
    event("Mid-winter Break", "DTSTART;VALUE=DATE:20270215", "DTEND;VALUE=DATE:20270220"),
    event("No School", "DTSTART;VALUE=DATE:20270305"),
    event("Early Release Day", "DTSTART:20270310T173000Z", "DTEND:20270310T200000Z"),
    event("Teacher Workday", "DTSTART;VALUE=DATE:20270312", "DTEND;VALUE=DATE:20270313"),
    event("Spring concert", "DTSTART:20270316T230000Z"),
    event("Old holiday", "DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261002"),
    event("Saturday holiday", "DTSTART;VALUE=DATE:20270306", "DTEND;VALUE=DATE:20270307"),
)


def look(browser: PageClient, data: bytes, status: int = 200) -> Page:
    """Choose the file and look at what it proposes."""
    page = browser.open("/coach/calendar/import")
    form = page.form("/coach/calendar/import")
    return browser.submit(form, status, file=(io.BytesIO(data), "school.ics"))


def proposals(page: Page) -> dict[str, bool]:
    """Each entry and whether it is ticked."""
    labels = {label.get("for"): " ".join("".join(label.itertext()).split()) for label in page.all("label")}
    return {labels[one.get("id")]: one.get("checked") is not None for one in page.all("input", name="pick")}


def days(demo: DemoSite, first: date = date(2027, 2, 1), last: date = date(2027, 3, 31)) -> list[Closure]:
    own = [demo.classroom(OWN).school_id]
    with demo.records.reading() as tx:
        return calendars.list_closures(tx, first=first, last=last, school_ids=own)


def add(browser: PageClient, page: Page) -> Page:
    return browser.submit(page.form("/coach/calendar/import/save"))


def test_a_file_is_shown_added_with_one_button_and_undone_with_one(demo: DemoSite) -> None:
    browser, before = demo.signed_in("coach"), days(demo)
    page = look(browser, SCHOOL)
    assert days(demo) == before, "nothing is saved yet"
    assert proposals(page) == {
        "Feb 15 – 19, 2027: Mid-winter Break (No school)": True,
        "Mar 5, 2027: No School (No school)": True,
        "Mar 10, 2027: Early Release Day (Half day, sessions happen)": True,
        "Mar 12, 2027: Teacher Workday (Do students have no school on that day? Check it if so.)": False,
        "Mar 16, 2027: Spring concert": False,
    }
    page = add(browser, page)
    assert "No-school days added." in page.text and "3 entries, added" in page.main
    added = [one for one in days(demo) if one not in before]
    assert [(str(one.first_on), str(one.last_on), one.kind.value, one.reason) for one in added] == [
        ("2027-02-15", "2027-02-19", "closed", "Mid-winter Break"),
        ("2027-03-05", "2027-03-05", "closed", "No School"),
        ("2027-03-10", "2027-03-10", "half day", "Early Release Day"),
    ]
    undo = next(one for one in page.all("form") if str(one.get("action")).split("?")[0].endswith("/undo"))
    browser.submit(undo)
    assert days(demo) == before


def test_the_next_import_knows_what_is_there_and_what_was_removed(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    page = add(browser, look(browser, SCHOOL))
    browser.submit(
        next(one for one in page.all("form") if "/days/" in str(one.get("action")) and _is_for(one, "No School"))
    )
    page = look(browser, SCHOOL)
    assert "On your calendar already" in page.main
    assert proposals(page)["Mar 5, 2027: No School (No school)"] is False
    assert not any("Mid-winter" in one for one in proposals(page))


def _is_for(form: object, reason: str) -> bool:
    return any(reason in str(one.get("aria-label")) for one in form.iter("button"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;VALUE=DATE:20270305", "DTEND;VALUE=DATE:20270305"], ["Mar 5, 2027"]),
        (["DTSTART;VALUE=DATE:20270305", "DTEND;VALUE=DATE:20270307"], ["Mar 5 – 6, 2027"]),
        (["DTSTART;VALUE=DATE:20270304", "DURATION:P2D"], ["Mar 4 – 5, 2027"]),
        (["DTSTART:20270305T000000Z", "DTEND:20270306T000000Z"], ["Mar 5, 2027"]),
        (["DTSTART;TZID=America/New_York:20270305T000000", "DTEND;TZID=America/New_York:20270306T000000"], ["Mar 5, 2027"]),
        (["DTSTART:20270305T050000Z", "DTEND:20270306T050000Z"], ["Mar 5, 2027"]),
        (["DTSTART:20270306T030000Z"], ["Mar 5, 2027"]),
        (
            ["DTSTART;VALUE=DATE:20270303", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20270310T000000Z"],
            ["Mar 3, 2027", "Mar 17, 2027"],
        ),
        (["DTSTART:nonsense"], []),
        (["DTSTART;VALUE=DATE:20200303", "RRULE:FREQ=YEARLY;UNTIL=20280101"], ["Mar 3, 2027"]),
        (["DTSTART;VALUE=DATE:20270305", "STATUS:CANCELLED"], []),
        (["DTSTART;VALUE=DATE:20270305", "RRULE:FREQ=WEEKLY;BYDAY=XX"], ["Mar 5, 2027"]),
        (["SUMMARY:No start"], []),
    ],
)  # fmt: skip
def test_days_follow_the_calendar_format(demo: DemoSite, lines: list[str], found: list[str]) -> None:
    page = look(demo.signed_in("coach"), calendar(event("No school", *lines)))
    assert [one.split(":")[0] for one in proposals(page)] == found


def test_a_moved_and_a_cancelled_repetition_replace_the_planned_ones(demo: DemoSite) -> None:
    master = event("No school", "DTSTART;VALUE=DATE:20270303", "RRULE:FREQ=WEEKLY;COUNT=3", uid="x")
    moved = event("No school moved", "RECURRENCE-ID;VALUE=DATE:20270310", "DTSTART;VALUE=DATE:20270311", uid="x")
    gone = event(
        "No school", "RECURRENCE-ID;VALUE=DATE:20270317", "DTSTART;VALUE=DATE:20270317", "STATUS:CANCELLED", uid="x"
    )
    page = look(demo.signed_in("coach"), calendar(master, moved, gone))
    assert [one.split(" (")[0] for one in proposals(page)] == [
        "Mar 3, 2027: No school",
        "Mar 11, 2027: No school moved",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Choose a calendar file."),
        (b"\x89PNG\r\n", "This isn’t a calendar file we can read."),
        (b"BEGIN:VCALENDAR\r\nnonsense", "This isn’t a calendar file we can read."),
        (calendar(*["BEGIN:VEVENT\r\nEND:VEVENT\r\n"] * 2001), "This calendar is too large."),
        (calendar(event("No school", "DTSTART:20270305T000000Z", "RRULE:FREQ=SECONDLY")), "repeats too often"),
        (
            calendar(*(event("x", "DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY", uid=str(n)) for n in range(40))),
            "repeats too often",
        ),
    ],
    ids=["empty", "picture", "broken", "many", "secondly", "daily since 1900"],
)
def test_a_file_that_cannot_be_is_refused_in_words(demo: DemoSite, data: bytes, said: str) -> None:
    assert said in look(demo.signed_in("coach"), data, 422).main


def test_a_day_that_closes_this_fridays_due_day_moves_nothing_that_has_come(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    week = "2026-11-16"
    before = browser.open(f"/coach/?week={week}").main
    add(browser, look(browser, calendar(event("No school", "DTSTART;VALUE=DATE:20261120"))))
    assert browser.open(f"/coach/?week={week}").main == before


def test_a_bound_coach_reaches_no_other_school(demo: DemoSite) -> None:
    coach = demo.signed_in("coach2")
    page = look(coach, SCHOOL)
    form = page.form("/coach/calendar/import/save")
    coach.submit(form, 403, school_ids=[demo.classroom(OWN).school_id])
