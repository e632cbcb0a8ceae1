"""A new fact touches four files: its declaration, the template that shows it, the Spanish texts and the guide's table."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.scratch import CHECKOUT, changed

DECLARED = """    energy: Annotated[Line, Field(max_length=12), Fact(N_("Energy"), "how lively it is, in a word")] = "calm"
    author: Author
"""
SHOWN = '<p class="energy">{{ session.facts.energy }}</p>'
SLUG = "four-square-breathing"
PROGRAM = """
from pathlib import Path
from scripts.docs import main
from tests.support.demo_site import open_copy

main()
site = open_copy(Path("demo"), Path("instance"), own_library=True)
file = Path("instance/library/sessions/four-square-breathing.md")
whole = file.read_text()

def shows(**facts):
    file.write_text(whole.replace("author:", f"energy: {facts['energy']}\\nauthor:"))
    site.catalogue.build()

shows(energy="very lively today")
print([problem.message for problem in site.catalogue.list_problems() if "energy" in problem.message])
shows(energy="lively")
print(site.browser().open("/sessions/four-square-breathing").find("p", class_="energy").text)
form = site.signed_in("coach").open("/coach/studio/sessions/four-square-breathing")
print(form.find("input", id="fact-energy").get("value"), "Energy" in form.main)
site.close()
"""


def edit(file: Path, *swaps: tuple[str, str]) -> None:
    file.write_text(changed(file.read_text(encoding="utf-8"), *swaps), encoding="utf-8")


def test_a_fact_is_declared_and_shown_and_then_checked_asked_for_and_documented(
    demo_home: Path, tmp_path: Path
) -> None:
    for name in ("wellness", "templates", "docs", "scripts"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("static", "translations", "content", "tests", "pyproject.toml"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "demo").symlink_to(demo_home)
    module = tmp_path / "wellness/library/front_matter.py"
    declared = module.read_text(encoding="utf-8").replace("    author: Author\n", DECLARED, 1)
    module.write_text(declared, encoding="utf-8")
    edit(tmp_path / "templates/public/session.html", ("  </header>", f"  {SHOWN}</header>"))

    environ = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["['energy is too long; at most 12 characters']", "lively", "lively True"]
    assert "| `energy` | how lively it is, in a word | no |" in (tmp_path / "docs/authoring.md").read_text(
        encoding="utf-8"
    )
