"""Byte-level BPE for nano and the release, in which ordinary text can never become a special id.

Also `StreamDecoder`, which turns ids into text as they come and never emits half a character.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

from tokenizers import Tokenizer as Backend

from minimax_vl.config import ModelConfig
from minimax_vl.errors import CheckpointError, ModelMissing
from minimax_vl.reading import read_text

BOS = "<beginning_of_sentence>"
EOS = "<end_of_sentence>"
IMAGE = "<image>"
# Around what a model writes for itself before it answers, where it does: MiniMax-M1's names. The release has neither.
THINK, THOUGHT = "<think>", "</think>"
PAD = "<pad>"  # the release has none: padded places are masked, so any id serves


class Tokenizer:
    """Text to ids and back.

    `tokenizer.json` lists its special strings under `added_tokens`. They are taken out before the file reaches
    the tokenizers library, so `encode` treats `<image>` in a user's text as seven ordinary characters; the
    template asks for a special id by name, with `special`.
    """

    def __init__(self, source: str) -> None:
        """`source` is the text of a tokenizer.json; ValueError or KeyError when it is not one."""
        raw = json.loads(source)
        added = raw.pop("added_tokens", None) or []
        raw["added_tokens"] = []
        # A template processor would add ids of its own, padding or truncation would edit prompts silently, and with
        # dropout a text would have other ids every time.
        raw |= {"post_processor": None, "padding": None, "truncation": None}
        raw["model"]["dropout"] = None
        try:
            self._backend = Backend.from_str(json.dumps(raw))
        except Exception as error:  # the library raises bare Exception
            raise ValueError(str(error)) from error
        self._special = {token["content"]: int(token["id"]) for token in added}
        # Added strings that are not special (words added later, say) are text when they come out of the model.
        self._bytes: dict[int, bytes] = {
            int(token["id"]): b"" if token.get("special", True) else token["content"].encode()
            for token in added
        }
        self.bos, self.eos, self.image = (self.special(name) for name in (BOS, EOS, IMAGE))
        self.pad = self._special.get(PAD, self.eos)
        # None where the vocabulary has none: then every id of a reply is part of the answer.
        self.think, self.thought = self._special.get(THINK), self._special.get(THOUGHT)
        if self.image in (self.bos, self.eos, self.pad):
            raise ValueError(f"{IMAGE} has the id of another special token, {self.image}")
        words = self._backend.get_vocab()
        if not words:
            raise ValueError("an empty vocabulary")
        if min(self._special.values()) < 0:
            raise ValueError(f"a special token with the id {min(self._special.values())}")
        self.size = 1 + max(*words.values(), *self._special.values())

    @cached_property
    def longest(self) -> int:
        """Bytes of the longest word of the vocabulary: a text of n characters has n / longest ids or more."""
        return max(map(len, self._backend.get_vocab()))

    @classmethod
    def read(cls, folder: str | Path) -> Tokenizer:
        """Read `folder`/tokenizer.json. Raises ModelMissing, or CheckpointError for another kind of tokenizer."""
        path = Path(folder) / "tokenizer.json"
        if not path.is_file():
            raise ModelMissing(
                found=f"no tokenizer.json in {folder}",
                expected="a folder with config.json, tokenizer.json and *.safetensors",
                cause="a wrong path, or a checkpoint that was copied without its tokenizer",
                next_step="copy tokenizer.json from where the weights came from",
            )
        try:
            return cls(read_text(path))
        except CheckpointError:  # a ValueError too, and complete as it is
            raise
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise CheckpointError(
                found=f"{path}: {error.args[0] if isinstance(error, KeyError) else error}",
                expected=f"a byte-level BPE in tokenizers' format with {BOS}, {EOS} and {IMAGE}",
                cause="a cut download, a Git LFS pointer, or the tokenizer of another model",
                next_step="download the file again",
            ) from error

    def check(self, config: ModelConfig) -> None:
        """Raise CheckpointError when this is the tokenizer of another model."""
        amiss = []
        if self.image != config.image_token_index:
            amiss.append(
                f"{IMAGE} is id {self.image} in tokenizer.json, {config.image_token_index} in config.json"
            )
        if self.size > config.text.vocab_size:
            amiss.append(f"ids up to {self.size - 1} for a vocabulary of {config.text.vocab_size}")
        if amiss:
            raise CheckpointError(
                found="; ".join(amiss),
                expected="one id for image slots, and an embedding for every id",
                cause="the tokenizer of another checkpoint, or an edited config",
                next_step="copy both files from where the weights came from",
            )

    def special(self, name: str) -> int:
        """The id of a special string; KeyError when the vocabulary has none of that name."""
        if name not in self._special:
            some = ", ".join(list(self._special)[:5])
            raise KeyError(f"the tokenizer has no special token {name!r}; it has {some or 'none'}, ...")
        return self._special[name]

    def encode(self, text: str) -> list[int]:
        """Ids of ordinary text. Every string can be encoded; no id of the result is special."""
        # A lone surrogate (half an emoji, from JSON or a file name) has no UTF-8 form.
        whole = text.encode("utf-8", errors="replace").decode()
        return self._backend.encode(whole, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids`, special ids left out, bytes that are not UTF-8 as U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", errors="replace")

    def token_bytes(self, id: int) -> bytes:
        """The bytes one id stands for: none for special ids and for ids beyond the vocabulary."""
        known = self._bytes.get(id)
        if known is None:
            token = self._backend.id_to_token(id)
            known = b"".join(_byte_of().get(c) or c.encode() for c in token or "")
            self._bytes[id] = known
        return known

    def stream(self) -> StreamDecoder:
        return StreamDecoder(self)


class StreamDecoder:
    """Ids in, text out, one at a time; what `push` and `flush` return adds up to `Tokenizer.decode`."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._bytes_of = tokenizer.token_bytes
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, id: int) -> str:
        """The characters that `id` completes; often none in the middle of an emoji or of Chinese text."""
        return self._utf8.decode(self._bytes_of(id))

    def flush(self) -> str:
        """What is still held back; a character that stayed unfinished comes out as U+FFFD."""
        return self._utf8.decode(b"", final=True)


@lru_cache(maxsize=1)
def _byte_of() -> dict[str, bytes]:
    """Character -> byte of byte-level vocabularies, as defined by GPT-2.

    Printable Latin-1 stands for itself; the other 68 bytes take the characters from U+0100 on, in order.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {chr(b): bytes([b]) for b in printable}
    rest = [b for b in range(256) if b not in set(printable)]
    return table | {chr(0x100 + i): bytes([b]) for i, b in enumerate(rest)}
