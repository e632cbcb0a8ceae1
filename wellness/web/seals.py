"""The seals of cookies and tokens, remembered: a browser brings the same cookie with each request.

Reading one takes two HMACs, a decompression and JSON, and writing a token as much; that was a third of what a kept page of
somebody signed in costs in this process. A seal is either right or not, whenever it is read, so a right one may be remembered;
how old it is is looked at each time.
"""

from __future__ import annotations

import time
from typing import Any

from itsdangerous import URLSafeTimedSerializer

MOST = 4096
"""Seals that are remembered, and seals longer than LONG are not."""
LONG = 1000
TOKEN_SECONDS = 60
"""How long the same token is written again; it holds as long as the cookie it belongs to, as all do here."""


class RememberedSeals(URLSafeTimedSerializer):
    """Reads what it sealed before without reckoning again. What it gives belongs to the caller."""

    def __init__(self, plain: URLSafeTimedSerializer) -> None:
        """With the keys and ways of another one."""
        super().__init__(
            plain.secret_keys, salt=plain.salt, serializer=plain.serializer, signer_kwargs=plain.signer_kwargs
        )
        self._read: dict[str, tuple[dict[str, Any], int]] = {}

    def loads(  # type: ignore[override]
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """As URLSafeTimedSerializer. Raises BadSignature for a wrong seal, SignatureExpired for one that is too old."""
        if type(s) is not str or return_timestamp or salt is not None:
            return super().loads(s, max_age, return_timestamp, salt)
        held = self._read.get(s)
        if held is None:
            payload, sealed_at = super().loads(s, max_age, return_timestamp=True)
            if len(s) <= LONG and _is_plain(payload):
                if len(self._read) >= MOST:
                    self._read.clear()
                self._read[s] = dict(payload), int(sealed_at.timestamp())
            return payload
        payload, sealed = held
        if max_age is not None and not 0 <= int(time.time()) - sealed <= max_age:
            return super().loads(s, max_age)
        return dict(payload)


class Tokens:
    """The tokens of forms, as Flask-WTF seals them (`generate_csrf`), which checks them when they come back."""

    def __init__(self, secret: str | bytes) -> None:
        """With the secret key of the site."""
        self._sealed = URLSafeTimedSerializer(secret, salt="wtf-csrf-token")
        self._made: dict[str, tuple[str, float]] = {}

    def token_of(self, random: str) -> str:
        """A token of this random value of a cookie, at most a minute old."""
        token, made_at = self._made.get(random, ("", 0.0))
        at = time.monotonic()
        if not token or at - made_at >= TOKEN_SECONDS:
            if len(self._made) >= MOST:
                self._made.clear()
            token = str(self._sealed.dumps(random))
            self._made[random] = token, at
        return token


def _is_plain(payload: Any) -> bool:
    """A dictionary of words and numbers, so that a copy shares nothing that somebody could change."""
    return isinstance(payload, dict) and all(type(value) in (str, int, float, bool) for value in payload.values())
