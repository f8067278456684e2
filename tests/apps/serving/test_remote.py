"""Fetching for clients: nothing but https, public addresses, and the address that was checked."""

from __future__ import annotations

import socket

import pytest

from minimax_vl.apps.serving import remote
from minimax_vl.errors import ImageTooLarge, RemoteRefused, UnreadableImage

PUBLIC = "93.184.216.34"


class Reply:
    def __init__(self, status=200, body=b"", location=None):
        self.status, self._body, self._location = status, body, location

    def getheader(self, name):
        return self._location

    def read1(self, size):
        head, self._body = self._body[:size], self._body[size:]
        return head


@pytest.fixture
def web(monkeypatch):
    """Replies by address; records which IP each connection would go to."""
    pages, visited = {}, []
    names = {"good.example": [PUBLIC], "home.example": ["127.0.0.1"], "both.example": [PUBLIC, "10.0.0.1"]}

    def resolve(host, port, **_):
        if host not in names:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in names[host]]

    def request(self, method, path, headers):
        visited.append((self.host, self._ip, path))

    def getresponse(self):
        return pages[f"https://{visited[-1][0]}{visited[-1][2]}"]

    monkeypatch.setattr(remote.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(remote._Pinned, "request", request)
    monkeypatch.setattr(remote._Pinned, "getresponse", getresponse)
    return pages, visited


def test_the_connection_goes_to_the_address_that_was_checked(web):
    pages, visited = web
    pages["https://good.example/a.png?x=1"] = Reply(body=b"picture")
    assert remote.fetch("https://good.example/a.png?x=1", 100) == b"picture"
    assert visited == [("good.example", PUBLIC, "/a.png?x=1")]


@pytest.mark.parametrize(
    "address",
    [
        "http://good.example/a.png",
        "https://good.example:8443/a.png",
        "https://user:word@good.example/",
        "https://home.example/",
        "https://both.example/",  # one public address does not excuse another
        "https://:0/",
        "https://[::1/",
        "file:///etc/passwd",
    ],
)
def test_refused_before_anything_is_sent(web, address):
    with pytest.raises(RemoteRefused):
        remote.fetch(address, 100)
    assert web[1] == []


@pytest.mark.parametrize(
    "target", ["http://good.example/", "https://home.example/x", "//home.example/", "ftp://a/"]
)
def test_redirects_are_checked_like_addresses(web, target):
    web[0]["https://good.example/a"] = Reply(302, location=target)
    with pytest.raises(RemoteRefused):
        remote.fetch("https://good.example/a", 100)
    assert len(web[1]) == 1


def test_redirects_end(web):
    web[0]["https://good.example/a"] = Reply(302, location="/a")
    with pytest.raises(UnreadableImage, match="redirects"):
        remote.fetch("https://good.example/a", 100)


def test_bodies_are_bounded(web):
    web[0]["https://good.example/a"] = Reply(body=bytes(101))
    with pytest.raises(ImageTooLarge, match="more than 100 bytes"):
        remote.fetch("https://good.example/a", 100)


def test_an_empty_body_is_no_image(web):
    web[0]["https://good.example/a"] = Reply(body=b"")
    with pytest.raises(UnreadableImage, match="an empty body"):
        remote.fetch("https://good.example/a", 100)


def test_statuses_and_unknown_names_are_errors_of_the_image(web):
    web[0]["https://good.example/a"] = Reply(500)
    with pytest.raises(UnreadableImage, match="answers 500"):
        remote.fetch("https://good.example/a", 100)
    with pytest.raises(UnreadableImage, match="cannot be resolved"):
        remote.fetch("https://nowhere.example/", 100)


GLOBAL = (PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34")
INTERNAL = (
    *("10.1.2.3", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "192.168.0.9", "224.0.0.1"),
    *("::1", "::ffff:127.0.0.1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1"),  # gateways to IPv4
    "not an address",
)


@pytest.mark.parametrize("address", [*GLOBAL, *INTERNAL])
def test_public_addresses(address):
    assert remote.is_public(address) is (address in GLOBAL)
