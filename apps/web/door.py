"""What stands in front of Gradio: requests may name uploads and examples alone, and the page asks no other host."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gradio.utils import get_upload_folder
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from minimax_vl.apps.web.examples import EXAMPLES

API = "/gradio_api/"
MOST_BODY = 32 << 20  # of a request that is no upload: texts, and names of files
# Should a text that a model wrote ever become part of the page: no picture, form or frame leads elsewhere.
POLICY = (
    "img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; form-action 'self';"
    " frame-src 'none'; object-src 'none'; base-uri 'self'"
)


def is_ours(path: str) -> bool:
    """Whether `path` lies among the uploads or the examples; an upload may have been deleted meanwhile."""
    try:
        place = Path(path).resolve()
    except (OSError, ValueError, RuntimeError):  # too long, with a zero in it, or links in a circle
        return False
    return any(home.resolve() in place.parents for home in (Path(get_upload_folder()), EXAMPLES))


class Door:
    """In front of Gradio, which copies a file that a request names into its uploads before our functions see it.

    Mounted in another app it does not check where such a file lies, and it fetches addresses.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _told(send)
        asks = scope["method"] == "POST" and API in scope["path"]
        if not asks or scope["path"].rstrip("/").endswith("/upload"):
            await self.app(scope, receive, send)
            return
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            size, more = size + len(parts[-1]), message.get("more_body", False)
            if size > MOST_BODY:  # this stands in front of the server's own limit, too
                told = f"a body of more than {MOST_BODY >> 20} MiB; pictures are uploaded, and requests name them"
                await PlainTextResponse(told, 413)(scope, receive, send)
                return
        body = without_strangers(b"".join(parts))
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, again, send)


def _told(send: Send) -> Send:
    """`send` that gives the policy with every page."""

    async def with_policy(message: Message) -> None:
        headers = message.get("headers", ())
        if message["type"] == "http.response.start" and any(
            name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers
        ):
            message["headers"] = [*headers, (b"content-security-policy", POLICY.encode())]
        await send(message)

    return with_policy


def without_strangers(body: bytes) -> bytes:
    """A JSON body in which every file that is not ours has become an upload that is not there, of the same name.

    Our functions then say that it was not uploaded. What is not JSON stays: Gradio does not read it either.
    """
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return body
    rest, strangers = [whole], []
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            strangers += [value] if "path" in value and not is_ours(str(value["path"])) else []
            rest += value.values()
        elif isinstance(value, list):
            rest += value
    for file in strangers:
        name = re.sub(r"[^\w.-]", "_", str(file["path"]).rpartition("/")[2])[-80:].strip(".")
        file.clear()
        file["path"] = str(Path(get_upload_folder()) / "not-uploaded" / (name or "image"))
    return json.dumps(whole).encode() if strangers else body
