"""The catalogue: derived from the library, always whole, and always possible to build again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.scratch import CHECKOUT, bundled_videos, changed, docs_module, line_of, short_session, small_library
from wellness.catalogue import Card, Catalogue, Query
from wellness.domain import Band, Competency, Language, Need, Severity
from wellness.errors import NotFound, Unavailable
from wellness.library.files import Library
from wellness.library.prepared import Outcome, Text
from wellness.library.sandbox import Sandbox

EN, ES = Language.EN, Language.ES


class Counting(Sandbox):
    """The real workshop, which also remembers which files it was given."""

    def __init__(self) -> None:
        super().__init__(processes=1)
        self.given: list[str] = []

    def prepare(self, texts: object) -> Iterator[Outcome]:
        listed: list[Text] = list(texts)  # type: ignore[call-overload]
        self.given += [text.file for text in listed]
        return super().prepare(listed)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Counting]:
    opened = Counting()
    yield opened
    opened.close()


@pytest.fixture
def catalogue(tmp_path: Path, workshop: Counting) -> Iterator[Catalogue]:
    """A catalogue of two small sessions, built."""
    root = small_library(tmp_path / "library", feet="Feet on the floor", hands="Hands on the desk")
    opened = Catalogue(tmp_path / "catalogue.db", Library(root), workshop)
    opened.build()
    workshop.given.clear()
    yield opened
    opened.release()


def file_of(catalogue: Catalogue, name: str) -> Path:
    return catalogue.library.root / "sessions" / name


def again(catalogue: Catalogue) -> Catalogue:
    """The same catalogue as a process that has just started sees it."""
    return Catalogue(catalogue.path, catalogue.library, catalogue._builder.workshop)


def refreshed(catalogue: Catalogue) -> Catalogue:
    """The catalogue after the next page was asked for, however soon."""
    catalogue._looked_at = -1.0
    catalogue.refresh()
    return catalogue


def titles(catalogue: Catalogue, query: Query = Query(), reader: Language = EN) -> list[str]:  # noqa: B008 - frozen
    return [card.title for card in catalogue.list_sessions(query, reader)]


# --- The whole library ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, workshop: Counting) -> Iterator[Catalogue]:
    """The catalogue of the content that comes with the site; it is only read."""
    library = Library(CHECKOUT / "content")
    opened = Catalogue(tmp_path_factory.mktemp("whole") / "catalogue.db", library, workshop, bundled_videos)
    problems = opened.build()
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    yield opened
    opened.release()


def slugs(cards: list[Card]) -> list[str]:
    return [card.slug for card in cards]


def test_every_text_of_the_library_is_in_the_catalogue(whole: Catalogue) -> None:
    originals = {path.stem for path in (CHECKOUT / "content" / "sessions").glob("*.md") if "." not in path.stem}
    listed = slugs(whole.list_sessions(Query(), EN))
    assert sorted(listed) == sorted(originals)
    for page in (CHECKOUT / "content" / "pages").glob("*.es.md"):
        slug = page.name.removesuffix(".es.md")
        assert whole.get_page(slug, ES).language is ES
        assert whole.get_page(slug, EN).language is EN


def test_a_session_is_listed_once_in_the_readers_language(whole: Catalogue) -> None:
    for reader in Language:
        cards = whole.list_sessions(Query(), reader)
        assert len(slugs(cards)) == len(set(slugs(cards)))
    english, spanish = (
        {card.slug: card for card in whole.list_sessions(Query(), reader)}["four-square-breathing"]
        for reader in (EN, ES)
    )
    assert (english.language, spanish.language) == (EN, ES)
    assert english.title != spanish.title
    assert (english.minutes, english.needs, english.bands) == (spanish.minutes, spanish.needs, spanish.bands)


@pytest.mark.parametrize(
    "text", ["breathing square", "BREATHING", "breath", "square!", '"square"', "(square)", "breathing -"]
)
def test_a_search_finds_by_words_their_beginnings_and_through_any_signs(whole: Catalogue, text: str) -> None:
    assert slugs(whole.list_sessions(Query(text), EN))[0] == "four-square-breathing"


@pytest.mark.parametrize("text", ['"', "''", "-", "*", "()", "^", ":", "…", "_", "\0", "zzzzqqq", '" OR 1=1 --'])
def test_a_search_without_a_known_word_finds_nothing_and_never_fails(whole: Catalogue, text: str) -> None:
    assert whole.list_sessions(Query(text), EN) == []


@pytest.mark.parametrize("text", ["NEAR(feet)", "feet AND NOT hands OR", "title:feet", "feet NEAR/2", "^feet", "feet*"])
def test_the_signs_and_words_of_the_search_engine_are_only_words(whole: Catalogue, text: str) -> None:
    for card in whole.list_sessions(Query(text), EN):
        words = whole.get_session(card.slug, EN)
        assert "feet" in f"{words.title} {words.summary} {words.steps}".casefold()


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_an_empty_search_lists_everything(whole: Catalogue, text: str) -> None:
    assert whole.list_sessions(Query(text), EN) == whole.list_sessions(Query(), EN)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_search_fails(whole: Catalogue, text: str) -> None:
    whole.list_sessions(Query(text), EN)


@pytest.mark.parametrize("text", ["respiracion", "respiración", "RESPIRACIÓN", "respirac"])
def test_accents_and_large_letters_do_not_matter(whole: Catalogue, text: str) -> None:
    assert "four-square-breathing" in slugs(whole.list_sessions(Query(text), ES))


def test_a_snippet_shows_the_words_that_were_found(whole: Catalogue) -> None:
    for card in whole.list_sessions(Query("breathing"), EN):
        hits = [text for text, is_hit in card.snippet if is_hit]
        assert hits, card.slug
        assert all(text.casefold().startswith("breath") for text in hits)
        assert "\x01" not in "".join(text for text, _ in card.snippet)


@pytest.mark.parametrize("text", ["", "a", "breath", "respira", "four square", "cuatro"])
@pytest.mark.parametrize("reader", Language)
@pytest.mark.parametrize("most", [1, 3, 50])
def test_pages_of_a_list_are_the_whole_list(whole: Catalogue, text: str, reader: Language, most: int) -> None:
    everything = whole.list_sessions(Query(text), reader)
    assert everything
    found = [whole.find_sessions(Query(text), reader, first=n, most=most) for n in range(0, len(everything), most)]
    assert [card for page in found for card in page.cards] == everything
    assert {page.total for page in found} == {len(everything)}
    assert whole.count_sessions() == len(whole.list_sessions(Query(), reader))


@pytest.mark.parametrize("need", Need)
def test_a_need_lists_the_sessions_that_name_it(whole: Catalogue, need: Need) -> None:
    everything = whole.list_sessions(Query(), EN)
    expected = [card.slug for card in everything if need in card.needs]
    assert slugs(whole.list_sessions(Query(need=need), EN)) == expected
    assert expected, "each need has a session"


@pytest.mark.parametrize("competency", Competency)
def test_a_competency_lists_its_sessions(whole: Catalogue, competency: Competency) -> None:
    expected = [card.slug for card in whole.list_sessions(Query(), EN) if card.competency == competency]
    assert slugs(whole.list_sessions(Query(competency=competency), EN)) == expected
    assert expected, "each competency has a session"


@pytest.mark.parametrize("band", Band)
def test_a_band_lists_its_sessions(whole: Catalogue, band: Band) -> None:
    expected = [card.slug for card in whole.list_sessions(Query(), EN) if band in card.bands]
    assert slugs(whole.list_sessions(Query(band=band), EN)) == expected
    assert expected, "each band has a session"


@pytest.mark.parametrize("minutes", [1, 5, 12, 45])
def test_minutes_are_the_most_there_is_time_for_the_short_way_counts(whole: Catalogue, minutes: int) -> None:
    everything = whole.list_sessions(Query(), EN)
    expected = [card.slug for card in everything if min(card.minutes, card.short_minutes) <= minutes]
    assert slugs(whole.list_sessions(Query(minutes=minutes), EN)) == expected


def test_a_language_lists_the_sessions_that_can_be_read_in_it(whole: Catalogue) -> None:
    cards = whole.list_sessions(Query(language=ES), EN)
    assert sorted(slugs(cards)) == ["five-senses-grounding", "four-square-breathing"]
    assert {card.language for card in cards} == {ES}


def test_filters_narrow_each_other_and_the_search(whole: Catalogue) -> None:
    query = Query("breathing", need=Need.SETTLE_DOWN, minutes=5, competency=Competency.SELF_MANAGEMENT, band="6-8")
    assert "four-square-breathing" in slugs(whole.list_sessions(query, EN))
    assert whole.list_sessions(Query("breathing", minutes=1), EN) == []


def test_a_session_is_read_in_the_language_asked_for_or_in_english(whole: Catalogue) -> None:
    assert whole.get_session("four-square-breathing", ES).language is ES
    assert whole.get_session("body-scan", ES).language is EN
    assert whole.list_languages("four-square-breathing") == (EN, ES)
    assert whole.list_languages("nothing") == ()


@pytest.mark.parametrize(
    "slug", ["nothing", "", "../secret", "four-square-breathing.es", "Four-Square-Breathing", "'; drop table session"]
)
def test_an_unknown_slug_is_not_found(whole: Catalogue, slug: str) -> None:
    assert whole.find_session(slug, EN) is None
    with pytest.raises(NotFound):
        whole.get_session(slug, EN)
    with pytest.raises(NotFound):
        whole.get_page(slug, EN)
    assert whole.list_cards([slug], EN) == {}


# --- Keeping in step --------------------------------------------------------------------------------------------------


def test_an_edit_is_seen_and_unchanged_texts_are_not_prepared_again(catalogue: Catalogue, workshop: Counting) -> None:
    file_of(catalogue, "feet.md").write_text(short_session("Feet and toes"), encoding="utf-8")
    assert sorted(titles(refreshed(catalogue))) == ["Feet and toes", "Hands on the desk"]
    assert workshop.given == ["sessions/feet.md"]
    assert catalogue.get_session("feet", EN).title == "Feet and toes"


def test_nothing_is_prepared_when_nothing_changed_not_even_after_a_restart(
    catalogue: Catalogue, workshop: Counting
) -> None:
    built = catalogue.path.stat().st_ino
    os.utime(file_of(catalogue, "feet.md"))
    refreshed(catalogue)
    fresh = again(catalogue)
    fresh.refresh()
    assert workshop.given == []
    assert titles(fresh) == titles(catalogue)
    assert catalogue.path.stat().st_ino != built, "a touched file is looked at, its text is taken over"
    fresh.release()


def test_building_afresh_prepares_every_text(catalogue: Catalogue, workshop: Counting) -> None:
    catalogue.build(afresh=True)
    assert sorted(workshop.given) == ["sessions/feet.md", "sessions/hands.md"]


def test_a_broken_file_keeps_its_last_good_version_and_its_problems_are_listed(catalogue: Catalogue) -> None:
    file, good = file_of(catalogue, "feet.md"), short_session("Feet on the floor")
    broken = changed(good, ("minutes: 12", "minutes: twelve"), ("Feet on the floor", "A title nobody sees"))
    file.write_text(broken, encoding="utf-8")
    refreshed(catalogue)
    assert catalogue.get_session("feet", EN).title == "Feet on the floor"
    assert [(problem.file, problem.line) for problem in catalogue.list_problems()] == [
        ("sessions/feet.md", line_of(broken, "minutes: twelve"))
    ]
    assert titles(refreshed(again(catalogue))) == ["Feet on the floor", "Hands on the desk"]
    file.write_text(good, encoding="utf-8")
    refreshed(catalogue)
    assert catalogue.list_problems() == []
    assert catalogue.get_session("feet", EN).title == "Feet on the floor"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\0\0\0",
        b"---\ntitle: Caf\xe9\n---\n",
        b"\xff\xfe-\0-\0-\0",
        b"[" * 5000,
        b"---\n" + b"[" * 5000 + b"\n---\n",
        b"x" * 300_000,
    ],
    ids=["empty", "NUL", "Latin-1", "UTF-16", "brackets", "brackets in the facts", "too long"],
)
def test_a_file_that_cannot_be_read_keeps_its_last_good_version(catalogue: Catalogue, broken: bytes) -> None:
    good = file_of(catalogue, "feet.md").read_bytes()
    file_of(catalogue, "feet.md").write_bytes(broken)
    refreshed(catalogue)
    assert titles(catalogue) == ["Feet on the floor", "Hands on the desk"]
    assert {problem.file for problem in catalogue.list_problems()} == {"sessions/feet.md"}
    file_of(catalogue, "feet.md").write_bytes(good)
    assert refreshed(catalogue).list_problems() == []


def test_warnings_are_listed_again_when_an_unreadable_file_is_back(catalogue: Catalogue) -> None:
    file = file_of(catalogue, "feet.md")
    file.write_text(short_session("Feet", "Close your eyes."), encoding="utf-8")
    warnings = refreshed(catalogue).list_problems()
    assert [problem.severity for problem in warnings] == [Severity.WARNING]
    kept = file.read_bytes()
    file.write_bytes(b"\xff")
    assert refreshed(catalogue).list_problems() != warnings
    file.write_bytes(kept)
    assert refreshed(catalogue).list_problems() == warnings


def test_a_new_file_that_is_broken_is_a_problem_and_no_session(catalogue: Catalogue) -> None:
    file_of(catalogue, "new.md").write_text("nothing yet", encoding="utf-8")
    assert titles(refreshed(catalogue)) == ["Feet on the floor", "Hands on the desk"]
    assert [problem.file for problem in catalogue.list_problems()] == ["sessions/new.md"]


def test_a_removed_file_disappears_with_its_problems(catalogue: Catalogue) -> None:
    file_of(catalogue, "feet.md").write_text("broken", encoding="utf-8")
    assert refreshed(catalogue).list_problems() != []
    file_of(catalogue, "feet.md").unlink()
    assert titles(refreshed(catalogue)) == ["Hands on the desk"]
    assert catalogue.list_problems() == []
    assert catalogue.find_session("feet", EN) is None


def test_a_translation_is_not_listed_without_its_original(catalogue: Catalogue) -> None:
    spanish = short_session("Pies en el suelo")
    for name in ("minutes:", "short:", "grades:", "competency:", "needs:", "drawing:", "author:", "license:"):
        line = next(line for line in spanish.split("\n") if line.startswith(name))
        spanish = changed(spanish, (f"{line}\n", ""))
    spanish = changed(spanish, (spanish[spanish.index("sources:") : spanish.index("---", 4)], ""))
    file_of(catalogue, "feet.es.md").write_text(spanish, encoding="utf-8")
    refreshed(catalogue)
    assert catalogue.list_problems() == []
    assert "Pies en el suelo" in titles(catalogue, reader=ES)
    file_of(catalogue, "feet.md").unlink()
    assert titles(refreshed(catalogue), reader=ES) == ["Hands on the desk"]
    assert [problem.file for problem in catalogue.list_problems()] == ["sessions/feet.es.md"]


# --- Losing it --------------------------------------------------------------------------------------------------------


def overwrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


LOSSES = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: overwrite(path, b""),
    "not a database": lambda path: overwrite(path, b"nonsense" * 1000),
    "cut short": lambda path: overwrite(path, path.read_bytes()[:9000]),
    "flipped in the middle": lambda path: overwrite(path, path.read_bytes()[:4096] + b"\xff" * 60_000),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "before it starts"])
def test_a_catalogue_that_was_lost_is_built_again(catalogue: Catalogue, lose: object, running: bool) -> None:
    assert len(titles(refreshed(catalogue))) == 2
    lose(catalogue.path)  # type: ignore[operator]
    seen = catalogue if running else again(catalogue)
    try:
        titles(refreshed(seen))
    except Unavailable:
        titles(refreshed(seen))
    assert titles(seen) == ["Feet on the floor", "Hands on the desk"]
    assert seen.get_session("feet", EN).title == "Feet on the floor"
    assert slugs(seen.list_sessions(Query("hands"), EN)) == ["hands"]
    seen.ping()
    seen.release()


def test_a_catalogue_of_another_format_is_built_again(catalogue: Catalogue) -> None:
    with sqlite3.connect(catalogue.path) as database:
        database.execute("update meta set value = '0' where key = 'format'")
    database.close()
    assert titles(refreshed(again(catalogue))) == ["Feet on the floor", "Hands on the desk"]


def test_what_a_killed_build_left_behind_is_swept_away(catalogue: Catalogue) -> None:
    left = catalogue.path.with_name(f".{catalogue.path.name}.1.2.new")
    own = catalogue.path.with_name(f".{catalogue.path.name}.{os.getpid()}.{threading.get_ident()}.new")
    left.write_bytes(catalogue.path.read_bytes())
    own.write_bytes(catalogue.path.read_bytes())
    catalogue.build()
    assert sorted(path.name for path in catalogue.path.parent.glob("*catalogue.db*")) == [
        "catalogue.db",
        "catalogue.db.lock",
    ]


def test_without_a_catalogue_reading_says_to_try_again(tmp_path: Path, workshop: Counting) -> None:
    with pytest.raises(Unavailable, match="try again"):
        Catalogue(tmp_path / "none.db", Library(tmp_path), workshop).list_sessions(Query(), EN)


DISK_FULL = """
    import resource, signal, sys
    from pathlib import Path
    from wellness.catalogue import Catalogue, Query
    from wellness.library.files import Library
    from wellness.library.sandbox import Sandbox
    from wellness.domain import Language
    from wellness.errors import StorageFull

    if __name__ == "__main__":
        home = Path(sys.argv[1])
        workshop = Sandbox(processes=1)
        catalogue = Catalogue(home / "catalogue.db", Library(home / "library"), workshop)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        try:
            catalogue.build()
            print("built, although the disk is full")
        except StorageFull as error:
            print(error.message)
        print(sorted(card.title for card in catalogue.list_sessions(Query(), Language.EN)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        catalogue.build()
        print(sorted(card.title for card in catalogue.list_sessions(Query(), Language.EN)))
        workshop.close()
"""


def program(folder: Path, code: str) -> str:
    """A file to run as a process of its own: the workshop's processes import it again."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    return str(path)


def test_a_full_disk_keeps_the_old_catalogue_and_the_next_build_succeeds(catalogue: Catalogue, tmp_path: Path) -> None:
    file_of(catalogue, "feet.md").write_text(short_session("Feet and toes"), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, program(tmp_path, DISK_FULL), str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.splitlines() == [
        "The content catalog couldn’t be saved. The pages stay as they were.",
        "['Feet on the floor', 'Hands on the desk']",
        "['Feet and toes', 'Hands on the desk']",
    ], ran.stderr
    assert not list(tmp_path.rglob("*.new"))


# --- Training modules -------------------------------------------------------------------------------------------------

SPANISH_MODULE = "---\ntitle: Terminar con calma\nsummary: El último minuto.\n---\n"


def put_module(catalogue: Catalogue, name: str, *swaps: tuple[str, str], text: str | None = None) -> None:
    """A training module in the library: the one of the guide with changes, or another text."""
    folder = catalogue.library.root / "training"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(changed(docs_module(), *swaps) if text is None else text, encoding="utf-8")


def in_spanish(text: str) -> str:
    """The same parts under a translation's facts."""
    return SPANISH_MODULE + text.split("---\n", 2)[2]


def test_every_training_module_of_the_library_can_be_taken(whole: Catalogue) -> None:
    files = sorted(path.stem for path in (CHECKOUT / "content" / "training").glob("*.md") if "." not in path.stem)
    assert [module.slug for module in whole.list_modules(EN)] == files
    for slug in files:
        module = whole.get_module(slug, ES)
        assert module.slug == slug
        assert module.minutes >= 15
        assert len(module.graded) >= 5
        assert module.language in whole.list_module_languages(slug)


def test_a_module_that_is_not_there_is_not_found(catalogue: Catalogue) -> None:
    assert catalogue.find_module("feet", EN) is None
    assert catalogue.list_modules(EN) == []
    assert catalogue.list_module_languages("feet") == ()
    with pytest.raises(NotFound):
        catalogue.get_module("feet", EN)


def test_a_module_is_listed_once_in_the_readers_language(catalogue: Catalogue) -> None:
    put_module(catalogue, "a-calm-end.md")
    put_module(catalogue, "a-calm-end.es.md", text=in_spanish(docs_module()))
    put_module(catalogue, "another.md")
    refreshed(catalogue)
    assert [(module.slug, module.language) for module in catalogue.list_modules(EN)] == [
        ("a-calm-end", EN),
        ("another", EN),
    ]
    assert [(module.slug, module.language) for module in catalogue.list_modules(ES)] == [
        ("a-calm-end", ES),
        ("another", EN),
    ]
    assert catalogue.get_module("a-calm-end", ES).title == "Terminar con calma"
    assert catalogue.get_module("a-calm-end", EN).title != "Terminar con calma"
    assert catalogue.list_module_languages("a-calm-end") == (EN, ES)
    (catalogue.library.root / "training" / "a-calm-end.md").unlink()
    refreshed(catalogue)
    assert [module.slug for module in catalogue.list_modules(ES)] == ["another"]


def test_an_old_name_of_a_module_leads_to_it_and_goes_with_it(catalogue: Catalogue) -> None:
    put_module(catalogue, "a-calm-end.md", ("author:", "aliases: [calm, feet]\nauthor:"))
    refreshed(catalogue)
    assert catalogue.get_module("calm", ES).slug == "a-calm-end"
    assert catalogue.get_session("feet", EN).slug == "feet"
    put_module(catalogue, "a-calm-end.md", ("author:", "aliases: [quiet]\nauthor:"))
    refreshed(catalogue)
    assert catalogue.find_module("calm", EN) is None
    assert catalogue.get_module("quiet", EN).slug == "a-calm-end"
    (catalogue.library.root / "training" / "a-calm-end.md").unlink()
    refreshed(catalogue)
    assert catalogue.find_module("quiet", EN) is None


def test_a_module_that_became_wrong_keeps_its_last_good_version(catalogue: Catalogue) -> None:
    put_module(catalogue, "a-calm-end.md")
    before = refreshed(catalogue).get_module("a-calm-end", EN)
    put_module(catalogue, "a-calm-end.md", ("minutes:", "minutes: many\nmin:"))
    assert refreshed(catalogue).get_module("a-calm-end", EN) == before
    put_module(catalogue, "a-calm-end.md", ("title: ", "title: Again "))
    assert refreshed(catalogue).get_module("a-calm-end", EN).title.startswith("Again ")


# --- Several at once --------------------------------------------------------------------------------------------------

READER = """
    import sys
    from pathlib import Path
    from wellness.catalogue import Catalogue, Query
    from wellness.library.files import Library
    from wellness.library.sandbox import Sandbox
    from wellness.domain import Language

    if __name__ == "__main__":
        home = Path(sys.argv[1])
        workshop = Sandbox(processes=1)
        catalogue = Catalogue(home / "catalogue.db", Library(home / "library"), workshop)
        rounds = 0
        while not (home / "enough").exists():
            catalogue._looked_at = -1.0
            catalogue.refresh()
            if rounds % 20 == 0:
                catalogue.build()
            cards = catalogue.list_sessions(Query(), Language.EN)
            assert len(cards) == 4, cards
            for card in cards:
                assert catalogue.get_session(card.slug, Language.EN).title.startswith("Version"), card
            assert len(catalogue.list_sessions(Query("version"), Language.EN)) == 4
            assert catalogue.list_problems() == []
            rounds += 1
        workshop.close()
        print(rounds)
"""


def look(catalogue: Catalogue) -> int:
    """What a page does: take edits in, list the sessions and read each; how many there were."""
    cards = refreshed(catalogue).list_sessions(Query(), EN)
    for card in cards:
        assert card.title.startswith("Version")
        assert catalogue.get_session(card.slug, EN).title.startswith("Version")
    return len(cards)


def test_readers_see_a_whole_catalogue_while_threads_and_processes_build_it(tmp_path: Path, workshop: Counting) -> None:
    names = ("one", "two", "three", "four")
    root = small_library(tmp_path / "library", **dict.fromkeys(names, "Version 0"))
    shared = Catalogue(tmp_path / "catalogue.db", Library(root), workshop)
    shared.build()
    others = [
        subprocess.Popen(
            [sys.executable, program(tmp_path, READER), str(tmp_path)],
            cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    failures: list[BaseException] = []
    reads: list[int] = []

    def read() -> None:
        try:
            while not (tmp_path / "enough").exists():
                reads.append(look(shared))
        except BaseException as error:
            failures.append(error)
        finally:
            shared.release()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for version in range(1, 13):
            for name in names:
                beside = root / "sessions" / f".{name}.new"
                beside.write_text(short_session(f"Version {version}"), encoding="utf-8")
                beside.replace(root / "sessions" / f"{name}.md")
            shared.build()
    finally:
        (tmp_path / "enough").touch()
        for thread in threads:
            thread.join()
        answers = [other.communicate() for other in others]
    assert failures == []
    assert set(reads) == {len(names)}
    for other, (said, complained) in zip(others, answers, strict=True):
        assert other.returncode == 0, complained
        assert int(said) > 0
    assert set(titles(refreshed(shared))) == {"Version 12"}
    shared.release()
