"""`Processor` as a ProcessorMixin: chats or marked text with images in, the tensors of the model out."""

# pyright: reportIncompatibleMethodOverride=false
# Signatures here hold what is read; the base class lists options of other models too.

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BatchFeature, ProcessorMixin

from minimax_vl.chat import Segment, as_text, encode, render
from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.generate import left_padded
from minimax_vl.hf.conversation import is_batch, marked, separate
from minimax_vl.hf.rows import refuse
from minimax_vl.hf.tokenization import MiniMaxVL01Tokenizer
from minimax_vl.loading.hub import Token, resolve
from minimax_vl.processor import Processor, TiledImage
from minimax_vl.tokenizer import IMAGE, Tokenizer
from minimax_vl.vision.config import TilingConfig

IMAGE_OPTIONS = {"allow_remote", "limits"}
# Said by callers as a matter of habit; this is what happens anyway.
HARMLESS = {"padding", "padding_side", "return_tensors", "add_special_tokens", "images_kwargs", "text_kwargs"}
HARMLESS |= {"sanitize_control_tokens", "return_mm_token_type_ids"}
# Of these only some values are.
ONE_WAY = {
    "return_tensors": (None, "pt", "auto"),
    "padding": (None, False, True, "longest", "do_not_pad"),
    "padding_side": (None, "left"),
}


class MiniMaxVL01Processor(ProcessorMixin):
    """Rows are left-padded to the longest. Addresses of images are fetched only with `allow_remote=True`.

    Made from a checkpoint folder's tokenizer.json and config.json: how an image is cut belongs to the model.
    """

    def __init__(self, tokenizer: MiniMaxVL01Tokenizer, ours: Tokenizer, tiling: TilingConfig) -> None:
        self.tokenizer, self.chat_template = tokenizer, tokenizer.chat_template
        self.image_token, self.image_token_id = IMAGE, ours.image
        self._process = Processor(ours, tiling)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        revision: str | None = None,
        local_files_only: bool = False,
        token: Token = None,
        **options: Any,
    ) -> MiniMaxVL01Processor:
        """For a preset name, checkpoint folder or hub id. Raises ModelMissing, CheckpointError."""
        refuse(options, {"trust_remote_code", "use_fast", "dtype"})
        folder = resolve(
            pretrained_model_name_or_path,
            revision=revision,
            local_only=bool(local_files_only),
            token=token,
        )
        ours = Tokenizer.read(folder)
        theirs = MiniMaxVL01Tokenizer(tokenizer_file=str(folder / "tokenizer.json"))
        return cls(theirs, ours, ModelConfig.read(folder).tiling)

    def save_pretrained(
        self, save_directory: str | Path, push_to_hub: bool = False, **options: Any
    ) -> list[str]:
        """tokenizer.json and its settings; the rest of the processor is in the config.json beside them.

        Raises SaveFailed.
        """
        refuse(options | {"push_to_hub": push_to_hub}, set())
        own = Path(save_directory) / "processor_config.json"
        try:
            # here: where a file is in the way, the tokenizer writes nothing and raises nothing
            own.parent.mkdir(parents=True, exist_ok=True)
            files = self.tokenizer.save_pretrained(save_directory)
            settings = json.dumps({"processor_class": type(self).__name__}, indent=2)
            own.write_text(settings + "\n", encoding="utf-8")
        except OSError as error:
            raise SaveFailed(
                found=f"{save_directory} could not be written ({error})",
                expected="room and permission for the processor's files",
                cause="a full disk or quota, a read-only place, or a file where a folder was meant",
                next_step="free some space or choose another folder",
            ) from error
        return [*files, str(own)]

    def __call__(
        self, images: Any = None, text: str | Sequence[str] | None = None, **options: Any
    ) -> BatchFeature:
        """Text in which `<image>` marks the images, as `apply_chat_template` prints it -> input_ids [B, T],
        attention_mask [B, T], and with images pixel_values [tiles, 3, S, S] and image_sizes [images, 2]: the
        (height, width) that each was planned for, larger than its own where print is small.

        images: one, a list, or a list per text; any form that `minimax_vl` reads. A marker inside what a person
        wrote counts as one too: give conversations to `apply_chat_template` with tokenize=True instead.
        Raises InvalidRequest when the counts differ, UnreadableImage, ImageTooLarge, RemoteRefused.
        """
        texts: list[Any] = [text] if isinstance(text, str) or not isinstance(text, Iterable) else [*text]
        odd = [type(one).__name__ for one in texts if not isinstance(one, str)]
        if odd or not texts:
            raise InvalidRequest(
                found="no text" if text is None or not texts else f"a {odd[0]} as text",
                expected="a prompt for each row",
                cause="images alone, an empty batch, or text before the images, which come first",
                next_step="write a question; its image is marked by <image>",
            )
        return self._batch(
            [marked(one, self._process.tokenizer) for one in texts], list(_flat(images)), options
        )

    def apply_chat_template(
        self,
        conversation: Sequence[Any],
        chat_template: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final_message: bool = False,
        tokenize: bool = False,
        return_dict: bool = False,
        processor_kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """A chat, or a list of chats, as text, or with tokenize=True as what `__call__` returns.

        An image part holds its picture under "image", "url", "path" or "base64". With tokenize=True nothing that
        a person wrote can open a turn or an image. Without `return_dict`, the input_ids alone. Raises InvalidRequest
        for options that are not taken, and to go on with a turn that is not the assistant's.
        """
        refuse({"chat_template": chat_template not in (None, self.chat_template)}, set())
        chats = list(conversation) if is_batch(conversation) else [conversation]
        rows: list[list[Segment]] = []
        images: list[Any] = []
        for chat in chats:
            messages, pictures = separate(chat)
            images += pictures
            last = messages[-1].get("role") if messages and isinstance(messages[-1], Mapping) else "nobody"
            if continue_final_message and last != "assistant":
                raise InvalidRequest(
                    found=f"continue_final_message with a last turn of {last}",
                    expected="an assistant's turn at the end, whose reply is gone on with",
                    cause="the begun reply was left out of the conversation",
                    next_step="add it as the last turn, or ask for add_generation_prompt=True instead",
                )
            rest = messages[:-1] if continue_final_message else messages
            row = render(
                rest, tools=tools or (), generation_prompt=add_generation_prompt or continue_final_message
            )
            if continue_final_message:
                # A reply that is begun: what stands in its turn, a thought's brackets too.
                begun = render(messages[-1:], generation_prompt=False)
                row += [segment for segment in begun if segment.learned][:-1]  # without its end
            rows.append(row)
        if not tokenize:
            texts = [as_text(row) for row in rows]
            return texts if is_batch(conversation) else texts[0]
        batch = self._batch(rows, images, {**options, **(processor_kwargs or {})})
        return batch if return_dict else batch["input_ids"]

    @property
    def model_input_names(self) -> list[str]:
        """What a batch may hold."""
        return ["input_ids", "attention_mask", "pixel_values", "image_sizes"]

    def _batch(
        self, rows: Sequence[Sequence[Segment]], images: Sequence[Any], options: Mapping[str, Any]
    ) -> BatchFeature:
        refuse({name: value for name, value in options.items() if name not in IMAGE_OPTIONS}, HARMLESS)
        refuse({name: options.get(name) not in same for name, same in ONE_WAY.items()}, set())
        tiled = [self._tile(image, options) for image in images]
        counts = [sum(segment.kind == "image" for segment in row) for row in rows]
        if sum(counts) != len(tiled):
            raise InvalidRequest(
                found=f"{sum(counts)} image parts in the text, {len(tiled)} images",
                expected="one image for every image part",
                cause="a prompt without its <image>, or images of earlier turns left out",
                next_step="mark each image in the prompt, in the order of the images",
            )
        tokens = iter([image.plan.tokens for image in tiled])
        prompts = [
            encode(row, self._process.tokenizer, [next(tokens) for _ in range(count)])[0]
            for row, count in zip(rows, counts)
        ]
        ids, pad = left_padded(prompts, self._process.tokenizer.pad)  # [B, T], [B]
        mask = (torch.arange(ids.shape[1]) >= pad[:, None]).long()
        data: dict[str, Tensor] = {"input_ids": ids, "attention_mask": mask}
        if tiled:
            data["pixel_values"] = torch.cat([image.pixels for image in tiled])
            data["image_sizes"] = torch.tensor([image.plan.planned for image in tiled])
        return BatchFeature(data)

    def _tile(self, image: Any, options: Mapping[str, Any]) -> TiledImage:
        how = {name: value for name, value in options.items() if name in IMAGE_OPTIONS}
        tiled = self._process.image(image, **how)
        if isinstance(tiled, TiledImage):
            return tiled
        raise InvalidRequest(
            found="an image that is encoded already",
            expected="pixels",
            cause="the result of Pipeline.encode, which this interface has no place for",
            next_step="pass the image itself",
        )


def _flat(images: Any) -> Iterable[Any]:
    if isinstance(images, (list, tuple)):
        for image in images:
            yield from _flat(image)
    elif images is not None:
        yield images
