"""Every kind of page and every state of it that a person can meet, for the axe run and for the screenshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.school import ADMIN, COACH, MONDAY, TEACHER, Site
from wellness.records import classrooms, plans

CLASS = "Advisory 7-1"
SESSION = "four-square-breathing"


def nothing(_page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A page in a state. `path` may name {class}, {door} (a class's code) and {due} (the session due for the class)."""

    name: str
    path: str
    act: Callable[[Page], None] = nothing
    as_: str = ""
    is_still: bool = False
    """Whether the device asks for less motion."""

    @property
    def is_for_the_room(self) -> bool:
        """Whether it may stand on a screen in a dimmed room."""
        return not self.as_ or "present" in self.name

    def open(self, page: Page, site: Site) -> None:
        """Go there and bring it into the state."""
        page.goto(address(site, self.path))
        self.act(page)


def address(site: Site, path: str) -> str:
    """The path with the ids and codes of this site filled in."""
    if "{due}" in path:
        path = path.replace("{due}", due_slug(site))
    if "{class}" in path:
        path = path.replace("{class}", site.classroom_id(CLASS))
    return path.replace("{door}", site.door_code(CLASS)) if "{door}" in path else path


def due_slug(site: Site) -> str:
    """The session that is due for the class this week."""
    with site.records() as records, records.reading() as tx:
        room = classrooms.get_classroom(tx, site.classroom_id(CLASS), MONDAY)
        slug = plans.planned_slug(tx, room.school_id, MONDAY, room.grade)
    assert slug is not None
    return slug


# --- How to get into a state


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("[data-practice]").first).to_have_attribute("data-state", "running")


def run_breathing(page: Page) -> None:
    start(page)
    expect(page.locator("[data-part=word]")).to_have_text("Breathe in")


def stop_breathing(page: Page) -> None:
    start(page)
    page.get_by_role("button", name="Stop").click()


def open_options(page: Page) -> None:
    page.locator(".practice-options summary").click()


def finish_senses(page: Page) -> None:
    start(page)
    for _ in range(4):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Finish").click()


def sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Email").fill("nobody@demo.test")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def leave_it_to_the_server(page: Page) -> None:
    """Turn the browser's own checks of forms off."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")


def choose_no_class(page: Page) -> None:
    leave_it_to_the_server(page)
    page.get_by_label("Day").fill("2030-01-01")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


def not_done_without_reason(page: Page) -> None:
    page.get_by_text("Not done, because…").first.click()
    page.get_by_role("button", name="Save as not done").first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def press_without_filling(button: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        leave_it_to_the_server(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()

    return act


def to_step(pattern: str) -> Callable[[Page], None]:
    """Forward by the arrow key to the screen whose kind is this."""

    def act(page: Page) -> None:
        open_presentation(page)
        kind = page.locator(".step.is-current")
        for _ in range(12):
            if re.search(pattern, kind.get_attribute("class") or ""):
                return
            page.keyboard.press("ArrowRight")
        raise AssertionError(f"no screen of kind {pattern}")

    return act


def open_presentation(page: Page) -> None:
    """Wait until its keys work."""
    expect(page.locator("html.is-live")).to_be_attached()


def show_cues(page: Page) -> None:
    to_step("step-welcome")(page)
    page.keyboard.press("c")
    expect(page.locator(".step.is-current .cues-parts")).to_be_visible()


def show_keys(page: Page) -> None:
    open_presentation(page)
    page.keyboard.press("h")
    expect(page.get_by_role("dialog")).to_be_visible()


def open_reasons(page: Page) -> None:
    to_step("step-end")(page)
    page.get_by_text("Not done, because…").click()


def open_transcript(page: Page) -> None:
    page.get_by_text("Transcript", exact=True).click()
    expect(page.get_by_role("button", name="It takes less than four minutes.")).to_be_visible()


def wait_at_a_pause(page: Page) -> None:
    pause = page.locator("[data-part=pause]")
    before = float(pause.get_attribute("data-at") or 0) - 0.4
    page.locator("video").evaluate(
        "(video, at) => { video.muted = true; video.currentTime = at; video.play(); }", before
    )
    expect(pause).to_be_visible()


def watch_with_the_class(page: Page) -> None:
    to_step("has-video")(page)
    page.locator(".step.is-current video").evaluate("video => { video.muted = true; video.currentTime = 90; }")
    page.wait_for_function(
        "video => video.currentTime > 91", arg=page.locator(".step.is-current video").element_handle()
    )
    page.locator(".step.is-current .step-title").focus()


def choose_what_was_seen(page: Page) -> None:
    """Three of the five items of a visit, chosen by touch or mouse."""
    for item, answer in (("choices", "Seen"), ("alongside", "Partly"), ("alternative", "N/A")):
        page.locator(f"#item_{item}").get_by_label(answer, exact=True).check()


def open_the_visit(page: Page) -> None:
    """The visit that the demo's coach noted."""
    page.locator(".visit-list a").first.click()
    expect(page.get_by_role("heading", name="What the coach saw")).to_be_visible()


def try_the_check(page: Page) -> None:
    """Do what comes before the check, then hand it in with the first answer to each question."""
    for part in ("why", "see-it", "do-it", "say-it"):
        page.goto(f"{BEGUN}/{part}")
        if page.get_by_role("button", name="Mark this part done").is_visible():
            page.get_by_role("button", name="Mark this part done").click()
            page.wait_for_url(re.compile(f"{BEGUN}/(?!{part}$)"))
    page.goto(f"{BEGUN}/check")
    for question in page.locator(".check-question").all():
        later, choice = question.locator("[data-by='1']"), question.locator("input")
        if later.count():
            later.first.click()
        elif choice.count():
            choice.first.check()  # not a click: an answer of another visit is kept, and a click would take it back


def hand_in(page: Page) -> None:
    try_the_check(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="this time")).to_be_visible()


def hand_in_nothing(page: Page) -> None:
    try_the_check(page)
    page.reload()
    page.evaluate("for (const one of document.querySelectorAll('.check input:checked')) one.checked = false")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_be_visible()


def write_unkindly(page: Page) -> None:
    page.get_by_label("Your sentences").fill("Everyone must close your eyes.")
    expect(page.locator(".words-check q").first).to_be_visible()


def open_certificate(page: Page) -> None:
    page.locator(".certificate-list a").first.click()
    expect(page.locator(".certificate-name")).to_be_visible()


def see_what_changes(page: Page) -> None:
    """What another session for grade 7 would do to a past week."""
    page.get_by_label("Session").select_option("listening-pairs")
    page.get_by_label("7", exact=True).check()
    page.get_by_label("Heron Ford Middle School").check()
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("button", name="Change the past week")).to_be_visible()


def open_a_person(page: Page) -> None:
    page.get_by_role("link", name="Ms. Josefina Marlowe-Tran").first.click()
    page.wait_for_url(re.compile("/admin/people/"))


def open_the_year(page: Page) -> None:
    page.get_by_role("link", name="2026-27").first.click()
    page.wait_for_url(re.compile("/admin/years/"))


BEGUN = "/training/running-a-friday-session"
DONE = "/training/four-square-breathing-safely"
PRESENT = "/teach/classes/{class}/present/{due}"
SCENES = (
    Scene("home", "/"),
    Scene("home-in-spanish", "/?lang=es"),
    Scene("library", "/sessions/"),
    Scene("library-filtered", "/sessions/?need=focus&minutes=12"),
    Scene("library-nothing-found", "/sessions/?q=zebra+crossing&need=focus"),
    Scene("session", f"/sessions/{SESSION}"),
    Scene("session-in-spanish", f"/sessions/{SESSION}?lang=es"),
    Scene("session-with-transcript", f"/sessions/{SESSION}", open_transcript),
    Scene("session-at-a-pause", f"/sessions/{SESSION}", wait_at_a_pause),
    Scene("family", f"/sessions/{SESSION}/family"),
    Scene("family-in-spanish", f"/sessions/{SESSION}/family?lang=es"),
    Scene("session-sheet", f"/sessions/{SESSION}/print"),
    Scene("practices", "/practices/"),
    Scene("breathing", f"/practices/{SESSION}", open_options),
    Scene("breathing-running", f"/practices/{SESSION}", run_breathing),
    Scene("breathing-still", f"/practices/{SESSION}", run_breathing, is_still=True),
    Scene("breathing-ended", f"/practices/{SESSION}", stop_breathing),
    Scene("five-senses", "/practices/five-senses"),
    Scene("five-senses-running", "/practices/five-senses", start),
    Scene("five-senses-ended", "/practices/five-senses", finish_senses),
    Scene("timer-running", "/practices/timer", start),
    Scene("reflection", "/practices/reflection"),
    Scene("help", "/help"),
    Scene("help-in-spanish", "/help?lang=es"),
    Scene("about", "/about"),
    Scene("for-families", "/for-families"),
    Scene("what-we-record", "/what-we-record"),
    Scene("accessibility", "/accessibility"),
    Scene("sign-in", "/sign-in"),
    Scene("sign-in-errors", "/sign-in", sign_in_wrongly),
    Scene("code-entry", "/c/"),
    Scene("door", "/c/{door}"),
    Scene("door-errors", "/c/{door}", not_done_without_reason),
    Scene("door-present-end", "/c/{door}/present", to_step("step-end")),
    Scene("error-404", "/sessions/no-such-session"),
    Scene("error-404-code", "/c/ABCD2345"),
    Scene("session-for-teachers", f"/sessions/{SESSION}", as_=TEACHER),
    Scene("my-classes", "/teach/", as_=TEACHER),
    Scene("my-classes-errors", "/teach/", choose_no_class, TEACHER),
    Scene("my-classes-none", "/teach/", as_=COACH),
    Scene("class", "/teach/classes/{class}", as_=TEACHER),
    Scene("class-errors", "/teach/classes/{class}", not_done_without_reason, TEACHER),
    Scene("class-lesson-errors", "/teach/classes/{class}", press_without_filling("Add these minutes"), TEACHER),
    Scene("class-taken-back", "/teach/classes/{class}?undone=1", as_=TEACHER),
    Scene("run-with-a-class", f"/teach/run/{SESSION}", as_=TEACHER),
    Scene("run-another-session", "/teach/classes/{class}/run", as_=TEACHER),
    Scene("door-card", "/teach/classes/{class}/door", as_=TEACHER),
    Scene("paper-log", "/teach/paper", as_=TEACHER),
    Scene("training", "/training/", as_=TEACHER),
    Scene("training-module", BEGUN, as_=TEACHER),
    Scene("training-completed", f"{DONE}/completed", as_=TEACHER),
    Scene("training-video", f"{DONE}/see-it", as_=TEACHER),
    Scene("training-practice", f"{DONE}/do-it", as_=TEACHER),
    Scene("training-words", f"{BEGUN}/say-it", write_unkindly, TEACHER),
    Scene("training-check-closed", "/training/what-tier-1-is/check", as_=TEACHER),
    Scene("training-check", f"{BEGUN}/check", try_the_check, TEACHER),
    Scene("training-check-errors", f"{BEGUN}/check", hand_in_nothing, TEACHER),
    Scene("training-result", f"{BEGUN}/check", hand_in, TEACHER),
    Scene("training-reflect", f"{DONE}/reflect", as_=TEACHER),
    Scene("training-plan-errors", f"{BEGUN}/plan", press_without_filling("Save my plan"), TEACHER),
    Scene("training-try", f"{DONE}/try", as_=TEACHER),
    Scene("training-notes", f"{DONE}/notes", as_=TEACHER),
    Scene("certificate", "/training/", open_certificate, TEACHER),
    Scene("certificate-entry", "/certificates/"),
    Scene("studio", "/coach/studio/", as_=COACH),
    Scene("studio-module", "/coach/studio/training/running-a-friday-session", as_=COACH),
    Scene("studio-new", "/coach/studio/new", as_=COACH),
    Scene("studio-writing", f"/coach/studio/sessions/{SESSION}", as_=COACH),
    Scene("studio-file", f"/coach/studio/sessions/{SESSION}?view=raw", as_=COACH),
    Scene("studio-translation", f"/coach/studio/sessions/{SESSION}?text=es", as_=COACH),
    Scene("studio-publishing", f"/coach/studio/sessions/{SESSION}/publish", as_=COACH),
    Scene("studio-history", f"/coach/studio/sessions/{SESSION}/history", as_=COACH),
    Scene("studio-media", "/coach/studio/media", as_=COACH),
    Scene("studio-video", f"/coach/studio/media/{SESSION}", as_=COACH),
    Scene("studio-packs", "/coach/studio/packs", as_=COACH),
    Scene("present-cover", PRESENT, open_presentation, TEACHER),
    Scene("present-step", PRESENT, to_step("step-preview"), TEACHER),
    Scene("present-video", f"/teach/classes/{{class}}/present/{SESSION}", watch_with_the_class, TEACHER),
    Scene("present-practice", PRESENT, to_step("has-practice"), TEACHER),
    Scene("present-talk", PRESENT, to_step("step-talk"), TEACHER),
    Scene("present-cues", PRESENT, show_cues, TEACHER),
    Scene("present-keys", PRESENT, show_keys, TEACHER),
    Scene("present-end", PRESENT, open_reasons, TEACHER),
    Scene("error-403", "/coach/", as_=TEACHER),
    Scene("week", "/coach/", as_=COACH),
    Scene("report", "/coach/reports", as_=COACH),
    Scene("week-before", "/coach/?week=2026-11-09", as_=COACH),
    Scene("week-term", "/coach/?term=year&grade=7", as_=COACH),
    Scene("week-nothing", "/coach/?grade=12", as_=COACH),
    Scene("cell", "/coach/cells/{class}/2026-11-09", as_=COACH),
    Scene("cell-empty", "/coach/cells/{class}/2026-11-16", as_=COACH),
    Scene("plan", "/coach/plan", as_=COACH),
    Scene("plan-errors", "/coach/plan", press_without_filling("Save plan"), COACH),
    Scene("class-plan", "/coach/plan/classes/{class}", as_=COACH),
    Scene("calendar", "/coach/calendar", as_=COACH),
    Scene("calendar-errors", "/coach/calendar", press_without_filling("Add days"), COACH),
    Scene("past-week", "/coach/plan/past?week_on=2026-11-02&slug=listening-pairs&grades=7", as_=COACH),
    Scene("past-week-effect", "/coach/plan/past", see_what_changes, COACH),
    Scene("check", "/coach/check", as_=COACH),
    Scene("staff-training", "/coach/training", as_=COACH),
    Scene("staff-training-asked", "/coach/training?state=asked", as_=COACH),
    Scene("staff-training-nobody", "/coach/training?module=none", as_=COACH),
    Scene("staff-training-errors", "/coach/training", press_without_filling("Assign"), COACH),
    Scene("roster", "/coach/training/roster?month=2026-09", as_=COACH),
    Scene("roster-empty", "/coach/training/roster?month=2025-07", as_=COACH),
    Scene("visits", "/coach/visits", as_=COACH),
    Scene("visit-noting", "/coach/classes/{class}/visit", choose_what_was_seen, COACH),
    Scene("visit-errors", "/coach/classes/{class}/visit", press_without_filling("Save visit"), COACH),
    Scene("visit", "/coach/visits", open_the_visit, COACH),
    Scene("visit-for-the-teacher", "/training/visits", open_the_visit, TEACHER),
    Scene("visits-to-my-classes", "/training/visits", as_=TEACHER),
    Scene("admin", "/admin/", as_=ADMIN),
    Scene("admin-errors", "/admin/", press_without_filling("Add person"), ADMIN),
    Scene("admin-settings", "/admin/settings", as_=ADMIN),
    Scene("patterns", "/admin/patterns", as_=ADMIN),
    Scene("admin-class", "/admin/classes/{class}", as_=ADMIN),
    Scene("admin-person", "/admin/", open_a_person, ADMIN),
    Scene("admin-year", "/admin/", open_the_year, ADMIN),
    Scene("account", "/account", as_=TEACHER),
    Scene("account-password", "/account/password", as_=TEACHER),
    Scene("admin-audit", "/admin/audit", as_=ADMIN),
)
