"""The IMDb loader, on a small archive of the same form: read, refused, fetched and gone on with."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from grader.attend import imdb

PER_LABEL = 20


def archive_of(files: dict[str, str], *others: tarfile.TarInfo) -> bytes:
    """A .tar.gz with these texts, and other members behind them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in others:
            archive.addfile(member)
    return buffer.getvalue()


def texts() -> dict[str, str]:
    """The published archive's folders, 20 reviews of each label in each part."""
    files = {"aclImdb/README": "about", "aclImdb/train/urls_pos.txt": "no review"}
    for part in ("train", "test"):
        for label in ("pos", "neg"):
            for number in reversed(range(PER_LABEL)):
                name = f"aclImdb/{part}/{label}/{number}_{9 if label == 'pos' else 2}.txt"
                files[name] = f"{part} {label} {number}:<br /><br />café"
    return files | {"aclImdb/train/unsup/0_0.txt": "nobody said"}


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small archive that counts as the published one."""
    data = archive_of(texts())
    monkeypatch.setattr(imdb, "SHA256", hashlib.sha256(data).hexdigest())
    return data


class Server:
    """Serves one file by HTTP, with ranges; may break off, or know no ranges."""

    def __init__(self, data: bytes) -> None:
        self.data, self.ranges, self.stop_after = data, True, len(data)
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers["Range"]
                outer.asked.append(wanted)
                if self.path.endswith(".gone"):
                    self.send_error(404)
                    return
                start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
                start = start if outer.ranges else 0
                if start and start >= len(outer.data):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(outer.data) - start))
                self.end_headers()
                self.wfile.write(outer.data[start : outer.stop_after])

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/aclImdb_v1.tar.gz"


@pytest.fixture
def server(published: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    serving = Server(published)
    monkeypatch.setattr(imdb, "URL", serving.url)
    thread = threading.Thread(target=serving.http.serve_forever, daemon=True)
    thread.start()
    yield serving
    serving.http.shutdown()
    serving.http.server_close()
    thread.join()


def test_reviews_come_in_three_parts_with_labels_by_turns(published: bytes, tmp_path: Path) -> None:
    (tmp_path / "own.tar.gz").write_bytes(published)
    parts = imdb.imdb_reviews(tmp_path / "own.tar.gz")
    assert {part: len(reviews) for part, reviews in parts.items()} == {
        "train": 36,
        "valid": 4,
        "test": 40,
    }
    assert parts["train"][:2] == [
        imdb.Review("train neg 0:  café", 0),
        imdb.Review("train pos 0:  café", 1),
    ]
    assert {review.text.split()[2] for review in parts["valid"]} == {"18:", "19:"}
    together = [review.text for reviews in parts.values() for review in reviews]
    assert len(set(together)) == 80 and not any("nobody" in text for text in together)


def test_the_archive_stays_packed(published: bytes, tmp_path: Path) -> None:
    (tmp_path / "own.tar.gz").write_bytes(published)
    imdb.imdb_reviews(tmp_path / "own.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["own.tar.gz"]


def test_nothing_is_fetched_unless_asked(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="download=True"):
        imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz")
    assert server.asked == []


def test_another_archive_is_refused(published: bytes, tmp_path: Path) -> None:
    (tmp_path / "own.tar.gz").write_bytes(published + b"\0")
    with pytest.raises(ValueError, match="SHA-256"):
        imdb.imdb_reviews(tmp_path / "own.tar.gz")


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "aclImdb/../../out.txt",
        "/etc/passwd",
        "aclImdb\\..\\..\\out.txt",
        "C:/out.txt",
    ],
)
def test_a_path_that_climbs_out_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(archive_of(texts(), tarfile.TarInfo(name)), "climbs out", tmp_path, monkeypatch)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(
    kind: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = tarfile.TarInfo("aclImdb/test/pos/99_9.txt")
    member.type, member.linkname = kind, "/etc/passwd"
    refused(archive_of(texts(), member), "no file and no folder", tmp_path, monkeypatch)


def test_a_review_of_a_megabyte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = texts() | {"aclImdb/test/pos/99_9.txt": "x" * (imdb.LARGEST + 1)}
    refused(archive_of(large), "no review", tmp_path, monkeypatch)


def test_an_archive_without_one_label_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = {name: text for name, text in texts().items() if "test/neg" not in name}
    refused(archive_of(fewer), "aclImdb/test of label 0", tmp_path, monkeypatch)


def refused(data: bytes, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive with a right checksum is refused all the same, in these words."""
    monkeypatch.setattr(imdb, "SHA256", hashlib.sha256(data).hexdigest())
    (folder / "own.tar.gz").write_bytes(data)
    with pytest.raises(ValueError, match=words):
        imdb.imdb_reviews(folder / "own.tar.gz")


def test_it_downloads_when_asked(server: Server, tmp_path: Path) -> None:
    parts = imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
    assert len(parts["test"]) == 40 and server.asked == [None]
    imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
    assert server.asked == [None]  # what is there is not fetched again


def test_a_broken_download_goes_on_from_where_it_was(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "aclImdb_v1.tar.gz"
    server.stop_after = 700
    with pytest.raises(ConnectionError, match="goes on from there"):
        imdb.imdb_reviews(path, download=True)
    assert not path.exists()
    server.stop_after = len(server.data)
    assert len(imdb.imdb_reviews(path, download=True)["train"]) == 36
    assert server.asked == [None, "bytes=700-"]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_server_without_ranges_sends_everything_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "aclImdb_v1.tar.gz.part").write_bytes(server.data[:700])
    server.ranges = False
    parts = imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
    assert len(parts["train"]) == 36


def test_a_download_that_is_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "aclImdb_v1.tar.gz.part").write_bytes(server.data)
    assert imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)


def test_a_wrong_download_is_deleted(server: Server, tmp_path: Path) -> None:
    server.data = server.data[:-1] + b"?"
    with pytest.raises(ValueError, match="SHA-256"):
        imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_too_long_is_deleted(server: Server, tmp_path: Path) -> None:
    (tmp_path / "aclImdb_v1.tar.gz.part").write_bytes(b"x" * (len(server.data) + 1))
    with pytest.raises(ValueError, match="SHA-256"):  # the server has nothing left to send
        imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_refuses_is_said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb, "URL", server.url + ".gone")
    with pytest.raises(ConnectionError, match="answers 404"):
        imdb.imdb_reviews(tmp_path / "aclImdb_v1.tar.gz", download=True)
