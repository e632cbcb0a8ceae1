"""Certificates: what one states, who can see it, on the page, on paper and in the file."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.support.demo_site import DemoSite
from tests.support.pages import PageClient
from wellness import pdf
from wellness.domain import Completion
from wellness.records import completions, people
from wellness.web.learn import certificates as certificate_pages

SLUG = "four-square-breathing-safely"
WRONG = "a" * 26


@pytest.fixture
def completion(demo: DemoSite) -> Completion:
    """What the first teacher of the demo completed and practised."""
    with demo.records.reading() as tx:
        person = demo.person("teacher")
        return completions.list_completions(tx, [person.id], SLUG)[person.id, SLUG][0]


@pytest.fixture
def visitor(demo: DemoSite) -> PageClient:
    return demo.browser()


def read_pdf(answer: TestResponse, folder: Path, *options: str) -> str:
    """What stands in a file, as a program reads it that does not know how it was made."""
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing; scripts/find-poppler installs it"
    (folder / "certificate.pdf").write_bytes(answer.data)
    ran = subprocess.run(
        [tool, *options, "-layout", str(folder / "certificate.pdf"), "-"], capture_output=True, text=True, check=True
    )
    return " ".join(ran.stdout.split())


def facts_of(folder: Path) -> dict[str, str]:
    """What pdfinfo says of the file that was read last."""
    ran = subprocess.run(["pdfinfo", str(folder / "certificate.pdf")], capture_output=True, text=True, check=True)
    return dict(re.split(r":\s*", line, maxsplit=1) for line in ran.stdout.splitlines())


def metadata_of(folder: Path) -> str:
    """The XMP metadata of the file that was read last."""
    command = ["pdfinfo", "-meta", str(folder / "certificate.pdf")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def languages_in(made: bytes) -> set[bytes]:
    """Every language that a PDF file names, in its packed objects too; poppler's tools do not tell it.

    A packed stream says by itself where it ends. Looking for the word `endstream` after a line break does not: the last
    byte of packed data may be a line break as well.
    """
    parts = [made]
    for begin in re.finditer(rb"(?<!end)stream\r?\n", made):
        with suppress(zlib.error):  # not every stream is packed
            parts.append(zlib.decompressobj().decompress(made[begin.end() :]))
    return {language for part in parts for language in re.findall(rb"/Lang \((.*?)\)", part)}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_whoever_has_the_code_sees_what_the_certificate_states_and_nothing_else(
    demo: DemoSite, completion: Completion, visitor: PageClient
) -> None:
    page = visitor.open(f"/certificates/{completion.code}")
    for stated in (
        "Ms. Josefina Marlowe-Tran", "Four-square breathing, safely", "0.25 contact hours", "Juniper County Schools",
        "Version from", "Practiced: led with a class during a coach’s visit", "Completed on",
        "Practiced on", f"http://localhost/certificates/{completion.code}",
        "The district awards credit. In North Carolina, 10 contact hours equal 1 unit of renewal "
        "credit.",
    ):  # fmt: skip
        assert stated in page.main, stated
    assert page.main.count("August 26, 2026") == 2
    assert page.find("p", class_="certificate-name").text == completion.person_name
    assert "@" not in page.html
    assert completion.person_id not in page.html
    assert demo.classrooms()[0].school_id not in page.html
    assert page.all("meta", name="robots", content="noindex, nofollow")
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(
    "typed", [str.upper, lambda code: " ".join(re.findall("..", code)), lambda code: f" {code[:9]}-{code[9:]} "]
)
def test_a_code_is_found_however_it_is_typed(visitor: PageClient, completion: Completion, typed: object) -> None:
    form = visitor.open("/certificates/").form("/certificates/")
    assert callable(typed)
    answer = visitor.fetch("/certificates/", query_string={"code": typed(completion.code)}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path == f"/certificates/{completion.code}"
    assert form.get("method") == "get"


@pytest.mark.parametrize(
    "code", [WRONG, "x", "a" * 500, "<script>alert(1)</script>", "%00", "..", "a\u2028b", "ſ" * 26]
)
def test_a_wrong_code_shows_nothing(visitor: PageClient, completion: Completion, code: str) -> None:
    page = visitor.open(f"/certificates/{code}", status=404)
    assert "We couldn’t find a certificate with that code" in page.main or "may have a typo" in page.main
    assert completion.person_name not in page.html and "<script>alert" not in page.html


def test_guessing_ends_after_a_while_and_right_codes_are_not_counted(
    visitor: PageClient, completion: Completion
) -> None:
    for _ in range(25):
        visitor.open(f"/certificates/{completion.code}")
    answers = [visitor.fetch(f"/certificates/{WRONG[:-1]}{sign}").status_code for sign in "bcdefghijklmnopqrstuvwxyz"]
    assert answers == [404] * 20 + [429] * 5
    assert visitor.fetch(f"/certificates/{WRONG}").headers["Retry-After"] == "60"
    assert visitor.fetch(f"/certificates/{completion.code}").status_code == 200, "others guessed, not this reader"


def test_only_its_owner_is_told_what_to_do_with_it(demo: DemoSite, completion: Completion) -> None:
    path = f"/certificates/{completion.code}"
    assert "Send it to your PD office" in demo.signed_in("teacher").open(path).main
    for browser in (demo.browser(), demo.signed_in("coach")):
        page = browser.open(path)
        assert "This certificate is valid" in page.main and "PD office" not in page.main


def test_a_certificate_outlasts_the_account_and_loses_the_name_with_the_person(
    demo: DemoSite, completion: Completion, visitor: PageClient
) -> None:
    with demo.records.writing() as tx:
        people.close_account(tx, completion.person_id)
    visitor.open(f"/certificates/{completion.code}")
    assert completion.person_id is not None and completion.person_name is not None
    with demo.records.writing() as tx:
        people.remove_person(tx, completion.person_id)
    page = visitor.open(f"/certificates/{completion.code}")
    assert "This certificate is valid" in page.main and "somebody who left" in page.main
    assert completion.title in page.main and completion.person_name not in page.main


# --- The file ---------------------------------------------------------------------------------------------------------


def test_the_file_states_the_same_on_one_page_and_is_made_for_everyone(
    visitor: PageClient, completion: Completion, tmp_path: Path
) -> None:
    answer = visitor.fetch(f"/certificates/{completion.code}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    text = read_pdf(answer, tmp_path)
    shown = re.search(r"([a-z2-7]{5}-){5}[a-z2-7]", text)
    assert shown is not None and shown[0].replace("-", "") == completion.code
    for stated in (
        completion.person_name, completion.title, "0.25 contact hours", "Juniper County Schools", "Version from",
        "August 26, 2026", "10 contact hours equal 1 unit of renewal credit",
    ):  # fmt: skip
        assert stated in text, stated
    facts = facts_of(tmp_path)
    assert (facts["Tagged"], facts["Pages"], facts["JavaScript"]) == ("yes", "1", "no")
    assert facts["Title"] == "Certificate: Four-square breathing, safely"
    assert "letter" in facts["Page size"]
    assert languages_in(answer.data) == {b"en"}
    assert "pdfuaid:part" in metadata_of(tmp_path)


def test_the_file_speaks_the_readers_language(visitor: PageClient, completion: Completion, tmp_path: Path) -> None:
    answer = visitor.fetch(f"/certificates/{completion.code}.pdf?lang=es")
    text = read_pdf(answer, tmp_path)
    assert "26 de agosto de 2026" in text
    assert "Horas de contacto: 0.25" in text  # as Spanish is written in the United States
    assert languages_in(answer.data) == {b"es"}


def test_long_names_stay_on_the_page(demo: DemoSite, completion: Completion, tmp_path: Path) -> None:
    with demo.app.test_request_context():
        html = demo.app.jinja_env.get_template("learn/certificate_paper.html").render(
            certificate=replace(
                completion, person_name=("Wolfeschlegelsteinhausenbergerdorff " * 3)[:100], title="A module " * 7,
                issuer=("Office of Professional Learning " * 4)[:100],
            ),
            shown_code="abcde-" * 5, address="https://example.org/" + "a" * 120, enter_address="https://example.org/",
            lang="en",
        )  # fmt: skip
    made = pdf.make_pdf(html, Path(demo.app.static_folder or ""))
    (tmp_path / "certificate.pdf").write_bytes(made)
    assert facts_of(tmp_path)["Pages"] == "1"


def test_without_the_extra_the_page_prints_and_the_file_says_how_to_get_it(
    completion: Completion, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # as where it is not installed
    pdf.can_make_pdf.cache_clear()
    pdf.make_pdf.cache_clear()
    try:
        page = visitor.open(f"/certificates/{completion.code}")
        assert page.texts("button", data_print="") == ["Print"] and "Open as PDF" not in page.main
        page = visitor.open(f"/certificates/{completion.code}.pdf", status=503)
        assert "You can print the page or save it as a PDF from your browser." in page.main
    finally:
        monkeypatch.undo()
        pdf.can_make_pdf.cache_clear()


def test_a_file_loads_nothing_from_another_host(tmp_path: Path) -> None:
    page = '<!doctype html><html lang="en"><title>A</title><img src="ADDRESS" alt="a"><p>Words</p>'
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        address = f"http://127.0.0.1:{other.getsockname()[1]}/a.png"
        assert pdf.make_pdf(page.replace("ADDRESS", address), tmp_path).startswith(b"%PDF")
        with suppress(BlockingIOError):
            heard.append(other.accept()[0].recv(100))
    assert heard == []


def test_making_files_is_limited(visitor: PageClient, completion: Completion) -> None:
    limit = certificate_pages.FILES.amount
    answers = [visitor.fetch(f"/certificates/{completion.code}.pdf").status_code for _ in range(limit + 2)]
    assert answers == [200] * limit + [429] * 2
    visitor.open(f"/certificates/{completion.code}")
