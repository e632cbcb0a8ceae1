"""The workshop: a text that takes too long or too much memory is its own problem, and the next one still works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.scratch import docs_example, short_session
from wellness.domain import Language
from wellness.library.prepared import PAGE_JSON, SESSION_JSON, Text
from wellness.library.sandbox import Sandbox

SLOW = "[" * 20_000
BIG = "> " * 400 + "x"


def text(slug: str, source: str) -> Text:
    return Text("sessions", slug, Language.EN, f"sessions/{slug}.md", source)


def page(slug: str, body: str) -> Text:
    return Text("pages", slug, Language.EN, f"pages/{slug}.md", f"---\ntitle: A\nsummary: B\n---\n{body}\n")


@pytest.fixture(scope="module")
def workshop() -> Iterator[Sandbox]:
    opened = Sandbox(processes=1)
    yield opened
    opened.close()


def test_texts_are_prepared_in_their_order(workshop: Sandbox) -> None:
    texts = [text("a", short_session("Alpha")), page("p", "Words."), text("b", short_session("Beta"))]
    outcomes = list(workshop.prepare(texts))
    assert [outcome.problems for outcome in outcomes] == [(), (), ()]
    documents = [outcome.document or "" for outcome in outcomes]
    assert SESSION_JSON.validate_json(documents[0]).title == "Alpha"
    assert PAGE_JSON.validate_json(documents[1]).parts[0].html == "<p>Words.</p>"
    assert SESSION_JSON.validate_json(documents[2]).title == "Beta"


def test_a_text_that_takes_too_long_is_a_problem_and_the_next_one_still_works(workshop: Sandbox) -> None:
    slow, good = workshop.prepare([page("slow", SLOW), page("good", "Words.")])
    assert slow.document is None
    assert [(problem.file, problem.line) for problem in slow.problems] == [("pages/slow.md", 1)]
    assert slow.problems[0].message.startswith(
        "this takes too long to prepare; look for very long runs of [ or * or deeply nested lists"
    )
    assert good.document is not None


@pytest.mark.parametrize(
    "body", [BIG, "- " * 3000 + "x", "*" * 20_000, "`" * 20_001, "![" * 4000, "&#" * 9000, "<" * 30_000]
)
def test_a_text_that_is_nested_or_repeated_without_end_is_laid_out_or_is_a_problem(
    workshop: Sandbox, body: str
) -> None:
    odd, good = workshop.prepare([page("odd", body), page("good", "Words.")])
    assert odd.document is not None or odd.problems
    assert good.document is not None


def test_a_text_that_needs_too_much_memory_is_a_problem(workshop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy, good = workshop.prepare([Greedy("greedy"), page("good", "Words.")])  # type: ignore[list-item]
    assert greedy.document is None
    assert len(greedy.problems) == 1
    assert good.document is not None


def test_a_fault_of_our_own_stops_one_text_and_not_the_others(
    workshop: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = workshop.prepare([Faulty("broken"), page("good", "Words.")])  # type: ignore[list-item]
    assert broken.document is None
    assert (
        "this can’t be prepared because of a bug in the site; please report it and include the file"
        in broken.problems[0].message
    )
    assert "broken.md could not be prepared" in caplog.text
    assert good.document is not None


def test_a_workshop_that_was_closed_opens_again_for_the_next_text() -> None:
    workshop = Sandbox(processes=1)
    try:
        assert next(workshop.prepare([text("a", docs_example())])).document is not None
        workshop.close()
        workshop.close()
        assert next(workshop.prepare([text("a", docs_example())])).document is not None
    finally:
        workshop.close()


def test_nothing_to_prepare_is_nothing(workshop: Sandbox) -> None:
    assert list(workshop.prepare([])) == []


class Greedy:
    """Stands in for a text; whoever asks for its kind is given a gigabyte."""

    def __init__(self, slug: str) -> None:
        self.file = f"pages/{slug}.md"

    @property
    def kind(self) -> bytes:
        return bytes(1024 * 1024 * 1024)


class Faulty:
    """Stands in for a text; whoever asks for its kind finds a fault."""

    def __init__(self, slug: str) -> None:
        self.file = f"pages/{slug}.md"

    @property
    def kind(self) -> str:
        raise KeyError("a fault of our own")
