"""The whole Friday in a real browser: students, a teacher by keyboard, a substitute, the coach."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, SESSION, due_slug, open_presentation, to_step
from tests.browser.school import COACH, DEADLINE, FRIDAY, PHONE, TEACHER, Site
from tests.support.scratch import ENGINES
from wellness.demo import PASSWORD
from wellness.domain import Completeness, EnteredRole, Viewing, ViewingState
from wellness.records import viewings

OTHER_CLASS = "Health 8, Period 5"


on_each_engine = pytest.mark.parametrize("own_site", ENGINES, indirect=True)


def held_today(site: Site, name: str) -> Viewing | None:
    """The class's viewing of this Friday."""
    with site.records() as records, records.reading() as tx:
        held = viewings.list_viewings(tx, first=FRIDAY, last=FRIDAY, classroom_ids=[site.classroom_id(name)])
    return held[0] if held else None


def grid_row(page: Page, name: str) -> Locator:
    """The row of a class in the coach's week."""
    return page.get_by_role("row", name=re.compile(f"^{re.escape(name)} Grade"))


def tab_to(page: Page, name: str, role: str = "button") -> None:
    """Press Tab until the control of that name has the focus."""
    target = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name}")


# --- A student with a phone


def test_a_student_finds_this_weeks_session_and_breathes_with_it(visit: Visit) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/")
    page.get_by_role("link", name="Library").tap()
    page.get_by_role("link", name="Four-square breathing").first.tap()
    practice = page.locator("[data-practice]").first
    practice.get_by_role("button", name="Start", exact=True).tap()
    expect(practice.locator("[data-part=word]")).to_have_text("Breathe in")
    practice.get_by_role("button", name="Pause").tap()
    expect(practice.locator("[data-part=note]")).to_have_text("Paused")
    practice.get_by_role("button", name="Stop").tap()
    expect(practice.locator("[data-part=word]")).to_contain_text("Stopped")
    assert page.context.cookies() == [], "nothing is kept about a student"


def test_home_leads_to_this_weeks_session(visit: Visit, shared_site: Site) -> None:
    page = visit(viewport=PHONE)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile("Start")).first.click()
    expect(page).to_have_url(re.compile(r"/sessions/[a-z-]+"))
    expect(page.get_by_role("heading", name="What will happen", level=2)).to_be_visible()


def test_without_javascript_a_student_reads_the_steps_and_filters_the_library(visit: Visit) -> None:
    page = visit(viewport=PHONE, java_script_enabled=False)
    page.goto("/sessions/")
    before = page.locator("article.row").count()
    page.locator("select[name=need]").select_option("focus")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("need=focus"))
    assert 0 < page.locator("article.row").count() < before
    page.goto(f"/sessions/{SESSION}")
    expect(page.get_by_text("Breathe in for a count of four.")).to_be_visible()


# --- The teacher, by keyboard only


@on_each_engine
def test_a_teacher_runs_friday_by_keyboard_while_the_network_goes_away(visit: Visit, own_site: Site) -> None:
    page = visit()
    sign_in_by_keyboard(page)
    tab_to(page, f"with {CLASS}")
    page.keyboard.press("Enter")
    open_presentation(page)
    expect(page.locator("#cover")).to_be_visible()

    page.keyboard.press("ArrowRight")
    expect(page.locator("#step-1")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#step-1 .cues-parts")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#step-1 .cues-parts")).to_be_hidden()

    page.context.set_offline(True)
    expect(page.locator("[data-part=network]")).to_contain_text("You’re offline. Keep going; we’ll send it later.")
    run_the_practice_by_space(page)
    steps = page.locator("[data-step]").count()
    for _ in range(steps):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#end")).to_be_visible()

    tab_to(page, OTHER_CLASS, "checkbox")
    page.keyboard.press("Space")
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    status = page.locator("[data-outbox-status]")
    expect(status).to_contain_text("It’s saved on this device")
    assert held_today(own_site, OTHER_CLASS) is None

    page.context.set_offline(False)
    expect(status).to_contain_text("Saved. Thank you.")
    for name in (CLASS, OTHER_CLASS):
        viewing = held_today(own_site, name)
        assert viewing is not None
        assert (viewing.state, viewing.extent) == (ViewingState.DELIVERED, Completeness.WHOLE)
        assert viewing.entered_role is EnteredRole.TEACHER

    coach = visit(COACH)
    coach.goto("/coach/")
    for name in (CLASS, OTHER_CLASS):
        expect(grid_row(coach, name).get_by_text("Done", exact=True)).to_be_visible()


def sign_in_by_keyboard(page: Page) -> None:
    page.goto("/sign-in")
    tab_to(page, "Email", "textbox")
    page.keyboard.type(TEACHER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()


def run_the_practice_by_space(page: Page) -> None:
    """Start it with the space bar on its button; while it runs the bar pauses it, wherever the focus is."""
    to_step("has-practice")(page)
    practice = page.locator(".step.is-current [data-practice]")
    tab_to(page, "Start")
    page.keyboard.press("Space")
    expect(practice).to_have_attribute("data-state", "running")
    page.locator(".step.is-current .step-title").focus()
    page.keyboard.press("Space")
    expect(practice).to_have_attribute("data-state", re.compile("paused|running"))


@on_each_engine
def test_one_press_for_several_classes_is_taken_back_with_one_press(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto("/teach/")
    for name in (CLASS, OTHER_CLASS):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_contain_text(CLASS)
    assert held_today(own_site, OTHER_CLASS) is not None
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. Back to how it was.")).to_be_visible()
    assert held_today(own_site, CLASS) is None
    assert held_today(own_site, OTHER_CLASS) is None


def test_yesterday_can_be_entered_today_and_is_marked_late(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto("/teach/")
    page.get_by_label(CLASS, exact=True).check()
    page.get_by_label("Day").fill("2026-11-19")
    page.get_by_text("Not done, because…").click()
    page.get_by_label("Reason").select_option(label="Assembly")
    page.get_by_role("button", name="Save as not done").click()
    notice = page.get_by_role("status").filter(has_text="Saved.")
    expect(notice).to_contain_text("Not done: assembly")
    expect(notice).to_contain_text("logged late")


def test_not_done_without_a_reason_is_asked_for_beside_the_field(visit: Visit, shared_site: Site) -> None:
    page = visit(TEACHER)
    page.goto(f"/teach/classes/{shared_site.classroom_id(CLASS)}")
    page.get_by_text("Not done, because…").click()
    page.get_by_role("button", name="Save as not done").click()
    page.get_by_role("alert").get_by_role("link", name="Reason").click()
    reason = page.get_by_label("Reason")
    expect(reason).to_be_focused()
    expect(reason).to_have_accessible_description(re.compile("Choose why it wasn’t done"))


# --- The substitute


@on_each_engine
def test_a_substitute_opens_the_door_with_a_sloppily_typed_code(visit: Visit, own_site: Site) -> None:
    code = own_site.door_code(CLASS)
    page = visit()
    page.goto("/c/")
    page.get_by_label("Class code").fill(f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=CLASS)).to_be_visible()
    page.get_by_role("button", name="Start").click()
    open_presentation(page)
    page.keyboard.press("End")
    page.get_by_role("button", name="Shortened").click()
    expect(page.locator("[data-outbox-status]")).to_contain_text("Saved. Thank you.")
    viewing = held_today(own_site, CLASS)
    assert viewing is not None
    assert (viewing.extent, viewing.entered_role) == (Completeness.SHORTENED, EnteredRole.SUBSTITUTE)

    coach = visit(COACH)
    coach.goto("/coach/")
    expect(grid_row(coach, CLASS).get_by_text("Shortened", exact=True)).to_be_visible()
    grid_row(coach, CLASS).get_by_role("link").click()
    expect(coach.get_by_role("cell", name="run by substitute").first).to_be_visible()


def test_a_wrong_code_says_what_to_do(visit: Visit) -> None:
    page = visit()
    page.goto("/c/")
    page.get_by_label("Class code").fill("not a code")
    page.get_by_role("button", name="Open").click()
    box = page.get_by_label("Class code")
    expect(box).to_have_value("not a code")
    expect(box).to_have_accessible_description(re.compile("Check each letter."))


# --- The coach


def test_each_cell_of_the_week_opens_its_rows(visit: Visit, shared_site: Site) -> None:
    page = visit(COACH)
    page.goto("/coach/?week=2026-11-09")
    grid_row(page, CLASS).get_by_role("link").click()
    expect(page.get_by_role("heading", name=CLASS)).to_be_visible()
    expect(page.get_by_role("heading", name="Session activity")).to_be_visible()
    page.get_by_role("link", name="Back to the week grid").click()
    expect(page.get_by_role("heading", name="Week of Nov 9")).to_be_visible()


@pytest.mark.parametrize(
    ("school", "grade", "words"),
    [
        ("Heron Ford Middle School", "", "Heron Ford"),
        ("All my schools", "5", "Grade 5"),
        ("Marigold Ridge Elementary School", "K", "Grade K"),
    ],
)
def test_the_week_is_filtered_by_school_and_grade(visit: Visit, school: str, grade: str, words: str) -> None:
    page = visit(COACH)
    page.goto("/coach/")
    page.get_by_label("School").select_option(label=school)
    page.get_by_label("Grade").select_option(grade)
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("school="))
    places = page.locator("tbody .grid-sub").all_inner_texts()
    assert 1 < len(places) < 30
    assert all(words in place for place in places)


def test_the_csv_holds_the_numbers_of_the_screen(visit: Visit) -> None:
    page = visit(COACH)
    page.goto("/coach/?week=2026-11-09")
    on_screen = [
        [row.get_by_role("rowheader").inner_text().splitlines()[0], *row.locator("td.number").all_inner_texts()]
        for row in page.locator("tbody tr").all()
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    in_csv = [[row["class"], row["session_minutes"], row["outside_minutes"], row["total_minutes"]] for row in table]
    assert in_csv == on_screen
    states = Counter(row["state"] for row in table)
    delivered = page.locator(".figure").filter(has_text="Planned sessions done").locator("dd").inner_text()
    assert delivered.startswith(f"{states['delivered'] + states['shortened']} of ")


@pytest.mark.parametrize(("asked", "inches"), [("week=2026-11-09", 7.5), ("term=year", 10.2)])
def test_the_printed_grid_shows_every_class_and_every_week(visit: Visit, asked: str, inches: float) -> None:
    page = visit(COACH, viewport={"width": int(inches * 96), "height": 700})
    page.goto(f"/coach/?{asked}")
    page.emulate_media(media="print")
    assert page.locator("tbody tr").count() == 30
    expect(page.get_by_label("Week", exact=True)).to_be_hidden()
    expect(page.get_by_role("navigation", name="Staff")).to_be_hidden()
    box = page.locator(".table-scroll")
    assert box.evaluate("box => getComputedStyle(box).overflow") == "visible", "nothing is scrolled away"
    assert box.evaluate("box => box.scrollWidth") <= inches * 96, "nothing is cut off at the edge of the paper"


def test_the_door_card_fits_one_sheet_of_letter_paper(visit: Visit, shared_site: Site) -> None:
    page = visit(TEACHER)
    page.goto(f"/teach/classes/{shared_site.classroom_id(CLASS)}/door")
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 612 792\]", sheets)
    page.emulate_media(media="print")
    code = page.get_by_text(shared_site.door_code(CLASS))
    assert float(code.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) > 60
    qr = page.locator(".door-card-code svg").bounding_box()
    assert qr is not None
    assert qr["width"] >= 3 * 96 - 1


def test_an_edited_text_shows_on_the_next_page_and_a_broken_one_stays_as_it_was(visit: Visit, own_site: Site) -> None:
    file = own_site.home / "library" / "sessions" / f"{due_slug(own_site)}.md"
    original = file.read_text(encoding="utf-8")
    page = visit()
    address = f"/sessions/{due_slug(own_site)}"

    edited = re.sub(r"^title: .*$", "title: A title from this morning", original, flags=re.MULTILINE)
    file.write_text(edited, encoding="utf-8")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("A title from this morning")

    line = 1 + edited.splitlines().index(next(line for line in edited.splitlines() if line.startswith("minutes:")))
    file.write_text(re.sub(r"^minutes: .*$", "minutes: about twelve", edited, flags=re.MULTILINE), encoding="utf-8")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("A title from this morning")
    coach = visit(COACH)
    coach.goto("/coach/")
    coach.get_by_role("link", name=re.compile("1 problem in a file")).click()
    expect(coach.get_by_role("heading", name=f"{file.name}")).to_be_visible()
    expect(coach.get_by_text(f"Line {line} · Must fix")).to_be_visible()
    expect(coach.get_by_text("minutes must be")).to_be_visible(timeout=DEADLINE)
