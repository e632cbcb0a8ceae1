"""Many browsers at once, in processes of their own: classes on a Friday, children who open a page, devices, and beacons.

Every request has a moment at which it is due. Its time is counted from there, so what waits behind a slow answer is counted
as waiting: a caller that only asks again after an answer would hide how long a queue is.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import re
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from bench.district import PASSWORD, Room, Told
from bench.served import tls_of
from wellness.domain import Completeness, NotDoneReason, Outcome, ViewingState

PROCESSES = 2
PATIENCE = 60.0
"""Seconds after which a browser gives up."""

PAGE = "/sessions/four-square-breathing"


CARD_MINUTES = 10
"""A door card's minutes are capped at those of the session; none of the sessions is shorter."""


@dataclass(frozen=True, slots=True)
class Front:
    """Where a site is reached: its port, the name it is asked for, and over TLS the certificate to trust."""

    port: int
    name: str = "127.0.0.1"
    trusted: str = ""

    def tls(self) -> ssl.SSLContext | None:
        """What a browser needs to speak TLS with it."""
        return tls_of(self.trusted)


@dataclass(slots=True)
class Called:
    """What callers were told, and how long it took: seconds from when each request was due, and from when it was sent."""

    told: list[Told] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of those who signed in, by their email."""
    seconds: float = 0.0
    cpu: float = 0.0
    """CPU seconds of the callers."""

    def add(self, other: Called) -> None:
        """Put what another process's callers found to it."""
        self.told += other.told
        self.late += other.late
        self.took += other.took
        self.errors += other.errors
        self.cookies |= other.cookies
        self.seconds = max(self.seconds, other.seconds)
        self.cpu += other.cpu


class Gone(Exception):
    """No whole answer came."""


class Browser:
    """One browser on one kept connection, with its cookie and its token."""

    def __init__(self, front: Front, tls: ssl.SSLContext | None) -> None:
        self._front, self._tls = front, tls
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.cookies: dict[str, str] = {}
        self.token = ""

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        return await self._ask(self._written("GET", path, ""))

    async def post(self, path: str, **fields: str) -> tuple[int, str, str]:
        """The same for a form."""
        return await self._ask(self._form(path, fields))

    async def post_and_leave(self, path: str, **fields: str) -> None:
        """Send a form and hang up before the answer is here."""
        await self._connect()
        assert self._writer is not None
        self._writer.write(self._form(path, fields))
        await self._writer.drain()
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    def _form(self, path: str, fields: dict[str, str]) -> bytes:
        return self._written("POST", path, urlencode({**fields, "csrf_token": self.token}))

    def _written(self, method: str, path: str, body: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self._front.name}",
            "Accept-Encoding: identity",
            "Accept-Language: en",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines += ["Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded"]
            lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    async def _connect(self) -> None:
        if self._writer is None:
            opened = asyncio.open_connection("127.0.0.1", self._front.port, ssl=self._tls, limit=1 << 20)
            self._reader, self._writer = await opened

    async def _ask(self, sent: bytes) -> tuple[int, str, str]:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._connect()
                assert self._writer is not None
                self._writer.write(sent)
                return await self._answer()
        except (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            raise Gone(type(error).__name__) from error

    async def _answer(self) -> tuple[int, str, str]:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, length, leads_to, closes = int(head[9:12]), 0, "", False
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    leads_to = value
                case "connection":
                    closes = value.lower() == "close"
                case "set-cookie":
                    key, _, kept = value.partition(";")[0].partition("=")
                    self.cookies[key] = kept
        body = b"" if status in (204, 304) else await self._reader.readexactly(length)
        if closes:
            self.close()
        return status, leads_to, body.decode()


class Clock:
    """Asks when it is due and notes how long it took."""

    def __init__(self, called: Called) -> None:
        self._called, self._begun = called, time.perf_counter()

    async def ask(
        self, due: float, asking: Callable[[], Awaitable[tuple[int, str, str]]], *right: int
    ) -> tuple[int, str, str]:
        """The answer, asked for `due` seconds after the beginning, or now when that is past. Raises Gone for another status."""
        await self.until(due)
        begun = time.perf_counter()
        try:
            answer = await asking()
        except Gone as error:
            self._called.errors[str(error)] += 1
            raise
        ended = time.perf_counter()
        self._called.took.append(ended - begun)
        self._called.late.append(ended - self._begun - due)
        if answer[0] not in right:
            self._called.errors[str(answer[0])] += 1
            raise Gone(str(answer[0]))
        return answer

    async def until(self, due: float) -> None:
        """Wait until so many seconds after the beginning."""
        await asyncio.sleep(max(0.0, self._begun + due - time.perf_counter()))


# --- A class ----------------------------------------------------------------------------------------------------------

STEPS = 10
"""Requests of a class: its page, the start, the presentation, six beacons or so, the outcome and the page after it."""


class ClassOnFriday:
    """One class: it opens its session, the video runs, and somebody says how it went. Seeded, so each run does the same.

    Of every ten, in turn: one has a beacon whose answer is lost and which is sent again, one an outcome of that kind, one a
    last beacon whose answer is lost for good, one says afterwards that it went otherwise.
    """

    def __init__(self, browser: Browser, clock: Clock, told: Told) -> None:
        self._browser, self._clock, self._told = browser, clock, told
        room = told.room
        self._dice = random.Random(room.number)
        self._base = f"/c/{room.code}" if room.code else f"/teach/classes/{room.id}"
        self._start = f"{self._base}/open" if room.code else f"{self._base}/open/{room.slug}"

    async def run(self, begins: float, lasts: float) -> None:
        """All of it, spread over so many seconds."""
        dues = iter([begins + lasts * number / STEPS for number in range(2 * STEPS)])
        first = self._base if self._told.room.code else "/teach/"
        page = (await self._clock.ask(next(dues), lambda: self._browser.get(first), 200))[2]
        self._browser.token = token_of(page)
        leads_to = (await self._clock.ask(next(dues), lambda: self._browser.post(self._start), 303))[1]
        self._told.is_open = True
        page = (await self._clock.ask(next(dues), lambda: self._browser.get(local(leads_to)), 200))[2]
        self._browser.token = read(page, "data-csrf")
        see(self._told, page)
        ways = self._told.room.number % 10
        ended = 0
        for number in range(5):
            begun = max(0, ended - self._dice.randint(0, self._told.length // 8))
            ended = min(self._told.length, ended + self._dice.randint(self._told.length // 12, self._told.length // 4))
            await self._beam(next(dues), begun, ended, is_lost=number == 2 and ways == 3)
        await self._beam(next(dues), 0, self._dice.randint(1, ended))
        if ways == 5:
            await self._beam_into_nothing(next(dues), min(ended, self._told.length - 1))
        most = CARD_MINUTES if self._told.room.code else 180
        await self._press(next(dues), self._dice.randint(1, most), is_lost=ways == 7)
        if ways == 9:
            await self._press(next(dues), most - self._dice.randint(0, most // 2), is_lost=False, outcome="shortened")

    async def _beam(self, due: float, first: int, end: int, *, is_lost: bool = False) -> None:
        """A beacon, also of seconds that were sent before; a lost one goes again."""
        seconds = set(range(first, end))
        self._told.perhaps |= seconds
        if is_lost:
            await self._clock.until(due)
            await self._browser.post_and_leave(f"{self._base}/ran", **self._ran(first, end))
        await self._clock.ask(due, lambda: self._browser.post(f"{self._base}/ran", **self._ran(first, end)), 204)
        self._told.seconds |= seconds
        self._told.beacons += 1

    async def _beam_into_nothing(self, due: float, first: int) -> None:
        await self._clock.until(due)
        self._told.perhaps |= set(range(first, self._told.length))
        await self._browser.post_and_leave(f"{self._base}/ran", **self._ran(first, self._told.length))

    def _ran(self, first: int, end: int) -> dict[str, str]:
        return fields_of(self._told) | {"ranges": f"{first}-{end}"}

    async def _press(self, due: float, minutes: int, *, is_lost: bool, outcome: str = "") -> None:
        """Say how it went, and open the page that this leads to."""
        kind = outcome or ("not-done" if self._told.room.number % 20 == 14 else "done")
        fields = {"outcome": kind, "slug": self._told.room.slug, "on_day": self._told.on_day}
        fields |= {"reason": NotDoneReason.DRILL.value} if kind == "not-done" else {"minutes": str(minutes)}
        path, said = f"{self._base}/log", outcome_of(kind, minutes)
        before, self._told.perhaps_outcome = self._told.outcome, said
        self._told.lost += 1
        if is_lost:
            await self._clock.until(due)
            await self._browser.post_and_leave(path, **fields)
        leads_to = (await self._clock.ask(due, lambda: self._browser.post(path, **fields), 303))[1]
        self._told.lost -= 1
        self._told.outcome, self._told.perhaps_outcome = said, None
        if said != before:
            self._told.presses += 1
        if not is_lost:
            self._told.batches.append(re.findall(r"logged=([\w-]+)", leads_to)[0])
        await self._clock.ask(due, lambda: self._browser.get(local(leads_to)), 200)


def see(told: Told, page: str) -> None:
    """Remember the day of a presentation, and its longest video or practice."""
    parts = re.findall(r'data-key="([^"]+)" data-seconds="([0-9]+)"', page)
    told.on_day = read(page, "data-on-day")
    told.length, told.part = max((int(seconds), key) for key, seconds in parts)


def fields_of(told: Told) -> dict[str, str]:
    """The fields of a beacon that are the same for all of this class."""
    return {"slug": told.room.slug, "on_day": told.on_day, "part": told.part, "duration": str(told.length)}


def outcome_of(kind: str, minutes: int) -> Outcome:
    """What such a form says."""
    if kind == "not-done":
        return Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL)
    return Outcome(
        ViewingState.DELIVERED, Completeness.WHOLE if kind == "done" else Completeness.SHORTENED, minutes=minutes
    )


def token_of(page: str) -> str:
    """The token of a page's first form. Raises Gone when there is none."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise Gone("a page without a form")
    return found[1]


def read(page: str, attribute: str) -> str:
    """An attribute of the presentation. Raises Gone when it is not there."""
    found = re.search(rf'{attribute}="([^"]+)"', page)
    if found is None:
        raise Gone(f"a page without {attribute}")
    return found[1]


def local(address: str) -> str:
    """The path of an address of this site."""
    return re.sub(r"^https?://[^/]+", "", address)


async def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> None:
    """Sign in. Raises Gone when that is refused."""
    browser.token = token_of((await browser.get("/sign-in"))[2])
    status, _, _ = await browser.post("/sign-in", email=email, password=password, next="")
    if status not in (302, 303):
        raise Gone(f"the sign-in was answered with {status}")


# --- Many at once -----------------------------------------------------------------------------------------------------


async def _sign_ins(front: Front, emails: Sequence[str]) -> Called:
    """All of them sign in, a few at a time."""
    called, tls, few = Called(), front.tls(), asyncio.Semaphore(4)
    used, begun = time.process_time(), time.perf_counter()

    async def enter(email: str) -> None:
        async with few:
            browser = Browser(front, tls)
            await sign_in(browser, email)
            called.cookies[email] = browser.cookies
            browser.close()

    await asyncio.gather(*map(enter, emails))
    called.seconds, called.cpu = time.perf_counter() - begun, time.process_time() - used
    return called


async def _classes(front: Front, rooms: Sequence[Room], cookies: dict[str, dict[str, str]], seconds: float) -> Called:
    """All of these classes within so many seconds; their teachers have signed in before."""
    called, tls = Called([Told(room) for room in rooms]), front.tls()
    browsers = [Browser(front, tls) for _ in rooms]
    for browser, room in zip(browsers, rooms, strict=True):
        browser.cookies = dict(cookies.get(room.email, {}))
    used, clock = time.process_time(), Clock(called)

    async def run(browser: Browser, told: Told) -> None:
        begins = random.Random(-told.room.number).uniform(0, seconds / 2)
        try:
            await ClassOnFriday(browser, clock, told).run(begins, seconds / 2)
        except Gone:
            pass  # it is counted, and what was on its way may be there or not
        finally:
            browser.close()

    begun = time.perf_counter()
    await asyncio.gather(*(run(browser, told) for browser, told in zip(browsers, called.told, strict=True)))
    called.seconds, called.cpu = time.perf_counter() - begun, time.process_time() - used
    return called


async def _openings(front: Front, times: int, connections: int) -> Called:
    """The session page, so many times, by so many browsers that each ask again once they were answered."""
    called, tls = Called(), front.tls()
    used, begun, left = time.process_time(), time.perf_counter(), iter(range(times))

    async def run() -> None:
        browser, clock = Browser(front, tls), Clock(called)
        for _ in left:
            try:
                await clock.ask(0, lambda: browser.get(PAGE), 200)
            except Gone:
                continue
        browser.close()

    await asyncio.gather(*(run() for _ in range(connections)))
    called.seconds, called.cpu = time.perf_counter() - begun, time.process_time() - used
    return called


async def _devices(front: Front, count: int, seconds: float, seed: int) -> Called:
    """Devices with empty caches that open the session page within so many seconds, with its style sheet and scripts."""
    called, tls, dice = Called(), front.tls(), random.Random(seed)
    used, clock = time.process_time(), Clock(called)

    async def run(due: float) -> None:
        browser = Browser(front, tls)
        try:
            page = (await clock.ask(due, lambda: browser.get(PAGE), 200))[2]
            took = called.late[-1]
            for path in dict.fromkeys(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)"', page)):
                await clock.ask(due + took, lambda path=path: browser.get(path), 200)
        except Gone:
            pass
        finally:
            browser.close()

    begun = time.perf_counter()
    await asyncio.gather(*(run(dice.uniform(0, seconds)) for _ in range(count)))
    called.seconds, called.cpu = time.perf_counter() - begun, time.process_time() - used
    return called


async def _beacons(front: Front, rooms: Sequence[Room], rate: float, seconds: float) -> Called:
    """So many beacons a second, each of one second more of some class's video."""
    called, tls = Called([Told(room) for room in rooms]), front.tls()
    browsers = [Browser(front, tls) for _ in rooms]
    for browser, told in zip(browsers, called.told, strict=True):
        browser.token = token_of((await browser.get(f"/c/{told.room.code}"))[2])
        _, leads_to, _ = await browser.post(f"/c/{told.room.code}/open")
        page = (await browser.get(local(leads_to)))[2]
        told.is_open = True
        see(told, page)
    used, clock = time.process_time(), Clock(called)

    async def run(place: int) -> None:
        browser, told = browsers[place], called.told[place]
        for number, turn in enumerate(range(place, int(rate * seconds), len(rooms))):
            second = number % told.length
            told.perhaps.add(second)
            try:
                sent = fields_of(told) | {"ranges": f"{second}-{second + 1}"}
                await clock.ask(turn / rate, lambda sent=sent: browser.post(f"/c/{told.room.code}/ran", **sent), 204)
                told.seconds.add(second)
                told.beacons += 1
            except Gone:
                continue
        browser.close()

    begun = time.perf_counter()
    await asyncio.gather(*(run(place) for place in range(len(rooms))))
    called.seconds, called.cpu = time.perf_counter() - begun, time.process_time() - used
    return called


def _run(work: str, arguments: tuple[object, ...]) -> Called:
    return asyncio.run(_WORK[work](*arguments))


Of = TypeVar("Of")


def _awaited(work: Coroutine[Any, Any, Of]) -> Of:
    """What the work answers, from a loop in a thread of its own: a caller may have a loop already, as browser tests do."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()


def cookies_for(front: Front, email: str, password: str) -> tuple[str, str]:
    """The Cookie header and the token of somebody who signed in. Raises Gone when that is refused."""

    async def ask() -> tuple[str, str]:
        browser = Browser(front, front.tls())
        await sign_in(browser, email, password)
        browser.token = token_of((await browser.get("/teach/"))[2])
        browser.close()
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items()), browser.token

    return _awaited(ask())


def page_for(front: Front, email: str, path: str, password: str = PASSWORD) -> str:
    """One page as somebody sees it who signs in for it; after a storm it is asked for until the site has caught its breath.

    Raises Gone when it is not answered within five minutes.
    """

    async def ask() -> str:
        browser = Browser(front, front.tls())
        try:
            await sign_in(browser, email, password)
            status, _, page = await browser.get(path)
        finally:
            browser.close()
        if status != 200:
            raise Gone(f"{path} was answered with {status}")
        return page

    end = time.monotonic() + 300
    while True:
        try:
            return _awaited(ask())
        except Gone:
            if time.monotonic() > end:
                raise
            time.sleep(1)


_WORK: dict[str, Callable[..., Coroutine[object, object, Called]]] = {
    "sign_ins": _sign_ins,
    "classes": _classes,
    "openings": _openings,
    "devices": _devices,
    "beacons": _beacons,
}


def _together(work: str, shares: Iterable[tuple[object, ...]]) -> Called:
    """Let a process of its own do each share; what all of them found."""
    total = Called()
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for found in list(pool.map(_run, [work] * PROCESSES, list(shares))):
            total.add(found)
    return total


def sign_ins(front: Front, rooms: Sequence[Room]) -> Called:
    """The teachers of these classes sign in."""
    emails = [room.email for room in rooms if room.email]
    return _together("sign_ins", [(front, emails[place::PROCESSES]) for place in range(PROCESSES)])


def classes(front: Front, rooms: Sequence[Room], cookies: dict[str, dict[str, str]], seconds: float) -> Called:
    """All of these classes within so many seconds, their teachers with these cookies."""
    return _together("classes", [(front, rooms[place::PROCESSES], cookies, seconds) for place in range(PROCESSES)])


def openings(front: Front, times: int, connections: int) -> Called:
    """The session page, as quickly as it is answered on so many connections."""
    return _together("openings", [(front, times // PROCESSES, connections // PROCESSES)] * PROCESSES)


def devices(front: Front, count: int, seconds: float) -> Called:
    """So many devices within so many seconds."""
    return _together("devices", [(front, count // PROCESSES, seconds, seed) for seed in range(PROCESSES)])


def beacons(front: Front, rooms: Sequence[Room], rate: float, seconds: float) -> Called:
    """So many beacons a second of the classes that have doors."""
    doors = [room for room in rooms if room.code]
    shares = [(front, doors[place::PROCESSES], rate / PROCESSES, seconds) for place in range(PROCESSES)]
    return _together("beacons", shares)
