"""The text backbone against transformers' MiniMax at toy size, where transformers is right."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from minimax_vl.presets import DEBUG
from minimax_vl.text_backbone import HybridCache, TextBackbone

pytestmark = pytest.mark.parity

# transformers rotates the whole head whatever `rotary_dim` says, so parity needs a config where both agree.
TEXT = dataclasses.replace(
    DEBUG.text, rotary_dim=DEBUG.text.head_dim, vocab_size=97, attn_type_list=(0, 1, 0, 0, 1)
)


def their_name(name: str) -> str:
    name = name.replace("block_sparse_moe.experts.w13", "mlp.experts.gate_up_proj")
    name = name.replace("block_sparse_moe.experts.w2", "mlp.experts.down_proj")
    return name.replace("block_sparse_moe", "mlp")


def theirs_with_our_weights(ours: TextBackbone):
    transformers = pytest.importorskip("transformers")
    config = transformers.MiniMaxConfig(
        vocab_size=TEXT.vocab_size,
        hidden_size=TEXT.hidden_size,
        intermediate_size=TEXT.intermediate_size,
        num_hidden_layers=TEXT.num_hidden_layers,
        num_attention_heads=TEXT.num_attention_heads,
        num_key_value_heads=TEXT.num_key_value_heads,
        head_dim=TEXT.head_dim,
        num_local_experts=TEXT.num_local_experts,
        num_experts_per_tok=TEXT.num_experts_per_tok,
        layer_types=["full_attention" if kind else "linear_attention" for kind in TEXT.attn_type_list],
        rope_theta=TEXT.rope_theta,
        rope_parameters={"rope_type": "default", "rope_theta": TEXT.rope_theta},
        rms_norm_eps=TEXT.rms_norm_eps,
        block_size=16,
        full_attn_alpha_factor=TEXT.layernorm_full_attention_alpha,
        full_attn_beta_factor=TEXT.layernorm_full_attention_beta,
        linear_attn_alpha_factor=TEXT.layernorm_linear_attention_alpha,
        linear_attn_beta_factor=TEXT.layernorm_linear_attention_beta,
        mlp_alpha_factor=TEXT.layernorm_mlp_alpha,
        mlp_beta_factor=TEXT.layernorm_mlp_beta,
        attn_implementation="eager",
    )
    theirs = transformers.MiniMaxForCausalLM(config).eval()
    weights = {their_name(name): value for name, value in ours.state_dict().items()}
    missing, surplus = theirs.load_state_dict(weights, strict=False)
    # Their slope and decay tables are computed, not loaded.
    assert not surplus and all(name.rsplit(".", 1)[-1].endswith(("_rate", "_decay")) for name in missing)
    return theirs


@pytest.fixture(scope="module")
def pair():
    torch.manual_seed(0)
    ours = TextBackbone(TEXT).eval()
    for name, p in ours.named_parameters():
        if "norm" in name:
            torch.nn.init.normal_(p, 1.0, 0.2)
    return ours, theirs_with_our_weights(ours)


@torch.inference_mode()
def test_logits_equal(pair):
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (3, 53))
    want = theirs(ids).logits
    got = ours(ours.model.embed_tokens(ids), logits="all")
    assert want.abs().max() > 0.5, "logits near zero would make the comparison empty"
    assert (want - got).abs().max() < 1e-5


@torch.inference_mode()
def test_left_padded_batch_equals_theirs(pair):
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (2, 40))
    pad = torch.tensor([0, 13])
    mask = (torch.arange(40) >= pad[:, None]).long()
    want = theirs(ids, attention_mask=mask).logits
    got = ours(ours.model.embed_tokens(ids), pad=pad, logits="all")
    live = mask.bool()
    assert (want - got)[live].abs().max() < 1e-5


@torch.inference_mode()
def test_decode_equals_their_whole(pair):
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (1, 30))
    want = theirs(ids).logits[0]
    cache = HybridCache(TEXT)
    embeds = ours.model.embed_tokens(ids)
    got = [ours(embeds[:, :19], cache)[0]]
    got += [ours(embeds[:, t : t + 1], cache)[0] for t in range(19, 30)]
    assert (want[18:] - torch.stack(got)).abs().max() < 1e-5


@torch.inference_mode()
def test_router_logits_equal(pair):
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (1, 20))
    want = theirs(ids, output_router_logits=True).router_logits
    got: list[torch.Tensor] = []
    ours(ours.model.embed_tokens(ids), router_logits=got)
    assert len(want) == len(got) == TEXT.num_hidden_layers
    for theirs_of_layer, ours_of_layer in zip(want, got):
        # Theirs are given as logits or, in some versions, as the softmax of them.
        same = (theirs_of_layer.sum(-1) - 1).abs().max() < 1e-4
        value = ours_of_layer[0].softmax(-1) if same else ours_of_layer[0]
        assert (theirs_of_layer - value).abs().max() < 1e-5


@torch.inference_mode()
def test_greedy_ids_equal(pair):
    """Their own generate, 24 tokens, against prefill and single steps through our cache."""
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (1, 17))
    want = theirs.generate(ids, max_new_tokens=24, do_sample=False, eos_token_id=None, pad_token_id=0)[
        0, 17:
    ].tolist()
    cache, step, got = HybridCache(TEXT), ids, []
    for _ in range(24):
        step = ours(ours.model.embed_tokens(step), cache).argmax(-1, keepdim=True)
        got.append(int(step))
    assert got == want
    assert len(set(got)) > 3, "a constant answer would make the comparison empty"


def test_gradients_equal(pair):
    """A training step sees the same slopes: through chunks, experts and the residual's alphas."""
    ours, theirs = pair
    ids = torch.randint(0, TEXT.vocab_size, (2, 31))
    loss = torch.nn.functional.cross_entropy
    theirs.zero_grad()
    ours.zero_grad()
    want = loss(theirs(ids).logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    got = loss(ours(ours.model.embed_tokens(ids), logits="all")[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    want.backward()
    got.backward()
    assert abs(want.item() - got.item()) < 1e-5
    of_theirs = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        slope = of_theirs[their_name(name)].grad
        assert (p.grad - slope).norm() < 1e-4 * slope.norm(), name
