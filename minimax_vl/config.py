"""`ModelConfig`: vision, tiling and text in one value, read from and written to the released `config.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any

from minimax_vl.errors import CheckpointError, ModelMissing
from minimax_vl.reading import read_json
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.vision.config import TilingConfig, VisionConfig

MODEL_TYPE = "minimax_vl_01"
ARCHITECTURE = "MiniMaxVL01ForConditionalGeneration"
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

# What the released JSON may leave out, with the value that the release means by leaving it out.
TEXT_DEFAULTS: dict[str, Any] = {"rms_norm_eps": 1e-5, "postnorm": True, "max_position_embeddings": 8192}
VISION_DEFAULTS: dict[str, Any] = {"num_channels": 3, "hidden_act": "gelu", "layer_norm_eps": 1e-5}

# Settings that change the maths and that we implement in one way only: key -> (what we do, what else means the same).
ONE_WAY: dict[str, tuple[Any, ...]] = {
    "hidden_act": ("silu",),
    "shared_intermediate_size": (0, [0], None),
    "tie_word_embeddings": (False,),
    "sliding_window": (None,),
    "rope_scaling": (None,),
    "router_jitter_noise": (0.0, 0),
    "attention_dropout": (0.0, 0),
}
ONE_WAY_TOP: dict[str, tuple[Any, ...]] = {
    "projector_hidden_act": ("gelu",),
    "vision_feature_layer": (-1,),
    "vision_feature_select_strategy": ("default",),
    "process_image_mode": ("anyres",),
    "tie_word_embeddings": (False,),
}
ONE_WAY_VISION: dict[str, tuple[Any, ...]] = {"num_channels": (3,)}
# Whole numbers are at least 1, but for these.
LEAST = {"rotary_dim": 0, "image_token_index": 0, "rope_theta": 1, "rms_norm_eps": 0, "layer_norm_eps": 0}
LEAST |= {"line_height": 0}
LARGEST = 3.4e38  # of fp32
# Lists of names are made from these before a file is looked at: more would fill the memory of whoever opens it.
MOST = {"num_hidden_layers": 1024, "num_local_experts": 1024}


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Everything that decides names, shapes and arithmetic of one checkpoint.

    `patch_merge` (held by `tiling.merge`), the image statistics, `crop_ink` and `line_height` are what only nano sets
    and the release does not know; their neutral values (1, CLIP's, off) are the release's.
    """

    vision: VisionConfig
    tiling: TilingConfig
    text: TextConfig
    image_token_index: int

    def __post_init__(self) -> None:
        if not self.image_token_index < self.text.vocab_size:
            raise ValueError(
                f"image_token_index={self.image_token_index} must be below vocab_size={self.text.vocab_size}"
            )

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> ModelConfig:
        """Read the released JSON. Raises CheckpointError, naming what would change the maths and is not implemented."""
        if raw.get("model_type") != MODEL_TYPE:
            raise CheckpointError(
                found=f"config.json of model_type {raw.get('model_type')!r}",
                expected=f"model_type {MODEL_TYPE!r}",
                cause="the folder holds a checkpoint of another architecture",
                next_step="point to a MiniMax-VL-01 checkpoint; a text-only MiniMax-Text-01 folder is not one",
            )
        try:
            text, vision = raw["text_config"], raw["vision_config"]
            _refuse_unknown_maths(text, ONE_WAY, "text_config")
            _refuse_unknown_maths(vision, ONE_WAY_VISION, "vision_config")
            _refuse_unknown_maths(raw, ONE_WAY_TOP, "config")
            seen = VisionConfig(**_pick(VisionConfig, VISION_DEFAULTS | vision))
            return cls(
                vision=seen,
                tiling=TilingConfig(
                    tile=seen.image_size,
                    patch=seen.patch_size,
                    merge=_checked("patch_merge", raw.get("patch_merge", 1), "int"),
                    pinpoints=_pairs("image_grid_pinpoints", raw["image_grid_pinpoints"]),
                    image_mean=_colours("image_mean", raw.get("image_mean", CLIP_MEAN)),
                    image_std=_colours("image_std", raw.get("image_std", CLIP_STD)),
                    crop_ink=_checked("crop_ink", raw.get("crop_ink", False), "bool"),
                    line_height=_checked("line_height", raw.get("line_height", 0.0), "float"),
                ),
                text=TextConfig(**_text_fields(text)),
                image_token_index=_checked("image_token_index", raw["image_token_index"], "int"),
            )
        except CheckpointError:  # a ValueError too, and complete as it is
            raise
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise CheckpointError(
                found=f"config.json: {what}",
                expected="the fields of the released MiniMax-VL-01 config",
                cause="the file was edited or cut, or belongs to another release",
                next_step="compare it with `minimax_vl.presets.PRESETS['minimax-vl-01'].to_dict()`",
            ) from error

    def to_dict(self) -> dict[str, Any]:
        """The released JSON's keys; `from_dict` of the result gives an equal config."""
        text = asdict(self.text)
        text["attn_type_list"] = list(self.text.attn_type_list)
        # Written because other readers expect them; here they follow from the fields or are fixed.
        text |= {
            "model_type": "minimax_text_01",
            "architectures": ["MiniMaxText01ForCausalLM"],
            "num_hidden_layers": self.text.num_hidden_layers,
            "hidden_act": "silu",
            "shared_intermediate_size": [0],
            "shared_moe_mode": "sigmoid",
            "tie_word_embeddings": False,
        }
        vision = asdict(self.vision) | {
            "model_type": "clip_vision_model",
            "projection_dim": self.text.hidden_size,
        }
        own: dict[str, Any] = {}
        if self.tiling.merge != 1:
            own["patch_merge"] = self.tiling.merge
        if (self.tiling.image_mean, self.tiling.image_std) != (CLIP_MEAN, CLIP_STD):
            own |= {"image_mean": list(self.tiling.image_mean), "image_std": list(self.tiling.image_std)}
        if self.tiling.crop_ink:
            own["crop_ink"] = True
        if self.tiling.line_height:
            own["line_height"] = self.tiling.line_height
        return {
            "architectures": [ARCHITECTURE],
            "model_type": MODEL_TYPE,
            "ignore_index": -100,
            "image_grid_pinpoints": [list(p) for p in self.tiling.pinpoints],
            "image_seq_length": self.tiling.side**2,
            "image_token_index": self.image_token_index,
            "process_image_mode": "anyres",
            "projector_hidden_act": "gelu",
            "text_config": text,
            "tie_word_embeddings": False,
            "torch_dtype": "bfloat16",
            "vision_config": vision,
            "vision_feature_layer": -1,
            "vision_feature_select_strategy": "default",
            **own,
        }

    @classmethod
    def read(cls, folder: str | Path) -> ModelConfig:
        """Read `folder`/config.json. Raises ModelMissing, or CheckpointError for a file that is not one of ours."""
        path = Path(folder) / "config.json"
        if not os.path.isfile(path):  # path.is_file() raises in a folder that may not be entered
            raise ModelMissing(
                found=f"no config.json in {folder}",
                expected="a folder with config.json, tokenizer.json and *.safetensors",
                cause="a wrong path, or a download that has not finished",
                next_step="check the path, or give a preset name such as 'nano'",
            )
        return cls.from_dict(read_json(path, "the config.json of a MiniMax-VL-01 checkpoint"))

    def write(self, folder: str | Path) -> None:
        """Write `folder`/config.json."""
        text = json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"
        (Path(folder) / "config.json").write_text(text, encoding="utf-8")


def _pick(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    return {f.name: _checked(f.name, values[f.name], str(f.type)) for f in fields(kind)}


def _checked(name: str, value: Any, kind: str) -> Any:
    """The value of a field as JSON writes it; ValueError for another type, or a number that cannot be."""
    # not isinstance: to Python True is an int, and NaN a float
    least = LEAST.get(name, 1 if kind == "int" else -inf)
    most = MOST.get(name, inf)
    if kind == "int" and not (type(value) is int and least <= value <= most):
        up_to = "" if most == inf else f", at most {most}"
        raise ValueError(f"{name}={value!r} must be a whole number, at least {least}{up_to}")
    # What is larger than fp32 knows would end the first prompt.
    if kind == "float" and not (type(value) in (int, float) and abs(value) <= LARGEST and value >= least):
        raise ValueError(f"{name}={value!r} must be a finite number" + f", at least {least}" * (least > -inf))
    if kind == "bool" and type(value) is not bool:
        raise ValueError(f"{name}={value!r} must be true or false")
    return value


def _pairs(name: str, values: Any) -> tuple[tuple[int, int], ...]:
    return tuple((_checked(name, w, "int"), _checked(name, h, "int")) for w, h in values)


def _colours(name: str, values: Any) -> tuple[float, float, float]:
    red, green, blue = (_checked(name, value, "float") for value in values)
    return red, green, blue


def _text_fields(text: dict[str, Any]) -> dict[str, Any]:
    picked = _pick(TextConfig, TEXT_DEFAULTS | text)
    picked["attn_type_list"] = tuple(picked["attn_type_list"])
    named = _checked("num_hidden_layers", len(picked["attn_type_list"]), "int")
    layers = text.get("num_hidden_layers", named)
    if layers != named:
        raise ValueError(f"num_hidden_layers={layers}, but attn_type_list names {named} layers")
    return picked


def _refuse_unknown_maths(values: dict[str, Any], known: dict[str, tuple[Any, ...]], where: str) -> None:
    for key, same in known.items():
        if key in values and values[key] not in same:
            raise CheckpointError(
                found=f"{where}.{key} = {values[key]!r}",
                expected=f"{same[0]!r}",
                cause="a variant of the architecture that the released checkpoints do not use",
                next_step="load the released checkpoint, or add this variant to the model first",
            )
