"""A coach notes a visit in a real browser: on a phone by touch, by keyboard, without a network, without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, address
from tests.browser.school import COACH, FRIDAY, PHONE, TEACHER, Site
from wellness.domain import Seen, Walkthrough, WalkthroughItem
from wellness.records import walkthroughs

HAND = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
GLOW, NEXT_STEP = "You breathed with them.", "Name the way without holds first."
ANSWERS = {
    WalkthroughItem.CHOICES: "Seen",
    WalkthroughItem.ALONGSIDE: "Seen",
    WalkthroughItem.ALTERNATIVE: "Partly",
    WalkthroughItem.PASSING: "Not seen",
    WalkthroughItem.CLOSING: "N/A",
}


def held(site: Site) -> list[Walkthrough]:
    """What the site has of visits to the class on this day."""
    with site.records() as records, records.reading() as tx:
        return walkthroughs.list_walkthroughs(tx, classroom_id=site.classroom_id(CLASS), on_day=FRIDAY)


def fill(page: Page) -> None:
    """Five touches and two sentences."""
    for item, answer in ANSWERS.items():
        page.locator(f"#item_{item.value}").get_by_text(answer, exact=True).locator("..").tap()
    page.get_by_label("A glow").fill(GLOW)
    page.get_by_label("A next step").fill(NEXT_STEP)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save visit").tap()


def test_a_coach_notes_a_visit_on_a_phone_and_the_teacher_reads_it(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, **HAND)
    page.goto("/coach/visits")
    page.get_by_label("Class").select_option(label=CLASS)
    page.get_by_role("button", name="Start").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLASS)
    expect(page.get_by_role("radio", name="Ms. Josefina Marlowe-Tran")).to_be_checked()
    fill(page)
    save(page)
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()
    (one,) = held(own_site)
    assert [one.items[item] for item in WalkthroughItem] == [
        Seen.SEEN, Seen.SEEN, Seen.PARTLY, Seen.NOT_SEEN, Seen.NOT_APPLICABLE,
    ]  # fmt: skip
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept '))") == []

    teacher = visit(TEACHER, **HAND)
    teacher.goto("/training/visits")
    teacher.get_by_role("link", name=re.compile(CLASS)).first.tap()
    expect(teacher.get_by_role("region", name="One next step")).to_contain_text(NEXT_STEP)
    expect(teacher.get_by_role("region", name="A glow")).to_contain_text(GLOW)


def test_every_answer_is_as_large_as_a_thumb(visit: Visit, shared_site: Site) -> None:
    page = visit(COACH, **HAND)
    page.goto(address(shared_site, "/coach/classes/{class}/visit"))
    boxes = [answer.bounding_box() for answer in page.locator(".visit-answers .segment").all()]
    assert len(boxes) == 20
    assert all(box is not None and box["width"] >= 44 and box["height"] >= 44 for box in boxes)


def test_what_was_noted_without_a_network_arrives_when_it_is_back(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, **HAND)
    page.goto(address(own_site, "/coach/classes/{class}/visit"))
    fill(page)
    page.context.set_offline(True)
    save(page)
    expect(page.locator("[data-part=status]")).to_contain_text("saved on this device")
    assert held(own_site) == []
    page.context.set_offline(False)
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()
    (one,) = held(own_site)
    assert (one.glow, one.next_step) == (GLOW, NEXT_STEP)


def test_a_page_that_was_left_brings_back_what_was_entered(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, **HAND)
    form = address(own_site, "/coach/classes/{class}/visit")
    page.goto(form)
    fill(page)
    page.locator(".visit-facts summary").tap()
    page.get_by_label("Session").select_option("body-scan")
    expect(page.locator("[data-part=session]")).to_have_text("Body scan")
    page.goto("/coach/visits")
    page.get_by_role("link", name=f"Continue with {CLASS}").tap()
    expect(page.locator("[data-part=status]")).to_contain_text("We restored what you entered before.")
    expect(page.locator("[data-part=session]")).to_have_text("Body scan")
    expect(page.get_by_label("A glow")).to_have_value(GLOW)
    expect(page.locator("#item_alternative").get_by_label("Partly")).to_be_checked()
    save(page)
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()
    assert [one.slug for one in held(own_site)] == ["body-scan"]

    page.goto(form)
    page.get_by_label("A glow").fill("Not this one.")
    page.reload()
    page.get_by_role("button", name="Clear form").tap()
    expect(page.get_by_label("A glow")).to_have_value("")


def test_an_answer_that_was_lost_on_the_way_makes_no_second_visit(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, **HAND)
    form = address(own_site, "/coach/classes/{class}/visit")
    page.goto(form)
    fill(page)
    page.route("**/visit", lambda route: (route.fetch(), route.abort("internetdisconnected")), times=1)
    save(page)
    expect(page.locator("[data-part=status]")).to_contain_text("saved on this device")
    assert len(held(own_site)) == 1
    save(page)
    expect(page.get_by_text("Visit saved. The teacher can see it now.").first).to_be_visible()
    assert len(held(own_site)) == 1


def test_who_was_signed_out_meanwhile_loses_nothing(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, **HAND)
    form = address(own_site, "/coach/classes/{class}/visit")
    page.goto(form)
    fill(page)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    save(page)
    expect(page.locator("[data-part=status]")).to_contain_text("You’ve been signed out.")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(form)
    expect(page.get_by_label("A next step")).to_have_value(NEXT_STEP)
    save(page)
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()


def test_the_whole_visit_by_keyboard(visit: Visit, own_site: Site) -> None:
    page = visit(COACH)
    page.goto(address(own_site, "/coach/classes/{class}/visit"))
    page.get_by_role("radio", name="Ms. Josefina Marlowe-Tran").focus()
    for _ in ANSWERS:
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    for words in (GLOW, NEXT_STEP):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save visit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()
    (one,) = held(own_site)
    assert set(one.items.values()) == {Seen.PARTLY}
    assert (one.glow, one.next_step) == (GLOW, NEXT_STEP)


def test_what_is_missing_is_said_by_the_page(visit: Visit, shared_site: Site) -> None:
    page = visit(COACH)
    page.goto(address(shared_site, "/coach/classes/{class}/visit"))
    page.get_by_label("A glow").fill(GLOW)
    page.evaluate("document.querySelector('[data-visit]').noValidate = true")
    page.get_by_role("button", name="Save visit").click()
    expect(page.get_by_role("alert")).to_contain_text("Took part with the class")
    expect(page.get_by_label("A glow")).to_have_value(GLOW)


def test_without_a_script_the_form_is_sent_by_the_browser(visit: Visit, own_site: Site) -> None:
    page = visit(COACH, java_script_enabled=False, viewport=PHONE)
    page.goto(address(own_site, "/coach/classes/{class}/visit"))
    for item in WalkthroughItem:
        page.locator(f"#item_{item.value}").get_by_label("Seen", exact=True).check()
    page.get_by_label("A glow").fill(GLOW)
    page.get_by_label("A next step").fill(NEXT_STEP)
    page.get_by_role("button", name="Save visit").click()
    expect(page.get_by_text("Visit saved. The teacher can see it now.")).to_be_visible()
    assert len(held(own_site)) == 1
