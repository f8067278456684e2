"""Errors in OpenAI's shape: a status, and `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from minimax_vl.errors import (
    Busy,
    ContextTooLong,
    DeadlinePassed,
    ImageTooLarge,
    MiniMaxVLError,
    OutOfMemory,
    RemoteRefused,
    Stopping,
    UnreadableImage,
)

# class -> (status, code, next step where the error's own is for the server's operator); everything else that is ours
# is the client's mistake
STATUS: tuple[tuple[type[MiniMaxVLError], int, str, str], ...] = (
    (Stopping, 503, "stopping", ""),
    (Busy, 429, "rate_limit_exceeded", ""),
    (DeadlinePassed, 504, "timeout", ""),
    (OutOfMemory, 503, "out_of_memory", "send fewer or smaller images, or the same again a little later"),
    (
        ContextTooLong,
        400,
        "context_length_exceeded",
        "ask for fewer max_tokens, shorten the text, send fewer images or detail low, or drop earlier turns",
    ),
    (ImageTooLarge, 413, "image_too_large", "send a smaller image"),
    (UnreadableImage, 400, "invalid_image", ""),
    (RemoteRefused, 400, "remote_image_refused", ""),
)
KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
RETRY_SECONDS = 2
# Fields that may be sent with the value that asks for nothing only.
NOT_HERE = frozenset(
    "n top_logprobs tools functions tool_choice function_call logit_bias presence_penalty frequency_penalty"
    " response_format modalities tool_calls reasoning_effort web_search_options audio prediction"
    " min_p min_tokens best_of ignore_eos use_beam_search stop_token_ids"
    " guided_choice guided_json guided_regex guided_grammar structured_outputs".split()
)


class Fault(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    @classmethod
    def of(cls, error: Exception) -> Fault:
        """What the client is told about an exception; nothing of one that is not ours."""
        if isinstance(error, Fault):
            return error
        if not isinstance(error, MiniMaxVLError):
            return cls(500, "the server failed on this request; its log says why", code="internal_error")
        for kind, status, code, step in STATUS:
            if isinstance(error, kind):
                told = MiniMaxVLError(error.found, error.expected, error.cause, step or error.next_step)
                return cls(status, str(told), code=code)
        return cls(400, str(error), code="invalid_request")

    @classmethod
    def of_validation(cls, error: RequestValidationError) -> Fault:
        """The field that does not fit, by its path; what was sent is not repeated."""
        first: dict[str, Any] = dict(max(error.errors(), key=_weight))
        told, code = str(first["msg"]).removeprefix("Value error, "), str(first["type"])
        if code == "json_invalid":
            why = first.get("ctx", {}).get("error", told)
            return cls(400, f"the body is not JSON at character {first['loc'][-1]}: {why}", code=code)
        if tuple(first["loc"]) == ("body",) and code != "value_error":
            return cls(400, "the body must be a JSON object, sent as application/json", code="invalid_body")
        steps = [step for step in first["loc"] if step != "body" and not _is_branch(step)]
        if steps[2:3] == ["content"]:
            del steps[4:5]  # messages, 0, content, 0, and then the kind of the part
        path = ".".join(map(str, steps))
        if _is_not_here(first["loc"]):
            told = f"this server does not have it; leave it out ({told})"
        return cls(400, f"{path}: {told}" if path else told, param=path or None, code=code)

    def body(self) -> dict[str, Any]:
        kind = KINDS.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")
        fields = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return {"error": {name: _plain(value) for name, value in fields.items()}}

    def response(self) -> JSONResponse:
        headers = {"Retry-After": str(RETRY_SECONDS)} if self.status in (429, 503) else None
        if self.status == 401:
            headers = {"WWW-Authenticate": "Bearer"}
        return JSONResponse(self.body(), self.status, headers)


def _plain(text: str | None) -> str | None:
    """Half an emoji, which JSON can carry, has no UTF-8 form."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _weight(error: dict[str, Any]) -> tuple[bool, int, bool]:
    """Which of several errors is told. A call of a tool has no content, which is not what is wrong with it."""
    # Of a union every branch reports: the one that came furthest is the one that was meant, or whose type fits.
    return _is_not_here(error["loc"]), len(error["loc"]), not str(error["type"]).endswith("_type")


def _is_not_here(path: tuple[Any, ...]) -> bool:
    """Whether a path is that of a field in NOT_HERE, of the body or of a message."""
    return bool(NOT_HERE.intersection([*path[1:2], *(path[3:4] if path[1:2] == ("messages",) else ())]))


def _is_branch(step: Any) -> bool:
    """Names of a union's branches, which pydantic puts into the path."""
    return isinstance(step, str) and (
        step.startswith(("list[", "constrained-", "function-")) or step == "str"
    )
