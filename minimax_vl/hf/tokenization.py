"""tokenizer.json as a transformers tokenizer, with the chat template that `minimax_vl.chat` implements."""

# pyright: reportIncompatibleMethodOverride=false
# Signatures here hold what is read; the base class lists options of other models too.

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerFast

from minimax_vl.chat import HEADERS, TOOL_HEADER
from minimax_vl.hf.conversation import is_batch, with_json
from minimax_vl.tokenizer import BOS, EOS, IMAGE, PAD, THINK, THOUGHT

WORDS = ["true", "false", "null", "NaN", "Infinity", "-Infinity"]  # JSON without quotes, besides numbers
# Prints what `chat.as_text(chat.render(...))` prints, for callers that want a string. A template cannot read JSON: a
# function's response is taken for it by its ends, and `apply_chat_template` writes it so that this is right.
CHAT_TEMPLATE = (
    "{%- set headers = " + repr(HEADERS) + " -%}"
    "{%- macro printed(content) -%}"
    "{%- if content is string -%}{{- content -}}"
    "{%- else -%}{%- for part in ([content] if content is mapping else content or []) -%}"
    "{%- if part['type'].startswith('image') -%}{{- '" + IMAGE + "' -}}"
    "{%- elif part['type'] == 'thought' -%}{{- '" + THINK + "' + part['text'] + '" + THOUGHT + "' -}}"
    "{%- else -%}{{- part['text'] -}}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}"
    "{%- endmacro -%}"
    "{%- macro response(text) -%}"
    "{%- set ends = text[:1] + text[-1:] -%}"
    "{%- set number = text[-1:] in '0123456789' and text in [text | int | string, text | float | string] -%}"
    "{{- text if number or text in "
    + repr(WORDS)
    + " or (ends in ['{}', '[]', '\"\"'] and text | length > 1)"
    " else text | tojson -}}"
    "{%- endmacro -%}"
    "{%- for message in messages -%}"
    "{{- '" + BOS + "' + headers[message['role']] -}}"
    "{%- if message['role'] == 'function' -%}"
    "{{- '{\"name\": ' + message.get('name') | tojson"
    " + ', \"response\": ' + response(printed(message.get('content'))) + '}' -}}"
    "{%- else -%}{{- printed(message.get('content')) -}}{%- endif -%}"
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

    def apply_chat_template(self, conversation: Any, *args: Any, **options: Any) -> Any:
        """As in transformers; with our own template it prints what `minimax_vl.chat` does."""
        if (options.get("chat_template") or self.chat_template) == CHAT_TEMPLATE:
            many = is_batch(conversation)
            conversation = [with_json(chat) for chat in conversation] if many else with_json(conversation)
        return super().apply_chat_template(conversation, *args, **options)
