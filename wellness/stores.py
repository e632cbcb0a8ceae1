"""The stores of one site, opened together: library, catalogue, records and media, and the sandbox that prepares texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .catalogue import Catalogue
from .library.files import Library
from .library.sandbox import Sandbox
from .media import MediaStore, open_media
from .records import Records, open_records


class StoreSettings(Protocol):
    """Where the stores are: the part of the settings that this module reads."""

    @property
    def library(self) -> Path:
        """The folder of texts."""

    @property
    def catalogue(self) -> Path:
        """The file of the catalogue."""

    @property
    def media(self) -> Path:
        """The folder of recordings."""

    @property
    def media_url(self) -> str:
        """The bucket of recordings, like s3://name/prefix, or anything else for none."""

    @property
    def records_url(self) -> str:
        """The database of the records."""


@dataclass(slots=True)
class Stores:
    """The open stores of one site; `close` ends them."""

    records: Records
    catalogue: Catalogue
    workshop: Sandbox
    media: MediaStore

    @property
    def library(self) -> Library:
        """The folder of texts, which is the catalogue's."""
        return self.catalogue.library

    def close(self) -> None:
        """End the workshop's processes and close the catalogue and the records. Harmless when they are."""
        self.workshop.close()
        self.catalogue.release()
        self.records.close()


def open_stores(settings: StoreSettings, records: Records | None = None) -> Stores:
    """Open the stores; `records` are taken over when they are given. Raises as `open_records` and `open_media` do."""
    media, workshop = open_media(settings.media, settings.media_url), Sandbox()
    catalogue = _open_catalogue(settings, workshop, media)
    return Stores(records or open_records(settings.records_url), catalogue, workshop, media)


@contextmanager
def catalogue_only(settings: StoreSettings) -> Iterator[Catalogue]:
    """Open the catalogue without the records, which may not be there yet."""
    workshop = Sandbox()
    catalogue = _open_catalogue(settings, workshop, open_media(settings.media, settings.media_url))
    try:
        yield catalogue
    finally:
        catalogue.release()
        workshop.close()


def _open_catalogue(settings: StoreSettings, workshop: Sandbox, media: MediaStore) -> Catalogue:
    return Catalogue(settings.catalogue, Library(settings.library), workshop, media.list_facts)
