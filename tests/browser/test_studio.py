"""The studio in a real browser: the whole journey by keyboard, words that survive, two people, hostile Markdown."""

from __future__ import annotations

import http.client
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.school import ADMIN, CHROMEBOOK, COACH, PHONE, Site, sign_in
from tests.browser.test_axe import NARROW, ZOOMED, in_themes, overflow
from tests.browser.test_friday import tab_to
from tests.support.recordings import CAPTIONS, make_video

TEXT = "/coach/studio/sessions/four-square-breathing"
NEW = "/coach/studio/sessions/feet-first"
SAVED = re.compile(r"Saved")


def write(page: Page, words: str) -> None:
    """Type at the end of the text, as a person does."""
    area = page.locator("[data-area]")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def expect_saved(page: Page) -> None:
    """The site has acknowledged everything that was typed."""
    expect(page.locator("[data-part=status]")).to_have_attribute("data-fate", "saved")


def toolbar(page: Page) -> Locator:
    """What the editor's script shows once it has come."""
    return page.locator("[data-toolbar]")


def begin(page: Page) -> None:
    """A new text from the 12-minute starter."""
    page.goto("/coach/studio/new")
    page.get_by_label("Title").fill("Feet first")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Feet first")
    # The script has come, too: without it, a page whose network goes away can neither keep words nor say so.
    expect(toolbar(page)).to_be_visible()


# --- The whole journey


def test_a_coach_writes_checks_schedules_and_restores_by_keyboard(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    page.goto("/coach/studio/")
    tab_to(page, "New session", "link")
    page.keyboard.press("Enter")
    tab_to(page, "Title", "textbox")
    page.keyboard.type("Feet first")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(NEW))
    assert own_site.address  # the site is its own: it is going to be changed

    tab_to(page, "Text", "textbox")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n## Practice: One more (4 min)\n\nStand up.")
    expect(page.locator("#check-title")).to_contain_text("problem")
    expect(page.locator(".outline")).to_contain_text("16 of 12 min")
    page.locator(".problem-jump").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-area]")).to_be_focused()

    page.keyboard.press("Control+End")
    for _ in range(len("\n## Practice: One more (4 min)\n\nStand up.")):
        page.keyboard.press("Backspace")
    page.keyboard.type("\n")
    expect(page.locator("#check-title")).not_to_contain_text("problem")

    for look, seen in (
        ("Class screen", ".look-presentation"),
        ("Teacher", ".look-teacher"),
        ("Family", ".look-family"),
        ("Student", ".look-student"),
    ):
        tab_to(page, look)
        page.keyboard.press("Enter")
        expect(page.locator(seen)).to_be_visible()

    tab_to(page, "Publish…")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/publish"))
    schedule_in_a_moment(page)
    expect(page.get_by_text("This will be published on").first).to_be_visible()
    reader = visit()
    expect_status(reader, "/sessions/feet-first", 404)
    own_site.put_clock_forward(180)
    expect_status(reader, "/sessions/feet-first", 200)
    expect_restored(page, reader)


def schedule_in_a_moment(page: Page) -> None:
    """Two minutes on: late enough to see first that nobody can read it yet, and a real time for the site."""
    page.get_by_label("Day").fill("2026-11-20")
    page.get_by_label("Time").fill(soon(page))
    tab_to(page, "Schedule")
    page.keyboard.press("Enter")


def soon(page: Page) -> str:
    """Two or three minutes after what the site says it is now: the draft was saved a moment ago."""
    said = page.request.get("/coach/studio/?state=draft").text()
    hour, minute = re.search(r"Nov 20, (\d+):(\d\d)", said).groups()  # type: ignore[union-attr]
    total = int(hour) * 60 + int(minute) + 2
    return f"{total // 60:02d}:{total % 60:02d}"


def expect_status(page: Page, path: str, status: int) -> None:
    """The address answers so before long; the site itself has to come to the time."""
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        answer = page.goto(path)
        if answer is not None and answer.status == status:
            return
    raise AssertionError(f"{path} never answered {status}")


def expect_restored(page: Page, reader: Page) -> None:
    """A second text goes live, and the first one comes back."""
    page.goto(NEW)
    area = page.locator("[data-area]")
    area.fill(area.input_value().replace("Nobody is called on.", "Nobody has to speak."))
    expect_saved(page)
    page.get_by_role("button", name="Publish…").press("Enter")
    page.get_by_role("button", name="Publish now").press("Enter")
    expect(page.get_by_text("Published. Everyone can see it now.")).to_be_visible()
    reader.goto("/sessions/feet-first")
    expect(reader.get_by_text("Nobody has to speak.")).to_be_visible()
    page.get_by_role("link", name="History").press("Enter")
    page.get_by_role("button", name="Restore this version").press("Enter")
    expect(page.get_by_text("Version restored and published.")).to_be_visible()
    reader.goto("/sessions/feet-first")
    expect(reader.get_by_text("Nobody is called on.")).to_be_visible()


# --- Nothing typed is lost


def test_what_is_typed_without_a_network_is_kept_and_goes_when_it_is_back(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    begin(page)
    page.context.set_offline(True)
    write(page, "\nTyped in the basement.")
    expect(page.locator("[data-part=status]")).to_contain_text(
        "You’re offline. Keep going; your changes are on this device, and we’ll send them later."
    )
    assert in_themes(page, ["light", "dark"]) == []
    page.context.set_offline(False)
    expect_saved(page)
    page.reload()
    expect(page.locator("[data-area]")).to_have_value(re.compile("Typed in the basement"))


def test_what_is_typed_before_the_script_has_come_is_saved_too(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    begin(page)
    late: list[Route] = []
    page.route(re.compile(r"/studio/editor\.js"), lambda route: late.append(route))
    page.goto(NEW, wait_until="commit")
    write(page, "\nTyped on a slow line.")
    expect(toolbar(page)).to_be_hidden()
    late[0].continue_()
    expect_saved(page)
    page.reload(wait_until="commit")
    expect(page.locator("[data-area]")).to_have_value(re.compile("Typed on a slow line"))


def test_going_back_to_an_old_text_does_not_save_it_over_a_newer_one(visit: Visit, own_site: Site) -> None:
    page, other = visit(as_=COACH), visit(as_=ADMIN)
    begin(page)
    write(page, "\nOf the coach.")
    expect_saved(page)
    page.goto("/coach/studio/")
    other.goto(NEW)
    expect(toolbar(other)).to_be_visible()
    write(other, "\nOf the admin.")
    expect_saved(other)
    page.go_back()
    expect(toolbar(page)).to_be_visible()
    expect(page.locator("[data-area]")).to_have_value(re.compile(r"Of the coach\.\s+Of the admin\."))
    expect(page.locator("[data-part=status]")).not_to_have_attribute("data-fate", re.compile("."))


def test_a_closed_tab_gives_the_words_back(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    begin(page)
    page.context.set_offline(True)
    write(page, "\nTyped in the basement.")
    expect(page.locator("[data-part=status]")).to_contain_text("your changes are on this device")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(NEW)
    expect(again.get_by_role("button", name="Restore changes")).to_be_visible()
    assert in_themes(again, ["light", "dark"]) == []
    again.get_by_role("button", name="Restore changes").click()
    expect(again.locator("[data-area]")).to_have_value(re.compile("Typed in the basement"))
    expect_saved(again)


def test_an_ended_sign_in_keeps_the_words_and_saves_after_a_new_one(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    begin(page)
    page.context.clear_cookies()
    write(page, "\nTyped for an hour.")
    status = page.locator("[data-part=status]")
    expect(status).to_contain_text(
        "You’ve been signed out. Your changes are on this device. Sign in in another tab, then click Save."
    )
    assert in_themes(page, ["light", "dark"]) == []
    other = page.context.new_page()
    sign_in(other, COACH)
    page.bring_to_front()
    page.get_by_role("button", name="Save", exact=True).click()
    expect_saved(page)
    page.reload()
    expect(page.locator("[data-area]")).to_have_value(re.compile("Typed for an hour"))


def test_without_javascript_a_text_is_saved_then_looked_at_then_published(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH, java_script_enabled=False)
    page.goto(TEXT)
    area = page.locator("#body")
    area.fill(area.input_value().replace("Nobody is called on.", "Nobody has to speak."))
    page.get_by_role("button", name="Teacher", exact=True).click()
    expect(page.locator(".look-teacher")).to_contain_text("Nobody has to speak.")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Published. Everyone can see it now.")).to_be_visible()


# --- Two people


def test_two_people_see_each_other_and_both_texts(visit: Visit, own_site: Site) -> None:
    coach, admin = visit(as_=COACH), visit(as_=ADMIN)
    coach.goto(TEXT)
    write(coach, "\nThe coach was here.")
    expect_saved(coach)
    admin.goto(TEXT)
    expect(admin.get_by_text("has had this open since")).to_be_visible()
    write(admin, "\nThe admin was here.")
    expect_saved(admin)

    write(coach, "\nAnd here again.")
    expect(coach.locator("[data-part=status]")).to_contain_text("Your changes aren’t saved yet, but they aren’t lost")
    coach.get_by_role("button", name="See both versions").click()
    expect(coach.locator("#mine")).to_have_value(re.compile("And here again"))
    expect(coach.locator("#theirs")).to_have_value(re.compile("The admin was here"))
    assert in_themes(coach, ["light", "dark"]) == []
    coach.get_by_role("button", name="Save mine instead").click()
    expect(coach.locator("[data-area]")).to_have_value(re.compile("And here again"))


def test_a_page_that_was_changed_outside_meanwhile_stands_beside_the_draft(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    page.goto(TEXT)
    write(page, "\nThe coach was here.")
    expect_saved(page)
    file = own_site.home / "library" / "sessions" / f"{TEXT.rsplit('/', 1)[1]}.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nGit was here.\n", encoding="utf-8")
    page.goto(TEXT + "/publish")
    expect(page.get_by_text("The page changed after this draft was started")).to_be_visible()
    expect(page.get_by_text("someone editing outside the site").first).to_be_visible()
    assert in_themes(page, ["light", "dark"]) == []


def test_what_a_pack_would_bring_is_for_everyone(visit: Visit, own_site: Site, tmp_path: Path) -> None:
    page = visit(as_=COACH)
    page.goto("/coach/studio/packs")
    page.get_by_label("Body scan").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download pack").click()
    download.value.save_as(tmp_path / "friday.zip")
    page.get_by_label("Pack file").set_input_files(tmp_path / "friday.zip")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What’s in this pack")).to_be_visible()
    assert in_themes(page, ["light", "dark"]) == []


# --- Hostile Markdown

HOSTILE = """
<script>window.stolen = 1</script>
<img src=x onerror="window.stolen = 1"><svg onload="window.stolen = 1"></svg>
![spy](https://evil.example/spy.png) ![spy](//evil.example/spy.png)
[press](javascript:window.stolen=1) [press](data:text/html,<script>window.stolen=1</script>)
<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><input name=q></form>
<style>body { display: none }</style><p style="position:fixed" onclick="window.stolen = 1">x</p>
"""


def test_hostile_markdown_stays_text_on_the_real_page(visit: Visit, own_site: Site) -> None:
    page = visit(as_=COACH)
    page.goto(TEXT)
    area = page.locator("[data-area]")
    text = area.input_value()
    area.fill(text.replace("Nobody is called on.", HOSTILE + "Nobody is called on."))
    expect_saved(page)
    for look in ("Student", "Class screen", "Teacher", "Family"):
        page.get_by_role("button", name=look, exact=True).click()
        expect_saved(page)
        expect_harmless(page)
    page.reload()
    expect_harmless(page)
    page.goto(TEXT + "/preview")
    expect_harmless(page)


def expect_harmless(page: Page) -> None:
    """What the browser itself has made of it: the fixture also fails on any request to another host."""
    found = page.evaluate(
        """() => {
          const shown = document.querySelector("main");
          // The site's own widgets run on the preview by itself, and move what they draw.
          const all = [...shown.querySelectorAll("*")].filter((one) => !one.closest(".practice, .player"));
          return {
            stolen: "stolen" in window,
            handlers: all.filter((one) => [...one.attributes].some(({name}) => name.startsWith("on"))).length,
            styles: all.filter((one) => one.hasAttribute("style")).length,
            strange: all.filter((one) => one.matches(".look :is(script, iframe, object, embed, style, form)")).length,
            links: [...shown.querySelectorAll(".look a[href]")].map((a) => a.protocol).filter((p) => !/^https?:$/.test(p)),
            images: [...shown.querySelectorAll(".look img")].filter((i) => new URL(i.src).host !== location.host).length,
          };
        }"""
    )
    assert found == {"stolen": False, "handlers": 0, "styles": 0, "strange": 0, "links": [], "images": 0}


# --- For everyone

PAGES = {
    "list": "/coach/studio/",
    "nothing found": "/coach/studio/?q=zebra",
    "new": "/coach/studio/new",
    "editor": TEXT,
    "file": TEXT + "?view=raw",
    "translation": TEXT + "?text=es",
    "page text": "/coach/studio/pages/about",
    "class screen": TEXT + "?as=presentation",
    "teacher": TEXT + "?as=teacher",
    "preview": TEXT + "/preview?as=family",
    "publishing": TEXT + "/publish",
    "history": TEXT + "/history",
    "recordings": "/coach/studio/media",
    "packs": "/coach/studio/packs",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_studio_is_for_everyone(visit: Visit, shared_site: Site, name: str) -> None:
    page = visit(as_=COACH)
    page.goto(PAGES[name])
    assert in_themes(page, ["light", "dark"]) == []
    for viewport in (NARROW, ZOOMED):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert overflow(page) == 0, f"{name} scrolls sideways at {viewport['width']} px"


def test_the_states_of_writing_are_for_everyone(visit: Visit, own_site: Site, tmp_path: Path) -> None:
    page = visit(as_=COACH)
    begin(page)
    write(page, "\nClose your eyes. You must.\n\n/// nothing\n")
    expect_saved(page)
    page.locator(".keep summary").first.click()
    assert in_themes(page, ["light", "dark"]) == [], "with problems"
    page.get_by_label("Reason").first.fill("It is a quotation")
    page.get_by_role("button", name="Keep as is", exact=True).first.click()
    expect(page.locator(".kept")).to_contain_text("It is a quotation")
    page.locator(".kept summary").click()
    assert in_themes(page, ["light", "dark"]) == [], "with an answer"
    page.goto(NEW + "/publish")
    assert in_themes(page, ["light", "dark"]) == [], "not ready"
    page.goto(TEXT)
    write(page, "\nOne more sentence.")
    expect_saved(page)
    page.goto(TEXT + "/publish")
    assert in_themes(page, ["light", "dark"]) == [], "the difference"
    page.get_by_label("Day").fill("2026-01-01")
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("That time has already passed. Choose a later time, or publish now.").first).to_be_visible()
    assert in_themes(page, ["light", "dark"]) == [], "a time that has passed"
    for viewport in (PHONE, CHROMEBOOK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert overflow(page) == 0


# --- Recordings


def test_a_recording_larger_than_a_form_is_brought_and_looked_at(visit: Visit, own_site: Site, tmp_path: Path) -> None:
    video = make_video(tmp_path / "friday.mp4", "-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "8M",
                     "-x264-params", "nal-hrd=cbr", rate=30)  # fmt: skip
    assert video.stat().st_size > 1_500_000
    captions = tmp_path / "friday.vtt"
    captions.write_text(CAPTIONS, encoding="utf-8")
    page = visit(as_=COACH)
    page.goto("/coach/studio/media")
    page.get_by_label("Video", exact=True).set_input_files(video)
    page.get_by_label("English captions").set_input_files(captions)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Uploaded. The video is being processed. You can leave this page.")).to_be_visible()
    link = page.locator(".jobs").get_by_role("link", name="Preview")
    expect(link).to_be_visible(timeout=120_000)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Friday")
    expect(page.locator("track")).to_have_count(1)
    assert in_themes(page, ["light", "dark"]) == []


def test_what_is_no_recording_is_refused_beside_its_field(visit: Visit, own_site: Site, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_bytes(b"%PDF-1.7 a letter")
    page = visit(as_=COACH)
    page.goto("/coach/studio/media")
    page.get_by_label("Video", exact=True).set_input_files(letter)
    page.get_by_label("English captions").set_input_files(letter)
    page.get_by_role("button", name="Upload", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This is a document, not a video or audio file.")
    expect(alert).to_be_focused()
    assert in_themes(page, ["light", "dark"]) == []


def test_the_server_reads_large_bodies_only_where_recordings_are_brought(own_site: Site) -> None:
    for path, cookie, status in (
        ("/sign-in", "wellness=x", 413),
        ("/coach/studio/media", "", 413),
        (TEXT, "wellness=x", 413),
    ):
        assert refused_with(own_site, path, cookie) == status, path


def refused_with(site: Site, path: str, cookie: str) -> int:
    """What the server says to the head of a request that announces 50 MB, before any of it was sent."""
    connection = http.client.HTTPConnection(site.address.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", "50000000")
    if cookie:
        connection.putheader("Cookie", cookie)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status
