"""The page at / and /docs: what can be asked of this server and how, in one file that needs no network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from fastapi import FastAPI
from fastapi.routing import APIRoute

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2.5rem auto; padding: 0 1rem; color: #1c1c28;
       background: #fff }
pre { background: #f3f3f7; padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; font-size: 14px }
td { padding: .25rem 1rem .25rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #16161d; color: #e6e6ee } pre { background: #23232e }
       a { color: #8ab4ff } }
"""
PYTHON = """import base64
from openai import OpenAI

client = OpenAI(base_url="{base}/v1", api_key="{key}")
data = base64.b64encode(open("page.png", "rb").read()).decode()
picture = {{"type": "image_url", "image_url": {{"url": "data:image/png;base64," + data}}}}
question = {{"type": "text", "text": "What is the total?"}}
reply = client.chat.completions.create(
    model="{model}", messages=[{{"role": "user", "content": [picture, question]}}]
)
print(reply.choices[0].message.content)"""
CURL = """curl {base}/v1/chat/completions -H 'Content-Type: application/json'{header} \\
  -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "Who are you?"}}]}}'"""


def guide(app: FastAPI, base: str, model: str, keyed: bool) -> str:
    """HTML for people who open the server's address, `base` without a slash at its end, in a browser."""
    header = " \\\n  -H 'Authorization: Bearer KEY'" if keyed else ""
    python = PYTHON.format(base=base, model=model, key="KEY" if keyed else "none")
    curl = CURL.format(base=base, model=model, header=header)
    rows = "".join(
        f"<tr><td><code>{method} {escape(path)}</code></td><td>{escape(text)}</td></tr>\n"
        for method, path, text in _routes(app)
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>minimax-vl server</title><style>{STYLE}</style></head><body>
<h1>minimax-vl {escape(app.version)}</h1>
<p>A server of <b>{escape(model)}</b> for every client of OpenAI's chat completions.</p>
<h2>Ask about a page, from Python</h2><pre>{escape(python)}</pre>
<h2>On the command line</h2><pre>{escape(curl)}</pre>
<h2>What there is</h2><table>
{rows}</table>
<p><a href="openapi.json">openapi.json</a> is the schema that requests are checked against.</p>
</body></html>
"""


def _routes(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """(method, path, first line of what it says of itself)."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            lines = route.description.splitlines()
            yield ", ".join(sorted(route.methods or ())), route.path_format, lines[0] if lines else ""
