"""The text model on its kernels: logits as on PyTorch's rows, through padding, chunks and fixed steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from minimax_vl.decode import DecodeStep
from minimax_vl.kernels.backends import TABLE, use_backend
from minimax_vl.kernels.testing import assert_close
from minimax_vl.loading.homes import Homes
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.model import VLModel
from minimax_vl.offload import connect
from minimax_vl.presets import DEBUG
from minimax_vl.quantised import hold_quantised
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


def quantised(bits: int | None, dtype: torch.dtype, device: str) -> VLModel:
    model = randomise(VLModel(SMALL))
    if bits:
        hold_quantised(model, quantised_parameters(SMALL, bits))
    return model.to(device, dtype)


def keep_whole(model: VLModel) -> None:
    """A hook wants the whole of what a module makes, so its sum is not left to anyone."""

    def hook(_module: object, _args: object, made: object) -> None:
        assert isinstance(made, torch.Tensor)

    for module in model.language_model.model.modules():
        if hasattr(module, "unsummed"):
            module.register_forward_hook(hook)


@pytest.mark.parametrize(
    ("bits", "dtype"),
    [(8, torch.float32), (4, torch.float32), (4, torch.bfloat16), (None, torch.bfloat16)],
    ids=["int8-fp32", "int4-fp32", "int4-bf16", "bf16"],
)
@torch.inference_mode()
def test_who_adds_up_makes_no_difference(bits: int | None, dtype: torch.dtype, triton_device: str) -> None:
    """Norms and steps what they read, or a border of stages, or whoever made the parts."""
    model = quantised(bits, dtype, triton_device)

    def token(runs: list[list[int]]) -> torch.Tensor:
        step = DecodeStep(model.language_model, 2, 8, capture=False, runs=runs)
        step.cache.position = 1
        step.begin()
        return step(torch.tensor([[5], [9]])).clone()

    with use_backend("triton", *KERNELS):
        joined = token([[0, 1]])
        connect(model, Homes(triton_device, (triton_device,) * 2, triton_device))
        staged = token([[0], [1]])
        keep_whole(model)
        apart = token([[0, 1]])
    for got in (staged, apart):
        assert_close("logits", joined, got, 1e-5 if dtype == torch.float32 else 0.01)


def launches(model: VLModel, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Our kernels, and products that are PyTorch's, in one step of decode."""
    from triton.runtime.interpreter import GridExecutor

    launched: list[str] = []
    run = GridExecutor.__call__
    monkeypatch.setattr(
        GridExecutor,
        "__call__",
        lambda self, *a, **k: launched.append(self.fn.__name__) or run(self, *a, **k),
    )
    for name, module in model.language_model.model.named_modules():
        # The router's product is in our kernel.
        if isinstance(module, torch.nn.Linear) and not name.endswith(".gate"):
            module.register_forward_hook(lambda *_, name=name: launched.append(name.rsplit(".", 1)[-1]))
    with use_backend("triton", *KERNELS):
        step = DecodeStep(model.language_model, 1, 8, capture=False)
        step.cache.position = 1
        step.begin()
        step(torch.tensor([[9]]))
    return launched


EXPERTS = {
    None: ["stream", "stream"],
    8: ["_limbs", "stream", "stream"],
    4: ["_limbs", "stream", "_limbs", "stream"],
}


@pytest.mark.parametrize("bits", [None, 8, 4])
@torch.inference_mode()
def test_launches_of_a_decode_step(
    bits: int | None, triton_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a graph replays: our kernels and products per layer. A new one shows here before it shows on a clock."""
    if triton_device == "cuda":
        pytest.skip("the interpreter counts for every device")
    launched = launches(quantised(bits, torch.bfloat16, triton_device), monkeypatch)
    qkv, gate, out, q, k, v, o = (
        "stream" if bits else name
        for name in ("qkv_proj", "output_gate", "out_proj", "q_proj", "k_proj", "v_proj", "o_proj")
    )
    # No sum of a product's parts is a launch: who reads them next adds them up.
    experts = ["norm_kernel", "_product", "_choose", *EXPERTS[bits]]
    lightning = ["norm_kernel", qkv, "_step", gate, "norm_kernel", out, *experts]
    softmax = ["norm_kernel", q, k, v, "store_kernel", "split_kernel", "combine_kernel", o, *experts]
    head = ["stream"] if bits else []
    assert launched == [*lightning, *softmax, "norm_kernel", *head]
