"""The site with its recordings in a bucket: two nodes as real servers, and the bucket frozen and gone under them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.media.test_store import facts, put
from tests.publishing.test_video_uploads import Desk, now
from tests.support.bucket_server import BucketServer, bucket_server
from tests.support.processes import WELLNESS, environment, free_port, serving, wellness
from tests.support.recordings import make_video
from tests.support.scratch import NOON, fresh_records
from tests.web.public.test_media import SLUG, Answer, Server
from wellness.config import read_settings
from wellness.domain import JobState
from wellness.media import MediaStore, open_media
from wellness.media.job_folder import JobFolder
from wellness.publishing.video_uploads import list_work, start_again
from wellness.records import media_jobs

PAGE = f"/sessions/{SLUG}"
VIDEO_BYTES = 1000


@dataclass(frozen=True)
class Node:
    """A served instance that has its recordings in the bucket."""

    home: Path
    server: Server

    def wait_for(self, path: str, is_right: Callable[[Answer], bool]) -> Answer:
        """Ask until the answer is right: a node looks into the bucket beside a request."""
        end = time.monotonic() + 30
        while not is_right(answer := self.server.ask(path)):
            assert time.monotonic() < end, f"{path}: {answer.status} {dict(answer.headers)}"
        return answer


def settings_of(bucket: BucketServer) -> dict[str, str]:
    return {"MEDIA_URL": bucket.url, **bucket.environ}


@pytest.fixture(scope="module")
def bucket() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


@pytest.fixture(scope="module")
def nodes(bucket: BucketServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """The first was there before the bucket was, the second is made with it."""
    folder = tmp_path_factory.mktemp("nodes")
    homes = [folder / "first", folder / "second"]
    subprocess.run([WELLNESS, "init"], env=environment(homes[0]), check=True, capture_output=True)
    for home in homes:
        said = subprocess.run(
            [WELLNESS, "init"], env=environment(home, **settings_of(bucket)), check=True, capture_output=True, text=True
        ).stdout
        assert ("videos uploaded" in said) is (home == homes[0])
    medium = MediaStore(homes[0] / "media").get_medium(SLUG)
    data = (homes[0] / "media" / medium.digest / "480.mp4").read_bytes()
    ports = [free_port(), free_port()]
    environs = [
        environment(home, WELLNESS_PORT=str(port), **settings_of(bucket))
        for home, port in zip(homes, ports, strict=True)
    ]
    serve = [WELLNESS, "serve"]
    with (
        serving(serve, environs[0], homes[0], ports[0]),
        serving(serve, environs[1], homes[1], ports[1]),
    ):
        first, second = (Node(home, Server(port, medium, data)) for home, port in zip(homes, ports, strict=True))
        yield first, second


def test_a_new_node_needs_no_videos_of_its_own(nodes: tuple[Node, Node]) -> None:
    _first, second = nodes
    kept = list((second.home / "media" / second.server.medium.digest).iterdir())
    assert not [path.name for path in kept if path.suffix in (".mp4", ".m4a")]
    assert {"media.json", "poster.jpg", "captions.en.vtt", "captions.es.vtt"} <= {path.name for path in kept}


def test_a_player_is_sent_to_the_bucket_and_gets_parts_there(nodes: tuple[Node, Node], bucket: BucketServer) -> None:
    for node in nodes:
        server = node.server
        sent = node.wait_for(server.path, lambda answer: answer.status == 302)
        assert sent.headers["Cache-Control"] == "no-store"
        assert sent.headers["Location"].startswith(f"{bucket.origin}/")
        whole = Server(bucket.port, server.medium, server.data)
        place = sent.headers["Location"].removeprefix(bucket.origin)
        assert whole.ask(place).body == server.data
        part = whole.ask(place, Range=f"bytes={VIDEO_BYTES}-{2 * VIDEO_BYTES - 1}")
        assert (part.status, part.body) == (206, server.data[VIDEO_BYTES : 2 * VIDEO_BYTES])
        assert part.headers["Content-Range"] == f"bytes {VIDEO_BYTES}-{2 * VIDEO_BYTES - 1}/{len(server.data)}"


def test_the_policy_lets_players_go_to_the_bucket_and_nowhere_else(
    nodes: tuple[Node, Node], bucket: BucketServer
) -> None:
    policy = nodes[1].server.ask(PAGE).headers["Content-Security-Policy"]
    assert f"media-src 'self' {bucket.origin}/;" in f"{policy};"
    assert policy.count("http") == 2, "for pictures and for videos"


def test_captions_and_pictures_are_sent_by_the_node(nodes: tuple[Node, Node]) -> None:
    for node in nodes:
        for file in ("captions.en.vtt", "transcript.en.txt", "poster.jpg"):
            answer = node.server.ask(f"/media/{node.server.medium.digest}/{file}")
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


def test_pages_stay_as_they_are_while_the_bucket_is_frozen(nodes: tuple[Node, Node], bucket: BucketServer) -> None:
    _first, second = nodes
    before = second.server.ask(PAGE)
    assert before.status == 200 and b"transcript" in before.body
    statuses, longest, end = set(), 0.0, time.monotonic() + 8
    with bucket.frozen():
        while time.monotonic() < end:  # longer than it takes the node to look and to find nobody there
            for path in (PAGE, f"/media/{second.server.medium.digest}/captions.en.vtt", "/", second.server.path):
                began = time.monotonic()
                statuses.add(second.server.ask(path).status)
                longest = max(longest, time.monotonic() - began)
    assert statuses == {200, 302}
    assert longest < 3, "nobody waits for the bucket"
    second.wait_for(second.server.path, lambda answer: answer.status == 302)


def test_work_that_only_lacks_the_bucket_is_not_done_again(
    bucket: BucketServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = bucket.another()
    for name, value in other.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WELLNESS_HOME", str(tmp_path))
    monkeypatch.setenv("MEDIA_URL", other.url)
    settings = read_settings()
    records = fresh_records(tmp_path)
    desk = Desk(settings, records, open_media(settings.media, settings.media_url), tmp_path)
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        video = make_video(tmp_path / "feet.mp4", size="320x180", seconds=4)
        job, _told = desk.finish(desk.bring(video).job)
        assert job.state is JobState.FAILED
        assert (job.problem or "").startswith("The video is saved on this computer, but the shared video storage")
        kept = desk.store.get_medium("feet")
        assert other.list_keys() == []
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", other.origin)
        again, _told = desk.finish(start_again(records, desk.store, desk.start, job.id, now()))
        assert (again.state, again.digest) == (JobState.READY, kept.digest)
        assert desk.store.get_medium("feet").added_at == kept.added_at, "the versions were not made anew"
        assert f"facts/{kept.digest}.json" in other.list_keys()
    finally:
        for process in desk.processes:
            process.wait()
        records.close()


def test_a_job_that_died_before_the_bucket_had_it_all_has_failed_and_one_that_died_after_is_ready(
    bucket: BucketServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = bucket.another()
    for name, value in other.environ.items():
        monkeypatch.setenv(name, value)
    records = fresh_records(tmp_path)
    store = open_media(tmp_path / "media", other.url)
    try:
        with records.writing() as tx:
            for job_id in ("before-the-end", "after-the-end", "on-another-node"):
                media_jobs.add_job(tx, job_id, name=job_id, title="Feet", by=None, at=NOON)
        put(MediaStore(store.root), facts("before-the-end", job="before-the-end"))
        put(store, facts("after-the-end", job="after-the-end"))
        for job_id in ("before-the-end", "after-the-end"):
            lock = JobFolder(store.root, job_id).take(is_new=True)
            assert lock is not None
            os.close(lock)
        states = {job.id: job.state for job in list_work(records, store, NOON)}
        ended = {"before-the-end": JobState.FAILED, "after-the-end": JobState.READY}
        assert states == {**ended, "on-another-node": JobState.WAITING}
        states = {job.id: job.state for job in list_work(records, store, NOON + timedelta(days=2))}
        assert states == {**ended, "on-another-node": JobState.FAILED}
    finally:
        records.close()


def test_what_is_wrong_with_the_bucket_is_said_by_the_commands(bucket: BucketServer, tmp_path: Path) -> None:
    away = {**settings_of(bucket), "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
    said = wellness(tmp_path / "home", "init", **away)
    assert said.returncode == 1
    assert "The video storage isn’t responding. Try again in a minute." in said.stderr
    assert "Traceback" not in said.stderr
    said = wellness(tmp_path / "home", "doctor", **away)
    assert "ERROR    media: The video storage isn’t responding." in said.stdout
