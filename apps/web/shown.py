"""Text as the page shows it. Gradio makes elements of what looks like a tag; who reads "<none>" means no tag."""

from __future__ import annotations

import re

APART = "\N{WORD JOINER}"  # has no width, and after it a browser sees no tag
_MARKUP = re.compile("<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)")


def shown(text: str) -> str:
    """`text` in which nothing is a tag or a named character; it looks the same."""
    return _MARKUP.sub(lambda found: found[0] + APART, text)


def plain(text: str) -> str:
    """What `shown` was made from."""
    return text.replace("<" + APART, "<").replace("&" + APART, "&")
