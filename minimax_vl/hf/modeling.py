"""`VLModel` as a PreTrainedModel that transformers' `generate` can drive, loaded and saved by our own code."""

# pyright: reportIncompatibleMethodOverride=false
# Signatures here hold what is read; the base class lists options of other models too.

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import GenerationConfig, GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from minimax_vl.errors import InvalidRequest
from minimax_vl.generate import GenerationParams
from minimax_vl.hf.configuration import MiniMaxVL01Config
from minimax_vl.hf.loading import load_weights
from minimax_vl.hf.rows import images_behind, left_padding, refuse, repeated_images
from minimax_vl.hf.state import GenerationState
from minimax_vl.loading.save import save_checkpoint
from minimax_vl.model import VLModel
from minimax_vl.reading import read_json
from minimax_vl.vision.tiling import TilePlan, plan_tiles

PREFILL_CHUNK = GenerationParams().prefill_chunk


class MiniMaxVL01ForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """Any size of the model; `vl` is the model itself. Answers equal those of `Pipeline` with the same weights."""

    config_class = MiniMaxVL01Config
    main_input_name = "input_ids"
    input_modalities = ["image", "text"]
    _is_stateful = True  # a lightning state cannot be rewound: no assisted generation, no cropped caches
    _supports_sdpa = True  # whatever is asked for, `minimax_vl.kernels` computes the attention
    _no_split_modules = ["DecoderLayer"]

    def __init__(self, config: MiniMaxVL01Config, vl: VLModel | None = None) -> None:
        """`vl`, when given, is wrapped as it is; otherwise the weights are random."""
        super().__init__(config)
        self.vl = vl or VLModel(config.model_config())
        self.post_init()
        # An image slot cannot be answered with.
        self.generation_config.suppress_tokens = [config.image_token_index]

    @classmethod
    def wrap(cls, vl: VLModel) -> MiniMaxVL01ForConditionalGeneration:
        """A model that exists, sharing its weights."""
        return cls(MiniMaxVL01Config.of(vl.config), vl)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        config: MiniMaxVL01Config | None = None,
        revision: str | None = None,
        **options: Any,
    ) -> MiniMaxVL01ForConditionalGeneration:
        """A preset name, checkpoint folder or hub id, in evaluation mode.

        options: `dtype`, `device_map`, `max_memory`, `offload_folder` as in transformers, and `quantize` ("int8",
        "int4") as in `minimax_vl.load`. Without a dtype, or with "auto": fp32 on a CPU, bf16 on a GPU.
        Raises ModelMissing, CheckpointError, OutOfMemory, InvalidRequest for an option that would have no effect.
        """
        folder, vl, eos, pad = load_weights(pretrained_model_name_or_path, revision, options)
        model = cls.wrap(vl)
        if config is not None and config.model_config() != vl.config:
            raise InvalidRequest(
                found="a config that differs from the checkpoint's",
                expected=f"the values of {folder / 'config.json'}",
                cause="an option with the name of a config field, or the config of another checkpoint",
                next_step="leave config out; to change a model, edit a copy of its config.json",
            )
        settings = folder / "generation_config.json"
        if settings.is_file():
            told = read_json(settings, "transformers' settings for generate")
            model.generation_config = GenerationConfig.from_dict(told)
        defaults = {
            "eos_token_id": eos,
            "pad_token_id": pad,
            "suppress_tokens": [vl.config.image_token_index],
        }
        for name, value in defaults.items():
            if getattr(model.generation_config, name) is None:
                setattr(model.generation_config, name, value)
        model.config.name_or_path = model.name_or_path = str(pretrained_model_name_or_path)
        if options.get("device_map") is not None:  # for callers that would otherwise move the model
            model.hf_device_map = {"": str(vl.device)}  # pyright: ignore
        return model.eval()

    def save_pretrained(
        self, save_directory: str | Path, is_main_process: bool = True, **options: Any
    ) -> None:
        """A checkpoint folder in the published layout, with generation_config.json. Raises SaveFailed."""
        refuse(options, harmless={"safe_serialization", "save_peft_format"})
        if is_main_process:
            save_checkpoint(self.vl, save_directory)
            self.generation_config.save_pretrained(save_directory)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_sizes: Tensor | None = None,
        past_key_values: GenerationState | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        return_dict: bool | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> CausalLMOutputWithPast | tuple[Any, ...]:
        """input_ids [B, T] -> fp32 logits of the last `logits_to_keep` positions, or of those it lists; 0: [B, T, V].

        attention_mask [B, T]: zeros at the start of a row are padding; those at its end are ignored without a cache.
        pixel_values [tiles, 3, S, S] and image_sizes [images, 2] come from the processor, of all rows, in order.
        labels [B, T]: -100 is not learned; the loss is the mean, or the sum over `num_items_in_batch`.
        """
        # The tokenizer is for `stop_strings` of generate, which passes it on.
        refuse(options, harmless={"token_type_ids", "cache_position", "tokenizer"})
        state = past_key_values or (GenerationState(self.vl.new_cache()) if use_cache else None)
        hybrid = state.hybrid if state else None
        x = inputs_embeds  # [B, T, C]
        if x is None:
            assert input_ids is not None
            x = self.vl.embed(input_ids, self.image_features(pixel_values, image_sizes))
        first_call = hybrid is None or hybrid.position == 0
        pad = left_padding(attention_mask, x.shape[:2], strict=hybrid is not None) if first_call else None
        if pad is not None:
            pad = pad.to(x.device)
        text = self.vl.language_model
        if isinstance(logits_to_keep, int) and logits_to_keep == 1:
            hidden = x
            # With a cache several calls are as good as one, and need less memory.
            for part in x.split(PREFILL_CHUNK if hybrid else x.shape[1], dim=1):
                hidden = text.hidden_states(part, hybrid, pad=pad, last_only=True)[:, -1:]
                pad = None  # the cache keeps it
        else:
            kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
            hidden = text.hidden_states(x, hybrid, pad=pad)[:, kept]
        logits = text.head(hidden)  # [B, kept, V]
        loss = None if labels is None else next_token_loss(logits, labels, num_items_in_batch)
        output = CausalLMOutputWithPast(loss=loss, logits=logits, past_key_values=cast(Any, state))
        return output.to_tuple() if return_dict is False else output

    def image_features(self, pixel_values: Tensor | None, image_sizes: Tensor | None) -> Tensor | None:
        """Features [N, C] of all images, image by image; None without images."""
        if pixel_values is None or image_sizes is None:
            return None
        plans = self._plans(image_sizes)
        parts = pixel_values.to(self.vl.device).split([plan.tiles for plan in plans])
        return torch.cat([self.vl.encode_images(part, [plan])[0] for part, plan in zip(parts, plans)])

    def _plans(self, image_sizes: Tensor) -> list[TilePlan]:
        return [plan_tiles(height, width, self.vl.config.tiling) for height, width in image_sizes.tolist()]

    def prepare_inputs_for_generation(self, input_ids: Tensor, **kwargs: Any) -> dict[str, Any]:
        """As in GenerationMixin, whose early 5.x versions pass all images at every step; none that a cache holds."""
        inputs = super().prepare_inputs_for_generation(input_ids, **kwargs)  # pyright: ignore
        ids, pixels, sizes = (inputs.get(name) for name in ("input_ids", "pixel_values", "image_sizes"))
        if pixels is None or sizes is None or ids is None:
            return inputs
        left = (ids == self.config.image_token_index).sum(1).tolist()
        if not any(left):
            return inputs | {"pixel_values": None, "image_sizes": None}
        plans = self._plans(sizes)
        if sum(plan.tokens for plan in plans) > sum(left):
            slots = (input_ids == self.config.image_token_index).sum(1).tolist()
            images, tiles = images_behind(slots, left, plans)
            inputs |= {"pixel_values": pixels[tiles], "image_sizes": sizes[images]}
        return inputs

    def _get_logits_processor(self, generation_config: GenerationConfig, **options: Any) -> Any:
        """As in GenerationMixin, with image slots ruled out also where a caller's list has replaced the model's."""
        given, slot = generation_config.suppress_tokens or [], self.config.image_token_index
        if slot not in given:
            generation_config.suppress_tokens = [*given, slot]  # generate's own copy
        return super()._get_logits_processor(generation_config=generation_config, **options)  # pyright: ignore

    def _expand_inputs_for_generation(
        self,
        expand_size: int = 1,
        is_encoder_decoder: bool = False,
        input_ids: Tensor | None = None,
        **inputs: Any,
    ) -> tuple[Tensor | None, dict[str, Any]]:
        """As in GenerationMixin, with the images of a row repeated together: their first axis is not the batch."""
        pixels, sizes = inputs.pop("pixel_values", None), inputs.pop("image_sizes", None)
        if pixels is not None and sizes is not None and input_ids is not None:
            plans = self._plans(sizes)
            slots = (input_ids == self.config.image_token_index).sum(1).tolist()
            images, tiles = repeated_images(slots, plans, expand_size)
            sizes, pixels = sizes[images], pixels[tiles]
        ids, inputs = super()._expand_inputs_for_generation(  # pyright: ignore
            expand_size, is_encoder_decoder, input_ids=input_ids, **inputs
        )
        return ids, inputs | {"pixel_values": pixels, "image_sizes": sizes}

    def get_input_embeddings(self) -> nn.Module:
        return self.vl.language_model.model.embed_tokens

    def get_output_embeddings(self) -> nn.Module:
        return self.vl.language_model.lm_head

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing: `VLModel` fills its own parameters, and loaded ones must stay."""


def next_token_loss(logits: Tensor, labels: Tensor, items: Tensor | int | None = None) -> Tensor:
    """Cross-entropy of logits [B, T, V] against labels [B, T] one position later; -100 is not learned."""
    if logits.shape[:2] != labels.shape:
        raise InvalidRequest(
            found=f"logits of {tuple(logits.shape[:2])} positions and labels of {tuple(labels.shape)}",
            expected="one label for each position",
            cause="labels together with logits_to_keep, or labels made before image slots were filled in",
            next_step="leave logits_to_keep out, and make the labels from the processor's input_ids",
        )
    rows, wanted = logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten().to(logits.device)
    if items is None:
        return F.cross_entropy(rows, wanted)
    return F.cross_entropy(rows, wanted, reduction="sum") / items
