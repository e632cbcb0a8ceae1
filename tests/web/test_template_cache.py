"""Compiled templates are kept in the instance, where nobody else can plant code."""

from __future__ import annotations

from tests.support.demo_site import DemoSite
from wellness.app import create_app


def test_compiled_templates_are_kept_in_a_folder_that_only_the_site_may_open(demo: DemoSite) -> None:
    folder = demo.home / "template-cache"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    app = create_app(demo.settings, clock=demo.clock)
    assert app.test_client().get("/about").status_code == 200
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.glob("*.cache"))
    app.extensions["wellness"].close()


def test_pages_are_answered_where_compiled_templates_cannot_be_kept(demo: DemoSite) -> None:
    for file in (demo.home / "template-cache").iterdir():
        file.unlink()
    (demo.home / "template-cache").rmdir()
    (demo.home / "template-cache").write_text("in the way", encoding="utf-8")
    app = create_app(demo.settings, clock=demo.clock)
    assert app.test_client().get("/about").status_code == 200
    app.extensions["wellness"].close()


def test_a_disk_that_is_full_after_the_start_does_not_stop_pages(demo: DemoSite) -> None:
    app = create_app(demo.settings, clock=demo.clock)
    for file in (demo.home / "template-cache").iterdir():
        file.unlink()
    (demo.home / "template-cache").rmdir()  # writing there fails from now on, as on a full disk
    assert app.test_client().get("/about").status_code == 200
    app.extensions["wellness"].close()
