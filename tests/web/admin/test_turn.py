"""Turning the school year over on its guided page: proposals, preview, press, a second press, undo, door cards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import delete

from tests.support.demo_site import OWN, DemoSite
from tests.support.pages import Page, PageClient, fields_of
from wellness.domain import Classroom, Language, PlanEntry, SchoolYear
from wellness.records import audit_log, calendars, classrooms, door_cards, people, plans, schools
from wellness.records.schema import class_week, viewing
from wellness.school import presenting

TURN = "/admin/years/turn"
JUNE = datetime(2027, 6, 14, 15, 0, tzinfo=UTC)


def facts(demo: DemoSite) -> dict[str, list[tuple[object, ...]]]:
    """Every row but those of sign-ins, which each test browser adds, and of closed weeks, which any night adds."""
    return {table: rows for table, rows in demo.dump().items() if table not in ("sign_in", "expected", "closed_weeks")}


def years(demo: DemoSite) -> list[SchoolYear]:
    with demo.records.reading() as tx:
        return schools.list_years(tx)


def rooms(demo: DemoSite, year: SchoolYear) -> dict[str, Classroom]:
    with demo.records.reading() as tx:
        listed = classrooms.list_classrooms(tx, year_id=year.id, on_day=year.starts_on, last_on=year.ends_on)
    return {one.name: one for one in listed}


def plan_of(demo: DemoSite, year: SchoolYear) -> list[PlanEntry]:
    with demo.records.reading() as tx:
        return plans.list_plan(tx, first=year.starts_on, last=year.ends_on)


def filled(form: Element, **typed: Any) -> dict[str, Any]:
    """What the browser sends of the form, with what is typed into it; a list ticks exactly those."""
    data: dict[str, Any] = {}
    for name, value in fields_of(form):
        data.setdefault(name, []).append(value)
    return {**data, **typed}


def see(page: Page, browser: PageClient, status: int = 200, **typed: Any) -> Page:
    """Press *See what will happen*."""
    form = post_form(page)
    return browser.send(form.get("action", ""), filled(form, see="1", **typed), status)


def post_form(page: Page) -> Element:
    return next(one for one in page.all("form", method="post") if TURN in one.get("action", ""))


def press(page: Page, browser: PageClient, status: int = 303, **typed: Any) -> Page:
    """Press *Turn the year over*."""
    form = post_form(page)
    return browser.send(form.get("action", ""), filled(form, **typed), status)


@pytest.fixture
def june(demo: DemoSite) -> DemoSite:
    """The demo district on a day in June, when its year is over."""
    demo.clock.at = JUNE
    return demo


# --- Proposals and preview --------------------------------------------------------------------------------------------


def test_admin_leads_there_when_the_year_ends_soon_and_no_longer_once_it_is_turned(demo: DemoSite) -> None:
    assert "The next school year has no classes yet." not in demo.signed_in("admin").open("/admin/").main
    demo.clock.at = datetime(2027, 4, 20, 15, 0, tzinfo=UTC)
    admin = demo.signed_in("admin")
    page = admin.open("/admin/")
    assert "2026-27 ends on" in page.main and "The next school year has no classes yet." in page.main
    (link,) = (one for one in page.links() if one.startswith(f"{TURN}?"))
    press(see(admin.open(link), admin), admin)
    assert "The next school year has no classes yet." not in admin.open("/admin/").main


def test_days_are_proposed_52_weeks_later_and_holidays_by_their_rule(june: DemoSite) -> None:
    (old,) = years(june)
    with june.records.writing() as tx:
        admin, first = june.person("admin"), june.classroom().school_id
        days = date(2026, 10, 5), date(2026, 10, 5)
        calendars.add_closure(tx, [first], *days, "Snow day", by=admin, at=datetime(2026, 10, 5, 12, tzinfo=UTC))
    form = post_form(june.signed_in("admin").open(TURN))
    sent = dict(fields_of(form))
    assert (sent["name"], sent["starts_on"], sent["ends_on"]) == ("2027-28", "2027-08-16", "2028-06-02")
    assert sent["term_name_2"] == old.terms[1].name and sent["term_on_2"] == "2028-01-18"
    ticked = {
        one.get("value") for one in form.iter("input") if one.get("name") == "closure" and one.get("checked") == ""
    }
    proposed = {}
    for group in form.iter("fieldset"):
        values = {str(one.get("name")).partition("-")[0]: str(one.get("value")) for one in group.iter("input")}
        proposed["".join(next(group.iter("legend")).itertext()).strip()] = (
            values["first"], values["last"], values["closure"] in ticked,
        )  # fmt: skip
    assert proposed["Thanksgiving break"] == ("2027-11-24", "2027-11-26", True)
    assert proposed["Labor Day"] == ("2027-09-06", "2027-09-06", True)
    assert proposed["Winter break"] == ("2027-12-20", "2027-12-31", False)
    assert "Snow day" not in proposed, "nobody plans a snow day"


def test_a_preview_says_what_a_press_then_does(june: DemoSite) -> None:
    admin, before = june.signed_in("admin"), facts(june)
    page = see(admin.open(TURN), admin)
    assert "The school year 2027-28 will be added, from August 16, 2027 to June 2, 2028." in page.main
    assert "30 classes will be created." in page.main and "6 sets of no-school days will be added." in page.main
    assert "Room 103 has no teacher yet." in page.main
    assert facts(june) == before, "looking changes nothing"

    page = press(page, admin)
    assert "30 classes" in page.main and "12 sets of no-school days" in page.main
    old, new = years(june)
    was, made = rooms(june, old), rooms(june, new)
    assert made.keys() == was.keys()
    assert {one.follows_id for one in made.values()} == {one.id for one in was.values()}
    for name, one in made.items():
        assert (one.grade, one.size, one.teacher_ids) == (was[name].grade, was[name].size, was[name].teacher_ids)
        assert (one.first_on, one.last_on) == (new.starts_on, None)
    assert plan_of(june, new) == []
    after = facts(june)
    for table in ("viewing", "class_week", "door", "person", "plan_entry"):
        assert after[table] == before[table]
    with june.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    assert (entry.action, entry.object) == ("turn the year over", "2026-27 to 2027-28")
    assert entry.detail == "30 classes, 6 no-school days, 0 entries of the plan"


def test_a_second_press_and_a_form_sent_twice_make_nothing(june: DemoSite) -> None:
    admin = june.signed_in("admin")
    preview = see(admin.open(TURN), admin)
    press(preview, admin)
    before = facts(june)
    page = press(preview, admin, 422)
    assert "Everything you chose is there already." in page.main
    page = see(admin.open(TURN), admin)
    assert "There’s nothing to add." in page.main and "30 classes: Advisory 6-1, Advisory 6-2" in page.main
    assert facts(june) == before


def test_a_press_shows_the_preview_again_when_something_has_changed(june: DemoSite) -> None:
    admin = june.signed_in("admin")
    preview = see(admin.open(TURN), admin)
    before = facts(june)
    page = press(preview, admin, 422, plan=[june.classroom().school_id])
    assert (
        "Something changed since you looked, so nothing" in page.main and "0 sessions will be planned." not in page.main
    )
    assert facts(june) == before, "what was ticked after the preview is seen first"
    with june.records.writing() as tx:
        people.close_account(tx, june.person("teacher").id)
    before = facts(june)
    page = press(preview, admin, 422)
    assert "Advisory 7-1 has no teacher yet. Ms. Josefina Marlowe-Tran’s account is closed." in page.main
    assert facts(june) == before
    press(page, admin)
    made = rooms(june, years(june)[1])
    assert made[OWN].teacher_ids == frozenset(), "a closed account teaches nothing"


# --- Classes ----------------------------------------------------------------------------------------------------------


def test_classes_go_one_grade_up_with_their_names_and_never_past_twelve(june: DemoSite) -> None:
    (old,) = years(june)
    school_id, known = june.classroom().school_id, rooms(june, old)
    with june.records.writing() as tx:
        classrooms.add_classroom(
            tx, school_id=school_id, year_id=old.id, name="Senior seminar", grade="12", size=9, first_on=old.starts_on
        )
    admin = june.signed_in("admin")
    left_out = known["Art 8, Period 6"].id
    copied = [one.id for one in june.classrooms() if one.id != left_out]
    typed = {f"rule-{school_id}": "grade up", "copy": copied, f"name-{known[OWN].id}": "  The   Herons "}
    page = see(admin.open(TURN), admin, **typed)
    assert "Senior seminar isn’t copied: there’s no grade above 12." in page.main
    assert "Heron Ford Middle School has no class yet in: 6, 12." in page.main
    press(page, admin)
    made = {name: one.grade for name, one in rooms(june, years(june)[1]).items() if one.school_id == school_id}
    assert made["Advisory 7-1"] == "7" and made["Advisory 7-2"] == "7" and made["The Herons"] == "8"
    assert made["Advisory 9-1"] == "9" and made["Health 7, Period 2"] == "7"
    assert len(made) == 17 and "Senior seminar" not in made and not any("Art" in name for name in made)


def test_two_classes_of_one_name_are_refused_beside_the_field(june: DemoSite) -> None:
    (old,) = years(june)
    first, second = (rooms(june, old)[name] for name in ("Advisory 7-1", "Advisory 7-2"))
    admin, before = june.signed_in("admin"), facts(june)
    page = see(admin.open(TURN), admin, 422, **{f"name-{second.id}": "advisory  7-1"})
    assert "Advisory 7-2: choose another name" in page.beside(f"name-{second.id}")
    assert page.beside(f"name-{first.id}") == ""
    assert facts(june) == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"ends_on": "2027-08-01"}, "ends_on"), ({"starts_on": "2027-05-01"}, "starts_on"), ({"name": "2026-27"}, "name"),
     ({"name": ""}, "name"), ({"starts_on": ""}, "starts_on"), ({"term_on_2": "2030-01-01"}, "term_on_2")],
)  # fmt: skip
def test_days_that_cannot_be_a_school_year_are_refused(june: DemoSite, typed: dict[str, str], field: str) -> None:
    admin, before = june.signed_in("admin"), facts(june)
    assert see(admin.open(TURN), admin, 422, **typed).beside(field)
    assert facts(june) == before


def test_a_no_school_day_without_a_day_is_refused_beside_it(june: DemoSite) -> None:
    admin = june.signed_in("admin")
    page = admin.open(TURN)
    key = next(one.get("value") for one in page.all("input", name="closure") if one.get("checked") is not None)
    assert "choose both days" in see(page, admin, 422, **{f"first-{key}": ""}).beside(f"first-{key}")
    assert "the first day is after" in see(page, admin, 422, **{f"last-{key}": "2027-01-01"}).beside(f"first-{key}")


# --- The plan ---------------------------------------------------------------------------------------------------------


def test_the_plan_goes_from_the_kth_week_with_school_to_the_kth(june: DemoSite) -> None:
    (old,) = years(june)
    school_id = june.classroom().school_id
    last_week = max(one.week_on for one in plan_of(june, old))
    with june.records.writing() as tx:
        plans.set_plan(tx, school_id, last_week, ["8"], "a-session-of-last-year", None, JUNE)
    admin = june.signed_in("admin")
    page = see(admin.open(TURN), admin, plan=[school_id])
    assert "a-session-of-last-year is no longer in the library: 1 entry of the plan isn’t copied." in page.main
    press(page, admin)
    was = [one for one in plan_of(june, old) if one.school_id == school_id and one.grade == "7"]
    new = years(june)[1]
    made = [one for one in plan_of(june, new) if one.grade == "7"]
    assert [one.slug for one in made] == [one.slug for one in was][: len(made)]
    assert {one.school_id for one in plan_of(june, new)} == {school_id}, "the other school was not ticked"
    with june.records.reading() as tx:
        calendar = calendars.load_calendars(tx, year_id=new.id, school_ids=[school_id])[school_id]
    due = [calendar.due_day(one.week_on) for one in made]
    assert None not in due and due == sorted(due, key=str), "a session is planned only where it can be held"
    assert made[0].week_on == date(2027, 8, 16) or was[0].week_on > old.starts_on


def test_a_closed_school_does_not_come_back(june: DemoSite) -> None:
    school_id = june.classroom().school_id
    with june.records.writing() as tx:
        schools.set_closed_on(tx, school_id, date(2027, 6, 4))
    admin = june.signed_in("admin")
    page = see(admin.open(TURN), admin)
    assert "12 classes will be created." in page.main and "Heron Ford Middle School" not in page.main
    press(page, admin)
    made = rooms(june, years(june)[1])
    assert len(made) == 12 and school_id not in {one.school_id for one in made.values()}


def test_a_class_with_a_weekday_of_its_own_keeps_it(june: DemoSite) -> None:
    (old,) = years(june)
    one = june.classroom()
    with june.records.writing() as tx:
        calendars.set_class_weekday(tx, one.id, old.starts_on, 2, by=june.person("admin"), at=JUNE)
    before = facts(june)["class_weekday"]
    admin, page, new = turned(june)
    with june.records.reading() as tx:
        calendar = calendars.load_calendars(tx, year_id=new.id, school_ids=[one.school_id])[one.school_id]
    assert calendar.due_day_of(rooms(june, new)[OWN].id, date(2027, 9, 13)) == date(2027, 9, 15)
    admin.submit(page.form("/undo"))
    assert facts(june)["class_weekday"] == before and [year.name for year in years(june)] == [old.name]


# --- A year that is there ---------------------------------------------------------------------------------------------


def test_a_year_made_by_hand_takes_the_copies_and_keeps_what_it_has(june: DemoSite) -> None:
    admin = june.signed_in("admin")
    typed = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09"}
    admin.submit(admin.open("/admin/").form("/admin/years"), **typed)
    old, new = years(june)
    school_id = june.classroom().school_id
    with june.records.writing() as tx:
        mine = classrooms.add_classroom(
            tx, school_id=school_id, year_id=new.id, name="advisory 7-1", grade="8", size=3, first_on=new.starts_on
        )
        calendars.add_closure(tx, [school_id], date(2027, 11, 22), date(2027, 11, 26), "Fall break", by=None, at=JUNE)
        (week,) = sorted({one.week_on for one in plan_of(june, old)})[:1]
        plans.set_plan(tx, school_id, date(2027, 8, 23), ["7"], "body-scan", None, JUNE)
    page = admin.open(TURN)
    assert "2027-28 is there already" in page.main and page.all("input", name="starts_on") == []
    page = see(page, admin, plan=[school_id])
    assert "There already; these won’t change" in page.main and "1 class: Advisory 7-1" in page.main
    assert "1 planned session" in page.main
    press(page, admin)
    assert [year.name for year in years(june)] == ["2026-27", "2027-28"]
    made = rooms(june, new)
    assert len(made) == 30 and made["advisory 7-1"] == mine, "what was made by hand is as it was"
    planned = [one.slug for one in plan_of(june, new) if (one.week_on, one.grade) == (date(2027, 8, 23), "7")]
    assert planned == ["body-scan"]
    with june.records.reading() as tx:
        off = calendars.list_closures(tx, first=new.starts_on, last=new.ends_on, school_ids=[school_id])
    assert [one.reason for one in off if one.first_on.month == 11] == ["Veterans Day", "Fall break"]
    assert week


def test_a_year_is_copied_only_into_a_later_one(june: DemoSite) -> None:
    (old,) = years(june)
    page = june.signed_in("admin").open(f"{TURN}?from={old.id}&into={old.id}")
    assert post_form(page).get("action", "").endswith("into=new")


# --- Undo -------------------------------------------------------------------------------------------------------------


def turned(june: DemoSite) -> tuple[PageClient, Page, SchoolYear]:
    """The year turned over, with the plan of the first school."""
    admin = june.signed_in("admin")
    page = press(see(admin.open(TURN), admin, plan=[june.classroom().school_id]), admin)
    return admin, page, years(june)[1]


def test_undo_leaves_everything_as_it_was(june: DemoSite) -> None:
    before = facts(june)
    admin, page, _ = turned(june)
    assert (
        "The school year, with its days and terms" in page.main.split("Will be removed")[1]
        and "Will stay" not in page.main
    )
    page = admin.submit(page.form("/undo"))
    assert "Undone on" in page.main
    after = facts(june)
    grown = {"audit", "rollover", "rollover_item", "closure", "plan_entry"}
    assert {table: rows for table, rows in after.items() if table not in grown} == {
        table: rows for table, rows in before.items() if table not in grown
    }
    with june.records.reading() as tx:
        ids = [school.id for school in schools.list_schools(tx)]
        assert calendars.list_closures(tx, first=date(2027, 8, 1), last=date(2028, 7, 1), school_ids=ids) == []
    page = admin.send(page.path + "/undo", {"csrf_token": csrf(admin)}, 422)
    assert "This has been undone already." in page.main
    turned(june)  # and the year can be turned over again


def csrf(browser: PageClient) -> str:
    return dict(fields_of(post_form(browser.open(TURN))))["csrf_token"]


def test_what_was_changed_by_hand_stays_and_says_why(june: DemoSite) -> None:
    admin, page, new = turned(june)
    made = rooms(june, new)
    first_week = min(one.week_on for one in plan_of(june, new))
    with june.records.writing() as tx:
        one = made["Advisory 6-1"]
        classrooms.change_classroom(tx, one.id, name="The Otters", grade="6", size=one.size)
        door_cards.issue_door_card(tx, made["Advisory 6-2"].id, JUNE)
        classrooms.add_teaching(tx, made["Advisory 8-1"].id, june.person("coach").id, new.starts_on)
        plans.set_plan(tx, one.school_id, first_week, ["7"], "body-scan", None, JUNE)
    seen_before = page
    page = admin.open(page.path)
    stays = page.main.split("Will stay")[1]
    assert "The Otters: it has been changed since" in stays
    assert "Advisory 6-2: it has a door card" in stays
    assert "Advisory 8-1: its teachers have been changed since" in stays
    assert "it has been planned again since" in stays and "2027-28: it isn’t empty" in stays
    assert "27 classes" in page.main.split("Will be removed")[1].split("Will stay")[0]

    before = facts(june)
    answer = admin.submit(seen_before.form("/undo"), 422)
    assert "Something changed since you looked, so nothing" in answer.main and facts(june) == before
    admin.submit(answer.form("/undo"))
    assert sorted(rooms(june, new)) == ["Advisory 6-2", "Advisory 8-1", "The Otters"]
    assert [(one.week_on, one.slug) for one in plan_of(june, new)] == [(first_week, "body-scan")]
    assert rooms(june, new)["Advisory 6-2"].teacher_ids == made["Advisory 6-2"].teacher_ids


def test_undo_ends_with_the_first_day_or_the_first_session(june: DemoSite) -> None:
    _, page, new = turned(june)
    shown = presenting.ShownVersion("body-scan", "r1", Language.EN)
    opened = presenting.open_for(june.records, rooms(june, new)[OWN], shown, date(2027, 8, 12), JUNE)
    refused(june, page, "Classes of this year have run sessions, so it can’t be undone.")
    with june.records.writing() as tx:
        tx.execute(delete(class_week).where(class_week.c.classroom_id == opened.classroom_id))
        tx.execute(delete(viewing).where(viewing.c.id == opened.id))
    june.clock.at = datetime(2027, 8, 16, 15, 0, tzinfo=UTC)
    refused(june, page, "The school year has begun, so it can’t be undone.")


def refused(june: DemoSite, page: Page, why: str) -> None:
    """Neither the page nor a press of an earlier page undoes it."""
    admin = june.signed_in("admin")
    assert why in admin.open(page.path).main
    before, seen = facts(june), page.find("input", name="seen").get("value")
    assert why in admin.send(f"{page.path}/undo", {"csrf_token": csrf(admin), "seen": seen}, 422).main
    assert facts(june) == before


# --- Door cards -------------------------------------------------------------------------------------------------------


def test_the_new_door_cards_are_one_print_for_each_school(june: DemoSite) -> None:
    admin, page, new = turned(june)
    (link,) = (one for one in page.links() if one.endswith("/door-cards"))
    page = admin.open(link)
    assert "18 classes have no door card yet." in page.main and page.all("article") == []
    page = admin.submit(cards_form(page))
    assert len(page.all("article")) == 18 and "18 door cards made." in page.text
    assert page.texts("h2")[0] == "Advisory 6-1" and page.html.count('class="qr"') == 18
    other = next(one for one in june.classrooms() if one.name == "Room 104")
    page = admin.open(f"{link}?school={other.school_id}")
    assert "12 classes have no door card yet." in page.main
    june.clock.at = datetime(2027, 8, 20, 15, 0, tzinfo=UTC)
    with june.records.reading() as tx:
        code = door_cards.list_doors(tx, [rooms(june, new)[OWN].id])[rooms(june, new)[OWN].id].code
    assert OWN in june.browser().open(f"/c/{code}").main


def cards_form(page: Page) -> Element:
    return next(one for one in page.all("form", method="post") if "/door-cards" in one.get("action", ""))
