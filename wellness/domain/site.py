"""What an admin sets for the whole site."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone at school whom a student may talk to: who, where, how to reach them; `school` empty means every school."""

    name: str
    place: str
    reach: str = ""
    school: str = ""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What an admin sets for the whole site.

    `module_hours` are the contact hours of every training module, None where each counts its own. Certificates name
    `certificate_issuer`, when it is empty the district.
    """

    site_name: str = "Wellness"
    district: str = ""
    time_zone: str = "America/New_York"
    minutes_target: int = 45
    contacts: tuple[Contact, ...] = ()
    module_hours: float | None = None
    certificate_issuer: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The school's own time zone."""
        return ZoneInfo(self.time_zone)
