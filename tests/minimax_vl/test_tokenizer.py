"""Laws of the tokenizer: text survives, text never becomes special, streaming equals decoding."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend

from minimax_vl.errors import CheckpointError, ModelMissing
from minimax_vl.presets import PRESETS
from minimax_vl.testing import NANO
from minimax_vl.tokenizer import Tokenizer

NANO_TOKENIZER = Tokenizer.read(NANO)
ADDED = {
    token["content"]: token["id"]
    for token in json.loads((NANO / "tokenizer.json").read_text())["added_tokens"]
}
# Emoji with joiners, CJK, Arabic, control characters, and the template's own strings.
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(
        st.sampled_from([*ADDED, "👩‍👩‍👧", "你好", " ", "\n", "7", "user name=user\n", "Total: $9.50"])
    ).map("".join),
)


def test_nano_has_the_ids_its_config_counts_on():
    assert NANO_TOKENIZER.size == 2048
    assert (NANO_TOKENIZER.pad, NANO_TOKENIZER.bos, NANO_TOKENIZER.eos, NANO_TOKENIZER.image) == (0, 1, 2, 4)
    assert sorted(ADDED.values()) == list(range(16))


@given(TEXT)
def test_text_survives(text):
    assert NANO_TOKENIZER.decode(NANO_TOKENIZER.encode(text)) == text


@given(TEXT)
def test_text_never_becomes_a_special_id(text):
    assert not set(NANO_TOKENIZER.encode(text)) & set(ADDED.values())


@given(st.lists(st.integers(0, 2047)))
def test_streaming_adds_up_to_decoding(ids):
    stream = NANO_TOKENIZER.stream()
    assert "".join([*map(stream.push, ids), stream.flush()]) == NANO_TOKENIZER.decode(ids)


@given(TEXT)
def test_streaming_never_shows_half_a_character(text):
    stream = NANO_TOKENIZER.stream()
    shown = ""
    for id in NANO_TOKENIZER.encode(text):
        shown += stream.push(id)
        assert text.startswith(shown)
    assert shown == text
    assert stream.flush() == ""


@given(st.one_of(TEXT, st.sampled_from(["a", " ", "user name=user\n"]).map(lambda word: word * 300)))
def test_no_text_has_fewer_ids_than_its_longest_words(text):
    assert len(NANO_TOKENIZER.encode(text)) * NANO_TOKENIZER.longest >= len(text)


@given(st.integers(0, 10**12))
def test_every_digit_is_one_token(number):
    assert len(NANO_TOKENIZER.encode(str(number))) == len(str(number))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_decoding_equals_the_library(text):
    library = Backend.from_file(str(NANO / "tokenizer.json"))
    ids = NANO_TOKENIZER.encode(text)
    assert ids == library.encode(text).ids or any(special in text for special in ADDED)
    assert NANO_TOKENIZER.decode([1, *ids, 2]) == library.decode([1, *ids, 2], skip_special_tokens=True)


def test_template_headers_are_short():
    assert len(NANO_TOKENIZER.encode("ai name=assistant\n")) == 5
    assert len(NANO_TOKENIZER.encode("user name=user\n")) == 5


def test_lone_surrogate_is_replaced():
    assert NANO_TOKENIZER.decode(NANO_TOKENIZER.encode("a\ud83db")) == "a?b"


def test_unknown_special_lists_the_known():
    with pytest.raises(KeyError, match="<function_call>"):
        NANO_TOKENIZER.special("<video>")


def test_ids_come_from_the_file(tmp_path):
    """The release has the same strings at other ids, and no padding token."""
    raw = json.loads((NANO / "tokenizer.json").read_text())
    raw["added_tokens"] = [
        token | {"id": token["id"] + 200_018, "content": token["content"]}
        for token in raw["added_tokens"]
        if token["content"] != "<pad>"
    ]
    (tmp_path / "tokenizer.json").write_text(json.dumps(raw))
    tokenizer = Tokenizer.read(tmp_path)
    assert (tokenizer.bos, tokenizer.eos, tokenizer.pad) == (200_019, 200_020, 200_020)
    assert tokenizer.decode([200_019, *tokenizer.encode("hello"), 200_020]) == "hello"


def test_missing_file_says_where(tmp_path):
    with pytest.raises(ModelMissing, match=r"no tokenizer\.json in"):
        Tokenizer.read(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "version https://git-lfs.github.com/spec/v1", "{}", '{"model": 1}', "[]", "null", "[" * 100_000],
    ids=lambda content: content[:9],
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        Tokenizer.read(tmp_path)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda raw: raw["added_tokens"][0].update(id=-1), "a special token with the id -1"),
        (lambda raw: raw["added_tokens"][1].update(id=4), "<image> has the id of another special token, 4"),
        (lambda raw: raw["model"].update(vocab={}, merges=[]), "an empty vocabulary"),
    ],
    ids=["negative", "shared", "no words"],
)
def test_ids_that_cannot_be(tmp_path, edit, why):
    raw = json.loads((NANO / "tokenizer.json").read_text())
    edit(raw)
    (tmp_path / "tokenizer.json").write_text(json.dumps(raw))
    with pytest.raises(CheckpointError, match=why):
        Tokenizer.read(tmp_path)


def edited(**vocab):
    """nano's tokenizer with other ids for some of its words."""
    raw = json.loads((NANO / "tokenizer.json").read_text())
    raw["model"] = raw["model"] | {"dropout": 0.9, "vocab": raw["model"]["vocab"] | vocab}
    return Tokenizer(json.dumps(raw))


def test_an_id_counts_wherever_it_stands():
    with pytest.raises(CheckpointError, match="ids up to 5000 for a vocabulary of 2048"):
        edited(a=5000).check(PRESETS["nano"])


def test_a_word_that_is_not_of_bytes_is_its_own_text():
    assert edited(**{"→x": 2048}).decode([2048]) == "→x"


def test_text_has_the_same_ids_every_time():
    assert {tuple(edited().encode("the same receipt")) for _ in range(9)} == {
        tuple(NANO_TOKENIZER.encode("the same receipt"))
    }


def test_the_tokenizer_of_another_model():
    nano = PRESETS["nano"]
    NANO_TOKENIZER.check(nano)
    for other, why in (
        (replace(nano, image_token_index=5), "<image> is id 4 in tokenizer.json, 5 in config.json"),
        (replace(nano, text=replace(nano.text, vocab_size=2000)), "ids up to 2047 for a vocabulary of 2000"),
    ):
        with pytest.raises(CheckpointError, match=why):
            NANO_TOKENIZER.check(other)
