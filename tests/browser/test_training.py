"""A teacher takes a module in a real browser: by keyboard, without a network, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.school import FRIDAY, TEACHER, TEN_O_CLOCK, Site
from wellness.catalogue import Catalogue
from wellness.domain import CheckTry, Completion, Language, PartKind, Person, QuestionKind
from wellness.library.files import Library
from wellness.library.prepared import PreparedModule, PreparedQuestion
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.records import completions, people
from wellness.training import check, parts, reflections

SLUG = "when-a-student-discloses"
"""A module whose check has every kind of question."""
HOME = f"/training/{SLUG}"


def module_of(site: Site) -> PreparedModule:
    workshop = Sandbox(processes=1)
    videos = MediaStore(site.settings.media).list_facts
    catalogue = Catalogue(site.settings.catalogue, Library(site.settings.library), workshop, videos)
    try:
        return catalogue.get_module(SLUG, Language.EN)
    finally:
        catalogue.release()
        workshop.close()


def teacher_of(site: Site) -> Person:
    with site.records() as records, records.reading() as tx:
        found = people.find_person_by_email(tx, TEACHER)
    assert found is not None
    return found


def open_check(site: Site) -> PreparedModule:
    """Everything before the check is done."""
    module, teacher = module_of(site), teacher_of(site)
    with site.records() as records:
        for kind in (PartKind.WHY, PartKind.SEE, PartKind.DO, PartKind.SAY):
            parts.finish_part(records, teacher, module, kind, TEN_O_CLOCK, FRIDAY)
    return module


def tries_of(site: Site) -> list[CheckTry]:
    with site.records() as records, records.reading() as tx:
        return check.list_tries(tx, teacher_of(site), SLUG)


def completions_of(site: Site) -> tuple[Completion, ...]:
    with site.records() as records, records.reading() as tx:
        person = teacher_of(site)
        return completions.list_completions(tx, [person.id], SLUG).get((person.id, SLUG), ())


def kept_on(page: Page) -> list[str]:
    """What the device keeps of this module."""
    keys: list[str] = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept '))")
    return keys


def focus(page: Page, selector: str) -> None:
    """Go by Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def press(page: Page, selector: str) -> None:
    focus(page, selector)
    page.keyboard.press("Enter")


def put_in_order(page: Page, question: PreparedQuestion) -> None:
    """Move each line to its place with the buttons, by keys."""
    items = page.locator(f"#{question.key}-question .order-item")
    for place, key in enumerate(question.right):
        item = items.filter(has=page.locator(f"#{question.key}-{key}"))
        button = item.get_by_role("button", name=re.compile("^Move up"))
        button.focus()
        while [one.get_attribute("id") for one in items.locator("select").all()].index(f"{question.key}-{key}") > place:
            page.keyboard.press("Enter")
    # The order that comes with the page is never right, so something was moved.
    expect(items.locator(".order-number")).to_have_text([str(n) for n in range(1, len(question.right) + 1)])


def answer_by_keys(page: Page, module: PreparedModule) -> None:
    for question in module.questions:
        if question.kind is QuestionKind.PUT_IN_ORDER:
            put_in_order(page, question)
            continue
        if question.kind is QuestionKind.WHAT_WOULD_YOU_SAY:
            page.locator(f"#{question.key}").focus()
            page.keyboard.type("Thank you for telling me.")
            continue
        for key in question.right:
            page.locator(f"#{question.key}-{key}").focus()
            page.keyboard.press("Space")


def expect_answers(page: Page, module: PreparedModule) -> None:
    """Wait until each answer of `answer_by_keys` is there again: the script puts them back one after another."""
    for question in module.questions:
        if question.kind is QuestionKind.WHAT_WOULD_YOU_SAY:
            expect(page.locator(f"#{question.key}")).to_have_value("Thank you for telling me.")
        for place, key in enumerate(question.right, start=1):
            answer = page.locator(f"#{question.key}-{key}")
            if question.kind is QuestionKind.PUT_IN_ORDER:
                expect(answer).to_have_value(str(place))
            elif question.kind is not QuestionKind.WHAT_WOULD_YOU_SAY:
                expect(answer).to_be_checked()


def test_a_module_is_taken_by_keyboard_alone(visit: Visit, own_site: Site) -> None:
    module = module_of(own_site)
    page = visit(TEACHER)
    page.goto("/training/")
    press(page, f".module-title a[href='{HOME}']")
    expect(page.get_by_role("heading", level=1)).to_have_text(module.title)
    press(page, ".module-now .button-main")
    for kind in ("why", "see-it", "do-it", "say-it"):
        page.wait_for_url(f"**{HOME}/{kind}")
        if kind == "say-it":
            focus(page, "textarea")
            page.keyboard.type("You must close your eyes.")
            expect(page.locator(".words-check q")).to_have_text(["You must", "close your eyes"])
            expect(page.locator("[data-part=said]")).to_have_text("Saved.")
            assert kept_on(page) == []
        press(page, ".part-done button")
    page.wait_for_url(f"**{HOME}/check")
    answer_by_keys(page, module)
    focus(page, ".check-end button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Passed: 5 of 5"))).to_be_visible()
    assert kept_on(page) == []
    press(page, ".result .button-main")
    page.wait_for_url(f"**{HOME}/reflect")
    press(page, ".part-done button")
    page.wait_for_url(f"**{HOME}/plan")
    press(page, ".part-done button")
    page.wait_for_url(f"**{HOME}/completed")
    press(page, ".completed .button-main")
    (completion,) = completions_of(own_site)
    page.wait_for_url(f"**/certificates/{completion.code}")
    expect(page.locator(".certificate-name")).to_have_text("Ms. Josefina Marlowe-Tran")


def test_without_a_network_no_answer_is_lost_and_the_try_counts_once(visit: Visit, own_site: Site) -> None:
    module = open_check(own_site)
    page = visit(TEACHER)
    page.goto(f"{HOME}/check")
    page.context.set_offline(True)
    answer_by_keys(page, module)
    page.get_by_role("button", name="Submit").click()
    said = page.locator(".check-end [data-part=said]")
    expect(said).to_contain_text("You’re offline. Your answers are on this device.")
    assert kept_on(page) == [f"kept check {teacher_of(own_site).id} {SLUG} {module.revision}"]
    page.context.set_offline(False)
    page.goto(f"{HOME}/check")  # another page, as after the tab was closed
    expect_answers(page, module)
    # The answer to the first press is lost, the press is repeated.
    answered: list[int] = []

    def lose_the_answer(route: Route) -> None:
        answered.append(route.fetch(max_redirects=0).status)
        route.abort("internetdisconnected")

    page.route("**/hand-in", lose_the_answer, times=1)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/hand-in")):
        page.get_by_role("button", name="Submit").click()
    expect(said).to_contain_text("You’re offline.")
    assert answered == [303]
    assert len(tries_of(own_site)) == 1
    page.goto(f"{HOME}/check")
    expect(page.locator(f"#{module.graded[0].key}-{module.graded[0].right[0]}")).to_be_checked()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name=re.compile("^Passed"))).to_be_visible()
    assert len(tries_of(own_site)) == 1
    assert kept_on(page) == []


def test_words_typed_without_a_network_are_saved_when_it_is_back(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto(f"{HOME}/reflect")
    page.context.set_offline(True)
    area = page.locator("textarea").first
    area.fill("On the stairs, in a hurry.")
    expect(page.locator("[data-part=said]").first).to_contain_text("Your notes are on this device.")
    page.context.set_offline(False)
    expect(page.locator("[data-part=said]").first).to_have_text("Saved.")
    assert kept_on(page) == []
    with own_site.records() as records, records.reading() as tx:
        (one,) = reflections.list_own(tx, teacher_of(own_site), SLUG)
    assert (one.place, one.text, one.shared_at) == ("reflect-1", "On the stairs, in a hurry.", None)


def test_shared_words_are_not_changed_behind_ones_back(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.clock.install()
    page.goto(f"{HOME}/reflect")
    page.locator("textarea").first.fill("To be read.")
    page.get_by_role("button", name="Share with my coach").first.click()
    expect(page.get_by_text("Shared: coaches and admins at your school").first).to_be_visible()
    page.locator("textarea").first.fill("To be read, with more.")
    page.clock.run_for(20_000)
    expect(page.locator("[data-part=said]").first).to_contain_text("Not saved yet")
    page.locator("form.words").first.get_by_role("button", name="Save").click()
    expect(page.locator(".words-who").first).to_contain_text("Only you can read this.")
    assert kept_on(page) == []


def test_words_typed_before_the_script_is_there_are_not_replaced_by_older_ones(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.goto(f"{HOME}/reflect")
    page.locator("textarea").first.fill("The older words.")
    expect(page.locator("[data-part=said]").first).to_contain_text("Saved")
    page.locator("textarea").first.fill("Words that were kept.")
    held: list[Route] = []
    page.route("**/training/words.js*", lambda route: held.append(route))
    with page.expect_request("**/training/words.js*"):
        page.reload(wait_until="commit")
    page.locator("textarea").first.fill("Quicker.")
    assert held, "the script waits"
    held[0].continue_()
    expect(page.locator("[data-part=said]").first).to_contain_text("Saved")
    expect(page.locator("textarea").first).to_have_value("Quicker.")


def test_answers_given_before_the_script_is_there_are_not_replaced_by_older_ones(visit: Visit, own_site: Site) -> None:
    module = open_check(own_site)
    choice = next(one for one in module.graded if one.kind is QuestionKind.CHOOSE_ONE)
    several = next(one for one in module.graded if one.kind is QuestionKind.CHOOSE_SEVERAL)
    order = next(one for one in module.graded if one.kind is QuestionKind.PUT_IN_ORDER)
    older, newer = (f"#{choice.key}-{option.key}" for option in choice.options[:2])
    page = visit(TEACHER)
    page.goto(f"{HOME}/check")
    page.route("**/answers", lambda route: route.abort("internetdisconnected"))
    page.locator(older).check()
    page.locator(f"#{several.key}-{several.right[0]}").check()
    put_in_order(page, order)
    expect(page.locator(".check-end [data-part=said]")).to_contain_text("You’re offline.")
    page.unroute("**/answers")
    held: list[Route] = []
    page.route(re.compile(r"/training/(order|check)\.js"), lambda route: held.append(route))
    with page.expect_request("**/training/check.js*"):
        page.goto(f"{HOME}/check", wait_until="commit")
    last, first = order.right[-1], order.right[0]
    page.locator(newer).check()
    for place, key in enumerate((last, *order.right[1:-1], first), start=1):
        page.locator(f"#{order.key}-{key}").select_option(str(place))
    for route in held:
        route.continue_()
    expect(page.locator(".check-end [data-part=said]")).to_contain_text("Your answers are saved.")
    expect(page.locator(newer)).to_be_checked()
    expect(page.locator(older)).not_to_be_checked()
    expect(page.locator(f"#{several.key}-{several.right[0]}")).to_be_checked()
    expect(page.locator(f"#{order.key}-{last}")).to_have_value("1")
    expect(page.locator(f"#{order.key}-{first}")).to_have_value(str(len(order.right)))
    assert kept_on(page) == []


def test_where_one_looks_is_where_one_goes_on(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    with page.expect_response("**/do-it/seen"):
        page.goto(f"{HOME}/do-it")
    page.goto(HOME)
    expect(page.locator(".module-now .button-main")).to_contain_text("Continue with: Do it")


def test_the_check_can_be_handed_in_without_a_script(visit: Visit, own_site: Site) -> None:
    module = open_check(own_site)
    page = visit(TEACHER, java_script_enabled=False)
    page.goto(f"{HOME}/check")
    for question in module.graded:
        if question.kind is QuestionKind.PUT_IN_ORDER:
            for place, key in enumerate(question.right, start=1):
                page.locator(f"#{question.key}-{key}").select_option(str(place))
        else:
            for key in question.right:
                page.locator(f"#{question.key}-{key}").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name=re.compile("^Passed: 5 of 5"))).to_be_visible()


@pytest.mark.parametrize("size", [(8.5, 11), (8.27, 11.69)], ids=["letter", "a4"])
def test_a_certificate_prints_on_one_page(visit: Visit, shared_site: Site, size: tuple[float, float]) -> None:
    page = visit(TEACHER)
    page.goto("/training/")
    page.locator(".certificate-list a").first.click()
    page.wait_for_url(re.compile("/certificates/"))  # printing a page that is on its way fails
    printed = page.pdf(width=f"{size[0]}in", height=f"{size[1]}in")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
