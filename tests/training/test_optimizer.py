"""Muon for inner weights and AdamW for the others, as one optimizer."""

import pytest

torch = pytest.importorskip("torch")

from training.loop import set_learning_rate  # noqa: E402
from training.optimizer import MatrixOptimizer, PlainMuon  # noqa: E402


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.stem = torch.nn.Conv2d(3, 4, 3)
        self.inner = torch.nn.Conv2d(4, 6, 3)
        self.head = torch.nn.Linear(6, 2)

    def forward(self, picture):
        return self.head(self.inner(self.stem(picture)).mean((2, 3)))


def optimizer_of(network):
    optimizer = MatrixOptimizer(network, [network.stem, network.head], weight_decay=0.1)
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    return optimizer


def train(network, optimizer, steps):
    for step in steps:
        picture = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        network(picture).square().sum().backward()
        optimizer.step()


def test_inner_weights_learn_by_muon_and_all_others_by_adamw(monkeypatch):
    monkeypatch.setattr("training.optimizer.bfloat16_pays", lambda: True)
    together, apart = Network(), Network()
    train(together, optimizer_of(together), range(3))

    matrix = torch.nn.Parameter(apart.inner.weight.data.view(6, -1))
    muon = torch.optim.Muon([matrix], lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    others = [p for name, p in apart.named_parameters() if name != "inner.weight"]
    adamw = torch.optim.AdamW(others, lr=0.01, weight_decay=0.1)
    for step in range(3):
        picture = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        apart.zero_grad()
        apart(picture).square().sum().backward()
        matrix.grad = apart.inner.weight.grad.view(6, -1)
        muon.step()
        adamw.step()
    for one, other in zip(together.parameters(), apart.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("pays", [True, False])
def test_an_update_leaves_no_direction_behind(pays, monkeypatch):
    monkeypatch.setattr("training.optimizer.bfloat16_pays", lambda: pays)
    network = Network()
    before = network.inner.weight.detach().clone()
    optimizer = MatrixOptimizer(network, [network.stem, network.head], weight_decay=0.0)
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    left, _ = torch.linalg.qr(torch.randn(6, 6))
    right, _ = torch.linalg.qr(torch.randn(36, 6))
    gradient = left @ torch.diag(torch.logspace(0, -1.5, 6)) @ right.T
    for weight in network.parameters():
        weight.grad = torch.zeros_like(weight)
    network.inner.weight.grad = gradient.view_as(network.inner.weight).clone()
    optimizer.step()
    change = (network.inner.weight.detach() - before).view(6, -1)
    sizes = torch.linalg.svdvals(change)
    assert sizes[5] > 0.4 * sizes[0] > 0


@pytest.mark.parametrize("shape", [(6, 40), (40, 6), (7, 7)])
def test_muon_in_float32_updates_as_that_in_bfloat16(shape):
    torch.manual_seed(1)
    start, gradients = torch.randn(shape), torch.randn(4, *shape)
    ends = []
    for kind in (torch.optim.Muon, PlainMuon):
        matrix = torch.nn.Parameter(start.clone())
        options = {"lr": 0.01, "weight_decay": 0.1, "adjust_lr_fn": "match_rms_adamw"}
        optimizer = kind([matrix], **options)
        for gradient in gradients:
            matrix.grad = gradient.clone()
            optimizer.step()
        ends.append((matrix.detach() - start, optimizer.state[matrix].pop("momentum_buffer")))
        assert not optimizer.state[matrix]
    (published, buffer), (ours, own) = ends
    assert torch.allclose(buffer, own)
    assert (published - ours).norm() < 0.02 * published.norm()


@pytest.mark.parametrize("pays", [True, False])
def test_it_goes_on_exactly(pays, monkeypatch):
    monkeypatch.setattr("training.optimizer.bfloat16_pays", lambda: pays)
    whole, first = Network(), Network()
    train(whole, optimizer_of(whole), range(4))
    optimizer = optimizer_of(first)
    train(first, optimizer, range(2))
    again = Network()
    again.load_state_dict(first.state_dict())
    resumed = optimizer_of(again)
    resumed.load_state_dict(optimizer.state_dict())
    train(again, resumed, range(2, 4))
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_pretrained_part_learns_slower_and_a_frozen_one_not_at_all():
    network = Network()
    network.head.requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = MatrixOptimizer(network, [], 0.0, pretrained=network.stem, share=0.1)
    set_learning_rate(optimizer, step=5, steps=10_000, peak=0.01, warmup=5)
    train(network, optimizer, range(1))
    moved = {
        name: (value - before[name]).abs().max() for name, value in network.state_dict().items()
    }
    assert moved["head.weight"] == moved["head.bias"] == 0
    # AdamW's first step is the learning rate, whatever the gradient.
    assert moved["stem.weight"] == pytest.approx(0.001, rel=1e-3)
    assert moved["inner.bias"] == pytest.approx(0.01, rel=1e-3)
