"""The minutes target of a version that knew a single one counts from the first school year on."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.support.older_records import older_records, put
from tests.support.scratch import ENGINES
from wellness.domain import MinutesTarget, School, SiteSettings
from wellness.records import Records, minutes_targets, schools, settings


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("saved", [True, False])
def test_the_target_counts_from_the_first_year_on(engine: str, saved: bool, tmp_path: Path) -> None:
    with older_records(engine, tmp_path, "0014") as (then, url):
        put(then, "school", {"id": "elm", "name": "Elm School"})
        for name in ("2026", "2025"):
            days = {"starts_on": date(int(name), 8, 26), "ends_on": date(int(name) + 1, 6, 12)}
            put(then, "school_year", {"id": name, "name": name, **days})
        if saved:
            put(then, "setting", {"key": "minutes_target", "value": "30"}, {"key": "district", "value": '"Elm"'})
    records = Records(url)
    records.migrate()
    with records.reading() as tx:
        found, kept, listed = minutes_targets.list_targets(tx), settings.load_settings(tx), schools.list_schools(tx)
    records.close()
    assert found == ([MinutesTarget(date(2025, 8, 25), 30)] if saved else [])
    assert kept == SiteSettings(district="Elm" if saved else "")
    assert listed == [School("elm", "Elm School")]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_target_without_a_year_counts_from_the_upgrade_on(engine: str, tmp_path: Path) -> None:
    with older_records(engine, tmp_path, "0014") as (then, url):
        put(then, "setting", {"key": "minutes_target", "value": "30"})
    records = Records(url)
    records.migrate()
    with records.reading() as tx:
        (found,) = minutes_targets.list_targets(tx)
    records.close()
    assert found.minutes == 30 and found.valid_from <= datetime.now().astimezone().date()
