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

    `certificates_keep_names`: whether certificates keep the name of a person whose data is removed.
    `module_hours`: contact hours of every training module; None uses each module's own. `certificate_issuer`: name on
    certificates; empty uses the district. `time_zone` is that of each school without its own.
    Door cards work on school days from `door_from_hour` to before `door_to_hour`, in the school's time; with
    `door_always_ready` they offer four-square breathing where nothing is planned.
    """

    site_name: str = "Wellness"
    district: str = ""
    time_zone: str = "America/New_York"
    contacts: tuple[Contact, ...] = ()
    module_hours: float | None = None
    certificate_issuer: str = ""
    certificates_keep_names: bool = False
    door_from_hour: int = 6
    door_to_hour: int = 18
    door_always_ready: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The school's own time zone."""
        return ZoneInfo(self.time_zone)
