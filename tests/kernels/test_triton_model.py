"""The text model on its kernels: logits as on PyTorch's rows, through padding, chunks and fixed steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from minimax_vl.decode import DecodeStep
from minimax_vl.kernels.backends import TABLE, use_backend
from minimax_vl.model import VLModel
from minimax_vl.presets import DEBUG
from minimax_vl.text_backbone.testing import randomise

SMALL = replace(DEBUG, text=replace(DEBUG.text, attn_type_list=(0, 1)))  # the interpreter takes its time
KERNELS = tuple(op for op, rows in TABLE.items() if "triton" in rows)


@pytest.mark.parametrize(
    "dtype", [torch.float32, pytest.param(torch.bfloat16, marks=pytest.mark.gpu)], ids=str
)
@torch.inference_mode()
def test_logits_are_those_of_plain_pytorch(dtype: torch.dtype, triton_device: str) -> None:
    model = randomise(VLModel(SMALL)).to(triton_device, dtype)
    make = torch.Generator().manual_seed(2)
    prompt, tokens = (torch.randint(5, 97, shape, generator=make) for shape in ((2, 9), (2, 1)))
    pad = torch.tensor([0, 5], device=triton_device)
    logits = {}
    for backend in ("torch", "triton"):
        with use_backend(backend, *KERNELS):
            step = DecodeStep(model.language_model, 2, 32, capture=False)
            embeds, cache = model.embed(prompt), step.reset()
            got = [model(embeds[:, :7], cache, pad=pad), model(embeds[:, 7:], cache)]
            step.begin()
            got += [step(last).clone() for last in tokens[..., None].unbind(1)]
        logits[backend] = torch.stack(got)
    error = (logits["triton"] - logits["torch"]).abs().max() / logits["torch"].abs().max()
    assert error < (1e-5 if dtype == torch.float32 else 0.05)


@torch.inference_mode()
def test_launches_of_a_decode_step(triton_device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a graph replays: our kernels and products per layer. A new one shows here before it shows on a clock."""
    if triton_device == "cuda":
        pytest.skip("the interpreter counts for every device")
    from triton.runtime.interpreter import GridExecutor

    launched: list[str] = []
    run = GridExecutor.__call__
    monkeypatch.setattr(
        GridExecutor,
        "__call__",
        lambda self, *a, **k: launched.append(self.fn.__name__) or run(self, *a, **k),
    )
    model = VLModel(SMALL).to(torch.bfloat16)
    for name, module in model.language_model.model.named_modules():
        # The router's product is in our kernel.
        if isinstance(module, torch.nn.Linear) and not name.endswith(".gate"):
            module.register_forward_hook(lambda *_, name=name: launched.append(name.rsplit(".", 1)[-1]))
    with use_backend("triton", *KERNELS):
        step = DecodeStep(model.language_model, 1, 8, capture=False)
        step.cache.position = 1
        step.begin()
        step(torch.tensor([[9]]))
    experts = ["_product", "_choose", "stream", "stream", "combine"]
    lightning = ["norm_kernel", "qkv_proj", "_step", "output_gate", "norm_kernel", "out_proj", "norm_kernel"]
    softmax = ["norm_kernel", "q_proj", "k_proj", "v_proj", "store_kernel", "split_kernel", "combine_kernel"]
    assert launched == [*lightning, *experts, *softmax, "o_proj", "norm_kernel", *experts, "norm_kernel"]
