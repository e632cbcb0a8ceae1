"""The teacher's training: from the list to the certificate, as a browser without scripts meets it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from tests.support.demo_site import OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import Page, PageClient, fields_of, text_of
from tests.support.scratch import changed
from wellness.domain import CheckTry, Completion, Language, PartKind, Person, QuestionKind, Reflection
from wellness.library.prepared import PreparedModule, PreparedQuestion
from wellness.records import assignments, completions
from wellness.training import check, friday, reflections
from wellness.training import parts as training_parts

SLUG = "your-own-regulation-first"
ORDERED = "when-a-student-discloses"
"""A module whose check also has something to put in order."""
HOME = f"/training/{SLUG}"
BEFORE = ("why", "see-it", "do-it", "say-it")
AFTER = ("reflect", "plan")


def module_of(demo: DemoSite, slug: str = SLUG) -> PreparedModule:
    return demo.catalogue.get_module(slug, Language.EN)


def right(question: PreparedQuestion) -> dict[str, Any]:
    """The right answer as the form sends it."""
    if question.kind is QuestionKind.PUT_IN_ORDER:
        return {f"{question.key}-{key}": str(place) for place, key in enumerate(question.right, start=1)}
    if question.kind is QuestionKind.WHAT_WOULD_YOU_SAY:
        return {}
    return {question.key: list(question.right)}


def wrong(question: PreparedQuestion) -> dict[str, Any]:
    """A wrong answer as the form sends it."""
    if question.kind is QuestionKind.PUT_IN_ORDER:
        return {f"{question.key}-{key}": str(place) for place, key in enumerate(reversed(question.right), start=1)}
    if question.kind is QuestionKind.WHAT_WOULD_YOU_SAY:
        return {}
    return {question.key: sorted(question.keys - set(question.right))[:1]}


def answers(module: PreparedModule, *, mistakes: int = 0) -> dict[str, Any]:
    """A filled-in check with so many mistakes."""
    typed: dict[str, Any] = {}
    for number, question in enumerate(module.graded):
        typed |= wrong(question) if number < mistakes else right(question)
    return typed


def finish(browser: PageClient, *parts: str, home: str = HOME) -> Page:
    """Submit *Mark this part done* on these; the page after the last."""
    for part in parts:
        page = browser.open(f"{home}/{part}")
        page = browser.submit(page.form(f"/{part}/done"))
    return page


def hand_in(browser: PageClient, home: str = HOME, status: int = 303, **typed: Any) -> Page:
    """Open the check, answer and hand it in."""
    page = browser.open(f"{home}/check")
    return browser.submit(page.form("/hand-in"), status, **typed)


def complete(demo: DemoSite, browser: PageClient, slug: str = SLUG) -> Page:
    """The whole way; the page after the last press."""
    home = f"/training/{slug}"
    finish(browser, *BEFORE, home=home)
    hand_in(browser, home, **answers(module_of(demo, slug)))
    return finish(browser, *AFTER, home=home)


def tries_of(demo: DemoSite, key: str = "teacher", slug: str = SLUG) -> list[CheckTry]:
    with demo.records.reading() as tx:
        return check.list_tries(tx, demo.person(key), slug)


def completions_of(demo: DemoSite, key: str = "teacher", slug: str = SLUG) -> tuple[Completion, ...]:
    with demo.records.reading() as tx:
        person = demo.person(key)
        return completions.list_completions(tx, [person.id], slug).get((person.id, slug), ())


def written_by(demo: DemoSite, key: str = "teacher", slug: str = SLUG) -> dict[str, Reflection]:
    with demo.records.reading() as tx:
        return {one.place: one for one in reflections.list_own(tx, demo.person(key), slug)}


def state_of(demo: DemoSite, person: Person) -> training_parts.ModuleState:
    with demo.records.reading() as tx:
        return training_parts.state_of(tx, person, module_of(demo), TODAY)


@pytest.fixture
def teacher(demo: DemoSite) -> PageClient:
    return demo.signed_in("teacher")


# --- Finding the way --------------------------------------------------------------------------------------------------


def test_every_module_is_listed_with_where_one_is(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open("/training/")
    titles = page.texts("h2", class_="module-title")
    assert sorted(titles) == sorted(module.title for module in demo.catalogue.list_modules(Language.EN))
    states = dict(zip(titles, page.texts("div", class_="module-state"), strict=True))
    assert states["Your own regulation first"] == "7 parts, 19 minutes"
    assert states["Running a Friday session"] == "2 of 7 parts, 13 minutes left"
    assert states["Four-square breathing, safely"].startswith("Practiced ")


def test_what_is_asked_for_comes_first_and_is_said_kindly_when_its_day_has_gone(
    demo: DemoSite, teacher: PageClient
) -> None:
    assert teacher.open("/training/").texts("p", class_="module-asked") == ["Due Dec 4"]
    with demo.records.writing() as tx:
        coach, person = demo.person("coach"), demo.person("teacher")
        assignments.put_assignment(
            tx, SLUG, person_id=person.id, due_on=date(2026, 11, 6), by=coach.id, at=demo.clock()
        )
    page = teacher.open("/training/")
    assert page.texts("h2", class_="module-title")[:2] == ["Your own regulation first", "Running a Friday session"]
    assert page.texts("p", class_="module-asked") == ["Was due Nov 6", "Due Dec 4"]
    assert "Was due Nov 6" in teacher.open(HOME).main
    assert "overdue" not in page.main.lower()


def test_modules_are_in_the_order_of_their_files_then_by_title(demo_with_library: DemoSite) -> None:
    def not_begun() -> list[str]:
        page = demo_with_library.signed_in("teacher").open("/training/")
        shown = zip(page.texts("h2", class_="module-title"), page.texts("div", class_="module-state"), strict=True)
        return [title for title, state in shown if state.startswith("7 parts")]

    def say(slug: str, before: str, after: str) -> None:
        path = demo_with_library.home / "library" / "training" / f"{slug}.md"
        path.write_text(changed(path.read_text(encoding="utf-8"), (before, after)), encoding="utf-8")

    calm, tier, wording, disclosing, talking, adapting = not_begun()
    assert (calm, tier[:11], adapting) == ("Your own regulation first", "What Tier 1", "Adapting for every student")
    say("adapting-for-every-student", "order: 8", "order: 1")
    say("your-own-regulation-first", "order: 1\n", "")
    say("what-tier-1-is", "order: 2\n", "")
    assert not_begun() == [adapting, wording, disclosing, talking, tier, calm]


def test_without_modules_the_page_says_so(demo_with_library: DemoSite) -> None:
    for path in (demo_with_library.home / "library" / "training").glob("*.md"):
        path.unlink()
    assert "No modules yet" in demo_with_library.signed_in("teacher").open("/training/").main


def test_one_press_goes_on_where_one_stopped(teacher: PageClient) -> None:
    page = teacher.open(HOME)
    assert "Start with: Why (1 min)" in page.main
    after = finish(teacher, "why")
    assert after.path == f"{HOME}/see-it"
    assert "Continue with: See it (3 min)" in teacher.open(HOME).main
    assert "1 of 7 parts, 18 minutes left" in teacher.open(HOME).main
    # Looking at another part says so; the page's script sends it.
    token = {"csrf_token": teacher.any_token()}
    assert teacher.fetch(f"{HOME}/reflect/seen", method="POST", data=token).status_code == 204
    assert "Continue with: Reflect" in teacher.open(HOME).main


def test_each_part_says_where_it_stands_and_leads_to_its_neighbours(teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/do-it")
    assert "Part 3 of 8 · Do it · 3 min" in page.main
    ways = [link.get("href") for link in page.all("a", class_="part-way")]
    assert ways == [f"{HOME}/see-it", f"{HOME}/say-it"]
    assert page.all("section", data_practice="four-square-breathing")


def test_the_video_of_a_module_is_the_real_player(teacher: PageClient) -> None:
    page = teacher.open("/training/four-square-breathing-safely/see-it")
    assert page.all("video") and page.all("track")


@pytest.mark.parametrize(
    "path", ["/training/nothing-here", f"{HOME}/dance", f"{HOME}/check/no-such-try-as-this", f"{HOME}/completed"]
)
def test_what_is_not_there_is_not_found(teacher: PageClient, path: str) -> None:
    teacher.open(path, status=404)


def test_an_old_name_of_a_module_leads_to_the_new_one(demo_with_library: DemoSite) -> None:
    path = demo_with_library.home / "library" / "training" / f"{SLUG}.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("author:", "aliases: [calm-first]\nauthor:", 1), encoding="utf-8")
    browser = demo_with_library.signed_in("teacher")
    for end in ("", "/why", "/check"):
        answer = browser.fetch(f"/training/calm-first{end}?lang=en")
        assert (answer.status_code, answer.location) == (308, f"{HOME}{end}?lang=en")


# --- Completing -------------------------------------------------------------------------------------------------------


def test_the_check_opens_when_the_parts_before_it_are_done(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/check")
    assert page.all("form", data_check="") == []
    missing = [link.get("href") for link in page.find("div", class_="notice-info").iter("a")]
    assert missing == [f"{HOME}/{part}" for part in BEFORE]
    finish(teacher, *BEFORE[1:])
    assert [link.get("href") for link in teacher.open(f"{HOME}/check").find("div", class_="notice-info").iter("a")] == [
        f"{HOME}/why"
    ]
    token, module = teacher.any_token(), module_of(demo)
    data = answers(module) | {"csrf_token": token, "revision": module.revision, "try_id": check.new_try_id()}
    teacher.send(f"{HOME}/hand-in", data, status=422)
    assert tries_of(demo) == []


def test_all_parts_and_a_passed_check_make_a_certificate(demo: DemoSite, teacher: PageClient) -> None:
    page = complete(demo, teacher)
    assert page.path == f"{HOME}/completed"
    (completion,) = completions_of(demo)
    assert f"/certificates/{completion.code}" in page.links()
    assert (completion.hours, completion.completed_on, completion.practised_on) == (0.25, TODAY, None)
    assert "Completed Nov 20" in teacher.open("/training/").main
    finish_again = teacher.open(f"{HOME}/why")
    assert "You’re done with this part." in finish_again.main


def test_nothing_tells_which_answer_is_right_before_it_is_given(demo: DemoSite, teacher: PageClient) -> None:
    for slug in (SLUG, ORDERED):
        home, module = f"/training/{slug}", module_of(demo, slug)
        finish(teacher, *BEFORE, home=home)
        html = teacher.open(f"{home}/check").html
        for question in module.questions:
            for option in question.options:
                feedback = re.sub("<[^>]+>", "", option.feedback).strip()
                assert not feedback or feedback not in html
        ordered = [one for one in module.questions if one.kind is QuestionKind.PUT_IN_ORDER]
        for question in ordered:
            shown = re.findall(rf'name="{question.key}-([0-9a-f]+)"', html)
            assert sorted(shown) == sorted(question.right) and tuple(shown) != question.right
        form = html[html.index('<form class="check"') :]
        marks = re.sub(r">[^<]*<", "><", form[: form.index("</form>")])
        marks = re.sub(r'data-word-[a-z-]+="[^"]*"', "", marks)  # sentences like "can’t save right now"
        assert not re.search(r"\bright\b|is-right|is_right", marks)


def test_a_check_with_too_few_right_answers_says_what_is_said_to_each(demo: DemoSite, teacher: PageClient) -> None:
    module = module_of(demo)
    finish(teacher, *BEFORE)
    page = hand_in(teacher, **answers(module, mistakes=2))
    assert "3 of 5 this time" in page.main and "You need 4 to pass." in page.main
    for question in module.questions:
        for option in question.options:
            assert re.sub(r"\s+", " ", text_of_html(option.feedback)) in page.main
    assert page.main.count("Your answer") == 2
    assert page.texts("h3", class_="check-number")[:3] == [
        "Question 1 · not yet",
        "Question 2 · not yet",
        "Question 3 · right",
    ]
    assert completions_of(demo) == ()
    page = hand_in(teacher, **answers(module, mistakes=1))
    assert "Passed: 4 of 5" in page.main and "2 tries at the check, best: 4 of 5." in page.main
    assert "2 tries at the check, best: 4 of 5." in teacher.open(HOME).main


def text_of_html(html: str) -> str:
    return re.sub("<[^>]+>", "", html).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").strip()


def test_what_is_put_in_order_is_compared_with_the_right_order(demo: DemoSite, teacher: PageClient) -> None:
    module, home = module_of(demo, ORDERED), f"/training/{ORDERED}"
    question = next(one for one in module.questions if one.kind is QuestionKind.PUT_IN_ORDER)
    finish(teacher, *BEFORE, home=home)
    page = hand_in(teacher, home, **answers(module) | wrong(question))
    last = len(question.right)
    assert f"You put it at number {last}" in page.main
    assert tries_of(demo, slug=ORDERED)[0].answers[question.key] == tuple(reversed(question.right))


def test_the_same_form_handed_in_twice_counts_once(demo: DemoSite, teacher: PageClient) -> None:
    finish(teacher, *BEFORE)
    form = teacher.open(f"{HOME}/check").form("/hand-in")
    first = teacher.submit(form, **answers(module_of(demo), mistakes=2))
    second = teacher.submit(form, **answers(module_of(demo)))
    assert first.path == second.path
    assert [one.right for one in tries_of(demo)] == [3]


def test_a_question_without_an_answer_is_named_and_nothing_is_lost(demo: DemoSite, teacher: PageClient) -> None:
    module, home = module_of(demo, ORDERED), f"/training/{ORDERED}"
    finish(teacher, *BEFORE, home=home)
    typed = answers(module)
    ordered = next(one for one in module.graded if one.kind is QuestionKind.PUT_IN_ORDER)
    typed[f"{ordered.key}-{ordered.right[0]}"] = "2"  # twice the same place
    page = hand_in(teacher, home, status=422, **typed)
    assert "Give each line its own number." in page.main
    assert f"#{ordered.key}-question" in page.links()
    kept = dict(fields_of(page.form("/hand-in")))
    assert kept[f"{ordered.key}-{ordered.right[0]}"] == "2"
    chosen = next(one for one in module.graded if one.kind is QuestionKind.CHOOSE_ONE)
    assert kept[chosen.key] == chosen.right[0]
    assert tries_of(demo, slug=ORDERED) == []


@pytest.mark.parametrize("strange", [["00000000"], ["<script>"], ["x" * 5000], ["a\x00b"]])
def test_an_answer_that_is_not_offered_is_refused(demo: DemoSite, teacher: PageClient, strange: list[str]) -> None:
    module = module_of(demo)
    finish(teacher, *BEFORE)
    one = next(question for question in module.graded if question.kind is QuestionKind.CHOOSE_ONE)
    hand_in(teacher, status=422, **answers(module) | {one.key: strange})
    assert tries_of(demo) == []


def test_answers_are_kept_as_they_are_given(demo: DemoSite, teacher: PageClient) -> None:
    module = module_of(demo)
    finish(teacher, *BEFORE)
    typed = right(module.graded[0]) | {"csrf_token": teacher.any_token(), "revision": module.revision}
    said = next(one for one in module.questions if not one.kind.is_graded)
    answer = teacher.fetch(f"{HOME}/answers", method="POST", data=typed | {said.key: "I hear you."})
    assert answer.get_json() == {"saved": True}
    kept = fields_of(teacher.open(f"{HOME}/check").form("/hand-in"))
    assert (module.graded[0].key, module.graded[0].right[0]) in kept
    assert (said.key, "I hear you.") in [(name, value.strip()) for name, value in kept]
    page = hand_in(teacher, **answers(module) | {said.key: "I hear you, and I'm glad."})
    assert "I hear you, and I'm glad." in page.main and "What others have said" in page.main
    assert not any(
        value == module.graded[0].right[0] for _, value in fields_of(teacher.open(f"{HOME}/check").form("/hand-in"))
    )


@pytest.mark.parametrize("revision", ["", "0" * 64, "<b>"])
def test_a_check_of_a_text_that_never_was_is_refused(demo: DemoSite, teacher: PageClient, revision: str) -> None:
    finish(teacher, *BEFORE)
    hand_in(teacher, status=422, **answers(module_of(demo)) | {"revision": revision})
    assert tries_of(demo) == []


def test_a_check_counts_against_the_text_that_was_shown(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    teacher = demo.signed_in("teacher")
    shown = module_of(demo)
    finish(teacher, *BEFORE)
    form = teacher.open(f"{HOME}/check").form("/hand-in")
    path = demo.home / "library" / "training" / f"{SLUG}.md"
    text = path.read_text(encoding="utf-8")
    wrong_one = next(line for line in text.split("\n") if line.startswith("- [ ]"))
    path.write_text(text.replace(wrong_one, wrong_one.replace(" | ", " Indeed. | ", 1)), encoding="utf-8")
    demo.clock.go(seconds=5)
    demo.catalogue._looked_at = -1.0
    assert shown.revision not in teacher.open(f"{HOME}/check").html
    page = teacher.submit(form, **answers(shown))
    assert "This module has changed since then." in page.main and "Passed: 5 of 5" in page.main
    assert tries_of(demo)[0].revision == shown.revision != module_of(demo).revision


def test_a_completed_module_can_be_taken_again(demo: DemoSite, teacher: PageClient) -> None:
    complete(demo, teacher)
    page = teacher.open(HOME)
    again = teacher.submit(page.form("/again"))
    assert "Completed Nov 20; taking it again" in again.main
    assert "Start with: Why" in again.main
    assert len(completions_of(demo)) == 1


# --- Words of one's own -----------------------------------------------------------------------------------------------


def test_what_one_writes_is_read_by_the_wording_check_and_by_nobody_else(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/say-it")
    page = teacher.submit(page.form("/words"), text="You must close your eyes.", do="save")
    assert page.texts("q") == ["You must", "close your eyes"]
    assert "Only you can read this." in page.main
    (one,) = written_by(demo).values()
    assert (one.place, one.text, one.shared_at) == ("say-it", "You must close your eyes.", None)
    page = teacher.submit(page.form("/words"), text="With eyes open or looking down, as you like.", do="save")
    assert "No suggestions from the wording check." in page.main


def test_a_reflection_is_shared_by_a_press_and_private_again_by_another(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/reflect")
    form = page.all("form", class_="words")[0]
    prompt = text_of(page.all("div", class_="words-prompt")[0])
    page = teacher.submit(form, text="Before the bell.", do="share")
    assert "Shared: coaches and admins at your school can read this" in page.main
    one = written_by(demo)["reflect-1"]
    assert one.shared_at == demo.clock() and one.prompt == prompt
    with demo.records.reading() as tx:
        assert one in [shared.reflection for shared in reflections.list_shared(tx, demo.person("coach"), TODAY)]
    page = teacher.submit(page.all("form", class_="words")[0], do="keep")
    assert written_by(demo)["reflect-1"].shared_at is None
    with demo.records.reading() as tx:
        assert one.text not in [
            shared.reflection.text for shared in reflections.list_shared(tx, demo.person("coach"), TODAY)
        ]


def test_a_script_is_told_what_the_check_says_and_who_can_read_it(teacher: PageClient) -> None:
    data = {"csrf_token": teacher.any_token(), "place": "say-it", "text": "Calm down!", "do": "save"}
    json = {"Accept": "application/json"}
    told = teacher.fetch(f"{HOME}/say-it/words", method="POST", data=data, headers=json).get_json()
    assert "Calm down" in told["state"] and told["shared"] is False
    answer = teacher.fetch(f"{HOME}/say-it/words", method="POST", data=data | {"text": "x" * 4001}, headers=json)
    assert answer.status_code == 422 and "too long" in answer.get_json()["said"]


def test_words_that_cannot_be_kept_stand_in_the_form_with_the_reason(demo: DemoSite, teacher: PageClient) -> None:
    form = teacher.open(f"{HOME}/say-it").form("/words")
    page = teacher.submit(form, 422, text="y" * 4001, do="save")
    assert "too long" in page.beside("text")
    assert "y" * 4001 in page.html
    assert written_by(demo) == {}


@pytest.mark.parametrize("place", ["", "reflect-9", "../../etc", "<b>", "say-it' or 1=1"])
def test_there_are_no_other_places_to_write(demo: DemoSite, teacher: PageClient, place: str) -> None:
    data = {"csrf_token": teacher.any_token(), "place": place, "text": "Hello.", "do": "save"}
    teacher.send(f"{HOME}/say-it/words", data, status=404)
    assert written_by(demo) == {}


def test_markup_in_ones_words_stays_words(demo: DemoSite, teacher: PageClient) -> None:
    said = "<img src=x onerror=alert(1)> & 'so' on"
    page = teacher.submit(teacher.open(f"{HOME}/say-it").form("/words"), text=said, do="save")
    assert said in page.texts("textarea")
    assert "<img src=x" not in page.html
    assert said in teacher.open(f"{HOME}/notes").main


def test_all_of_ones_words_stand_on_one_page_to_print_share_or_remove(demo: DemoSite, teacher: PageClient) -> None:
    assert "Nothing written yet" in teacher.open(f"{HOME}/notes").main
    teacher.submit(teacher.open(f"{HOME}/say-it").form("/words"), text="Two sentences.", do="save")
    reflect = teacher.open(f"{HOME}/reflect").all("form", class_="words")
    teacher.submit(reflect[1], text="A second thought.", do="save")
    page = teacher.open(f"{HOME}/notes")
    assert page.texts("p", class_="own-words") == ["Two sentences.", "A second thought."]
    forms = [form for form in page.all("form") if form.get("action", "").endswith("/notes")]
    page = teacher.submit(forms[0], do="share")
    assert written_by(demo)["say-it"].shared_at is not None
    forms = [form for form in page.all("form") if form.get("action", "").endswith("/notes")]
    page = teacher.submit(forms[0], do="remove")
    assert page.texts("p", class_="own-words") == ["A second thought."]
    assert "Two sentences." not in demo.signed_in("teacher2").open(f"{HOME}/notes").main


# --- The plan and the real Friday -------------------------------------------------------------------------------------


def test_a_plan_is_a_class_of_ones_own_and_a_day_to_come(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/plan")
    assert STRANGE not in page.html
    form = page.form("/friday")
    own = demo.classroom(OWN).id
    page = teacher.submit(form, 422, classroom_id=own, planned_on="2026-11-01")
    assert "Choose today or a later day." in page.beside("planned_on")
    teacher.submit(form, 422, classroom_id=demo.classroom(STRANGE).id, planned_on="2026-12-04")
    teacher.submit(form, classroom_id=own, planned_on="2026-12-04")
    state = state_of(demo, demo.person("teacher"))
    assert state.part(PartKind.PLAN).is_done and state.facilitation is not None
    assert state.facilitation.classroom_id == own
    assert "Planned: Friday, December 4 with Advisory 7-1" in teacher.open(f"{HOME}/plan").main


def test_a_member_of_staff_without_classes_can_complete_too(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    page = coach.open(f"{HOME}/plan")
    assert "there’s nothing to choose" in page.main
    assert complete(demo, coach).path == f"{HOME}/completed"


def test_the_real_friday_is_one_that_a_class_of_ones_own_did(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open(f"{HOME}/try")
    with demo.records.reading() as tx:
        held = friday.list_candidates(tx, demo.person("teacher"), TODAY)
        strange = friday.list_candidates(tx, demo.person("teacher2"), TODAY)[0].viewing
    offered = [one.get("value") for one in page.all("input", name="viewing_id")]
    assert offered == [str(one.viewing.id) for one in held][: len(offered)] and len(offered) > 5
    form = page.form("/trial")
    teacher.submit(form, 422)
    teacher.submit(form, 404, viewing_id=str(strange.id))
    teacher.submit(form, 422, viewing_id="the last one")
    page = teacher.submit(form, viewing_id=offered[0])
    assert [one.get("value") for one in page.all("input", checked="")] == [offered[0]]
    assert state_of(demo, demo.person("teacher")).part(PartKind.TRY).is_done


def test_a_visit_to_the_chosen_friday_can_be_read(teacher: PageClient) -> None:
    page = teacher.open("/training/four-square-breathing-safely/try")
    assert "A coach sat in." in page.main
    assert any(link.startswith("/training/visits/") for link in page.links())


def test_my_classes_offer_the_module_that_prepares_for_the_session(demo: DemoSite, teacher: PageClient) -> None:
    page = teacher.open("/teach/")
    session = demo.catalogue.get_session(due_slug(page), Language.EN)
    module = module_of(demo, session.facts.module)
    assert f"Get ready for this session: {module.title} ({module.minutes} min)" in page.main
    complete(demo, teacher, module.slug)
    assert f"Get ready for this session: {module.title}" not in teacher.open("/teach/").main


def due_slug(page: Page) -> str:
    opens = next(form.get("action", "") for form in page.all("form") if "/open/" in form.get("action", ""))
    return opens.rsplit("/", 1)[1].partition("?")[0]


# --- Everywhere -------------------------------------------------------------------------------------------------------


def test_training_can_be_read_in_spanish(teacher: PageClient) -> None:
    for path in ("/training/", HOME, *(f"{HOME}/{part}" for part in (*BEFORE, "check", *AFTER, "try", "notes"))):
        assert teacher.open(f"{path}?lang=es").root.get("lang") == "es"


def test_the_check_of_a_module_has_another_name_in_spanish_than_the_check_of_a_text(teacher: PageClient) -> None:
    shown = teacher.open(f"{HOME}?lang=es").main
    assert "Comprobación" in shown
    assert "Planear" in shown
    assert "Revisión" not in shown


def test_nobody_sees_a_try_of_somebody_else(demo: DemoSite, teacher: PageClient) -> None:
    finish(teacher, *BEFORE)
    page = hand_in(teacher, **answers(module_of(demo)))
    for key in ("teacher2", "coach", "admin"):
        demo.signed_in(key).open(page.path, status=404)
