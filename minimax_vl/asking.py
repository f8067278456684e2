"""What a caller may get wrong when asking, said before the model does any work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minimax_vl.chat import Message, says_something, user_turn
from minimax_vl.errors import InvalidRequest
from minimax_vl.processor import EncodedImage


def as_list(image: Any) -> list[Any]:
    """One image as a list of one; text, bytes and arrays are sequences too, but each is an image."""
    return list(image) if isinstance(image, (list, tuple)) else [image]


def question_turn(question: str, images: int) -> dict[str, Any]:
    """The user's message. Raises InvalidRequest for a question without text."""
    if not isinstance(question, str) or not question.strip():
        kind = type(question).__name__
        raise InvalidRequest(
            found="an empty question" if isinstance(question, str) else f"a {kind} as question",
            expected="some text",
            cause="a variable or a file with nothing in it, or arguments in another order",
            next_step="write what you want to know, or use caption for a description",
        )
    return user_turn(question, images)


def as_messages(messages: Iterable[Message]) -> list[Message]:
    """A conversation as a list: it is read more than once, which a generator would not survive.

    Raises InvalidRequest where nobody has said anything yet: no messages, or a last user turn with nothing in it.
    """
    several = () if messages is None else messages
    said: list[Any] = [*several] if isinstance(several, Iterable) else [several]
    if not said:
        raise InvalidRequest(
            found="no messages",
            expected="at least one",
            cause="a conversation that has not begun",
            next_step="add a user message",
        )
    last = said[-1]
    if isinstance(last, Mapping) and last.get("role") == "user" and not says_something(last):
        raise InvalidRequest(
            found="an empty message of the user at the end",
            expected="some text, or an image",
            cause="a variable or a field with nothing in it",
            next_step="write what you want to know",
        )
    return said


def as_pairs(requests: Iterable[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """What `batch` is to answer. Raises InvalidRequest unless these are pairs."""
    pairs: list[Any] = [*requests] if isinstance(requests, Iterable) else [requests]
    for pair in pairs:
        if not (isinstance(pair, (list, tuple)) and len(pair) == 2):
            kind = type(pair).__name__
            raise InvalidRequest(
                found=f"a {kind} of {len(pair)}" if isinstance(pair, (list, tuple)) else f"a {kind}",
                expected="(image, question) pairs, or (list of images, question)",
                cause="one pair without a list around it, or options inside a pair",
                next_step="pass a list of such pairs, and options by name beside it",
            )
    return pairs


def check_names(options: Mapping[str, Any], known: set[str]) -> None:
    """Raises InvalidRequest for options that are not `known`."""
    unknown = sorted(set(options) - known)
    if unknown:
        raise InvalidRequest(
            found=f"option {', '.join(unknown)}",
            expected=f"one of {', '.join(sorted(known))}",
            cause="a typing error, or the option of another library",
            next_step="correct the name",
        )


def check_encoded(image: Any, width: int) -> None:
    """Raises InvalidRequest for an image that a model of another width has seen, which would be read as noise."""
    if isinstance(image, EncodedImage) and image.features.shape != (image.plan.tokens, width):
        raise InvalidRequest(
            found=f"an encoded image of shape {list(image.features.shape)}",
            expected=f"{[image.plan.tokens, width]}, as this model encodes it",
            cause="it was encoded by the pipeline of another model",
            next_step="encode it with this pipeline, or pass the image itself",
        )
