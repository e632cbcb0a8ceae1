"""The studio's pages: the list, a new text, the editor, publishing, history, two people, recordings."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from tests.support.demo_site import TEN_O_CLOCK, DemoSite
from tests.support.pages import Page, PageClient, text_of
from wellness.domain import Language, TextKey, TextKind
from wellness.publishing import drafts
from wellness.records import drafts as stored_drafts
from wellness.stores import Stores

SLUG = "four-square-breathing"
TEXT = f"/coach/studio/sessions/{SLUG}"
NEW = "/coach/studio/sessions/feet-first"
NOBODY = "Nobody is called on."


@pytest.fixture
def coach(demo_with_library: DemoSite) -> PageClient:
    """The coach's browser."""
    return demo_with_library.signed_in("coach")


def editor(page: Page):  # type: ignore[no-untyped-def]
    """The form of the editor."""
    return page.by_id("editor")


def body_of(page: Page) -> str:
    """What stands in the textarea of the text."""
    area = page.by_id("body")
    assert area is not None
    return area.text or ""


def write(browser: PageClient, address: str, old: str, new: str, **more: str) -> Page:
    """Change words in the editor and press Save."""
    page = browser.open(address)
    body = body_of(page)
    assert old in body
    return browser.submit(editor(page), body=body.replace(old, new), **more)


def begin(browser: PageClient, title: str = "Feet first", starter: str = "twelve-minutes") -> Page:
    """A new text from a starter."""
    page = browser.open("/coach/studio/new")
    return browser.submit(page.form("/new"), title=title, starter=starter)


def publish(browser: PageClient, address: str, go: str = "now", status: int = 303, **typed: str) -> Page:
    """Press one of the two ways to publish."""
    page = browser.open(address + "/publish")
    form = next(form for form in page.all("form") if form.get("action") == address + "/publish")
    return browser.submit(form, status, go=go, **typed)


def session_page(site: DemoSite, slug: str = SLUG) -> str:
    """What a student sees."""
    return site.browser().open(f"/sessions/{slug}").main


def desk(site: DemoSite) -> Stores:
    """The stores behind the pages."""
    here = site.app.extensions["wellness"]
    return Stores(here.records, here.catalogue, here.workshop, here.media)


# --- The list


def test_the_list_names_every_text_with_its_state(coach: PageClient) -> None:
    page = coach.open("/coach/studio/")
    assert page.heading == "Content"
    titles = page.texts("h2")
    assert {"Four-square breathing", "Respiración cuadrada", "About this site"} <= set(titles)
    assert page.texts("p", class_="texts-count") == [f"{len(titles)} items"]
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    first = coach.open("/coach/studio/?state=draft").find("li", class_="text")
    said = "".join(first.itertext())
    assert "Four-square breathing" in said
    assert "Draft" in said
    assert "Okonkwo" in said


def test_the_list_is_searched_and_filtered(coach: PageClient) -> None:
    page = coach.open("/coach/studio/")
    found = coach.submit(page.form("/coach/studio/"), q="BREATH", kind="sessions")
    assert "Four-square breathing" in found.texts("h2")
    assert "About this site" not in found.texts("h2")
    nothing = coach.open("/coach/studio/?q=zebra")
    assert "No matches" in nothing.main


# --- A new text


@pytest.mark.parametrize("starter", ["twelve-minutes", "five-minutes", "breathing-practice", "training-module"])
def test_a_new_text_begins_whole_and_unseen(coach: PageClient, demo_with_library: DemoSite, starter: str) -> None:
    page = begin(coach, starter=starter)
    assert page.heading == "Feet first"
    assert "Must fix" not in page.main
    assert demo_with_library.browser().fetch("/sessions/feet-first").status_code == 404


def test_a_new_text_needs_a_title_and_an_address_of_its_own(coach: PageClient) -> None:
    page = coach.open("/coach/studio/new")
    refused = coach.submit(page.form("/new"), 422, title="", starter="five-minutes")
    assert "Add a title. You can change it later." in refused.beside("title")
    refused = coach.submit(page.form("/new"), 422, title="Four-square breathing", starter="five-minutes")
    assert "That web address is already taken. Choose a different one." in refused.beside("slug")
    assert refused.by_id("title").get("value") == "Four-square breathing"  # type: ignore[union-attr]


def test_a_copy_has_the_words_and_another_address(coach: PageClient) -> None:
    page = coach.open(f"/coach/studio/new?like=sessions/{SLUG}")
    copy = coach.submit(page.form("/new"), title="Breathing our way")
    assert copy.heading == "Breathing our way"
    assert NOBODY in body_of(copy)


# --- The editor


def test_what_is_written_is_kept_and_nobody_else_sees_it(coach: PageClient, demo_with_library: DemoSite) -> None:
    page = write(coach, TEXT, NOBODY, "Nobody has to speak.")
    assert "Nobody has to speak." in body_of(page)
    assert NOBODY in session_page(demo_with_library)


def test_form_and_file_are_two_views_of_one_text(coach: PageClient, demo_with_library: DemoSite) -> None:
    raw = coach.open(TEXT + "?view=raw")
    area = raw.by_id("raw")
    assert area is not None
    before = area.text or ""
    changed = before.replace("minutes: 12\n", "minutes: 12   # as every Friday\n")
    page = coach.submit(editor(raw), raw=changed, go="form")
    page = coach.submit(editor(page), **{"fact-title": "Breathing in a square", "go": "raw"})
    assert page.by_id("raw").text == changed.replace(  # type: ignore[union-attr]
        "title: Four-square breathing", "title: Breathing in a square"
    )


def test_what_was_not_touched_in_the_form_stays_as_it_was_written(coach: PageClient) -> None:
    """Body scan is good for `[rest, settle down]`, which is not the order of the boxes."""
    address = "/coach/studio/sessions/body-scan"
    before = coach.open(address + "?view=raw").by_id("raw")
    page = coach.submit(editor(coach.open(address)), **{"fact-title": "Body check", "go": "raw"})
    after = page.by_id("raw")
    assert before is not None and after is not None
    assert after.text == (before.text or "").replace("title: Body scan", "title: Body check")


def test_the_check_names_each_problem_with_its_line_and_the_way_to_mend_it(coach: PageClient) -> None:
    page = write(coach, TEXT, "(1 min, short 1)\n\nA breathing pattern", "(9 min, short 1)\n\nA breathing pattern")
    assert "the steps add up to 20 minutes, but the details say 12" in page.main
    assert "Outline: 20 of 12 min" in page.main
    jump = page.find("a", class_="problem-jump")
    assert jump.get("data-line")
    published = coach.open(TEXT + "/publish")
    assert "Publish now" not in published.main
    assert "Fix the problems in the check first. Then you can publish this." in published.main


def test_a_suggestion_is_answered_with_a_reason_that_stays(coach: PageClient) -> None:
    page = write(coach, TEXT, NOBODY, "Close your eyes.")
    form = next(form for form in page.all("form") if "keep" in form.get("action", ""))
    page = coach.submit(form, reason="quoted from the poem we read")
    assert "1 suggestion kept as is" in page.main
    assert "Kept as is: quoted from the poem we read" in page.main
    page = write(coach, TEXT, "Close your eyes.", "Close your eyes. Really.")
    assert "quoted from the poem we read" in page.main
    form = next(form for form in page.all("form") if "keep" in form.get("action", ""))
    assert "answered" not in coach.submit(form, go="unkeep").main


def test_a_suggestion_kept_before_it_was_reworded_stays_kept(demo_with_library: DemoSite, coach: PageClient) -> None:
    write(coach, TEXT, NOBODY, "Close your eyes.")
    stored = "“Close your eyes”: better “Eyes open or looking down, your choice.” Closed eyes can feel unsafe"
    with demo_with_library.records.writing() as tx:
        stored_drafts.put_kept_warning(
            tx, TextKey(TextKind.SESSION, SLUG, Language.EN), stored, "it is a poem", None, TEN_O_CLOCK
        )
    page = coach.open(TEXT)
    assert "1 suggestion kept as is" in page.main
    assert "Kept as is: it is a poem" in page.main
    form = next(form for form in page.all("form") if "keep" in form.get("action", ""))
    assert "kept as is" not in coach.submit(form, go="unkeep").main


@pytest.mark.parametrize(
    ("look", "seen", "hidden"),
    [
        ("student", "Breathe along", "Lights stay as they are"),
        ("presentation", "Breathe along", "Lights stay as they are"),
        ("teacher", "Lights stay as they are", "In three minutes at home"),
        ("family", "In three minutes at home", "Lights stay as they are"),
    ],
)
def test_the_page_beside_is_what_each_reader_will_see(coach: PageClient, look: str, seen: str, hidden: str) -> None:
    for address in (f"{TEXT}?as={look}", f"{TEXT}/preview?as={look}"):
        page = coach.open(address)
        shown = "".join(page.find("div", class_=f"look-{look}").itertext())
        assert seen in shown
        assert hidden not in shown


def test_half_a_text_is_shown_as_far_as_it_goes(coach: PageClient) -> None:
    raw = coach.open(TEXT + "?view=raw")
    page = coach.submit(
        editor(raw), raw="---\ntitle: Half\nsummary: [\n---\n\n## Preview: Hello (1 min)\n\nStill here.\n"
    )
    assert page.by_id("raw") is not None, "the facts cannot be read, so the file is shown"
    assert "Still here." in "".join(page.find("div", class_="look-student").itertext())


def test_a_save_by_the_script_answers_with_the_same_fragments(coach: PageClient) -> None:
    page = coach.open(TEXT)
    data = {
        "csrf_token": coach.any_token(),
        "version": "0",
        "body": "## Preview: Short (1 min)\n\nHello.\n",
        "as": "teacher",
    }
    answer = coach.fetch(TEXT, method="POST", data=data, headers={"Accept": "application/json"})
    told = json.loads(answer.text)
    assert answer.status_code == 200
    assert told["version"] > 0
    assert "Must fix" in told["check"]
    assert "look-teacher" in told["preview"]
    assert page.heading == told["title"]


def test_a_draft_is_thrown_away_and_the_page_stays(coach: PageClient, demo_with_library: DemoSite) -> None:
    page = write(coach, TEXT, NOBODY, "Nobody has to speak.")
    page = coach.submit(page.form("/discard"))
    assert NOBODY in body_of(page)


# --- Publishing


def test_publishing_shows_the_difference_first_and_then_everybody_sees_it(
    coach: PageClient, demo_with_library: DemoSite
) -> None:
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    page = coach.open(TEXT + "/publish")
    assert "called" in " ".join(page.texts("del"))
    assert "has to speak" in " ".join(page.texts("ins")).replace("added: ", "")
    publish(coach, TEXT)
    assert "Nobody has to speak." in session_page(demo_with_library)


def test_a_text_is_published_at_its_time(coach: PageClient, demo_with_library: DemoSite) -> None:
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    refused = publish(coach, TEXT, "later", 422, on_day="2026-11-20", time="09:00")
    assert "That time has already passed. Choose a later time, or publish now." in refused.main
    page = publish(coach, TEXT, "later", on_day="2026-11-23", time="07:00")
    assert "This will be published on Nov 23, 7:00 AM." in page.main
    demo_with_library.clock.go(days=2, hours=20, minutes=59)
    assert NOBODY in session_page(demo_with_library)
    demo_with_library.clock.go(minutes=1)
    wait_until_seen(demo_with_library, "Nobody has to speak.")
    assert "Okonkwo" in demo_with_library.signed_in("coach").open(TEXT + "/history").main


def wait_until_seen(site: DemoSite, words: str) -> None:
    """The site looks for what is due every tenth of a second."""
    for _ in range(200):
        if words in session_page(site):
            return
    raise AssertionError(f"{words} never came")


def test_an_old_text_is_compared_and_restored(coach: PageClient, demo_with_library: DemoSite) -> None:
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    publish(coach, TEXT)
    demo_with_library.clock.go(minutes=5)
    page = coach.open(TEXT + "/history")
    assert "came with the site" in page.main
    assert "called" in " ".join(page.texts("del"))
    form = next(form for form in page.all("form") if form.get("action", "").endswith("/restore"))
    coach.submit(form)
    assert NOBODY in session_page(demo_with_library)


def test_a_text_is_taken_down_and_its_history_stays(coach: PageClient, demo_with_library: DemoSite) -> None:
    page = coach.open("/coach/studio/sessions/body-scan/publish")
    page = coach.submit(page.form("/unpublish"))
    assert "unpublished" in page.main
    assert demo_with_library.browser().fetch("/sessions/body-scan").status_code == 404


def test_a_renamed_text_is_found_at_both_addresses(coach: PageClient, demo_with_library: DemoSite) -> None:
    page = coach.open(TEXT + "/publish")
    refused = coach.submit(page.form("/rename"), 422, slug="body-scan")
    assert "That web address is already taken. Choose a different one." in refused.beside("slug")
    page = coach.submit(page.form("/rename"), slug="square-breathing")
    assert page.path.startswith("/coach/studio/sessions/square-breathing")
    answer = demo_with_library.browser().fetch(f"/sessions/{SLUG}")
    assert answer.status_code == 308
    assert answer.location == "/sessions/square-breathing"


# --- Two people


def test_two_people_never_overwrite_each_other(coach: PageClient, demo_with_library: DemoSite) -> None:
    admin = demo_with_library.signed_in("admin")
    mine = coach.open(TEXT)
    write(admin, TEXT, NOBODY, "The admin wrote this.")
    both = coach.submit(editor(mine), 409, body=body_of(mine).replace(NOBODY, "The coach wrote this."))
    assert "by Ms. Delphine Arrowood, after you opened it." in both.main
    assert "The coach wrote this." in (both.by_id("mine").text or "")  # type: ignore[union-attr]
    assert "The admin wrote this." in (both.by_id("theirs").text or "")  # type: ignore[union-attr]
    assert "The admin wrote this." in body_of(admin.open(TEXT)), "nothing was overwritten"
    chosen = coach.submit(both.all("form", data_settled="")[0])
    area = chosen.by_id("raw")
    assert area is not None
    assert "The coach wrote this." in (area.text or "")


def test_who_else_has_the_text_open_is_named_before_typing(coach: PageClient, demo_with_library: DemoSite) -> None:
    key = TextKey(TextKind.SESSION, SLUG)
    admin = demo_with_library.person("admin")
    drafts.note_open(desk(demo_with_library), key, admin, demo_with_library.clock())
    assert f"{admin.name} has had this open since" in coach.open(TEXT).main
    demo_with_library.clock.at += timedelta(minutes=5)
    assert admin.name not in coach.open(TEXT).main


def test_a_page_that_changed_meanwhile_is_replaced_only_by_who_has_seen_both(
    coach: PageClient, demo_with_library: DemoSite
) -> None:
    write(coach, TEXT, NOBODY, "The coach wrote this.")
    file = demo_with_library.home / "library" / "sessions" / f"{SLUG}.md"
    file.write_text(file.read_text(encoding="utf-8").replace(NOBODY, "Git wrote this."), encoding="utf-8")
    wait_until_seen(demo_with_library, "Git wrote this.")
    page = coach.open(TEXT + "/publish")
    assert "The page changed after this draft was started" in page.main
    assert "someone editing outside the site" in page.main
    refused = publish(coach, TEXT, status=409)
    assert "Git wrote this." in refused.main
    revision = page.by_id("seen").get("value")  # type: ignore[union-attr]
    publish(coach, TEXT, seen=str(revision))
    assert "The coach wrote this." in session_page(demo_with_library)


# --- Translating


def test_a_translation_is_written_beside_the_english_text(coach: PageClient) -> None:
    page = coach.open("/coach/studio/sessions/body-scan")
    page = coach.submit(page.form("/translate"))
    assert page.path.endswith("?text=es")
    assert page.root.get("lang") == "en", "the page around it keeps the coach's language"
    assert page.by_id("fact-minutes") is None
    assert "English version" in page.main


def test_a_translator_sees_what_changed_in_the_english_text(coach: PageClient) -> None:
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    publish(coach, TEXT)
    page = coach.open(TEXT + "?text=es")
    assert "What changed in English since this translation" in page.main
    assert "speak" in " ".join(page.texts("ins"))


# --- Recordings


def test_the_recordings_are_listed_and_looked_at(coach: PageClient) -> None:
    page = coach.open("/coach/studio/media")
    assert page.heading == "Videos"
    refused = coach.submit(page.form("/media"), 422, title="Mine")
    assert "Choose a video file." in refused.beside("file")
    assert refused.by_id("title").get("value") == "Mine"  # type: ignore[union-attr]


def test_without_ffmpeg_the_upload_pages_say_so(coach: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    video = next(link for link in coach.open("/coach/studio/media").links() if "/media/films/" in link)
    for place in ("/coach/studio/media", video):
        assert "ffmpeg is not installed" not in coach.open(place).main
    monkeypatch.setenv("PATH", "/nowhere")
    for place in ("/coach/studio/media", video):
        assert "ffmpeg is not installed here, so no video can be uploaded" in coach.open(place).main


def test_only_the_upload_takes_more_than_a_form_does(coach: PageClient, demo_with_library: DemoSite) -> None:
    data = {"csrf_token": coach.any_token(), "body": "a" * 2_000_000}
    assert coach.fetch(TEXT, method="POST", data=data).status_code == 413
    teacher = demo_with_library.signed_in("teacher")
    big = {"csrf_token": teacher.any_token(), "title": "a" * 2_000_000}
    assert teacher.fetch("/coach/studio/media", method="POST", data=big).status_code == 413


# --- Packs


def test_a_pack_goes_out_and_comes_back_as_drafts(coach: PageClient, demo_with_library: DemoSite) -> None:
    page = coach.open("/coach/studio/packs")
    form = page.form("/packs/export")
    data = {"csrf_token": coach.any_token(), "slug": [SLUG]}
    answer = coach.fetch(form.get("action", ""), method="POST", data=data)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    pack = answer.data
    answer.close()
    write(coach, TEXT, NOBODY, "Nobody has to speak.")
    publish(coach, TEXT)

    sent = {"csrf_token": coach.any_token(), "pack": (io.BytesIO(pack), "friday.zip")}
    look = coach.send("/coach/studio/packs/look", sent)
    assert look.heading == "What’s in this pack"
    assert "an older version from this site" in look.main
    assert "Nobody has to speak." in session_page(demo_with_library), "looking writes nothing"
    page = coach.submit(look.all("form", class_="panel")[0], text=[f"sessions/{SLUG}.md"])
    assert NOBODY in body_of(page)
    assert "Nobody has to speak." in session_page(demo_with_library), "a draft is not published"


def test_what_is_no_pack_is_refused(coach: PageClient) -> None:
    sent = {"csrf_token": coach.any_token(), "pack": (io.BytesIO(b"no zip at all"), "friday.zip")}
    assert "damaged" in coach.send("/coach/studio/packs/look", sent, 422).beside("pack")
    page = coach.open("/coach/studio/packs")
    assert "pack" in coach.submit(page.form("/packs/export"), 422).beside("slug")


def test_a_refusal_with_a_value_in_it_is_translated_too(coach: PageClient) -> None:
    sent = {"csrf_token": coach.any_token(), "slug": "not-there"}
    said = coach.send("/coach/studio/packs/export?lang=es", sent, 422).beside("slug")
    assert "publicado con el nombre not-there" in said


# --- A training module ------------------------------------------------------------------------------------------------


def test_a_module_is_seen_as_a_teacher_will_take_it(coach: PageClient) -> None:
    page = coach.open("/coach/studio/training/when-a-student-discloses/preview")
    seen = page.find("div", class_="look-module")
    parts = [text_of(one) for one in seen.iter("h4")]
    assert parts[0] == "It will probably be an ordinary day" and len(parts) == 8
    questions = page.all("fieldset", class_="check-question", disabled="")
    assert len(questions) == 6
    assert "Feedback on the answers" in page.main
    assert "(The teacher writes here, with the wording check next to it.)" in page.main


def test_a_module_half_written_is_seen_as_far_as_it_goes(coach: PageClient) -> None:
    raw = coach.open("/coach/studio/training/what-tier-1-is?view=raw")
    area = raw.by_id("raw")
    assert area is not None
    text = (area.text or "").replace("minutes: 18", "minutes: [", 1).replace("- [x]", "- [", 1)
    page = coach.submit(editor(raw), raw=text)
    seen = text_of(page.find("div", class_="look-module"))
    assert "So that a good thing stays a good thing" in seen
    graded = [one for one in page.all("fieldset", class_="check-question") if one.get("disabled") is not None]
    assert len(graded) == 5, "the question that is wrong is shown as its words"
