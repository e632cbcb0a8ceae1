"""Which addresses a text may lead to and show."""

from __future__ import annotations

_LINK_SCHEMES = ("https://", "tel:", "sms:", "mailto:")


def is_safe_link(address: str) -> bool:
    """Whether a link may stand: https, a telephone, or a path of this site. `//host` and a backslash leave the site."""
    if any(ord(sign) < 33 or sign == "\\" for sign in address):
        return False
    return address.startswith(_LINK_SCHEMES) or address.startswith("#") or is_own_path(address)


def is_own_media(address: str) -> bool:
    """Whether a picture comes from this site's own media: a picture from elsewhere would tell its host who looked."""
    return is_own_path(address) and address.startswith("/media/") and ".." not in address and "\\" not in address


def is_own_path(address: str) -> bool:
    """Whether an address is a path on this site."""
    return address.startswith("/") and not address.startswith("//")
