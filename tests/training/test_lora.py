"""Adapters: they alone learn, and merged they are the weights."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from sharpdepth_blender.engine.method import predict_latent  # noqa: E402
from training.diffusion import new_unet  # noqa: E402
from training.lora import add_adapters, merge_adapters  # noqa: E402

TIMESTEP = torch.tensor([999])


@pytest.fixture
def unet():
    torch.manual_seed(0)
    return new_unet([32, 32, 32, 32], 16).eval()


def answer(unet):
    torch.manual_seed(1)
    picture, noise, prompt = (
        torch.randn(1, 4, 16, 16),
        torch.randn(1, 4, 16, 16),
        torch.randn(1, 2, 32),
    )
    with torch.autocast("cpu", torch.bfloat16, enabled=False):
        return predict_latent(unet, picture, noise, TIMESTEP, prompt)


def test_only_adapters_learn_and_at_first_they_change_nothing(unet):
    before = answer(unet.to(torch.bfloat16))
    add_adapters(unet, rank=4)
    assert torch.equal(answer(unet), before)
    learning = {name: p for name, p in unet.named_parameters() if p.requires_grad}
    assert learning and all("lora_" in name for name in learning)
    assert all(parameter.dtype == torch.float32 for parameter in learning.values())
    assert all(p.dtype == torch.bfloat16 for n, p in unet.named_parameters() if "lora_" not in n)
    answer(unet).square().mean().backward()
    assert any(parameter.grad.abs().sum() > 0 for parameter in learning.values())


def test_merged_adapters_are_in_the_weights(unet):
    names = set(unet.state_dict())
    add_adapters(unet, rank=4)
    for name, parameter in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    with torch.no_grad():
        expected = answer(unet.float())
        merge_adapters(unet)
        merged = answer(unet)
    assert set(unet.state_dict()) == names
    torch.testing.assert_close(merged, expected, rtol=1e-4, atol=1e-4)


def test_a_unet_without_adapters_is_left_alone(unet):
    before = {name: value.clone() for name, value in unet.state_dict().items()}
    merge_adapters(unet)
    assert all(torch.equal(value, before[name]) for name, value in unet.state_dict().items())
