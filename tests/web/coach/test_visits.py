"""A coach's visits: noting one, the page that both sides see, and who may read it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.demo_site import COVERED, OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import Page, PageClient, fields_of
from wellness.domain import Person, Seen, Walkthrough, WalkthroughItem
from wellness.records import audit_log, classrooms, walkthroughs
from wellness.training import visits

SLUG = "four-square-breathing"
GLOW, NEXT_STEP = "Two ways to take part were named before it began.", "Count to five before the first answer."
SAID: dict[str, Any] = {
    "item_choices": "seen",
    "item_alongside": "seen",
    "item_alternative": "partly",
    "item_passing": "not seen",
    "item_closing": "not applicable",
    "glow": GLOW,
    "next_step": NEXT_STEP,
}


def open_form(demo: DemoSite, browser: PageClient, name: str = OWN) -> Page:
    return browser.open(f"/coach/classes/{demo.classroom(name).id}/visit")


def note(demo: DemoSite, browser: PageClient, name: str = OWN, status: int = 303, **typed: Any) -> Page:
    """Note a visit to the class as the form stands, with these words."""
    page = open_form(demo, browser, name)
    return browser.submit(page.form("/visit"), status, **(SAID | typed))


def kept(demo: DemoSite) -> list[Walkthrough]:
    """The visits to the class that these tests visit."""
    with demo.records.reading() as tx:
        return walkthroughs.list_walkthroughs(tx, classroom_id=demo.classroom(OWN).id, on_day=TODAY)


def values(page: Page) -> dict[str, str]:
    """What stands in the form of a visit."""
    return dict(fields_of(page.find("form", class_="visit")))


# --- Noting -----------------------------------------------------------------------------------------------------------


def test_what_can_be_known_is_filled_in(demo: DemoSite) -> None:
    page = open_form(demo, demo.signed_in("coach"))
    with demo.records.reading() as tx:
        room = classrooms.get_classroom(tx, demo.classroom(OWN).id, TODAY)
    assert page.heading == OWN
    filled = values(page)
    assert (filled["on_day"], filled["led_by"]) == (TODAY.isoformat(), *room.teacher_ids)
    assert filled["slug"] and not {name for name in filled if name.startswith("item_")}
    assert page.texts("summary")[0].endswith("Change")


def test_a_class_without_a_teacher_was_led_by_a_substitute(demo: DemoSite) -> None:
    assert values(open_form(demo, demo.signed_in("coach"), COVERED))["led_by"] == "substitute"


def test_with_several_teachers_the_coach_says_who_led_it(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    assert "led_by" not in values(open_form(demo, browser, "Advisory 8-2"))
    page = note(demo, browser, "Advisory 8-2", 422)
    assert page.beside("led_by") == "Choose who led the session."
    assert page.find("div", role="alert") is not None


def test_a_visit_is_what_the_coach_wrote_and_both_sides_read_the_same(demo: DemoSite) -> None:
    page = note(demo, demo.signed_in("coach"))
    (one,) = kept(demo)
    teacher = demo.person("teacher")
    assert (one.classroom_id, one.on_day, one.coach_id) == (demo.classroom().id, TODAY, demo.person("coach").id)
    assert (one.teacher_id, one.glow, one.next_step) == (teacher.id, GLOW, NEXT_STEP)
    assert one.items == {
        WalkthroughItem.CHOICES: Seen.SEEN,
        WalkthroughItem.ALONGSIDE: Seen.SEEN,
        WalkthroughItem.ALTERNATIVE: Seen.PARTLY,
        WalkthroughItem.PASSING: Seen.NOT_SEEN,
        WalkthroughItem.CLOSING: Seen.NOT_APPLICABLE,
    }
    assert page.path == f"/training/visits/{one.id}"
    assert "Visit saved. The teacher can see it now." in page.text
    seen_by_teacher = demo.signed_in("teacher").open(page.path)
    for shown in (page, seen_by_teacher):
        assert GLOW in shown.main and NEXT_STEP in shown.main
        assert shown.texts("dt", "dd") == [
            "Previewed the session and named the choices", "Seen", "Took part with the class", "Seen",
            "Offered the alternative without comment", "Partly", "Gave time and let students pass", "Not seen",
            "Closed with a look around the room", "N/A",
        ]  # fmt: skip
    assert "Written for you by" in seen_by_teacher.main
    assert "Remove" not in seen_by_teacher.main and "Change" not in seen_by_teacher.main


def test_no_page_makes_a_number_of_it(demo: DemoSite) -> None:
    coach, teacher = demo.signed_in("coach"), demo.signed_in("teacher")
    page = note(demo, coach)
    for browser, path in (
        (coach, page.path),
        (teacher, page.path),
        (coach, "/coach/visits"),
        (teacher, "/training/visits"),
    ):
        main = browser.open(path).main.replace(OWN, "").replace("November 20", "").replace("Nov 20", "")
        assert not [word for word in ("%", " of 5", "4 of", "average", "points") if word in main], path


@pytest.mark.parametrize("missing", ["item_choices", "item_closing", "glow", "next_step", "on_day", "slug"])
def test_what_is_missing_is_named_beside_its_field_and_nothing_is_lost(demo: DemoSite, missing: str) -> None:
    before = kept(demo)
    typed = SAID | {missing: ""}
    if missing.startswith("item_"):
        typed.pop(missing)
    browser = demo.signed_in("coach")
    form = open_form(demo, browser).form("/visit")
    data = dict(fields_of(form)) | typed
    page = browser.send(form.get("action", ""), data, 422)
    assert page.beside(missing)
    rest = {name: value for name, value in data.items() if name not in (missing, "csrf_token")}
    assert rest.items() <= values(page).items()
    assert kept(demo) == before


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("on_day", "2026-11-21", "That day is in the future. Choose today or an earlier day."),
        ("on_day", "soon", "date"),
        ("slug", "no-such-session", "from the list"),
        ("led_by", "somebody", "Choose who led the session."),
        ("glow", "x" * 301, "300"),
        ("next_step", " \n ", "one line"),
        ("item_passing", "99", ""),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(demo: DemoSite, field: str, value: str, message: str) -> None:
    page = note(demo, demo.signed_in("coach"), status=422, **{field: value})
    assert message in page.beside(field) and page.beside(field)
    assert kept(demo) == []


def test_markup_is_words(demo: DemoSite) -> None:
    page = note(demo, demo.signed_in("coach"), glow="<b>So</b>   calm\x07\n& kind")
    assert "<b>So</b> calm & kind" in page.main


def test_a_form_that_is_sent_twice_is_one_visit(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    form = open_form(demo, browser).form("/visit")
    first = browser.submit(form, **SAID)
    second = browser.submit(form, **SAID)
    assert first.path == second.path
    assert len(kept(demo)) == 1


def test_the_forms_script_is_told_where_the_visit_is(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    form = open_form(demo, browser).form("/visit")
    data = dict(fields_of(form)) | SAID
    answer = browser.fetch(form.get("action", ""), method="POST", data=data, headers={"Accept": "application/json"})
    assert answer.json == {"url": f"/training/visits/{kept(demo)[0].id}"}


def test_the_audit_log_tells_of_the_visit_and_not_of_its_words(demo: DemoSite) -> None:
    note(demo, demo.signed_in("coach"))
    with demo.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    told = f"{entry.action} {entry.object} {entry.detail}"
    assert "visit" in told and GLOW not in told and NEXT_STEP not in told


# --- Changing and removing --------------------------------------------------------------------------------------------


def test_ones_own_visit_can_be_changed(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    note(demo, browser)
    (before,) = kept(demo)
    page = browser.open(f"/coach/classes/{demo.classroom().id}/visits/{before.id}")
    assert SAID.items() <= values(page).items()
    after = browser.submit(
        page.find("form", class_="visit"), next_step="Name the choices once more.", led_by="substitute"
    )
    assert "Name the choices once more." in after.main
    (one,) = kept(demo)
    assert (one.id, one.next_step, one.teacher_id, one.glow) == (
        before.id,
        "Name the choices once more.",
        None,
        GLOW,
    )


def test_ones_own_visit_can_be_removed(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    page = note(demo, browser)
    (one,) = kept(demo)
    assert browser.submit(page.form("/remove")).path == "/coach/visits"
    assert kept(demo) == []
    browser.open(f"/training/visits/{one.id}", 404)


@pytest.mark.parametrize("way", ["", "/remove"])
def test_somebody_elses_visit_stays_as_it_is(demo: DemoSite, way: str) -> None:
    note(demo, demo.signed_in("coach"))
    (one,) = kept(demo)
    other = demo.signed_in("admin")
    other.open(f"/training/visits/{one.id}")
    data = {"csrf_token": other.any_token(), **SAID, "visit_id": one.id, "slug": SLUG, "on_day": TODAY.isoformat()}
    answer = other.fetch(f"/coach/classes/{one.classroom_id}/visits/{one.id}{way}", method="POST", data=data)
    assert answer.status_code == 404
    assert kept(demo) == [one]


def test_a_visit_is_reached_through_its_own_class_only(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    note(demo, browser)
    strange = demo.classroom(STRANGE).id
    assert browser.fetch(f"/coach/classes/{strange}/visits/{kept(demo)[0].id}").status_code == 404


# --- Who reads it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("teacher", 200), ("coach", 200), ("admin", 200), ("teacher3", 404),
                                             ("teacher2", 404), ("coach2", 404)])  # fmt: skip
def test_only_who_led_it_and_the_coaches_of_the_school_read_it(demo: DemoSite, who: str, status: int) -> None:
    path = note(demo, demo.signed_in("coach")).path
    page = demo.signed_in(who).open(path, status)
    assert (GLOW in page.main) == (status == 200)


def test_after_a_substitute_no_teacher_reads_it(demo: DemoSite) -> None:
    path = note(demo, demo.signed_in("coach"), led_by="substitute").path
    demo.signed_in("teacher").open(path, 404)
    assert "Led by: a substitute." in demo.signed_in("coach").open(path).main


def list_of(demo: DemoSite, who: str, path: str) -> list[str]:
    return demo.signed_in(who).open(path).texts("li", class_="row")


def test_the_teachers_list_has_their_own_visits_newest_first(demo: DemoSite) -> None:
    before = list_of(demo, "teacher", "/training/visits")
    browser = demo.signed_in("coach")
    note(demo, browser, on_day="2026-11-19", next_step="The earlier one.")
    note(demo, browser, next_step="The later one.")
    after = list_of(demo, "teacher", "/training/visits")
    assert len(after) == len(before) + 2
    assert "The later one." in after[0] and "The earlier one." in after[1]
    assert not [line for line in list_of(demo, "teacher3", "/training/visits") if "The later one." in line]


def test_the_coachs_list_has_what_they_noted(demo: DemoSite) -> None:
    note(demo, demo.signed_in("coach"))
    assert NEXT_STEP in list_of(demo, "coach", "/coach/visits")[0]
    assert not [line for line in list_of(demo, "admin", "/coach/visits") if NEXT_STEP in line]


def test_a_list_of_nothing_says_what_will_be_there(demo: DemoSite) -> None:
    person: Person = demo.person("teacher7")
    with demo.records.reading() as tx:
        assert visits.list_for_teacher(tx, person) == []
    assert "No visits yet" in demo.signed_in("teacher7").open("/training/visits").main


# --- The ways there ---------------------------------------------------------------------------------------------------


def test_a_class_is_chosen_from_the_coachs_own_schools(demo: DemoSite) -> None:
    page = demo.signed_in("coach2").open("/coach/visits")
    names = page.texts("option")
    assert STRANGE in names and OWN not in names
    form = page.form("/coach/visits/start")
    room = demo.classroom(STRANGE)
    coach = demo.signed_in("coach2")
    there = coach.fetch(form.get("action", ""), query_string={"classroom": room.id})
    assert (there.status_code, coach.open(there.location).heading) == (303, STRANGE)
    assert coach.fetch(form.get("action", "")).location == "/coach/visits"


@pytest.mark.parametrize("path", ["/teach/classes/{id}", "/coach/cells/{id}/2026-11-16"])
def test_the_pages_of_a_class_lead_a_coach_to_noting_a_visit(demo: DemoSite, path: str) -> None:
    room = demo.classroom()
    there = f"/coach/classes/{room.id}/visit"
    assert there in demo.signed_in("coach").open(path.format(id=room.id)).links()
    assert there not in demo.signed_in("teacher").open(path.format(id=room.id)).links()
