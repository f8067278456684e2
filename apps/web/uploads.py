"""Where the page keeps uploads: a folder of this process alone, which goes with it."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def private_uploads() -> Iterator[None]:
    """Before Gradio is imported, which reads the environment: no telemetry, and uploads in a folder of our own."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # uvicorn ends by the signal that it caught; as an exception, it still passes the cleaning below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="minimax-vl-demo-") as uploads:
        os.environ["GRADIO_TEMP_DIR"] = uploads
        yield
