"""Which addresses a text may link to, and which images it may show."""

from __future__ import annotations

_LINK_SCHEMES = ("https://", "tel:", "sms:", "mailto:")


def is_safe_link(address: str) -> bool:
    """Whether a link is allowed: https, phone, email, or a path of this site. `//host` and a backslash leave the site."""
    if any(ord(char) < 33 or char == "\\" for char in address):
        return False
    return address.startswith(_LINK_SCHEMES) or address.startswith("#") or is_own_path(address)


def is_own_media(address: str) -> bool:
    """Whether an image is on this site: an image elsewhere would reveal visitors to its host."""
    return is_own_path(address) and address.startswith("/media/") and ".." not in address and "\\" not in address


def is_own_path(address: str) -> bool:
    """Whether an address is a path on this site."""
    return address.startswith("/") and not address.startswith("//")
