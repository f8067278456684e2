"""Chats through transformers' tokenizer and processor: the prompts of our own template, whatever is in a turn."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import torch

from minimax_vl.chat import as_text, assistant_turn, render, user_turn
from minimax_vl.errors import InvalidRequest, SaveFailed, UnreadableImage
from minimax_vl.presets import PRESETS
from minimax_vl.testing import NANO
from minimax_vl.tokenizer import Tokenizer

hf = pytest.importorskip("minimax_vl.hf")

OURS = Tokenizer.read(NANO)
TOKENIZER = hf.MiniMaxVL01Tokenizer(tokenizer_file=str(NANO / "tokenizer.json"))
PROCESSOR = hf.MiniMaxVL01Processor(TOKENIZER, OURS, PRESETS["debug"].tiling)
TOOLS = [{"name": "add", "parameters": {"a": "é"}}]
CHAT = [
    {"role": "system", "content": "Be short.\nAlways."},
    {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is 'it'?\n"}]},
    {"role": "assistant", "content": "A bill."},
    {"role": "user", "content": {"type": "text", "text": "One part, no list."}},
    assistant_turn("Day 2", thought="Day 1: 9; Day 2: 13"),
    {"role": "user", "content": "Sure? é"},
]
RESPONSES = [
    *(
        '{"a": [1, "é"]}',
        '{"a":1,  "b":2}',
        "[]",
        "12",
        "-3.50",
        "1e5",
        "1e999",
        "true",
        "NaN",
        '"quoted"',
        " 7 ",
    ),
    *(
        "",
        "{oops",
        "{not json}",
        '"',
        "[see the note]",
        "12 apples",
        "nan",
        "inf",
        "True",
        "1_0",
        'Wie "schön"\n',
    ),
]


@pytest.mark.parametrize("more", [False, True])
def test_the_tokenizers_template_prints_ours(more: bool) -> None:
    printed = TOKENIZER.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=more, tools=TOOLS)
    assert printed == as_text(render(CHAT, tools=TOOLS, generation_prompt=more))


@pytest.mark.parametrize("name", ["add", None])
def test_what_a_function_said_is_printed_as_ours(name: str | None) -> None:
    chats = [[{"role": "function", "name": name, "content": said}] for said in RESPONSES]
    chats += [
        [{"role": "function", "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}]
    ]
    printed = TOKENIZER.apply_chat_template(chats, tokenize=False)
    assert printed == [as_text(render(chat, generation_prompt=False)) for chat in chats]


def test_the_template_alone_knows_json_by_its_ends() -> None:
    """In a program that reads the template from the folder, without our class."""
    from transformers import PreTrainedTokenizerFast

    theirs = PreTrainedTokenizerFast(tokenizer_file=str(NANO / "tokenizer.json"))
    for said in (
        '{"a": [1, "é"]}',
        "[]",
        "12",
        "-3.5",
        "true",
        "NaN",
        '"quoted"',
        "",
        "{oops",
        "12 apples",
        "inf",
    ):
        chat = [{"role": "function", "name": "add", "content": said}]
        printed = theirs.apply_chat_template(chat, chat_template=TOKENIZER.chat_template, tokenize=False)
        assert printed == as_text(render(chat, generation_prompt=False))


def test_a_printed_thought_has_the_ids_of_the_chat() -> None:
    chat = [user_turn("Which day?"), assistant_turn("Day 2", thought="Day 2: 13"), user_turn("Sure?")]
    printed = PROCESSOR.apply_chat_template(chat, add_generation_prompt=True)
    ids = PROCESSOR.apply_chat_template(chat, tokenize=True, add_generation_prompt=True).tolist()
    assert OURS.think in ids[0] and OURS.thought in ids[0]
    assert PROCESSOR(text=printed)["input_ids"].tolist() == ids


def test_brackets_are_text_where_the_vocabulary_has_none() -> None:
    release = Tokenizer((NANO / "tokenizer.json").read_text().replace("think>", "other>"))
    assert release.think is None
    processor = hf.MiniMaxVL01Processor(TOKENIZER, release, PRESETS["debug"].tiling)
    ids = processor(text="a <think> b")["input_ids"][0].tolist()
    assert ids == release.encode("a <think> b")


@pytest.mark.parametrize("thought", ["", "Day 2: 13"])
def test_a_begun_reply_is_continued(thought: str) -> None:
    begun = [user_turn("Which day?"), assistant_turn("Day", thought)]
    batch = PROCESSOR.apply_chat_template(begun, tokenize=True, return_dict=True, continue_final_message=True)
    asked = PROCESSOR.apply_chat_template(begun[:1], tokenize=True, add_generation_prompt=True)[0].tolist()
    before = [OURS.think, *OURS.encode(thought), OURS.thought] if thought else []
    assert batch["input_ids"][0].tolist() == [*asked, *before, *OURS.encode("Day")]


@pytest.mark.parametrize("chat", [[], [assistant_turn("Day 2"), user_turn("Sure?")]])
def test_only_a_reply_is_continued(chat: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidRequest, match="last turn of (nobody|user)"):
        PROCESSOR.apply_chat_template(chat, continue_final_message=True)


def test_content_may_be_a_single_part() -> None:
    part = {"type": "text", "text": "What?"}
    one, many = (PROCESSOR.apply_chat_template([{"role": "user", "content": c}]) for c in (part, [part]))
    assert one == many


@pytest.mark.parametrize(
    "chat",
    [
        "What?",
        ["What?"],
        {"role": "user", "content": "What?"},
        None,
        5,
        [{"role": "user", "content": 5}],
        [None],
    ],
    ids=["text", "list of text", "one message", "none", "number", "number as content", "no message"],
)
@pytest.mark.parametrize("tokenize", [False, True])
def test_what_is_no_chat_is_refused(chat: object, tokenize: bool) -> None:
    with pytest.raises(InvalidRequest, match=r"found: a (message|content part)"):
        PROCESSOR.apply_chat_template(chat, tokenize=tokenize)


def test_base64_is_decoded_or_refused_as_any_image_is() -> None:
    file = (NANO.parent / "examples" / "receipt.png").read_bytes()
    chats = [
        [{"role": "user", "content": [{"type": "image", name: value}]}]
        for name, value in [
            ("path", str(NANO.parent / "examples" / "receipt.png")),
            ("base64", base64.encodebytes(file).decode()),
            ("base64", "data:image/png;base64," + base64.b64encode(file).decode()),
            ("base64", "abc"),
        ]
    ]
    *good, bad = chats
    pixels = [PROCESSOR.apply_chat_template(c, tokenize=True, return_dict=True)["pixel_values"] for c in good]
    assert all(torch.equal(pixels[0], other) for other in pixels[1:])
    with pytest.raises(UnreadableImage, match="padding"):
        PROCESSOR.apply_chat_template(bad, tokenize=True)


def test_a_mask_that_is_not_made_is_not_promised() -> None:
    with pytest.raises(InvalidRequest, match="return_assistant_tokens_mask"):
        PROCESSOR.apply_chat_template(CHAT[2:], tokenize=True, return_assistant_tokens_mask=True)


@pytest.mark.parametrize("place", ["file", "file/folder"])
def test_a_processor_that_cannot_be_saved_says_why(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SaveFailed, match="could not be written"):
        PROCESSOR.save_pretrained(tmp_path / place)
