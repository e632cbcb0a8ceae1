"""Recordings in a bucket, with a stand-in server as a real process: put there, taken over by another node, and gone away."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.media.test_store import FILES, bundle, facts, put
from tests.support.bucket_server import BucketServer, bucket_server
from tests.support.scratch import CHECKOUT, NOON
from wellness.domain import Language
from wellness.errors import Unavailable
from wellness.media import MediaStore, open_media
from wellness.media.bucket import Bucket
from wellness.media.bucket_store import SharedStore

LATER = NOON + timedelta(hours=1)
Opened = Callable[[str], SharedStore]


@pytest.fixture(scope="module")
def running() -> Iterator[BucketServer]:
    with bucket_server() as started:
        yield started


@pytest.fixture
def server(running: BucketServer, monkeypatch: pytest.MonkeyPatch) -> BucketServer:
    """The server, with a bucket for this test alone, where the site's own code looks for it."""
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    return running.another()


@pytest.fixture
def node(server: BucketServer, tmp_path: Path) -> Opened:
    """Opens the store of a node with a folder of its own."""

    def opened(name: str) -> SharedStore:
        return SharedStore(tmp_path / name / "media", Bucket(server.url))

    return opened


def get(address: str, **headers: str) -> tuple[int, Message, bytes]:
    try:
        with urlopen(Request(address, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


def look(store: SharedStore) -> None:
    """What `follow` does beside a request, from its begin to its end."""
    store._look_at = 0.0
    store.follow()
    with store._looking:
        return


# --- Put there and found ----------------------------------------------------------------------------------------------


def test_a_recording_is_in_the_bucket_when_it_was_added(server: BucketServer, node: Opened) -> None:
    kept = put(node("one"))
    assert server.list_keys() == sorted([*(f"{kept.digest}/{file}" for file in FILES), f"facts/{kept.digest}.json"])
    told = server.client().head_object(Bucket=server.name, Key=f"school/media/{kept.digest}/720.mp4")
    assert (told["ContentType"], told["CacheControl"]) == ("video/mp4", "public, max-age=31536000, immutable")


def test_another_node_finds_it_with_its_words_and_without_its_videos(node: Opened) -> None:
    kept = put(node("one"), facts(credits={"voice": "Jo"}))
    other = node("two")
    assert other.list_media() == []
    other.catch_up()
    assert other.get_medium("feet") == kept
    assert other.read_transcript(kept, Language.EN) == FILES["transcript.en.txt"]
    assert sorted(path.name for path in (other.root / kept.digest).iterdir()) == [
        "captions.en.vtt", "media.json", "transcript.en.txt",
    ]  # fmt: skip
    assert other.check() == []
    assert other.fetch(kept.digest, "720.mp4").read_text() == "picture"
    assert not list(other.root.glob(".new-*"))


def test_a_signed_address_gives_the_file_and_parts_of_it(server: BucketServer, node: Opened) -> None:
    other, kept = node("two"), put(node("one"))
    other.catch_up()
    signed = other.find_elsewhere(kept.digest, "720.mp4")
    assert signed is not None
    assert signed.startswith(f"{server.origin}/") and other.elsewhere == server.origin
    assert "X-Amz-Expires=14400" in signed and "secret" not in signed
    assert other.find_elsewhere(kept.digest, "720.mp4") == signed
    status, headers, body = get(signed)
    assert (status, headers["Content-Type"], body) == (200, "video/mp4", b"picture")
    status, headers, body = get(signed, Range="bytes=2-4")
    assert (status, headers["Content-Range"], body) == (206, "bytes 2-4/7", b"ctu")


def test_what_is_small_and_what_is_no_file_stays_here(node: Opened) -> None:
    store = node("one")
    kept = put(store)
    for file in ("captions.en.vtt", "transcript.en.txt", "audio.m4a", "media.json", "../720.mp4"):
        assert store.find_elsewhere(kept.digest, file) is None
    for digest in ("0" * 16, "..", "facts"):
        assert store.find_elsewhere(digest, "720.mp4") is None


def test_the_same_content_added_later_is_the_newest_everywhere(node: Opened) -> None:
    one, two = node("one"), node("two")
    put(one)
    put(one, at=LATER, whole="another picture")
    two.catch_up()
    again = put(two, at=LATER + timedelta(hours=1))
    one.catch_up()
    assert one.get_medium("feet").added_at == again.added_at == LATER + timedelta(hours=1)
    assert one.get_medium("feet").digest == again.digest


def test_a_new_node_does_not_cover_a_coachs_video_with_the_sites(node: Opened, tmp_path: Path) -> None:
    own = put(node("one"))
    other = node("two")
    other.catch_up()
    assert other.deliver(bundle(tmp_path / "videos"), LATER) == 0
    assert other.get_medium("feet") == own


def test_what_was_here_before_there_was_a_bucket_is_put_there(server: BucketServer, node: Opened) -> None:
    store = node("one")
    kept = put(MediaStore(store.root))
    assert store.find_elsewhere(kept.digest, "720.mp4") is None
    assert (store.put_up_all(), store.put_up_all()) == (1, 0)
    assert f"facts/{kept.digest}.json" in server.list_keys()
    assert store.find_elsewhere(kept.digest, "720.mp4") is not None


# --- What is wrong in the bucket --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["file", "gone", "facts", "names"])
def test_what_is_damaged_in_the_bucket_is_not_taken_over(server: BucketServer, node: Opened, damage: str) -> None:
    one, two, client = node("one"), node("two"), server.client()
    kept, whole = put(one), put(one, facts("other"))
    captions, told = f"school/media/{kept.digest}/captions.en.vtt", f"school/media/facts/{kept.digest}.json"
    content = json.loads(client.get_object(Bucket=server.name, Key=told)["Body"].read())
    if damage == "file":
        client.put_object(Bucket=server.name, Key=captions, Body=b"WEBVTT\n\nsomething else")
    elif damage == "gone":
        client.delete_object(Bucket=server.name, Key=captions)
    elif damage == "facts":
        client.put_object(Bucket=server.name, Key=told, Body=b"{}")
    else:
        content["files"]["../../evil.txt"] = content["files"]["transcript.en.txt"]
        client.put_object(Bucket=server.name, Key=told, Body=json.dumps(content))
    two.catch_up()
    assert two.list_media() == [whole]
    assert sorted(path.name for path in two.root.iterdir() if path.name != ".lock") == [whole.digest]


def test_the_check_compares_names_and_sizes_in_the_bucket(server: BucketServer, node: Opened) -> None:
    store, client = node("one"), server.client()
    kept = put(store)
    assert store.check() == []
    client.delete_object(Bucket=server.name, Key=f"school/media/{kept.digest}/480.mp4")
    client.put_object(Bucket=server.name, Key=f"school/media/{kept.digest}/720.mp4", Body=b"cut")
    (store.root / kept.digest / "720.mp4").unlink()
    said = [str(problem) for problem in store.check()]
    assert len(said) == 2
    assert "480.mp4:1: the file is missing from the bucket or incomplete; run `wellness init`" in said[0]
    assert "720.mp4:1: the file is missing from the bucket or incomplete; upload “feet” again" in said[1]


# --- The bucket is away -----------------------------------------------------------------------------------------------


def test_what_could_not_be_put_there_is_kept_here_and_put_there_when_it_is_done_again(
    server: BucketServer, node: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = node("one")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(
        Unavailable,
        match="saved on this computer, but the shared video storage isn’t responding",
    ):
        put(node("one"))
    kept = store.get_medium("feet")
    assert store.find_elsewhere(kept.digest, "720.mp4") is None
    assert node("one").is_kept(kept) is False
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.origin)
    store = node("one")
    assert put(store) == kept
    assert store.is_kept(kept)
    assert store.check() == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from wellness.media.bucket import Bucket
from wellness.media.bucket_store import SharedStore
from wellness.media.store import StoredVideoFacts

left = int(sys.argv[3])

class Killed(Bucket):
    pass

def counted(name):
    whole = getattr(Bucket, name)
    def call(self, *arguments):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(self, *arguments)
    setattr(Killed, name, call)

for name in ("put", "put_facts", "holds", "find_mark"):
    counted(name)
store = SharedStore(Path(sys.argv[1]), Killed(sys.argv[2]))
with store.building() as folder:
    for file in ("720.mp4", "480.mp4"):
        (folder / file).write_bytes(b"picture" * 50000)
    (folder / "captions.en.vtt").write_text("WEBVTT\\n\\n00:00:01.000 --> 00:00:02.000\\nHello\\n")
    store.add(folder, StoredVideoFacts("video", {"en": "Video"}, 9, 640, 360), datetime(2026, 9, 4, tzinfo=UTC))
"""


def test_a_process_killed_while_putting_leaves_nothing_half_and_the_next_goes_on(
    server: BucketServer, node: Opened
) -> None:
    kills, sent = 0, 0
    while True:
        kills += 1
        command = [sys.executable, "-c", KILLED, str(node("one").root), server.url, str(2 * kills)]
        done = subprocess.run(command, cwd=CHECKOUT)
        other = node(f"other-{kills}")
        other.catch_up()
        assert [medium.name for medium in other.list_media()] in ([], ["video"])
        assert len(server.list_keys()) >= sent, "what was sent once stays"
        sent = len(server.list_keys())
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        assert other.list_media() == []
    assert kills > 3
    assert other.get_medium("video").digest == node("one").get_medium("video").digest
    assert other.check() == []


def test_a_video_is_sent_from_here_while_the_bucket_does_not_answer(server: BucketServer, node: Opened) -> None:
    store = node("one")
    kept = put(store)
    assert store.find_elsewhere(kept.digest, "720.mp4") is not None
    server.client().delete_object(Bucket=server.name, Key=f"school/media/facts/{kept.digest}.json")
    look(store)
    assert store.find_elsewhere(kept.digest, "720.mp4") is None, "the bucket does not have it any more"
    store.put_up(kept)
    look(store)
    assert store.find_elsewhere(kept.digest, "720.mp4") is not None
    store._bucket = Bucket(f"s3://nobody-made-this-{server.name}")
    look(store)
    assert store.find_elsewhere(kept.digest, "720.mp4") is None


def test_a_site_without_a_bucket_knows_nothing_of_one(tmp_path: Path) -> None:
    for url in ("/media", "https://media.example.org"):
        assert type(open_media(tmp_path, url)) is MediaStore
    code = "import sys; from wellness.app import create_app; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT).returncode == 0
