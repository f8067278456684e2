"""The config: read from and written to the released JSON; what would change the maths is refused by name."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from minimax_vl.config import ModelConfig
from minimax_vl.errors import CheckpointError, MiniMaxVLError, ModelMissing
from minimax_vl.presets import PRESETS

# The published config.json, with the fields that we do not use and without those that it leaves out.
RELEASED: dict[str, Any] = {
    "architectures": ["MiniMaxVL01ForConditionalGeneration"],
    "auto_map": {"AutoModelForCausalLM": "modeling_minimax_vl_01.MiniMaxVL01ForConditionalGeneration"},
    "ignore_index": -100,
    "image_grid_pinpoints": [
        *([336, 336 * n] for n in range(1, 7)),
        *([672, 336 * n] for n in range(1, 7)),
        *([1008, 336 * n] for n in range(1, 7)),
        *([1344, 336 * n] for n in range(1, 5)),
        *([1680, 336 * n] for n in range(1, 4)),
        *([2016, 336 * n] for n in range(1, 4)),
    ],
    "image_token_index": 200025,
    "model_type": "minimax_vl_01",
    "projector_hidden_act": "gelu",
    "text_config": {
        "architectures": ["MiniMaxText01ForCausalLM"],
        "attn_type_list": ([0] * 7 + [1]) * 10,
        "bos_token_id": None,
        "eos_token_id": None,
        "head_dim": 128,
        "hidden_size": 6144,
        "intermediate_size": 9216,
        "layernorm_full_attention_alpha": 3.5565588200778455,
        "layernorm_full_attention_beta": 1.0,
        "layernorm_linear_attention_alpha": 3.5565588200778455,
        "layernorm_linear_attention_beta": 1.0,
        "layernorm_mlp_alpha": 3.5565588200778455,
        "layernorm_mlp_beta": 1.0,
        "max_position_embeddings": 8192,
        "model_type": "minimax_text_01",
        "num_attention_heads": 64,
        "num_experts_per_tok": 2,
        "num_hidden_layers": 80,
        "num_key_value_heads": 8,
        "num_local_experts": 32,
        "postnorm": True,
        "rms_norm_eps": 1e-05,
        "rope_theta": 10000000,
        "rotary_dim": 64,
        "shared_intermediate_size": [0],
        "shared_moe_mode": "sigmoid",
        "vocab_size": 200064,
    },
    "torch_dtype": "bfloat16",
    "transformers_version": "4.42.3",
    "vision_config": {
        "auto_map": {"AutoModel": "modeling_clip.CLIPVisionModel"},
        "hidden_act": "gelu",
        "hidden_size": 1024,
        "image_size": 336,
        "intermediate_size": 4096,
        "model_type": "clip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "patch_size": 14,
        "projection_dim": 6144,
        "vocab_size": 32000,
    },
    "vision_feature_layer": -1,
    "vision_feature_select_strategy": "default",
}


def changed(path: str, value: object) -> dict[str, Any]:
    """RELEASED with one field, written a.b, set; with it removed when the value is `...`."""
    raw = copy.deepcopy(RELEASED)
    *outer, last = path.split(".")
    place = raw
    for key in outer:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return raw


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_its_json(name: str, tmp_path: Path) -> None:
    config = PRESETS[name]
    assert ModelConfig.from_dict(config.to_dict()) == config
    config.write(tmp_path)
    assert ModelConfig.read(tmp_path) == config
    first = (tmp_path / "config.json").read_bytes()
    ModelConfig.read(tmp_path).write(tmp_path)
    assert (tmp_path / "config.json").read_bytes() == first, "writing what was read changed the file"


def test_the_released_json_is_the_preset() -> None:
    assert ModelConfig.from_dict(RELEASED) == PRESETS["minimax-vl-01"]
    assert ModelConfig.from_dict(json.loads(json.dumps(RELEASED))) == PRESETS["minimax-vl-01"]


def test_we_write_the_fields_of_the_release() -> None:
    """Other readers find every field that decides something, with the same value."""
    ours = PRESETS["minimax-vl-01"].to_dict()
    not_ours = {"auto_map", "transformers_version", "bos_token_id", "eos_token_id", "vocab_size"}
    for section in (None, "text_config", "vision_config"):
        mine, theirs = (ours, RELEASED) if section is None else (ours[section], RELEASED[section])
        for key in theirs.keys() - not_ours - {"text_config", "vision_config"}:
            assert json.loads(json.dumps(mine[key])) == theirs[key], (section, key)
    assert ours["text_config"]["vocab_size"] == 200064


def test_the_release_adds_nothing_of_ours_to_its_json() -> None:
    assert not {"patch_merge", "image_mean", "image_std"} & PRESETS["minimax-vl-01"].to_dict().keys()
    assert PRESETS["nano"].to_dict()["patch_merge"] == 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("text_config.shared_intermediate_size", [1024]),
        ("text_config.shared_intermediate_size", 1024),
        ("text_config.hidden_act", "gelu"),
        ("text_config.tie_word_embeddings", True),
        ("text_config.sliding_window", 4096),
        ("text_config.rope_scaling", {"type": "linear", "factor": 2}),
        ("text_config.router_jitter_noise", 0.1),
        ("text_config.attn_type_list", [0, 2] * 40),
        ("text_config.num_hidden_layers", 79),
        ("text_config.num_experts_per_tok", 33),
        ("text_config.num_key_value_heads", 7),
        ("text_config.rotary_dim", 65),
        ("text_config.rotary_dim", ...),
        ("text_config.vocab_size", ...),
        ("text_config", ...),
        ("vision_config.hidden_act", "quick_gelu"),
        ("vision_config.image_size", 335),
        ("vision_config.num_attention_heads", 15),
        ("vision_config.patch_size", 0),
        ("text_config.hidden_size", -6144),
        ("text_config.hidden_size", "6144"),
        ("tie_word_embeddings", True),
        ("projector_hidden_act", "relu"),
        ("vision_feature_layer", -2),
        ("vision_feature_select_strategy", "full"),
        ("image_grid_pinpoints", [[336, 400]]),
        ("image_grid_pinpoints", []),
        ("image_grid_pinpoints", [[336.0, 336]]),
        ("text_config.rope_theta", "10000000"),
        ("text_config.rope_theta", -1),
        ("text_config.rms_norm_eps", float("nan")),
        ("text_config.layernorm_mlp_alpha", 1e39),
        ("text_config.layernorm_mlp_alpha", None),
        ("text_config.postnorm", "false"),
        ("text_config.num_local_experts", True),
        ("text_config.num_local_experts", 10**9),
        ("vision_config.num_hidden_layers", 10**9),
        ("text_config.attn_type_list", ["0", "1"] * 40),
        ("vision_config.image_size", float("inf")),
        ("vision_config.layer_norm_eps", [1e-5]),
        ("vision_config.num_channels", 4),
        ("patch_merge", 1.5),
        ("image_mean", "abc"),
        ("image_std", [0.3, 0.3, 0.0]),
        ("line_height", -1.0),
        ("crop_ink", "no"),
        ("image_token_index", 200064),
        ("image_token_index", -1),
        ("image_token_index", ...),
    ],
    ids=str,
)
def test_another_variant_is_refused_by_name(path: str, value: object) -> None:
    with pytest.raises(CheckpointError) as error:
        ModelConfig.from_dict(changed(path, value))
    assert path.rpartition(".")[2] in error.value.found
    assert error.value.expected and error.value.next_step


@pytest.mark.parametrize("kind", ["minimax_text_01", "llava_next", None])
def test_another_architecture_is_refused(kind: str | None) -> None:
    with pytest.raises(CheckpointError, match=repr(kind)):
        ModelConfig.from_dict(changed("model_type", kind))


@pytest.mark.parametrize("same", [0, [0], None, ...], ids=str)
def test_every_spelling_of_no_shared_expert_is_read(same: object) -> None:
    assert (
        ModelConfig.from_dict(changed("text_config.shared_intermediate_size", same))
        == PRESETS["minimax-vl-01"]
    )


def test_values_that_the_release_may_leave_out() -> None:
    for path in ("text_config.rms_norm_eps", "text_config.postnorm", "vision_config.hidden_act"):
        assert ModelConfig.from_dict(changed(path, ...)) == PRESETS["minimax-vl-01"]
    assert ModelConfig.from_dict(changed("text_config.postnorm", False)).text.postnorm is False


def test_a_folder_without_config_and_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no config\.json"):
        ModelConfig.read(tmp_path)
    for text in (
        "{",
        '{"model_type"',
        "version https://git-lfs.github.com/spec/v1\noid sha256:0",
        "[]",
        "null",
        "[" * 100_000,
    ):
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
        with pytest.raises(MiniMaxVLError) as error:
            ModelConfig.read(tmp_path)
        assert error.value.next_step


def test_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_args: Any, **_options: Any) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "config.json").touch()
    monkeypatch.setattr(Path, "read_text", refuse)  # root, who may run this, is refused nothing
    with pytest.raises(CheckpointError, match=r"config\.json cannot be read \(Permission denied\)"):
        ModelConfig.read(tmp_path)
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CheckpointError, match="not JSON"):
        ModelConfig.read(tmp_path)
