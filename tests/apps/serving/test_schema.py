"""Requests generated from the server's own OpenAPI schema, right and wrong: never a 5xx, errors in OpenAI's shape."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from minimax_vl.apps.serving.server import Settings, build
from minimax_vl.engine import Engine
from minimax_vl.testing import debug_pipeline

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")
schema = schemathesis.openapi.from_asgi(
    "/openapi.json", build(Engine(debug_pipeline(context=2000)), Settings(name="debug"))
)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_requests(case):
    reply = case.call(timeout=30)
    if reply.status_code >= 400:
        assert reply.status_code < 500, reply.text[:300]
        assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
