"""tokenizer.json as a transformers tokenizer, with the chat template that `minimax_vl.chat` implements."""

# pyright: reportIncompatibleMethodOverride=false
# Signatures here hold what is read; the base class lists options of other models too.

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerFast

from minimax_vl.chat import HEADERS, TOOL_HEADER
from minimax_vl.tokenizer import BOS, EOS, IMAGE, PAD

# Prints what `chat.as_text(chat.render(...))` prints, for callers that want a string.
CHAT_TEMPLATE = (
    "{%- set headers = " + repr(HEADERS) + " -%}"
    "{%- for message in messages -%}"
    "{{- '" + BOS + "' + headers[message['role']] -}}"
    "{%- if message['content'] is string -%}{{- message['content'] -}}"
    "{%- else -%}{%- for part in message['content'] -%}"
    "{{- '" + IMAGE + "' if part['type'].startswith('image') else part['text'] -}}"
    "{%- endfor -%}{%- endif -%}"
    "{{- '" + EOS + "\\n' -}}"
    "{%- endfor -%}"
    "{%- for tool in tools or [] -%}"
    "{{- '" + BOS + TOOL_HEADER.replace("\n", "\\n") + "' + tool | tojson + '" + EOS + "\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "{{- '" + BOS + "' + headers['assistant'] -}}"
    "{%- endif -%}"
)


class MiniMaxVL01Tokenizer(PreTrainedTokenizerFast):
    """Pads on the left, as generation needs. A special string in the text becomes its id, as usual in transformers.

    `Processor` and `MiniMaxVL01Processor.apply_chat_template` do not have that property: they encode what people
    wrote as text, whatever it says.
    """

    model_input_names = ["input_ids", "attention_mask"]
    padding_side = "left"

    @classmethod
    def convert_to_native_format(cls, **options: Any) -> dict[str, Any]:
        """tokenizer.json is read whole: rebuilt from vocabulary and merges, it would lose how text is split first."""
        return {name: value for name, value in options.items() if name != "trust_remote_code"}

    def __init__(self, *args: Any, **options: Any) -> None:
        options = {
            "bos_token": BOS,
            "eos_token": EOS,
            "chat_template": CHAT_TEMPLATE,
            "clean_up_tokenization_spaces": False,
            "padding_side": "left",  # said here too, so that it is saved
            **options,
        }
        super().__init__(*args, **options)
        if self.pad_token is None:  # the release has none: padded places are masked, so any id serves
            self.pad_token = PAD if PAD in self.get_vocab() else EOS
