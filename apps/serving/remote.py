"""Fetches an image for a client without being led anywhere else: https, public addresses only, pinned, bounded.

A name is resolved once; every address it has must be public, and the connection goes to the one that was checked,
so a name that changes its answer gains nothing. Redirects are checked the same way. (CVE-2025-6242 is what happens
to servers that do not.)
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from minimax_vl.errors import ImageTooLarge, MiniMaxVLError, RemoteRefused, UnreadableImage

SECONDS = 15.0
REDIRECTS = 3
_UNICAST = ipaddress.ip_network("2000::/3")
# 6to4 and Teredo: their addresses carry an IPv4 one, which a gateway would reach for us.
_GATEWAYS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


def fetch(address: str, max_bytes: int, *, seconds: float = SECONDS) -> bytes:
    """The bytes behind an https address, within `seconds`. Raises RemoteRefused, UnreadableImage, ImageTooLarge."""
    end = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        connection = _connect(address, end)
        # A server that sends a byte now and then never runs into the socket's own time limit.
        watchdog = threading.Timer(max(0.0, end - time.monotonic()), connection.abort)
        watchdog.daemon = True
        watchdog.start()
        try:
            parts = urlsplit(address)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"Accept": "image/*", "User-Agent": "minimax-vl"})
            reply = connection.getresponse()
            if reply.status in (301, 302, 303, 307, 308):
                address = urljoin(address, reply.getheader("Location") or "")
                continue
            if reply.status != 200:
                raise _unreadable(address, f"the server answers {reply.status}")
            data = _body(reply, address, max_bytes, end)
            if time.monotonic() >= end:  # cut off, it would look like a whole body without a length
                raise TimeoutError("late")
            if not data:
                raise _unreadable(address, "the server answers with an empty body")
            return data
        except MiniMaxVLError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= end
            why = f"it takes longer than {seconds:g} s" if late else str(error) or type(error).__name__
            raise _unreadable(address, why) from error
        finally:
            watchdog.cancel()
            connection.abort()
            connection.close()
    raise _unreadable(address, f"more than {REDIRECTS} redirects")


def public_addresses(host: str, port: int) -> list[str]:
    """All addresses of a name, when every one of them is public; else RemoteRefused."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise _unreadable(host, "its name cannot be resolved") from error
    for text in found:
        if not is_public(text):
            raise _refused(host, "an address that is not public")
    return sorted(found, key=lambda text: ":" in text)  # IPv4 first: more networks have it


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet, also when it is wrapped in an IPv6 one."""
    try:
        ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip not in _UNICAST or any(ip in network for network in _GATEWAYS):
            return False
    return ip.is_global and not ip.is_multicast


class _Pinned(http.client.HTTPSConnection):
    """Connects to an address that was checked; the certificate must be the host's all the same."""

    def __init__(self, host: str, ip: str, end: float) -> None:
        super().__init__(host, 443, timeout=max(0.1, end - time.monotonic()))
        self._ip, self._end = ip, end
        # `sock` is forgotten as soon as the reply will end the connection: this one can always be shut down.
        self._live: socket.socket | None = None

    def connect(self) -> None:
        plain = socket.create_connection((self._ip, 443), self.timeout)
        self.sock = self._live = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        if time.monotonic() >= self._end:  # the watchdog has passed while there was nothing to end
            raise TimeoutError("late")

    def abort(self) -> None:
        """End whatever is waiting for the other side; from another thread."""
        if self._live is not None:
            with suppress(OSError):
                self._live.shutdown(socket.SHUT_RDWR)


def _connect(address: str, end: float) -> _Pinned:
    """A connection, not opened yet, to a public address of the host."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or 443
    except ValueError as error:
        raise _refused(address, "an address that cannot be read") from error
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise _refused(address, "an address that is not plain https://host/path")
    if port != 443:
        raise _refused(address, f"port {port}")
    return _Pinned(host, public_addresses(host, port)[0], end)


def _body(reply: http.client.HTTPResponse, address: str, max_bytes: int, end: float) -> bytes:
    data = bytearray()
    while chunk := reply.read1(1 << 16):  # what has come, not all that was asked for
        data += chunk
        if time.monotonic() >= end:
            raise TimeoutError("late")
        if len(data) > max_bytes:
            raise ImageTooLarge(
                found=f"more than {max_bytes} bytes behind {address[:120]!r}",
                expected=f"at most {max_bytes} bytes",
                cause="not a single image, or one kept without compression",
                next_step="send a smaller one",
            )
    return bytes(data)


def _refused(address: str, found: str) -> RemoteRefused:
    return RemoteRefused(
        found=f"{found} ({address[:120]!r})",
        expected="an https address on the public internet",
        cause="an internal or unencrypted address, or a redirect to one",
        next_step="send the image itself as a data URI",
    )


def _unreadable(address: str, why: str) -> UnreadableImage:
    return UnreadableImage(
        found=f"{address[:120]!r} cannot be fetched: {why}",
        expected="an image over https",
        cause="a wrong address, or a server that refuses",
        next_step="send the image itself as a data URI",
    )
