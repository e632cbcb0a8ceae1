"""Any session, any time, by keyboard: an earlier day, a second entry in a week, a different session, the door card."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, open_presentation
from tests.browser.school import TEACHER, Site, sign_in
from tests.browser.test_friday import tab_to


def type_day(page: Page, digits: str) -> None:
    """Type month, day and year into the day of the log form."""
    page.locator("#on_day").blur()  # a day that has the focus goes on with its year
    page.locator("#on_day").focus()
    page.keyboard.type(digits)


def test_the_log_form_follows_the_day_and_asks_about_a_second_session(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto(f"/teach/classes/{own_site.classroom_id(CLASS)}")
    hint = page.locator("[data-planned]")
    this_week = hint.text_content()
    expect(hint).to_contain_text("Planned for that week:")
    type_day(page, "11132026")
    expect(hint).not_to_have_text(this_week or "")
    type_day(page, "11192026")
    expect(hint).to_have_text(this_week or "")
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_contain_text("Thursday, November 19")

    tab_to(page, "Shortened")
    page.keyboard.press("Enter")
    question = page.get_by_role("alert")
    expect(question).to_contain_text("Did the class do both, or does this replace the first one?")
    tab_to(page, "Replace it")
    page.keyboard.press("Enter")
    notice = page.get_by_role("status").filter(has_text="Saved.")
    expect(notice).to_contain_text("This replaces the previous answer.")
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone. Back to how it was.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^Nov 19"))).to_contain_text("Done")


def test_a_teacher_starts_a_different_session_and_a_make_up_by_keyboard(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto("/sessions/noticing-around-us")
    tab_to(page, "Run it with a class", "link")
    page.keyboard.press("Enter")
    tab_to(page, f"with {CLASS}")
    page.keyboard.press("Enter")
    open_presentation(page)
    expect(page).to_have_url(re.compile("/present/noticing-around-us"))

    page.goto("/teach/")
    tab_to(page, f"Run a different session {CLASS}", "link")
    page.keyboard.press("Enter")
    tab_to(page, "Make up")
    page.keyboard.press("Enter")
    open_presentation(page)
    page.keyboard.press("End")
    expect(page.get_by_label("Count it for the week of")).to_be_checked()
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outbox-status]")).to_contain_text("Saved. Thank you.")
    page.goto(f"/teach/classes/{own_site.classroom_id(CLASS)}")
    expect(page.get_by_role("row", name=re.compile("make-up for the week of"))).to_be_visible()


def test_a_substitute_on_monday_logs_last_friday_and_the_teacher_answers_by_keyboard(
    visit: Visit, own_site: Site
) -> None:
    teacher = visit(TEACHER)
    teacher.goto(f"/teach/classes/{own_site.classroom_id(CLASS)}")
    tab_to(teacher, "Done")
    teacher.keyboard.press("Enter")
    expect(teacher.get_by_role("status").filter(has_text="Saved.")).to_be_visible()

    own_site.put_clock_forward(3 * 24 * 3600)
    page = visit()
    page.goto("/c/")
    page.get_by_label("Class code").focus()
    page.keyboard.type(own_site.door_code(CLASS))
    page.keyboard.press("Enter")
    tab_to(page, "Day", "combobox")
    page.keyboard.type("Friday")
    tab_to(page, "Shortened")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Passed on to the teacher.")).to_be_visible()

    sign_in(teacher, TEACHER)  # the sign-in of Friday has ended
    teacher.goto("/teach/")
    expect(teacher.get_by_text("The door card says otherwise: Shortened.")).to_be_visible()
    tab_to(teacher, f"Use it: {CLASS}")
    teacher.keyboard.press("Enter")
    expect(teacher.get_by_role("row", name=re.compile("^Nov 20"))).to_contain_text("Shortened")
