"""What lmms-eval finds under the entry point group `lmms_eval.models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lmms_eval.models.registry_v2 import ModelManifest


def manifest() -> ModelManifest:
    """The model id `minimax_vl`, and where its class is; lmms-eval calls this when it starts."""
    from lmms_eval.models.registry_v2 import ModelManifest

    return ModelManifest(model_id="minimax_vl", chat_class_path="minimax_vl.apps.harness.lmms.MiniMaxVL")
