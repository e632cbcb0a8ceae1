"""The coach's page of staff training: where everybody stands, what is asked for, what was shared, the month's roster."""

from __future__ import annotations

import csv
import io
from datetime import date
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest

from tests.support.demo_site import TODAY, DemoSite
from tests.support.pages import Page, PageClient, fields_of, text_of
from wellness.domain import Completion, Language, PartKind, Reflection
from wellness.records import Writing, assignments, audit_log, completions, training

MODULE, TITLE = "four-square-breathing-safely", "Four-square breathing, safely"
OTHER = "what-tier-1-is"
WROTE = "I want to say the way without holds first."


def csv_of(browser: PageClient, path: str) -> list[dict[str, str]]:
    """A table as a spreadsheet has it."""
    answer = browser.fetch(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def standing(page: Page) -> dict[tuple[str, str], str]:
    """What is said of each name and module on the screen."""
    table = page.find("table", class_="table-standing")
    heads = [text_of(head) for head in table.iter("th") if head.get("scope") == "col"]
    return {
        (next(iter(row.find("th").itertext())), title): text_of(cell)  # type: ignore[union-attr]
        for row in table.iter("tr")
        if row.find("td") is not None
        for title, cell in zip(heads[1:], row.iter("td"), strict=True)
        if text_of(cell)
    }


def complete(
    demo: DemoSite, who: str, slug: str = OTHER, on: date = TODAY, practised: date | None = None
) -> Completion:
    """As if the person had completed the module on that day."""
    person = demo.person(who)
    module = demo.catalogue.get_module(slug, Language.EN)
    one = Completion(
        code=f"{who}{slug}"[:26], person_id=person.id, person_name=person.name, slug=slug, language=Language.EN,
        revision=module.revision, title=module.title, issuer="Juniper County Schools", hours=0.25, completed_on=on,
        completed_at=demo.clock(),
    )  # fmt: skip
    with demo.records.writing() as tx:
        completions.add_completion(tx, one)
        if practised is not None:
            completions.set_practiced(tx, one.code, practised)
    return one


def ask(tx: Writing, demo: DemoSite, who: str, slug: str, due_on: date) -> None:
    assignments.put_assignment(
        tx, slug, person_id=demo.person(who).id, due_on=due_on, by=demo.person("coach").id, at=demo.clock()
    )


def label_of(form: Element) -> str:
    """What assistive technology says of the form's button."""
    return next((button.get("aria-label", "") for button in form.iter("button")), "")


# --- Where everybody stands -------------------------------------------------------------------------------------------


def test_the_page_says_in_words_where_somebody_stands(demo: DemoSite) -> None:
    title = demo.catalogue.get_module(OTHER, Language.EN).title
    complete(demo, "teacher3", on=date(2026, 11, 3))
    complete(demo, "teacher4", on=date(2026, 11, 3), practised=date(2026, 11, 20))
    with demo.records.writing() as tx:
        training.note_seen(tx, demo.person("teacher5").id, OTHER, PartKind.WHY, demo.clock())
        training.note_done(tx, demo.person("teacher5").id, OTHER, PartKind.WHY, demo.clock())
        ask(tx, demo, "teacher6", OTHER, date(2026, 11, 6))
        ask(tx, demo, "teacher7", OTHER, date(2026, 12, 4))
    said = standing(demo.signed_in("coach").open("/coach/training"))
    assert said[demo.person("teacher3").name, title] == "Completed Nov 3"
    assert said[demo.person("teacher4").name, title] == "Practiced Nov 20"
    assert said[demo.person("teacher5").name, title] == "1 of 7 parts"
    assert said[demo.person("teacher6").name, title] == "Not startedwas due Nov 6"
    assert said[demo.person("teacher7").name, title] == "Not starteddue Dec 4"


def test_nobody_is_ranked_and_nothing_alarms(demo: DemoSite) -> None:
    page = demo.signed_in("coach").open("/coach/training")
    names = list(dict.fromkeys(name for name, _ in standing(page)))
    assert len(names) > 10 and names == sorted(names, key=str.casefold)
    table = page.find("table", class_="table-standing")
    classes = {word for element in table.iter() for word in element.get("class", "").split()}
    assert not classes & {"wrong", "warm", "caution", "state-due", "state-not-done"}
    assert "%" not in text_of(table) and "average" not in page.main.lower()


@pytest.mark.parametrize("query", ["", f"module={MODULE}", "state=not-started", "state=practised", "state=asked",
                                   "state=nonsense", f"module={MODULE}&state=started"])  # fmt: skip
def test_screen_and_spreadsheet_say_the_same_cell_by_cell(demo: DemoSite, query: str) -> None:
    browser = demo.signed_in("coach")
    said = standing(browser.open(f"/coach/training?{query}"))
    rows = csv_of(browser, f"/coach/training.csv?{query}")
    assert {(row["name"], row["module"]) for row in rows} == said.keys()
    assert len(rows) == len(said) > 0
    for row in rows:
        shown = said[row["name"], row["module"]]
        assert {
            "not started": "Not started",
            "started": f"{row['parts_done']} of {row['parts']} parts",
            "completed": "Completed",
            "practised": "Practiced",
            "refresher": "refresh",
        }[row["state"]] in shown
        assert bool(row["due_on"]) == ("due" in shown.replace("refresher due", ""))


def test_a_school_is_one_of_the_filters(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    school = demo.classroom("Room 104")
    names = {name for name, _ in standing(browser.open(f"/coach/training?school={school.school_id}"))}
    assert demo.person("teacher2").name in names and demo.person("teacher").name not in names
    assert {row["name"] for row in csv_of(browser, f"/coach/training.csv?school={school.school_id}")} == names


def test_a_filter_that_nobody_answers_to_leads_back(demo: DemoSite) -> None:
    page = demo.signed_in("coach").open("/coach/training?module=none")
    assert "No staff match these filters." in page.main
    assert csv_of(demo.signed_in("coach"), "/coach/training.csv?module=none") == []


def test_a_coach_sees_the_own_school_only(demo: DemoSite) -> None:
    browser = demo.signed_in("coach2")
    page = browser.open("/coach/training")
    strange = demo.person("teacher").name
    assert strange not in page.main
    assert strange not in browser.fetch("/coach/training.csv").text
    assert strange not in browser.fetch("/coach/training/roster.csv?month=2026-08").text
    assert strange in demo.signed_in("coach").fetch("/coach/training/roster.csv?month=2026-08").text


def test_a_name_that_looks_like_a_formula_stays_a_name(demo: DemoSite) -> None:
    one = complete(demo, "teacher3")
    with demo.records.writing() as tx:
        completions.add_completion(
            tx,
            Completion(
                code="formula", person_id=one.person_id, person_name="", slug="formula", language=Language.EN,
                revision="r", title="=1+1", issuer="@x", hours=0.5, completed_on=TODAY, completed_at=demo.clock(),
            ),
        )  # fmt: skip
    (row,) = [row for row in csv_of(demo.signed_in("coach"), "/coach/training/roster.csv") if row["slug"] == "formula"]
    assert (row["module"], row["issuer"]) == ("'=1+1", "'@x")


# --- What is asked for ------------------------------------------------------------------------------------------------


def test_a_module_is_asked_of_a_school_and_of_a_person_and_taken_back(demo: DemoSite) -> None:
    browser, school = demo.signed_in("coach"), demo.classroom("Room 104")
    form = browser.open("/coach/training").form("/assign")
    page = browser.submit(
        form, slug=OTHER, school_ids=[school.school_id], person_ids=[demo.person("teacher").id], due_on="2026-12-11"
    )
    title = demo.catalogue.get_module(OTHER, Language.EN).title
    asked = [row for row in page.rows() if row[0] == title and "Dec 11" in row[2]]
    assert {row[1] for row in asked} == {school.school_name, demo.person("teacher").name}
    assert "due Dec 11" in standing(page)[demo.person("teacher2").name, title]
    assert "due Dec 11" in standing(page)[demo.person("teacher").name, title]
    assert "due" not in standing(page)[demo.person("teacher3").name, title]

    back = next(form for form in page.all("form") if label_of(form) == f"Remove: {title}, {school.school_name}")
    after = browser.submit(back)
    assert "due" not in standing(after)[demo.person("teacher2").name, title]
    assert "due Dec 11" in standing(after)[demo.person("teacher").name, title]
    with demo.records.reading() as tx:
        assert {"assign module", "unassign module"} <= {entry.action for entry in audit_log.list_audit(tx, limit=10)}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"slug": ""}, "slug"),
        ({"slug": "no-such-module"}, "slug"),
        ({"due_on": "2026-11-19"}, "due_on"),
        ({"due_on": ""}, "due_on"),
        ({"school_ids": []}, "school_ids"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_asked(
    demo: DemoSite, typed: dict[str, object], field: str
) -> None:
    browser = demo.signed_in("coach")
    before = demo.dump()
    form = browser.open("/coach/training").form("/assign")
    whole = {"slug": OTHER, "school_ids": [demo.classroom().school_id], "due_on": "2026-12-11", **typed}
    page = browser.submit(form, 422, **whole)
    assert page.beside(field)
    assert demo.dump()["assignment"] == before["assignment"]


def test_the_staff_of_another_school_is_not_asked(demo: DemoSite) -> None:
    browser = demo.signed_in("coach2")
    page = browser.open("/coach/training")
    assert demo.person("teacher").name not in page.main
    before = demo.dump()
    data = {"csrf_token": browser.any_token(), "slug": OTHER, "due_on": "2026-12-11"}
    for whom in ({"person_ids": demo.person("teacher").id}, {"school_ids": demo.classroom().school_id}):
        answer = browser.fetch("/coach/training/assign", method="POST", data=data | whom)
        assert answer.status_code == 403
    assert demo.dump()["assignment"] == before["assignment"]


# --- Who might like a module ------------------------------------------------------------------------------------------


def test_whoever_led_a_session_without_its_module_is_offered_it(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    page = browser.open("/coach/training")
    offers = [link for link in page.links() if "offer=" in link]
    assert offers
    query = dict(pair.split("=") for pair in urlsplit(offers[0]).query.split("&"))
    offered = browser.open(offers[0].partition("#")[0])
    form = dict(fields_of(offered.form("/assign")))
    assert (form["slug"], form["person_ids"]) == (query["offer"], query["to"])

    person = next(key for key in (f"teacher{n or ''}" for n in range(13)) if _is(demo, key, query["to"]))
    complete(demo, person, query["offer"])
    assert offers[0] not in browser.open("/coach/training").links()


def _is(demo: DemoSite, key: str, person_id: str) -> bool:
    try:
        return demo.person(key).id == person_id
    except AssertionError:
        return False


# --- What was shared --------------------------------------------------------------------------------------------------


def test_only_what_was_shared_is_read_and_only_at_the_own_school(demo: DemoSite) -> None:
    def write(shared: bool) -> None:
        with demo.records.writing() as tx:
            training.put_reflection(
                tx,
                Reflection(
                    demo.person("teacher3").id, MODULE, "q1", "What will you try?", WROTE, demo.clock(),
                    demo.clock() if shared else None,
                ),
            )  # fmt: skip

    write(shared=False)
    assert WROTE not in demo.signed_in("coach").open("/coach/training").main
    write(shared=True)
    page = demo.signed_in("coach").open("/coach/training")
    (shown,) = [text for text in page.texts("li", class_="shared-words") if WROTE in text]
    assert demo.person("teacher3").name in shown and TITLE in shown and "What will you try?" in shown
    assert "Nov 20" in shown
    assert WROTE not in demo.signed_in("coach2").open("/coach/training").main
    write(shared=False)
    assert WROTE not in demo.signed_in("coach").open("/coach/training").main


# --- The roster -------------------------------------------------------------------------------------------------------


def test_the_roster_has_one_row_for_each_completion_of_the_month(demo: DemoSite) -> None:
    first = complete(demo, "teacher3", on=date(2026, 10, 31))
    second = complete(demo, "teacher4", on=date(2026, 11, 1), practised=date(2026, 11, 6))
    third = complete(demo, "teacher5", on=date(2026, 11, 30))
    browser = demo.signed_in("coach")
    page = browser.open("/coach/training/roster?month=2026-11")
    rows = csv_of(browser, "/coach/training/roster.csv?month=2026-11")
    assert [row["code"] for row in rows] == [second.code, third.code]
    assert rows[0] == {
        "name": demo.person("teacher4").name,
        "school": "Heron Ford Middle School",
        "module": second.title,
        "slug": OTHER,
        "revision": second.revision,
        "level": "practised",
        "contact_hours": "0.25",
        "completed_on": "2026-11-01",
        "practised_on": "2026-11-06",
        "code": second.code,
        "issuer": "Juniper County Schools",
    }
    shown = page.rows()[1:]
    assert [(row[0], row[2], row[5], row[8]) for row in shown] == [
        (row["name"], row["module"], row["contact_hours"], row["code"]) for row in rows
    ]
    assert first.code in browser.open("/coach/training/roster?month=2026-10").main


@pytest.mark.parametrize("asked", ["", "2026-13", "soon", "9999-99", "0000-01", "2026-11-20"])
def test_a_month_that_is_none_is_this_one(demo: DemoSite, asked: str) -> None:
    page = demo.signed_in("coach").open(f"/coach/training/roster?month={asked}")
    assert page.heading == "Training roster, November 2026"


def test_the_roster_can_be_printed_and_leads_through_the_year(demo: DemoSite) -> None:
    page = demo.signed_in("coach").open("/coach/training/roster")
    assert page.find("button", data_print="") is not None
    months = [option.get("value") for option in page.find("select", name="month").iter("option")]
    assert months[0] == "2026-11" and months[-1] == "2025-12" and len(months) == 12


# --- The settings -----------------------------------------------------------------------------------------------------


def test_an_admin_sets_the_hours_and_who_issues(demo: DemoSite) -> None:
    browser = demo.signed_in("admin")
    form = browser.open("/admin/settings").form("/admin/settings")
    assert not {dict(fields_of(form))[name] for name in ("module_hours", "certificate_issuer")} - {""}
    page = browser.submit(form, module_hours="1.5", certificate_issuer="  Juniper   Schools ")
    assert {**dict(fields_of(page.form("/admin/settings")))}.items() >= {
        "module_hours": "1.5",
        "certificate_issuer": "Juniper Schools",
    }.items()
    again = browser.submit(page.form("/admin/settings"), module_hours="")
    assert dict(fields_of(again.form("/admin/settings")))["module_hours"] == ""


@pytest.mark.parametrize("hours", ["0", "-1", "11", "nan", "inf", "many"])
def test_hours_that_cannot_be_are_refused(demo: DemoSite, hours: str) -> None:
    browser = demo.signed_in("admin")
    page = browser.submit(browser.open("/admin/settings").form("/admin/settings"), 422, module_hours=hours)
    assert page.beside("module_hours")
