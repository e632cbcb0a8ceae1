"""What somebody who writes has at hand."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogue import Catalogue
from ..content.library import Library
from ..content.workshop import Workshop
from ..media import MediaStore
from ..records import Records


@dataclass(frozen=True, slots=True)
class Desk:
    """The stores of one site. The library is the catalogue's."""

    records: Records
    catalogue: Catalogue
    workshop: Workshop
    media: MediaStore

    @property
    def library(self) -> Library:
        """The folder of texts."""
        return self.catalogue.library
