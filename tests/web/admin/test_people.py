"""The admin's pages of accounts, and what they change for the person from the next request on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.demo_site import DemoSite
from tests.support.pages import Page, PageClient, fields_of
from wellness.demo import PASSWORD
from wellness.domain import Reach, Role
from wellness.records import audit_log, people, schools

PERSON = {"name": "Ms. New", "email": "new@school.test", "role": "teacher", "everywhere": "y"}
OWN = "the teacher's own words"


def last_entry(demo: DemoSite) -> audit_log.AuditEntry:
    """What was written down last."""
    with demo.records.reading() as tx:
        return audit_log.list_audit(tx, limit=1)[0]


def address(demo: DemoSite, key: str = "teacher") -> str:
    """The person's page."""
    return f"/admin/people/{demo.person(key).id}"


def password_of(slip: Page) -> str:
    """The temporary password on a slip."""
    found = re.search(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", slip.main)
    assert found is not None, slip.main
    return found[0]


def press(admin: PageClient, demo: DemoSite, act: str, key: str = "teacher", status: int = 303, **typed: Any) -> Page:
    """Press one of the buttons on the person's page."""
    return admin.submit(admin.open(address(demo, key)).form(f"{address(demo, key)}{act}"), status, **typed)


# --- Adding -----------------------------------------------------------------------------------------------------------


def test_a_new_person_signs_in_with_the_slip_and_chooses_a_password(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    slip = admin.submit(admin.open("/admin/").form("/admin/people"), **PERSON)
    assert slip.heading == "Temporary password"
    assert PERSON["email"] in slip.main and "http://localhost/sign-in" in slip.main
    temporary = password_of(slip)
    assert ["Ms. New", "new@school.test", "Teacher", "All schools"] in admin.open("/admin/").rows()
    entry = last_entry(demo)
    assert (entry.action, entry.person_name, entry.role) == ("add person", demo.person("admin").name, "admin")
    shown = admin.open("/admin/audit").rows()[1]
    assert shown[3] == "add person: teacher · Ms. New (new@school.test)"

    browser = demo.browser()
    page = browser.sign_in(PERSON["email"], temporary)
    assert page.heading == "Choose your own password"
    assert browser.open("/account", follow_redirects=True).heading == "Choose your own password"
    assert browser.open("/").status == 200
    page = browser.submit(page.form("/account/password"), current=temporary, password=OWN, again=OWN)
    assert page.heading == "My account"
    assert browser.open("/teach/").heading == "My classes"
    demo.browser().sign_in(PERSON["email"], temporary, 422)
    assert temporary not in str(demo.dump())


def test_a_slip_is_shown_once(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    slip = press(admin, demo, "/password")
    assert password_of(slip)
    assert "only once" in admin.open(slip.path, 404).main


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "Enter the name."),
        ({"name": "   "}, "name", "Enter the name."),
        ({"name": "x" * 101}, "name", "100"),
        ({"email": ""}, "email", "Enter the work email."),
        ({"email": "not an address"}, "email", "Enter a complete email address, like name@school.org."),
        ({"email": "a@b"}, "email", "Enter a complete email address, like name@school.org."),
        ({"email": "<script>@x.test"}, "email", "Enter a complete email address, like name@school.org."),
        ({"email": "TEACHER2@demo.test"}, "email", "There’s already an account with that email."),
        ({"role": "principals"}, "role", ""),
        ({"everywhere": [], "school_ids": "nope"}, "school_ids", "Choose schools from the list."),
        ({"everywhere": [], "school_ids": []}, "school_ids", "Choose a school, or all schools."),
        ({"language": "fr"}, "language", ""),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_person_who_cannot_be_is_refused_beside_the_field(
    demo: DemoSite, is_new: bool, typed: dict[str, Any], field: str, said: str
) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()
    where = "/admin/people" if is_new else address(demo)
    form = admin.open("/admin/" if is_new else where).form(where)
    page = admin.submit(form, 422, **{**PERSON, **typed})
    assert page.beside(field) and said in page.beside(field)
    kept = {one.get("name"): one.get("value", "") for one in page.form(where).iter("input")}
    assert kept["email"] == {**PERSON, **typed}["email"], "what was typed stays"
    assert demo.dump() == before


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_name_email_and_language_change_and_the_person_stays_signed_in(demo: DemoSite) -> None:
    admin, teacher = demo.signed_in("admin"), demo.signed_in("teacher")
    page = press(admin, demo, "", name="Ms. Marlowe", email="Marlowe@Demo.Test", language="es")
    assert page.heading == "Ms. Marlowe" and "Saved: Ms. Marlowe." in page.text
    entry = last_entry(demo)
    assert (entry.action, entry.detail) == ("change person", "name, email, language")
    assert (entry.about_name, entry.about_email) == ("Ms. Marlowe", "marlowe@demo.test")
    shown = teacher.open("/teach/")
    assert "Ms. Marlowe" in shown.text and shown.root.get("lang") == "es"
    demo.browser().sign_in("teacher@demo.test", PASSWORD, 422)
    demo.browser().sign_in("marlowe@demo.test", PASSWORD)


def test_another_role_holds_from_the_next_request(demo: DemoSite) -> None:
    admin, teacher = demo.signed_in("admin"), demo.signed_in("teacher")
    press(admin, demo, "", role="coach")
    assert teacher.fetch("/teach/").status_code == 303
    assert last_entry(demo).detail == "role: teacher to coach"
    browser = demo.browser()
    browser.sign_in("teacher@demo.test", PASSWORD)
    browser.open("/coach/")
    press(admin, demo, "", role="teacher")
    browser.sign_in("teacher@demo.test", PASSWORD)
    browser.open("/coach/", 403)


def test_saving_without_a_change_writes_nothing_down(demo: DemoSite) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()["audit"]
    press(admin, demo, "")
    assert demo.dump()["audit"] == before


def test_a_temporary_password_replaces_the_forgotten_one_and_expires(demo: DemoSite) -> None:
    admin, teacher = demo.signed_in("admin"), demo.signed_in("teacher")
    temporary = password_of(press(admin, demo, "/password"))
    assert teacher.fetch("/teach/").status_code == 303
    demo.browser().sign_in("teacher@demo.test", PASSWORD, 422)
    assert "hasn’t chosen their own yet" in admin.open(address(demo)).main
    demo.clock.go(days=13)
    assert demo.browser().sign_in("teacher@demo.test", temporary).heading == "Choose your own password"
    demo.clock.go(days=1, minutes=1)
    page = demo.browser().sign_in("teacher@demo.test", temporary, 422)
    assert "has expired. Ask your admin for a new one." in page.beside("password")


def test_all_sign_ins_of_a_person_end(demo: DemoSite) -> None:
    admin, teacher = demo.signed_in("admin"), demo.signed_in("teacher")
    teacher.open("/teach/")
    page = press(admin, demo, "/sign-out")
    assert "is signed out everywhere." in page.text and "Not signed in anywhere." in page.main
    assert teacher.fetch("/teach/").status_code == 303
    demo.browser().sign_in("teacher@demo.test", PASSWORD)


def test_a_closed_account_keeps_everything_and_can_be_reopened(demo: DemoSite) -> None:
    admin, teacher = demo.signed_in("admin"), demo.signed_in("teacher")
    before, name = demo.dump(), demo.person("teacher").name
    certificate = next(link for link in teacher.open("/training/").links() if link.startswith("/certificates/"))
    page = press(admin, demo, "/close")
    assert "This account is closed" in page.main
    assert teacher.fetch("/teach/").status_code == 303
    demo.browser().sign_in("teacher@demo.test", PASSWORD, 422)
    after = demo.dump()
    for table in set(before) - {"person", "sign_in", "sign_in_failure", "audit"}:
        assert after[table] == before[table], table
    assert name in demo.browser().open(certificate).main
    press(admin, demo, "/reopen")
    assert demo.browser().sign_in("teacher@demo.test", PASSWORD).heading == "My classes"
    shown = [row[3] for row in admin.open("/admin/audit").rows()[1:3]]
    assert shown == [f"{act} account: teacher · {name} (teacher@demo.test)" for act in ("reopen", "close")]


# --- The last admin ---------------------------------------------------------------------------------------------------


def test_the_last_admin_can_neither_be_closed_nor_demoted(demo: DemoSite) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()
    assert "last admin" in press(admin, demo, "/close", "admin", 422).main
    assert "last admin" in press(admin, demo, "", "admin", 422, role="coach").beside("role")
    school = demo.classroom().school_id
    assert "last admin" in press(admin, demo, "", "admin", 422, everywhere=[], school_ids=school).beside("role")
    assert demo.dump() == before
    press(admin, demo, "", "coach", role="admin")
    press(demo.signed_in("coach"), demo, "", "admin", role="coach")
    assert demo.person("admin").role is Role.COACH


# --- Confirming -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", "/password", "/sign-out", "/close"])
def test_ten_minutes_after_the_password_a_change_asks_for_it(demo: DemoSite, act: str) -> None:
    admin = demo.signed_in("admin")
    demo.signed_in("teacher")
    form = admin.open(address(demo)).form(address(demo) + act)
    demo.clock.go(minutes=11)
    before = demo.dump()
    page = admin.submit(form, 422)
    assert "Enter your own password to confirm this change." in page.main
    form = page.form(address(demo) + act)
    assert "That’s not your password." in admin.submit(form, 422, own_password="a wrong one").main
    after = demo.dump()
    assert {table for table in after if after[table] != before[table]} <= {"sign_in_failure", "sign_in"}
    admin.submit(form, own_password=PASSWORD)
    assert demo.dump()["audit"] != before["audit"] or act == ""
    press(admin, demo, "", "teacher2", name="Mr. D. Featherly")  # the next ten minutes do not ask again


def test_adding_a_person_asks_too(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    demo.clock.go(minutes=11)
    form = admin.open("/admin/").form("/admin/people")
    page = admin.submit(form, 422, **PERSON)
    assert "Enter your own password" in page.beside("own_password")
    admin.submit(page.form("/admin/people"), own_password=PASSWORD)
    assert last_entry(demo).about_email == PERSON["email"]


# --- An admin of one school -------------------------------------------------------------------------------------------


@pytest.fixture
def bound(demo: DemoSite) -> PageClient:
    """A browser of an admin of the middle school only."""
    with demo.records.writing() as tx:
        school_id = next(school.id for school in schools.list_schools(tx) if school.name.startswith("Heron"))
        people.set_role(tx, demo.person("coach").id, Role.ADMIN, Reach.of(school_id))
    return demo.signed_in("coach")


def test_an_admin_of_one_school_sees_its_people_classes_and_entries_only(demo: DemoSite, bound: PageClient) -> None:
    page = bound.open("/admin/")
    rows = [cell for row in page.rows() for cell in row]
    assert "teacher@demo.test" in rows and "teacher2@demo.test" not in rows and "admin@demo.test" not in rows
    assert "Advisory 7-1" in rows and "Room 104" not in rows
    assert not page.all("form", action="/admin/schools") and "/admin/settings" not in page.links()
    press(demo.signed_in("admin"), demo, "", "teacher2", language="es")
    press(bound, demo, "", "teacher", language="es")
    shown = bound.open("/admin/audit").main
    assert demo.person("teacher").name in shown and demo.person("teacher2").name not in shown
    for key in ("teacher2", "admin"):
        bound.open(address(demo, key), 404)
    for path in ("/admin/settings", "/admin/patterns"):
        bound.open(path, 403)


def test_an_admin_of_one_school_cannot_give_more_than_that_school(demo: DemoSite, bound: PageClient) -> None:
    form = bound.open("/admin/").form("/admin/people")
    data = {**dict(fields_of(form)), **PERSON, "role": "admin"}
    before = demo.dump()
    other = demo.classroom("Room 104").school_id
    own = {key: value for key, value in data.items() if key not in ("everywhere", "school_ids")}
    for wrong in ({"everywhere": "y"}, {"school_ids": [other]}, {"school_ids": [other, demo.classroom().school_id]}):
        page = bound.send("/admin/people", {**own, **wrong}, 422)
        assert page.beside("school_ids") == "Choose schools from the list."
    token = {"csrf_token": data["csrf_token"]}
    for key in ("teacher2", "admin"):
        for act in ("", "/password", "/sign-out", "/close", "/reopen"):
            assert bound.fetch(address(demo, key) + act, method="POST", data={**own, **token}).status_code in (404, 422)
    classes = bound.open("/admin/").form("/admin/classes")
    room = {**dict(fields_of(classes)), "name": "Mine", "grade": "3", "size": "20", "school_id": other}
    bound.send("/admin/classes", room, 422)
    assert demo.dump() == before
    bound.submit(form, name="Ms. New", email=PERSON["email"], role="coach")
    assert last_entry(demo).about_email == PERSON["email"]


def test_a_coach_of_several_schools_sees_them_and_no_other(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    with demo.records.writing() as tx:
        third = schools.add_school(tx, "Willow School")
    here = {demo.classroom(name).school_id for name in ("Room 104", "Advisory 7-1")}
    press(admin, demo, "", "coach2", school_ids=sorted(here))
    assert last_entry(demo).detail == "schools"
    assert demo.person("coach2").reach == Reach.of(*here)
    coach = demo.signed_in("coach2")
    shown = coach.open("/coach/").main
    assert "Advisory 7-1" in shown and "Room 104" in shown
    offered = {option.get("value") for option in coach.open("/coach/plan").all("input", name="school_ids")}
    assert offered == here and third.id not in offered


# --- A principal ------------------------------------------------------------------------------------------------------


def test_a_principal_lands_on_the_week_and_reads_only(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.sign_in("principal@demo.test", PASSWORD)
    assert page.heading.startswith("Weeks") or "Week" in page.heading
    assert "Advisory 7-1" in page.main and "Room 104" not in page.main
    cell = next(link.get("href", "") for link in page.all("a", class_="grid-cell"))
    detail = browser.open(cell)
    assert not [one for one in detail.all("form") if not one.get("action", "").endswith("/sign-out")]
    plan = browser.open("/coach/plan")
    assert [one.get("action", "") for one in plan.all("form")] == ["/sign-out"]
    browser.open("/coach/reports")
    for path in ("/teach/", "/training/", "/coach/studio/", "/coach/visits", "/coach/training", "/admin/"):
        browser.open(path, 403)
