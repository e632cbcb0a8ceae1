"""The player in a real browser: captions, transcript, pauses, and which seconds count."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, SESSION, open_presentation
from tests.browser.school import DEADLINE, FRIDAY, TEACHER, Site, serve
from tests.support.recordings import ffmpeg, make_video
from tests.support.scratch import changed, copy_instance
from wellness.domain import Viewing, ViewingState, played_threshold
from wellness.media import MediaStore
from wellness.media.store import StoredVideoFacts
from wellness.records import viewings

SECONDS = 8
BETWEEN_LOOKS = threading.Event()
CAPTIONS = {
    "en": ("Both feet on the floor.", "Your hands on the desk."),
    "es": ("Los dos pies en el piso.", "Las manos en la mesa."),
}


@pytest.fixture(scope="session")
def short_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a video of eight seconds with captions in two languages."""
    folder = tmp_path_factory.mktemp("video")
    make_video(folder / "720.mp4", "-movflags", "+faststart", "-g", "6", size="640x360", seconds=SECONDS)
    shutil.copy(folder / "720.mp4", folder / "480.mp4")
    ffmpeg("-i", folder / "720.mp4", "-vn", "-c:a", "copy", folder / "audio.m4a")
    ffmpeg("-i", folder / "720.mp4", "-frames:v", "1", folder / "poster.jpg")
    for language, (first, second) in CAPTIONS.items():
        cues = f"00:00.200 --> 00:03.500\n{first}\n\n00:04.000 --> 00:07.500\n{second}\n"
        (folder / f"captions.{language}.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
        (folder / f"transcript.{language}.txt").write_text(f"[Colors.]\n{first} {second}\n", encoding="utf-8")
    return folder


@pytest.fixture
def own_site(instance: Path, tmp_path: Path, short_video: Path) -> Iterator[Site]:
    """A site of the test's own, whose session shows the short video."""
    home = copy_instance(instance, tmp_path / "home")
    show_short_video(home, short_video)
    with serve(home) as running:
        yield running


def show_short_video(home: Path, short_video: Path, pauses: str = "none") -> None:
    store = MediaStore(home / "media")
    with store.building() as folder:
        for file in short_video.iterdir():
            shutil.copy(file, folder / file.name)
        store.add(folder, StoredVideoFacts("feet", {"en": "Feet"}, float(SECONDS), 640, 360), datetime.now(UTC))
    for path in (home / "library" / "sessions").glob(f"{SESSION}*.md"):
        block = f"/// video | {SESSION}\n"
        text = changed(path.read_text(encoding="utf-8"), (block, f"/// video | feet\npauses: {pauses}\n\n"))
        path.write_text(text, encoding="utf-8")


def held_today(site: Site) -> Viewing | None:
    """The class's viewing of this Friday; the first seconds that ran open it."""
    with site.records() as records, records.reading() as tx:
        held = viewings.list_viewings(tx, first=FRIDAY, last=FRIDAY, classroom_ids=[site.classroom_id(CLASS)])
    return held[0] if held else None


def wait_for_coverage(site: Site, least: float) -> Viewing:
    """The class's viewing once at least that share has arrived."""
    deadline = time.monotonic() + DEADLINE / 1000
    while (held := held_today(site)) is None or held.coverage < least:
        assert time.monotonic() < deadline, f"only {held.coverage if held else 0:.0%} arrived"
        BETWEEN_LOOKS.wait(0.05)
    return held


def to_video(page: Page, site: Site) -> Locator:
    """Present the session and go to its video, as a teacher does. The video."""
    page.goto(f"/teach/classes/{site.classroom_id(CLASS)}/present/{SESSION}")
    open_presentation(page)
    player = page.locator(".step.is-current [data-player]")
    while not player.count():
        page.keyboard.press("ArrowRight")
    return page.locator("[data-step] [data-player] video")


def wait_until(video: Locator, condition: str) -> None:
    """Until that is true of the `video`."""
    page = video.page
    page.wait_for_function(f"video => {condition}", arg=video.element_handle(), timeout=DEADLINE)


def seek(video: Locator, seconds: float) -> None:
    video.evaluate("(video, seconds) => { video.currentTime = seconds; }", seconds)
    wait_until(video, "!video.seeking")


# --- On the session's page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "line"), [("en", "Hello."), ("es", "Hola.")])
def test_captions_show_by_themselves_in_the_readers_language(visit: Visit, language: str, line: str) -> None:
    page = visit()
    page.goto(f"/sessions/{SESSION}?lang={language}")
    video = page.locator("video").first
    modes = video.evaluate("video => Object.fromEntries([...video.textTracks].map(t => [t.language, t.mode]))")
    assert modes == {"en": "disabled", "es": "disabled"} | {language: "showing"}
    video.evaluate("video => { video.muted = true; video.play(); video.currentTime = 4.5; }")
    wait_until(video, "[...video.textTracks].some(t => t.mode === 'showing' && t.activeCues?.length)")
    shown = video.evaluate("video => [...video.textTracks].find(t => t.mode === 'showing').activeCues[0].text")
    assert shown.startswith(line)


def test_nothing_of_a_video_is_fetched_before_somebody_plays_it(visit: Visit) -> None:
    page = visit()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"/sessions/{SESSION}", wait_until="networkidle")
    video = page.locator("video")
    assert video.evaluate("video => [video.paused, video.preload, video.autoplay]") == [True, "none", False]
    assert [url for url in fetched if url.endswith((".mp4", ".m4a"))] == []
    assert [url for url in fetched if url.endswith("poster.jpg")] != []


def test_a_video_keeps_its_place_while_it_loads(visit: Visit) -> None:
    page = visit()
    page.route("**/poster.jpg", lambda route: route.fulfill(status=204))
    page.goto(f"/sessions/{SESSION}")
    box = page.locator("video").bounding_box()
    assert box is not None
    assert abs(box["width"] / box["height"] - 16 / 9) < 0.02


def test_a_line_of_the_transcript_goes_there_and_the_spoken_one_is_marked(visit: Visit, own_site: Site) -> None:
    page = visit()
    page.goto(f"/sessions/{SESSION}")
    video = page.locator("video")
    page.get_by_text("Transcript", exact=True).click()
    expect(page.get_by_text("[Colors.]")).to_be_visible()
    first, second = (page.get_by_role("button", name=line) for line in CAPTIONS["en"])
    second.focus()
    page.keyboard.press("Enter")
    video.evaluate("video => { video.muted = true; video.play(); }")
    expect(second).to_have_attribute("aria-current", "true")
    assert video.evaluate("video => video.currentTime") >= 4
    first.click()
    expect(first).to_have_attribute("aria-current", "true")
    expect(second).not_to_have_attribute("aria-current", "true")


def test_another_version_goes_on_where_the_video_was(visit: Visit, own_site: Site) -> None:
    page = visit()
    page.goto(f"/sessions/{SESSION}")
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; video.play(); }")
    seek(video, 4)
    page.get_by_label("Speed").select_option(label="Slower")
    assert video.evaluate("video => video.playbackRate") == 0.75
    sound = page.get_by_role("option", name=re.compile("Sound only")).get_attribute("value")
    page.get_by_label("Quality").select_option(sound)
    wait_until(video, "video.currentSrc.endsWith('audio.m4a') && video.readyState >= 2 && !video.seeking")
    assert 4 <= video.evaluate("video => video.currentTime") < 7
    assert video.evaluate("video => video.playbackRate") == 0.75


def test_without_javascript_video_captions_and_transcript_are_there(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    page.goto(f"/sessions/{SESSION}")
    expect(page.locator("video[controls] track[default][srclang=en]")).to_be_attached()
    page.get_by_text("Transcript", exact=True).click()
    expect(page.get_by_text("It takes less than four minutes.")).to_be_visible()
    expect(page.get_by_label("Speed")).to_be_hidden()


# --- In the presentation -----------------------------------------------------------------------------------------------


def test_a_video_begins_by_itself_only_when_the_teacher_steps_to_it(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    video = to_video(page, own_site)
    wait_until(video, "!video.paused && video.currentTime > 0")
    page.reload()
    open_presentation(page)
    expect(page.locator(".step.is-current [data-player]")).to_be_visible()
    assert video.evaluate("video => video.paused")


def test_space_stops_a_video_and_goes_on_and_the_next_screen_stops_it(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    video = to_video(page, own_site)
    wait_until(video, "!video.paused")
    page.keyboard.press("Space")
    wait_until(video, "video.paused")
    page.keyboard.press("Space")
    wait_until(video, "!video.paused")
    page.keyboard.press("ArrowRight")
    wait_until(video, "video.paused")


def test_at_a_pause_point_the_video_waits_until_somebody_goes_on(visit: Visit, shared_site: Site) -> None:
    page = visit(TEACHER)
    video = to_video(page, shared_site)
    wait_until(video, "!video.paused && video.readyState >= 2")
    pause = page.locator(".step.is-current [data-part=pause]")
    seek(video, float(pause.get_attribute("data-at") or 0) - 0.4)
    expect(pause).to_be_visible()
    expect(pause).to_contain_text("Breathe as usual for a moment")
    expect(pause.get_by_role("button", name="Continue")).to_be_focused()
    assert video.evaluate("video => video.paused")
    page.keyboard.press("Enter")
    expect(pause).to_be_hidden()
    wait_until(video, "!video.paused")


# --- Which seconds count -----------------------------------------------------------------------------------------------


def test_a_video_that_ran_to_its_end_makes_the_viewing_played(visit: Visit, own_site: Site) -> None:
    video = to_video(visit(TEACHER), own_site)
    wait_until(video, "video.ended")
    held = wait_for_coverage(own_site, played_threshold(SECONDS))
    assert held.coverage == 1
    assert held.state is ViewingState.PLAYED


def test_a_jump_to_the_end_proves_nothing(visit: Visit, own_site: Site) -> None:
    video = to_video(visit(TEACHER), own_site)
    wait_until(video, "!video.paused && video.readyState >= 2")
    seek(video, 6.5)
    wait_until(video, "video.ended")
    held = wait_for_coverage(own_site, 0.01)
    assert held.coverage < played_threshold(SECONDS)
    assert held.state is ViewingState.OPENED


def test_what_ran_without_the_network_arrives_when_it_is_back(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    video = to_video(page, own_site)
    wait_until(video, "video.buffered.length && video.buffered.end(0) > 7.5")
    page.context.set_offline(True)
    wait_until(video, "video.ended")
    before = held_today(own_site)
    assert before is None or before.coverage < played_threshold(SECONDS)
    page.context.set_offline(False)
    assert wait_for_coverage(own_site, played_threshold(SECONDS)).state is ViewingState.PLAYED


def test_what_ran_before_and_after_a_reload_adds_up(visit: Visit, own_site: Site) -> None:
    page = visit(TEACHER)
    video = to_video(page, own_site)
    wait_until(video, "video.currentTime > 4.2")
    page.reload()
    open_presentation(page)
    before = wait_for_coverage(own_site, 0.5)
    assert before.state is ViewingState.OPENED
    video.evaluate("video => { video.muted = true; video.play(); }")
    wait_until(video, "video.readyState >= 2")
    seek(video, 3.9)
    wait_until(video, "video.ended")
    assert wait_for_coverage(own_site, played_threshold(SECONDS)).state is ViewingState.PLAYED


def test_a_video_that_cannot_be_reached_says_so_and_where_its_words_are(visit: Visit, own_site: Site) -> None:
    page = visit()
    page.goto(f"/sessions/{SESSION}")
    page.context.set_offline(True)
    page.locator("video").evaluate("video => { video.play().catch(() => {}); }")
    expect(page.locator("[data-part=note]").first).to_contain_text(
        "The video can’t load. Use the transcript below instead."
    )


def test_a_video_that_nobody_sends_is_said_to_be_lost_and_asked_for_again(visit: Visit) -> None:
    page = visit()
    page.clock.install()
    unanswered: list[Route] = []
    page.route("**/*.mp4", lambda route: unanswered.append(route))
    page.goto(f"/sessions/{SESSION}")
    video, note = page.locator("video").first, page.locator("[data-part=note]").first
    video.evaluate("video => { video.muted = true; video.play().catch(() => {}); }")
    wait_until(video, "video.networkState === 2")  # it is waiting for the first byte
    expect(note).to_have_text("")
    page.clock.fast_forward(9_000)
    expect(note).to_contain_text("The video can’t load. Use the transcript below instead.")
    page.route("**/*.mp4", lambda route: route.abort("internetdisconnected"))
    unanswered[0].abort("internetdisconnected")
    wait_until(video, "video.networkState === 3")  # every version was refused, and the browser gives up
    page.unroute_all()
    page.clock.fast_forward(9_000)
    wait_until(video, "video.networkState < 3")
    video.evaluate("video => { video.play(); }")
    wait_until(video, "video.currentTime > 0")
    expect(note).to_have_text("")
