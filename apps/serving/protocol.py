"""Chat completions as OpenAI's clients write them: which fields count, which are refused, how replies look.

Fields that change what an answer means and that we do not have are refused by name; harmless ones are ignored.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Text = Annotated[str, Field(max_length=1_000_000)]
StopText = Annotated[str, Field(min_length=1, max_length=200)]
NoItems = Annotated[list[Any], Field(max_length=0)]
Nothing = Literal[False] | None  # of fields that this server does not have


class ImageURL(BaseModel):
    """A data URI, or an https address where the server allows it. detail "low" sees the image as one tile."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class TextPart(BaseModel):
    type: Literal["text"]
    text: Text


class ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: ImageURL

    @field_validator("image_url", mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class ChatMessage(BaseModel):
    """One turn. "developer" is OpenAI's newer word for "system"."""

    role: Literal["system", "developer", "user", "assistant"]
    # One wrong part is enough: an error of each of thousands would take seconds to make.
    content: Text | Annotated[list[Part], Field(min_length=1, max_length=256, fail_fast=True)]
    tool_calls: NoItems | None = None

    def text(self) -> str:
        """What is written in it, images left out."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if isinstance(part, TextPart))


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class ResponseFormat(BaseModel):
    type: Literal["text"] = "text"


class ChatRequest(BaseModel):
    """The body of POST /v1/chat/completions. Without a temperature the likeliest answer is given."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    model: Annotated[str, Field(max_length=200)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=512, fail_fast=True)]
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    top_k: Annotated[int, Field(ge=0, le=2**31)] | None = None  # not OpenAI's; vLLM's name for it
    repetition_penalty: Annotated[float, Field(ge=0.01, le=10, allow_inf_nan=False)] | None = (
        None  # vLLM's too
    )
    seed: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    stop: StopText | Annotated[list[StopText], Field(max_length=16)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=0)] | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    presence_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    frequency_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    logit_bias: Annotated[dict[str, Any], Field(max_length=0)] | None = None
    tools: NoItems | None = None
    functions: NoItems | None = None
    tool_choice: Literal["none", "auto"] | None = None
    function_call: Literal["none", "auto"] | None = None
    response_format: ResponseFormat | None = None
    modalities: Annotated[list[Literal["text"]], Field(max_length=1)] | None = None
    reasoning_effort: Nothing = None
    web_search_options: Nothing = None
    audio: Nothing = None
    prediction: Nothing = None
    # vLLM's
    min_p: Annotated[float, Field(ge=0, le=0)] | None = None
    min_tokens: Annotated[int, Field(ge=0, le=0)] | None = None
    best_of: Annotated[int, Field(ge=1, le=1)] | None = None
    ignore_eos: Nothing = None
    use_beam_search: Nothing = None
    stop_token_ids: NoItems | None = None
    guided_choice: NoItems | None = None
    guided_json: Nothing = None
    guided_regex: Nothing = None
    guided_grammar: Nothing = None
    structured_outputs: Nothing = None

    @model_validator(mode="after")
    def _ends_with_a_question(self) -> ChatRequest:
        if self.messages[-1].role == "assistant":
            raise ValueError("the last message is the assistant's; a reply needs a message to answer")
        new = list(takewhile(lambda message: message.role != "assistant", reversed(self.messages)))
        asked = [message for message in new if message.role == "user"] or new
        if not any(message.text().strip() for message in asked):
            raise ValueError("the last user turn has no text; a reply needs a question, also about images")
        return self

    def images(self) -> list[ImageURL]:
        """The images of all turns in order."""
        parts = [
            part for message in self.messages if isinstance(message.content, list) for part in message.content
        ]
        return [part.image_url for part in parts if isinstance(part, ImagePart)]

    def options(self) -> dict[str, Any]:
        """The options of `Engine.submit` that were given."""
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        given = {
            "max_new_tokens": self.max_completion_tokens or self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "repetition_penalty": self.repetition_penalty,
            "seed": self.seed,
            "logprobs": self.logprobs,
        }
        return {name: value for name, value in given.items() if value is not None} | {"stop": stop}

    def conversation(self) -> list[dict[str, Any]]:
        """The messages as `Pipeline.chat` takes them."""
        messages = []
        for message in self.messages:
            role = "system" if message.role == "developer" else message.role
            parts: list[dict[str, str]] = []
            content = message.content
            for part in [TextPart(type="text", text=content)] if isinstance(content, str) else content:
                if isinstance(part, ImagePart):
                    parts.append({"type": "image"})
                else:
                    parts.append({"type": "text", "text": part.text})
            messages.append({"role": role, "content": _images_first(parts)})
        return messages


def _images_first(parts: list[dict[str, str]]) -> list[dict[str, str]]:
    """A turn that ends in all of its images is read with the images first, as models are trained.

    OpenAI's examples write the question before them. Where text stands between images or after one, the order tells
    which is meant, and stays.
    """
    texts = [part for part in parts if part["type"] == "text"]
    written_first = parts[: len(texts)] == texts
    return parts[len(texts) :] + texts if written_first else parts
