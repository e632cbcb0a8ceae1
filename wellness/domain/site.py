"""Site-wide settings that an admin edits."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Contact:
    """A student support contact: name, place, how to reach them; `school` empty means every school."""

    name: str
    place: str
    reach: str = ""
    school: str = ""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Site-wide settings that an admin edits.

    `module_hours`: contact hours of every training module; None uses each module's own. `certificate_issuer`: name on
    certificates; empty uses the district. `minutes_target`: SEL minutes per class and week.
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
