"""What an admin set for the whole site."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import insert, select, update

from ..domain import Contact, SiteSettings
from ..errors import Invalid, worded
from .database.transactions import Reading, Writing
from .schema import setting

LEAST_HOURS, MOST_HOURS = 0.25, 10
"""Contact hours of one training module."""
HOURS = 24
MAX_ISSUER = 200
"""Letters of the name on a certificate."""


US_TIME_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)
_CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def list_time_zones() -> tuple[str, ...]:
    """The time zones to choose from, by their names in the time zone database, those of the United States first.

    Only zones of places: a fixed offset like EST or Etc/GMT+5 is an hour wrong from March to November.
    """
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS)
    return (*US_TIME_ZONES, *(name for name in places if name not in US_TIME_ZONES))


def load_settings(tx: Reading) -> SiteSettings:
    """The site's settings, with the default for each that was never set."""
    kept: dict[str, Any] = {row.key: row.value for row in tx.execute(select(setting))}
    new = SiteSettings()
    return SiteSettings(
        site_name=kept.get("site_name", new.site_name),
        district=kept.get("district", new.district),
        time_zone=kept.get("time_zone", new.time_zone),
        contacts=tuple(Contact(**contact) for contact in kept.get("contacts", ())),
        module_hours=kept.get("module_hours", new.module_hours),
        certificate_issuer=kept.get("certificate_issuer", new.certificate_issuer),
        certificates_keep_names=kept.get("certificates_keep_names", new.certificates_keep_names),
        door_from_hour=kept.get("door_from_hour", new.door_from_hour),
        door_to_hour=kept.get("door_to_hour", new.door_to_hour),
        door_always_ready=kept.get("door_always_ready", new.door_always_ready),
    )


def save_settings(tx: Writing, settings: SiteSettings) -> None:
    """Keep all settings. Raises Invalid for a time zone that does not exist or numbers that cannot be."""
    _check(settings)
    values = {**asdict(settings), "contacts": [asdict(contact) for contact in settings.contacts]}
    for key, value in values.items():
        if tx.execute(update(setting).where(setting.c.key == key).values(value=value)).rowcount == 0:
            tx.execute(insert(setting).values(key=key, value=value))


def _check(settings: SiteSettings) -> None:
    fields: dict[str, str] = {}
    if settings.time_zone not in list_time_zones():
        fields["time_zone"] = worded("Choose a time zone from the list.")
    if settings.module_hours is not None and not LEAST_HOURS <= settings.module_hours <= MOST_HOURS:
        fields["module_hours"] = worded("Enter contact hours from 0.25 to 10.")
    if not 0 <= settings.door_from_hour < settings.door_to_hour <= HOURS:
        fields["door_to_hour"] = worded("Choose a later hour than the first one.")
    if len(settings.certificate_issuer) > MAX_ISSUER:
        fields["certificate_issuer"] = worded("Enter a shorter name.")
    if fields:
        raise Invalid("The settings weren’t saved. Please fix what’s marked.", fields)
