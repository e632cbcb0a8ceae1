"""Pictures of the site: those of the README, or with --all every page and state for somebody to look at.

python -m tests.browser.screenshots                 writes docs/images/*.png
python -m tests.browser.screenshots --all DIR       every scene in three sizes, light and dark
python -m tests.browser.screenshots --all DIR week  only scenes whose name contains "week"
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.browser.scenes import (
    PRESENT,
    SCENES,
    SESSION,
    Scene,
    address,
    hand_in,
    run_breathing,
    to_step,
    watch_with_the_class,
)
from tests.browser.school import (
    CHROMEBOOK,
    COACH,
    PHONE,
    PROJECTOR,
    TEACHER,
    Site,
    launch,
    make_instance,
    serve,
    sign_in,
)

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"phone": PHONE, "chromebook": CHROMEBOOK, "projector": PROJECTOR}


class Camera:
    """A browser that signs each person in once."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self._states: dict[str, Any] = {}

    def page(self, as_: str = "", **options: Any) -> Page:
        if as_ and as_ not in self._states:
            context = self.browser.new_context(base_url=self.site.address)
            sign_in(context.new_page(), as_)
            self._states[as_] = context.storage_state()
            context.close()
        state = self._states.get(as_)
        context = self.browser.new_context(
            base_url=self.site.address, locale="en-US", reduced_motion="reduce", storage_state=state, **options
        )
        return context.new_page()

    def take(self, page: Page, file: Path, *, full: bool) -> None:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=file, full_page=full)


def take_for_readme(camera: Camera) -> None:
    """Those of the README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    pages: list[tuple[str, str, str, dict[str, Any]]] = [
        ("home", "/", "", {"viewport": PHONE, "device_scale_factor": 2}),
        ("present", address(camera.site, PRESENT.replace("{due}", SESSION)), TEACHER, {"viewport": PROJECTOR}),
        ("video", address(camera.site, PRESENT.replace("{due}", SESSION)), TEACHER, {"viewport": PROJECTOR}),
        ("studio", "/coach/studio/sessions/body-scan", COACH, {"viewport": CHROMEBOOK}),
        ("grid", "/coach/?week=2026-11-09", COACH, {"viewport": CHROMEBOOK}),
        ("training", "/training/running-a-friday-session/check", TEACHER, {"viewport": CHROMEBOOK}),
        ("visit", address(camera.site, "/coach/classes/{class}/visit"), COACH, {"viewport": PHONE}),
    ]
    for name, path, as_, options in pages:
        page = camera.page(as_, **options)
        page.goto(path)
        if name == "present":
            to_step("has-practice")(page)
            run_breathing(page)
        if name == "video":
            watch_with_the_class(page)
        if name == "studio":
            expect(page.locator(".preview h2, .preview h3").first).to_be_visible()
            page.locator("h1").evaluate("title => scrollBy(0, title.getBoundingClientRect().top - 60)")
        if name == "grid":
            page.locator(".page-head").evaluate("head => head.scrollIntoView()")
        if name == "training":
            hand_in(page)
            page.locator("h2, h3").filter(has_text="Question 1").first.evaluate(
                "title => scrollBy(0, title.getBoundingClientRect().top - 40)"
            )
        camera.take(page, IMAGES / f"{name}.png", full=False)
        page.context.close()


def take_all(camera: Camera, folder: Path, scenes: list[Scene]) -> None:
    """Every scene, whole pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        for size, viewport in SIZES.items():
            for scheme in ("light", "dark"):
                page = camera.page(scene.as_, viewport=viewport, color_scheme=scheme)
                page.set_default_timeout(8_000)
                try:
                    scene.open(page, camera.site)
                except (AssertionError, Error) as error:
                    print(f"{scene.name} did not come into its state: {str(error).splitlines()[0]}")
                camera.take(page, folder / f"{scene.name}.{size}.{scheme}.png", full="present" not in scene.name)
                page.context.close()


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page and state, into this folder")
    parser.add_argument("part", nargs="?", default="", help="only scenes whose name contains this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        make_instance(home)
        browser = launch(playwright)
        with serve(home) as site:
            camera = Camera(browser, site)
            if asked.all:
                take_all(camera, asked.all, [scene for scene in SCENES if asked.part in scene.name])
            else:
                take_for_readme(camera)
        browser.close()


if __name__ == "__main__":
    main()
