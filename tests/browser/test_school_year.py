"""A whole school year by keyboard, with the clock put forward: July to September of the next year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.school import TEN_O_CLOCK, Site, serve, sign_in
from wellness.config import read_settings
from wellness.demo import PASSWORD
from wellness.domain import Role
from wellness.instance import init_instance
from wellness.records import open_records, people
from wellness.school.accounts import hash_password

HEAD, TESS = "head@demo.test", "tess@demo.test"
OWN_PASSWORD = "seven quiet rivers"
STARTED = datetime(2026, 7, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A new site with its first admin and nothing else."""
    home = tmp_path / "home"
    settings = read_settings({"WELLNESS_HOME": str(home)})
    init_instance(settings, lambda _line: None)
    with closing(open_records(settings.records_url)) as records, records.writing() as tx:
        hashed = hash_password(PASSWORD)
        people.add_person(tx, email=HEAD, name="Ada Head", role=Role.ADMIN, password_hash=hashed, at=STARTED)
    with serve(home) as running:
        yield running


def press(control: Locator) -> None:
    """Come to the control with the keyboard and press Enter."""
    control.focus()
    control.press("Enter")


def write(control: Locator, text: str) -> None:
    """Type into the field; a day is typed as month, day and year."""
    control.focus()
    control.page.keyboard.press("ControlOrMeta+a")
    control.page.keyboard.type(text)


def tick(control: Locator) -> None:
    """Check the box with the space bar, unless it is checked."""
    if not control.is_checked():
        control.focus()
        control.press("Space")


def choose(control: Locator, label: str) -> None:
    """Choose from a list with the arrow keys; typing its beginning is up to the speed of the machine."""
    steps = control.evaluate(
        "(list, label) => [...list.options].findIndex(one => one.text.startsWith(label)) - list.selectedIndex", label
    )
    control.focus()
    for _ in range(abs(steps)):
        control.press("ArrowDown" if steps > 0 else "ArrowUp")
    expect(control.locator("option:checked")).to_have_text(re.compile(f"^{re.escape(label)}"))


def form_of(page: Page, button: str) -> Locator:
    """The form with that button."""
    return page.locator("form").filter(has=page.get_by_role("button", name=button, exact=True))


def report_of(page: Page, year: str) -> tuple[list[str], str]:
    """The tables of the report of a year and its CSV."""
    page.goto("/coach/reports")
    if page.get_by_label("School year").count():
        choose(page.get_by_label("School year"), year)
        press(page.get_by_role("button", name="Show"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(year)
    address = page.get_by_role("link", name="CSV").get_attribute("href") or ""
    return page.get_by_role("table").all_inner_texts(), page.request.get(address).text()


def add_class(page: Page, name: str, *teachers: str) -> None:
    page.goto("/admin/")
    form = form_of(page, "Add class")
    write(form.get_by_label("Name"), name)
    choose(form.get_by_label("Grade"), "7")
    write(form.get_by_label("Number of students"), "24")
    for teacher in teachers:
        tick(form.get_by_label(re.compile(teacher)))
    press(form.get_by_role("button", name="Add class"))
    expect(page.get_by_text(f"Added: {name}.")).to_be_visible()


def plan(page: Page, week: str, session: str) -> None:
    page.goto("/coach/plan")
    form = form_of(page, "Save plan")
    choose(form.get_by_label("Week"), week)
    choose(form.get_by_label("Session"), session)
    tick(form.get_by_label("7", exact=True))
    tick(form.get_by_label("Juniper Middle School"))
    press(form.get_by_role("button", name="Save plan"))
    expect(page.get_by_role("row", name=re.compile(session)).first).to_be_visible()


def log_done(page: Page, name: str) -> None:
    page.goto("/teach/")
    press(page.get_by_role("link", name=name, exact=True))
    page.wait_for_url(re.compile("/teach/classes/"))
    press(page.get_by_role("button", name="Done", exact=True))
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


def test_a_school_year_and_the_next_by_keyboard(visit: Visit, own_site: Site) -> None:
    head, teacher = visit(), visit()
    on = clock_of(own_site)

    on("2026-07-10")
    sign_in(head, HEAD)
    set_up(head)
    choose_password(teacher, head.locator(".door-code").inner_text())

    on("2026-08-20")
    sign_in(head, HEAD)
    add_class(head, "Advisory 7-1", "Tess Teacher")
    add_class(head, "Advisory 7-2")
    plan(head, "Week of Sep 14", "Four-square")
    plan(head, "Week of Sep 21", "Body scan")

    on("2026-09-18")
    sign_in_as_tess(teacher)
    log_done(teacher, "Advisory 7-1")

    on("2026-09-25")
    sign_in(head, HEAD)
    note_snow_day(head)

    on("2026-09-29")
    sign_in(head, HEAD)
    replan_first_week(head)

    on("2027-01-11")
    sign_in(head, HEAD)
    before = report_of(head, "2026-27")
    add_class(head, "Advisory 7-3")
    after = report_of(head, "2026-27")
    assert september(after[1]) == september(before[1]), "a class of January was not expected in September"

    on("2027-06-10")
    sign_in(head, HEAD)
    in_june = report_of(head, "2026-27")
    turn_over(head)

    on("2027-09-17")
    sign_in_as_tess(teacher)
    log_done(teacher, "Advisory 7-1")
    sign_in(head, HEAD)
    head.goto("/coach/")
    expect(head.get_by_role("row", name=re.compile("^Advisory 7-1"))).to_contain_text("Done")
    assert report_of(head, "2026-27") == in_june, "last year’s report is what it was in June"


def clock_of(site: Site) -> Callable[[str], None]:
    """What puts the server's clock to ten in the morning of a day."""

    def put(day: str) -> None:
        then = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("America/New_York"))
        site.put_clock_forward((then - TEN_O_CLOCK).total_seconds())

    return put


def september(csv: str) -> list[str]:
    return [line for line in csv.splitlines() if "2026-09" in line]


def set_up(page: Page) -> None:
    """The school, its year and a teacher, whose slip is shown in the end."""
    page.goto("/admin/")
    form = form_of(page, "Add school")
    write(form.get_by_label("School name"), "Juniper Middle School")
    press(form.get_by_role("button"))
    form = form_of(page, "Add year")
    write(form.get_by_label("Name of the school year"), "2026-27")
    write(form.get_by_label("First day", exact=True), "08172026")
    write(form.get_by_label("Last day"), "06042027")
    press(form.get_by_role("button"))
    expect(page.get_by_text("Added: 2026-27.")).to_be_visible()
    form = form_of(page, "Add person")
    write(form.get_by_label("Name"), "Tess Teacher")
    write(form.get_by_label("Email"), TESS)
    tick(form.get_by_label("Juniper Middle School"))
    press(form.get_by_role("button"))
    expect(page.get_by_role("heading", name="Temporary password", level=1)).to_be_visible()


def choose_password(page: Page, temporary: str) -> None:
    """The teacher's first sign-in."""
    page.goto("/sign-in")
    write(page.get_by_label("Email"), TESS)
    write(page.get_by_label("Password"), temporary)
    press(page.get_by_role("button", name="Sign in"))
    write(page.locator("#current"), temporary)
    write(page.locator("#password"), OWN_PASSWORD)
    write(page.locator("#again"), OWN_PASSWORD)
    press(page.get_by_role("button", name="Save password"))
    page.wait_for_url(re.compile("/(teach|account)"))


def sign_in_as_tess(page: Page) -> None:
    page.goto("/sign-in")
    write(page.get_by_label("Email"), TESS)
    write(page.get_by_label("Password"), OWN_PASSWORD)
    press(page.get_by_role("button", name="Sign in"))
    page.wait_for_url(re.compile("/teach/"))


def note_snow_day(page: Page) -> None:
    """No school on the Friday itself: the week is left out."""
    page.goto("/coach/calendar")
    form = page.locator("form").filter(has=page.locator("#closed-first"))
    write(form.locator("#closed-first"), "09252026")
    write(form.get_by_label("Reason"), "Snow day")
    press(form.get_by_role("button"))
    tick(page.get_by_label("Leave this week out. Nobody is expected to do it."))
    press(page.locator("form").filter(has=page.locator("#closed-first")).get_by_role("button"))
    expect(page.get_by_text("No-school days added.")).to_be_visible()


def replan_first_week(page: Page) -> None:
    """Another session for a week that is over, with its reason."""
    page.goto("/coach/plan/past")
    choose(page.get_by_label("Week"), "Week of Sep 14")
    choose(page.get_by_label("Session"), "What you can hear right now")
    tick(page.get_by_label("7", exact=True))
    tick(page.get_by_label("Juniper Middle School"))
    press(page.get_by_role("button", name="See what changes"))
    expect(page.get_by_text("will read “Different session”")).to_be_visible()
    write(page.get_by_label("Reason"), "We switched sessions after the assembly.")
    press(page.get_by_role("button", name="Change the past week"))
    expect(page.get_by_text("The past week was changed.")).to_be_visible()


def turn_over(page: Page) -> None:
    """From the notice on Admin to the new classes, with the plan."""
    page.goto("/admin/")
    press(page.get_by_role("link", name="Turn the year over", exact=True))
    tick(page.get_by_label("Copy the plan: first week of school to first week, and so on"))
    press(page.get_by_role("button", name="See what will happen").last)
    expect(page.get_by_text("3 classes will be created.")).to_be_visible()
    expect(page.get_by_text("2 sessions will be planned.")).to_be_visible()
    press(page.get_by_role("button", name="Turn the year over"))
    expect(page.get_by_role("heading", name="2026-27 to 2027-28", level=1)).to_be_visible()
    press(page.get_by_role("link", name="Look through the classes and their teachers"))
    expect(page.get_by_role("row", name=re.compile("^Advisory 7-1"))).to_contain_text("Tess Teacher")
