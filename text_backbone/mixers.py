"""MIXERS: code in `attn_type_list` -> class. The one place to add an attention kind."""

from __future__ import annotations

from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX
from minimax_vl.text_backbone.lightning_mixer import LightningMixer
from minimax_vl.text_backbone.softmax_mixer import SoftmaxMixer

MIXERS = {LIGHTNING: LightningMixer, SOFTMAX: SoftmaxMixer}
