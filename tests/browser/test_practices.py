"""The practices in a real browser: what they show, say, sound and report, with the browser's clock in our hands."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, PRESENT, address, start, to_step
from tests.browser.school import DEADLINE, FRIDAY, PHONE, TEACHER, Site
from wellness.domain import Viewing, ViewingState
from wellness.records import viewings

STARTED_AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEAD_IN, ROUND, ROUNDS = 3, 16, 4

RECORD_WHAT_IS_SAID = """
window.said = [];
new MutationObserver(() => {
  const text = document.querySelector('[data-part=voice]').textContent;
  if (text && text !== window.said.at(-1)) window.said.push(text);
}).observe(document.querySelector('[data-part=voice]'), {childList: true, characterData: true, subtree: true});
"""
COUNT_AUDIO = """
window.soundsMade = 0;
window.AudioContext = class extends AudioContext {
  constructor() { super(); window.soundsMade += 1; }
};
"""


def open_practice(visit: Visit, kind: str, **options: object) -> Page:
    """The practice's own page, where time stands still until it is told to run."""
    page = visit(**options)
    page.add_init_script(COUNT_AUDIO)
    page.clock.install(time=STARTED_AT)
    page.goto(f"/practices/{kind}")
    expect(page.locator("[data-practice]")).to_have_attribute("data-ready", "")
    page.clock.pause_at(datetime(2026, 11, 20, 15, 1, tzinfo=UTC))
    page.evaluate(RECORD_WHAT_IS_SAID)
    return page


def run(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def shown(page: Page) -> tuple[str, str, str]:
    """The word, the count and the side of the figure."""
    word, count = (page.locator(f"[data-part={part}]").inner_text() for part in ("word", "count"))
    return word, count, page.locator("[data-practice]").get_attribute("data-side") or ""


def said(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.said")
    return found


# --- Four-square breathing


def test_the_word_the_count_and_the_side_change_together(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing", viewport=PHONE)
    press(page, "Start")
    run(page, 0.5)
    seen = [shown(page)]
    for step in (3, 4, 4, 4, 3):
        run(page, step)
        seen.append(shown(page))
    assert seen == [
        ("Ready", "3", "lead"),
        ("Breathe in", "1", "in"),
        ("Hold", "1", "full"),
        ("Breathe out", "1", "out"),
        ("Rest", "1", "empty"),
        ("Rest", "4", "empty"),
    ]


def test_the_dot_moves_and_the_shape_grows_while_breathing_in(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    drawn = (
        "() => [document.querySelector('[data-part=bead]').getAttribute('cy'),"
        " document.querySelector('[data-part=inner]').getAttribute('transform')]"
    )
    press(page, "Start")
    run(page, LEAD_IN + 0.5)
    early = page.evaluate(drawn)
    run(page, 3)
    late = page.evaluate(drawn)
    assert float(early[0]) > float(late[0]) + 100, "up is in"
    assert _scale(early[1]) < _scale(late[1])


def _scale(transform: str) -> float:
    return float(transform.split("scale(")[1].split(")")[0])


def test_it_ends_by_itself_after_its_rounds(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    practice = page.locator("[data-practice]")
    press(page, "Start")
    run(page, LEAD_IN + ROUND * ROUNDS - 1)
    expect(practice).to_have_attribute("data-state", "running")
    expect(page.locator("[data-part=note]")).to_have_text("Round 4 of 4")
    run(page, 1.5)
    expect(practice).to_have_attribute("data-state", "ended")
    expect(page.locator("[data-part=word]")).to_contain_text("That’s it.")
    run(page, 120)
    expect(practice).to_have_attribute("data-state", "ended")


def test_a_pause_holds_and_going_on_begins_the_breath_again(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    press(page, "Start")
    run(page, LEAD_IN + ROUND + 6)
    assert shown(page)[0] == "Hold"
    press(page, "Pause")
    run(page, 60)
    expect(page.locator("[data-part=note]")).to_have_text("Paused")
    press(page, "Continue")
    run(page, 0.5)
    assert shown(page) == ("Breathe in", "1", "in")
    expect(page.locator("[data-part=note]")).to_have_text("Round 2 of 4")


def test_stopping_says_to_breathe_normally(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    press(page, "Start")
    run(page, LEAD_IN + 5)
    press(page, "Stop")
    expect(page.locator("[data-part=word]")).to_have_text("Stopped. Breathe normally.")
    expect(page.get_by_role("button", name="Start again")).to_be_focused()


def test_one_press_takes_the_holds_out(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    press(page, "Skip the holds")
    press(page, "Start")
    words = []
    run(page, LEAD_IN + 0.5)
    for _ in range(8):
        words.append(shown(page)[0])
        run(page, 2)
    assert words == ["Breathe in"] * 2 + ["Breathe out"] * 2 + ["Breathe in"] * 2 + ["Breathe out"] * 2


def test_taking_the_holds_out_while_it_runs_waits_for_the_next_breath(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    press(page, "Start")
    run(page, LEAD_IN + 5)
    press(page, "Skip the holds")
    expect(page.locator("[data-part=note]")).to_have_text("Starts with your next breath")
    run(page, ROUND - 5 + 4.5)
    assert shown(page)[0] == "Breathe out"


def test_with_less_motion_it_counts_and_nothing_moves(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing", reduced_motion="reduce")
    figure = "document.querySelector('.practice-figure svg').innerHTML.replace(/<g class=.pacer-marks[^]*?<.g>/, '')"
    press(page, "Start")
    run(page, LEAD_IN + 0.5)
    before = page.evaluate(figure)
    assert shown(page) == ("Breathe in", "1", "in")
    run(page, 2)
    assert shown(page) == ("Breathe in", "3", "in")
    assert page.evaluate(figure) == before
    assert page.locator(".pacer-marks .is-counted").count() == 3
    assert page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0


def test_a_screen_reader_hears_each_phase_once(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    expect(page.locator("[data-part=voice]")).to_have_attribute("aria-live", "polite")
    press(page, "Start")
    run(page, LEAD_IN + ROUND + 0.5)
    assert said(page) == [
        "Ready",
        "Round 1 of 4. Breathe in, 4",
        "Hold, 4",
        "Breathe out, 4",
        "Rest, 4",
        "Round 2 of 4. Breathe in, 4",
    ]


def test_the_announcements_can_be_silenced(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    page.locator(".practice-options summary").click()
    press(page, "Announce each step")
    expect(page.locator("[data-part=voice]")).to_have_attribute("aria-live", "off")


def test_nothing_sounds_until_somebody_asks_for_tones(visit: Visit) -> None:
    page = open_practice(visit, "four-square-breathing")
    press(page, "Start")
    run(page, LEAD_IN + ROUND)
    assert page.evaluate("window.soundsMade") == 0
    page.locator(".practice-options summary").click()
    press(page, "Soft tones")
    assert page.evaluate("window.soundsMade") == 1


def test_the_practice_fills_the_screen_and_leaves_it(visit: Visit) -> None:
    page = visit()
    page.goto("/practices/four-square-breathing")
    press(page, "Full screen")
    expect(page.get_by_role("button", name="Exit full screen")).to_be_visible()
    assert page.evaluate("document.fullscreenElement.matches('.practice-stage')")
    press(page, "Exit full screen")
    expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()


def test_the_space_bar_starts_and_pauses_on_the_figure(visit: Visit) -> None:
    page = visit()
    page.goto("/practices/four-square-breathing")
    page.locator(".practice-stage").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-practice]")).to_have_attribute("data-state", "running")
    page.keyboard.press("Space")
    expect(page.locator("[data-practice]")).to_have_attribute("data-state", "paused")


# --- The others


def test_five_senses_go_at_the_classes_own_pace(visit: Visit) -> None:
    page = open_practice(visit, "five-senses")
    press(page, "Start")
    for _ in range(4):
        press(page, "Next")
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    press(page, "Back")
    expect(page.locator("[data-part=note]")).to_have_text("4 of 5")
    press(page, "Next")
    press(page, "Finish")
    expect(page.locator("[data-part=end]")).to_contain_text("That’s it.")
    assert said(page)[:5] == [
        "5 things you can see",
        "4 things you can feel",
        "3 sounds you can hear",
        "2 things you can smell",
        "1 taste, or one good thing",
    ]


def test_the_timer_counts_down_and_ends_by_itself(visit: Visit) -> None:
    page = open_practice(visit, "timer")
    left = page.locator("[data-part=left]")
    seconds = int(page.locator("[data-practice]").get_attribute("data-seconds") or 0)
    press(page, "Start")
    run(page, seconds / 2 + 1)
    assert said(page)[1].startswith("Halfway.")
    run(page, seconds / 2)
    expect(left).to_have_text("0:00")
    expect(page.locator("[data-practice]")).to_have_attribute("data-state", "ended")
    assert said(page)[2] == "That’s it. Look around when you’re ready."
    assert page.evaluate("window.soundsMade") == 0


def test_a_reflection_has_nothing_to_type_into(visit: Visit) -> None:
    page = open_practice(visit, "reflection")
    expect(page.get_by_text("Nothing you think or write here is saved.")).to_be_visible()
    assert page.locator("main input, main textarea, main [contenteditable]").count() == 0
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("kind", ["four-square-breathing", "five-senses", "timer", "reflection"])
def test_without_javascript_the_written_steps_are_enough(visit: Visit, kind: str) -> None:
    page = visit(java_script_enabled=False)
    page.goto(f"/practices/{kind}")
    expect(page.locator(".practice-text")).to_be_visible()
    expect(page.locator(".practice-text li, .practice-text p").first).to_be_visible()
    assert page.locator("main button:visible").count() == 0, "no button that would do nothing"


# --- What a practice tells the site


def test_a_viewing_is_played_once_enough_of_the_practice_ran_and_not_before(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    page.clock.install(time=STARTED_AT)
    page.goto(address(own_site, PRESENT).replace(address(own_site, "{due}"), "four-square-breathing"))
    to_step("has-practice")(page)
    page.clock.pause_at(datetime(2026, 11, 20, 15, 1, tzinfo=UTC))
    start(page)
    run(page, LEAD_IN + ROUND * 2 - 1)
    press(page, "Pause")
    _send(page)
    half = _viewing(own_site)
    assert (half.state, round(half.coverage, 1)) == (ViewingState.OPENED, 0.5)
    press(page, "Continue")
    run(page, ROUND * 3 + 1)  # the breath that was interrupted begins again
    expect(page.locator(".is-current [data-practice]")).to_have_attribute("data-state", "ended")
    _send(page)
    assert _viewing(own_site).state is ViewingState.PLAYED


def _send(page: Page) -> None:
    """Let the outbox send, as it does every 15 seconds, until the site has acknowledged everything."""
    run(page, 20)
    deadline = monotonic() + DEADLINE / 1000
    # wait_for_function would need eval, which the CSP forbids. The page's clock goes on: what grew while it was on its way
    # to a busy site goes again 15 seconds later.
    while page.evaluate("localStorage.getItem('outbox')"):
        assert monotonic() < deadline, "the outbox never emptied"
        run(page, 1)


def _viewing(site: Site) -> Viewing:
    with site.records() as records, records.reading() as tx:
        held = viewings.list_viewings(tx, first=FRIDAY, last=FRIDAY, classroom_ids=[site.classroom_id(CLASS)])
    return held[0]
