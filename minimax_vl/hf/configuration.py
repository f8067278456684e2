"""`ModelConfig` as transformers' config classes: the released `config.json`, key for key."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig

from minimax_vl.config import MODEL_TYPE, ModelConfig
from minimax_vl.presets import PRESETS


class MiniMaxVL01TextConfig(PretrainedConfig):
    """`text_config`, which generation code asks for vocabulary and context."""

    model_type = "minimax_text_01"


class MiniMaxVL01VisionConfig(PretrainedConfig):
    """`vision_config`."""

    model_type = "minimax_vl_01_vision"


class MiniMaxVL01Config(PretrainedConfig):
    """The released JSON; without arguments it is MiniMax-VL-01's own."""

    model_type = MODEL_TYPE
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": MiniMaxVL01TextConfig, "vision_config": MiniMaxVL01VisionConfig}  # pyright: ignore

    def __init__(
        self,
        text_config: dict[str, Any] | PretrainedConfig | None = None,
        vision_config: dict[str, Any] | PretrainedConfig | None = None,
        **fields: Any,
    ) -> None:
        released = PRESETS["minimax-vl-01"].to_dict()
        text, vision = released.pop("text_config"), released.pop("vision_config")
        self.text_config = _sub(MiniMaxVL01TextConfig, text_config, text)
        self.vision_config = _sub(MiniMaxVL01VisionConfig, vision_config, vision)
        # How the weights lie on disk is read from the file by our own loader; transformers must not act on it.
        fields.pop("quantization_config", None)
        # Said by the class, and by whoever chooses a dtype.
        for key in ("model_type", "torch_dtype"):
            released.pop(key)
        super().__init__(**released | fields)

    @classmethod
    def of(cls, config: ModelConfig) -> MiniMaxVL01Config:
        """The same values in transformers' form."""
        return cls(**config.to_dict())

    def model_config(self) -> ModelConfig:
        """The same values in ours. Raises CheckpointError for what the model does not implement."""
        return ModelConfig.from_dict(self.to_dict())


def _sub(
    kind: type[PretrainedConfig], given: dict[str, Any] | PretrainedConfig | None, default: dict[str, Any]
) -> PretrainedConfig:
    if isinstance(given, PretrainedConfig):
        return given
    values = dict(default if given is None else given)
    values.pop("model_type", None)
    return kind(**values)
