"""Where encoded bytes come from: limits while reading, paths that lead nowhere, addresses that are not fetched."""

from __future__ import annotations

import gzip
import io
import urllib.error
import urllib.request
import zipfile

import pytest

from minimax_vl.errors import ImageTooLarge, MiniMaxVLError, RemoteRefused, UnreadableImage
from minimax_vl.vision import sources
from minimax_vl.vision.sources import ImageLimits, read_bytes

LIMITS = ImageLimits(max_bytes=1000)


def check(caught: pytest.ExceptionInfo[MiniMaxVLError], found: str, next_step: str) -> None:
    error = caught.value
    assert found in error.found
    assert next_step in error.next_step
    assert error.expected
    assert error.cause
    assert str(error).count("\n") == 3
    assert error.exit_code in (1, 2)


def test_a_file_is_read_up_to_the_limit_only():
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "an endless file must not be read to its end"
            self.asked = size
            return bytes(size)

    file = Endless()
    with pytest.raises(ImageTooLarge):
        read_bytes(file, LIMITS, allow_remote=False)
    assert file.asked == 1001


def test_a_pipe_gives_what_it_has():
    class Slow(io.RawIOBase):
        rest = b"x" * 10

        def read(self, size: int = -1) -> bytes:
            part, self.rest = self.rest[:4], self.rest[4:]
            return part

    assert read_bytes(Slow(), LIMITS, allow_remote=False)[1] == b"x" * 10


def test_file_objects_that_cannot_be_read(tmp_path):
    closed = io.BytesIO(b"x")
    closed.close()
    with (tmp_path / "out").open("wb") as written:
        for file in (closed, written):
            with pytest.raises(UnreadableImage) as caught:
                read_bytes(file, LIMITS, allow_remote=False)
            check(caught, "cannot be read", '"rb"')


def test_files_inside_damaged_archives():
    """What unpacks as it is read fails in ways of its own, which are no OSErrors."""
    packed, archive = gzip.compress(bytes(range(256))), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("a.png", b"x" * 100)
    damaged = io.BytesIO(archive.getvalue().replace(b"x" * 100, b"y" * 100))
    with zipfile.ZipFile(damaged) as reader, reader.open("a.png") as inside:
        for file in (gzip.GzipFile(fileobj=io.BytesIO(packed[:-20])), inside):
            with pytest.raises(UnreadableImage) as caught:
                read_bytes(file, LIMITS, allow_remote=False)
            check(caught, "cannot be read", '"rb"')
            assert "archive" in caught.value.cause


def test_paths_that_lead_nowhere(tmp_path):
    for path, found, next_step in [
        (tmp_path, "a directory", "name that file"),
        (tmp_path / "none.png", "no file", "check the path"),
        ("", "no file ''", "check the path"),
        ("x" * 5000, "cannot be opened", "check the path"),
        ("nul\0byte.png", "cannot be opened", "check the path"),
    ]:
        with pytest.raises(UnreadableImage) as caught:
            read_bytes(path, LIMITS, allow_remote=False)
        check(caught, found, next_step)
        assert len(str(caught.value)) < 1000


def test_data_uris_that_are_none():
    for uri in ("data:image/png;base64", "data:image/png;base64,@@@@", "data:image/png;base64,AAA"):
        with pytest.raises(UnreadableImage) as caught:
            read_bytes(uri, LIMITS, allow_remote=False)
        check(caught, "data:image/png", "b64encode")


@pytest.mark.parametrize(
    "address", ["http://example.org/a.png", "https://example.org/a.png", "HTTPS://example.org/a"]
)
def test_addresses_are_refused_without_permission(address, monkeypatch):
    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: pytest.fail("the network was asked"))
    with pytest.raises(RemoteRefused) as caught:
        read_bytes(address, LIMITS, allow_remote=False)
    check(caught, address, "allow_remote")
    assert caught.value.exit_code == 2


def test_only_https_is_fetched_and_followed(monkeypatch):
    with pytest.raises(RemoteRefused, match="use its https form"):
        read_bytes("http://example.org/a.png", LIMITS, allow_remote=True)
    handler = sources._OnlyHttps()
    request = urllib.request.Request("https://example.org/a.png")
    with pytest.raises(RemoteRefused, match="after redirects"):
        handler.redirect_request(request, None, 302, "Found", {}, "http://10.0.0.1/")
    assert handler.redirect_request(request, None, 302, "Found", {}, "https://example.org/b.png") is not None


def test_what_is_fetched_obeys_the_limits(monkeypatch):
    class Opener:
        def open(self, address: str, timeout: float) -> io.BytesIO:
            assert timeout > 0
            if address.endswith("gone.png"):
                raise urllib.error.HTTPError(address, 404, "Not Found", {}, None)
            return io.BytesIO(b"x" * 1000)

    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: Opener())
    url = "https://example.org/a.png"
    assert read_bytes(url, LIMITS, allow_remote=True) == (url, b"x" * 1000)
    with pytest.raises(ImageTooLarge):
        read_bytes(url, ImageLimits(max_bytes=999), allow_remote=True)
    with pytest.raises(UnreadableImage) as caught:
        read_bytes("https://example.org/gone.png", LIMITS, allow_remote=True)
    check(caught, "404", "download")


@pytest.mark.parametrize("address", ["https://example.org/my receipt.png", "https://example.org:port/a.png"])
def test_addresses_that_are_none(address):
    with pytest.raises(UnreadableImage) as caught:
        read_bytes(address, LIMITS, allow_remote=True)
    check(caught, address, "download")
