"""The admin's pages: people, classes, settings and the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.demo_site import OWN, STRANGE, DemoSite, empty_site
from tests.support.pages import text_of
from wellness.domain import Role
from wellness.records import audit_log, classrooms, people, schools, settings
from wellness.records.schema import setting


def last_entry(demo: DemoSite) -> audit_log.AuditEntry:
    """What was written down last."""
    with demo.records.reading() as tx:
        return audit_log.list_audit(tx, limit=1)[0]


def test_a_new_class_is_there_for_its_teacher(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    typed = {
        "school_id": demo.classroom().school_id,
        "grade": "7",
        "size": "24",
        "teacher_ids": [demo.person("teacher").id],
    }
    page = admin.submit(admin.open("/admin/").form("/admin/classes"), name="Advisory 7-9", **typed)
    assert "Added: Advisory 7-9." in page.text
    assert "Advisory 7-9" in demo.signed_in("teacher").open("/teach/").main
    assert (last_entry(demo).action, last_entry(demo).object) == ("add class", "class Advisory 7-9")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": OWN}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"grade": "13"}, "grade"),
        ({"size": "0"}, "size"),
        ({"size": "201"}, "size"),
        ({"grade": ""}, "grade"),
        ({"name": f" {OWN.upper()} "}, "name"),
        ({"size": "many"}, "size"),
        ({"school_id": "nope"}, "school_id"),
        ({"teacher_ids": ["nobody"]}, "teacher_ids"),
    ],
)
def test_a_class_that_cannot_be_is_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, object], field: str
) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()
    right = {"name": "Advisory 7-9", "school_id": demo.classroom().school_id, "grade": "7", "size": "24"}
    page = admin.submit(admin.open("/admin/").form("/admin/classes"), 422, **{**right, **typed})
    assert page.beside(field)
    assert demo.dump() == before


def test_a_class_without_a_teacher_is_pointed_out(demo: DemoSite) -> None:
    assert "1 class has no teacher: Room 103" in demo.signed_in("admin").open("/admin/").main


def test_changed_settings_show_on_the_next_page(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    form = admin.open("/admin/settings").form("/admin/settings")
    contacts = "Elm School; Ms. Listener, counselor; Room 5; knock\n; Any adult; the office"
    page = admin.submit(form, site_name="Quiet Fridays", contacts=contacts)
    assert "Settings saved." in page.text
    assert page.find("textarea", name="contacts").text.strip().splitlines() == contacts.splitlines()  # type: ignore[union-attr]
    visitor = demo.browser()
    assert visitor.open("/").title == "This week · Quiet Fridays"
    help_page = visitor.open("/help")
    assert "Ms. Listener, counselor" in help_page.main and "Any adult" in help_page.main
    assert last_entry(demo).object == "site_name, contacts"


def test_without_contacts_help_still_says_what_to_do(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    admin.submit(admin.open("/admin/settings").form("/admin/settings"), contacts="")
    page = demo.browser().open("/help")
    assert "Any adult at school you trust" in page.main and "tel:988" in page.links()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"site_name": ""}, "site_name", ""),
        ({"contacts": "Elm School; Ms. Listener; Room 5\nonly a name"}, "contacts", "Line 2"),
        ({"contacts": "x" * 5001}, "contacts", "5000"),
    ],
)
def test_settings_that_cannot_be_are_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, str], field: str, said: str
) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()
    page = admin.submit(admin.open("/admin/settings").form("/admin/settings"), 422, **typed)
    assert page.beside(field) and said in page.beside(field)
    shown = page.find("input", "textarea", name=field)
    assert (shown.get("value") or (shown.text or "").strip()) == typed[field]
    assert demo.dump() == before


def test_two_admins_who_change_the_settings_at_once_see_both_versions(demo: DemoSite) -> None:
    one, other = demo.signed_in("admin"), demo.signed_in("admin")
    form = one.open("/admin/settings").form("/admin/settings")
    other.submit(other.open("/admin/settings").form("/admin/settings"), site_name="First")
    page = one.submit(form, 409, site_name="Second")
    assert "First" in page.main and "Second" in page.main and "Your changes weren’t saved." in page.main
    with demo.records.reading() as tx:
        assert settings.load_settings(tx).site_name == "First"


def test_what_is_typed_as_a_name_is_shown_and_never_run(demo: DemoSite) -> None:
    name = "<script>alert(1)</script>"
    with demo.records.writing() as tx:
        people.add_person(tx, email="x@y.test", name=name, role=Role.TEACHER, password_hash="!", at=demo.clock())
    admin = demo.signed_in("admin")
    form = admin.open("/admin/settings").form("/admin/settings")
    admin.submit(form, site_name=name, district='"><img src=x onerror=alert(1)>', contacts=f"{name}; {name}; {name}")
    assert name in admin.open("/admin/").main
    for address in ("/", "/help", "/teach/", "/admin/audit", "/nothing-here"):
        admin.open(address, 404 if "nothing" in address else 200)


def test_the_time_zone_is_chosen_from_places_and_an_old_one_stays_until_it_is_changed(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    zones = list(admin.open("/admin/settings").find("select", name="time_zone").iter("option"))
    assert [text_of(zone) for zone in zones[:2]] == ["Eastern (New York)", "Central (Chicago)"]
    assert "Europe/Berlin" in [zone.get("value") for zone in zones]
    assert not [zone for zone in zones if "/" not in str(zone.get("value")) or "Etc" in str(zone.get("value"))]
    with demo.records.writing() as tx:
        tx.execute(update(setting).where(setting.c.key == "time_zone").values(value="EST"))
    page = admin.open("/admin/settings")
    (chosen,) = [one for one in page.find("select", name="time_zone").iter("option") if "selected" in one.attrib]
    assert chosen.get("value") == "EST"
    for typed in ("EST", "Etc/GMT+5", "Mars/Olympus", "America", "../../etc/passwd", ""):
        page = admin.submit(page.form("/admin/settings"), 422, time_zone=typed)
        assert "from the list" in page.beside("time_zone")
    admin.submit(page.form("/admin/settings"), time_zone="America/Denver")
    with demo.records.reading() as tx:
        assert settings.load_settings(tx).time_zone == "America/Denver"


# --- Schools and years ------------------------------------------------------------------------------------------------


def test_a_new_school_and_a_new_year_are_there_and_written_down(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    page = admin.submit(admin.open("/admin/").form("/admin/schools"), name="Willow School")
    assert "Willow School" in page.main and last_entry(demo).action == "add school"
    year = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09", "second_term_on": "2028-01-18"}
    page = admin.submit(admin.open("/admin/").form("/admin/years"), **year)
    assert "2027-28" in page.text and last_entry(demo).action == "add school year"
    with demo.records.reading() as tx:
        added = schools.list_years(tx)[-1]
    assert (added.name, [term.starts_on.isoformat() for term in added.terms]) == (
        "2027-28",
        ["2027-08-23", "2028-01-18"],
    )


@pytest.mark.parametrize(
    ("action", "typed", "field"),
    [
        ("schools", {"name": ""}, "name"),
        ("schools", {"name": "Heron Ford Middle School"}, "name"),
        ("schools", {"name": "x" * 101}, "name"),
        ("years", {"name": ""}, "name"),
        ("years", {"name": "2026-27"}, "name"),
        ("years", {"starts_on": "soon"}, "starts_on"),
        ("years", {"ends_on": ""}, "ends_on"),
        ("years", {"ends_on": "2027-08-01"}, "ends_on"),
        ("years", {"second_term_on": "2029-01-01"}, "second_term_on"),
        ("years", {"second_term_on": "2027-08-23"}, "second_term_on"),
    ],
)
def test_a_school_or_year_that_cannot_be_is_refused_beside_the_field(
    demo: DemoSite, action: str, typed: dict[str, str], field: str
) -> None:
    admin, before = demo.signed_in("admin"), demo.dump()
    year = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09"} if action == "years" else {}
    page = admin.submit(admin.open("/admin/").form(f"/admin/{action}"), 422, **{**year, **typed})
    assert page.beside(field)
    assert demo.dump() == before


def test_a_new_site_can_be_set_up_from_nothing(tmp_path: Path) -> None:
    site = empty_site(tmp_path)
    with site.records.writing() as tx:
        people.add_person(tx, email="admin@demo.test", name="Ada", role=Role.ADMIN, password_hash="!", at=site.clock())
    admin = site.signed_in("admin")
    assert "Nothing is planned this week" in admin.open("/").main
    admin.open("/teach/")
    admin.open("/coach/", 404)
    admin.submit(admin.open("/admin/").form("/admin/schools"), name="Elm School")
    year = {"name": "2026-27", "starts_on": "2026-08-24", "ends_on": "2027-06-11"}
    page = admin.submit(admin.open("/admin/").form("/admin/years"), **year)
    page = admin.submit(page.form("/admin/classes"), name="Room 12", grade="7", size="20")
    assert ["Room 12", "Elm School", "7", "20", "", "Edit Room 12"] in page.rows()
    assert admin.open("/coach/").all("table") and admin.open("/coach/plan").all("table")
    site.close()


def test_a_school_is_renamed_and_keeps_its_classes(demo: DemoSite) -> None:
    admin, room = demo.signed_in("admin"), demo.classroom()
    form = admin.open(f"/admin/schools/{room.school_id}").form(f"/admin/schools/{room.school_id}")
    assert "Saved: Heron Ford Academy." in admin.submit(form, name="Heron Ford Academy").text
    assert demo.classroom().school_name == "Heron Ford Academy"
    entry = last_entry(demo)
    assert (entry.action, entry.object, entry.detail) == ("rename school", room.school_name, "now Heron Ford Academy")


@pytest.mark.parametrize("where", ["/admin/schools", "/admin/schools/{own}"])
def test_two_schools_of_one_name_are_refused_with_the_reason(demo: DemoSite, where: str) -> None:
    admin, own, other = demo.signed_in("admin"), demo.classroom(), demo.classroom(STRANGE)
    address = where.format(own=own.school_id)
    form = admin.open(address if "{" in where else "/admin/").form(address)
    page = admin.submit(form, 422, name=f"  {other.school_name.lower()} ")
    assert "There’s already a school with that name." in page.beside("name")


def test_classes_are_listed_as_people_count(demo: DemoSite) -> None:
    own = demo.classroom()
    with demo.records.writing() as tx:
        for name in ("Z 6-10", "Z 6-2"):
            classrooms.add_classroom(
                tx, school_id=own.school_id, year_id=own.year_id, name=name, grade="7", size=20, first_on=own.first_on
            )
    for who, path in (("admin", "/admin/"), ("coach", "/coach/")):
        page = demo.signed_in(who).open(path).main
        assert page.index("Z 6-2") < page.index("Z 6-10"), path
