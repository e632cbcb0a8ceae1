"""What can be fetched by its address: pages, and nothing else that lies on the machine."""

from __future__ import annotations

import pytest

from tests.demo_site import DemoSite


@pytest.mark.parametrize(
    "address",
    [
        "/.git/config",
        "/records.db",
        "/catalogue.db",
        "/secret-key",
        "/library/sessions/four-square-breathing.md",
        "/static/../wellness/app.py",
        "/static/%2e%2e/wellness/app.py",
        "/static/..%2fwellness/app.py",
        "/static//etc/passwd",
        "/static/../templates/base.html",
        "/metrics",
        "/debug",
        "/console",
        "/backup",
        "/teach/classes.css",
    ],
)
def test_nothing_of_the_instance_can_be_fetched(demo: DemoSite, address: str) -> None:
    assert demo.signed_in("admin").fetch(address).status_code in (404, 308)
