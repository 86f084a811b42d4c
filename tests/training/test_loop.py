"""What all training loops share: rates, averages, states that only their own run goes on with."""

import re
from copy import deepcopy
from itertools import pairwise
from math import cos, pi

import pytest

torch = pytest.importorskip("torch")

from training import loop  # noqa: E402
from training.loop import (  # noqa: E402
    DivergedError,
    StageMissingError,
    State,
    StateError,
    load_model,
    optimizer_step,
    run_settings,
    set_learning_rate,
    update_ema,
)
from training.settings import Config, Evaluate  # noqa: E402


def network():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


def test_the_rate_rises_along_a_line_and_falls_along_half_a_cosine():
    optimizer = torch.optim.SGD(network().parameters())
    rates = [set_learning_rate(optimizer, step, 20, 4e-3, 4) for step in range(20)]
    assert rates[:4] == pytest.approx([1e-3, 2e-3, 3e-3, 4e-3])
    assert rates[4:] == pytest.approx([2e-3 * (1 + cos(pi * k / 16)) for k in range(16)])
    assert optimizer.param_groups[0]["lr"] == rates[-1] < rates[-2]


@pytest.mark.parametrize(("step", "decay"), [(0, 1 / 10), (5, 6 / 15), (10**6, 0.9)])
def test_the_average_is_fast_while_it_is_young(step, decay):
    mean, model = network(), network()
    with torch.no_grad():
        model.weight += 1
    before = mean.weight.clone()
    update_ema(mean, model, 0.9, step)
    torch.testing.assert_close(mean.weight, before + (1 - decay))


def test_the_average_leaves_what_does_not_learn():
    mean, model = network(), network()
    model.weight.requires_grad_(False)
    with torch.no_grad():
        model.weight += 1
        model.bias += 1
    update_ema(mean, model, 0.5, 100)
    assert torch.equal(mean.weight, network().weight)
    torch.testing.assert_close(mean.bias, network().bias + 0.5)


def test_a_step_is_clipped_and_a_loss_that_is_no_number_ends_the_run():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    before = deepcopy(model.state_dict())
    optimizer_step(1000 * model(torch.ones(1, 3)).sum(), model, optimizer)
    moved = sum((model.state_dict()[name] - before[name]).pow(2).sum() for name in before)
    assert moved.sqrt() == pytest.approx(1, rel=1e-4)
    with pytest.raises(DivergedError, match="the loss is nan"):
        optimizer_step(model(torch.full((1, 3), torch.nan)).sum(), model, optimizer)


SETTINGS = {"steps": 4, "widths": [1, 2], "validate_every": 5}


def test_a_state_goes_on_with_its_own_settings_alone(tmp_path):
    first = network()
    State(tmp_path, SETTINGS, model=first).save(3)
    other = torch.nn.Linear(3, 2)
    assert State(tmp_path, SETTINGS | {"validate_every": 1}, model=other).step == 3
    assert torch.equal(first.weight, other.weight)
    with pytest.raises(StateError, match="started with steps = 4, not 5, widths"):
        State(tmp_path, SETTINGS | {"steps": 5, "widths": [3]}, model=other)
    with pytest.raises(StateError, match="different networks"):
        State(tmp_path, SETTINGS, model=torch.nn.Linear(4, 2))


@pytest.mark.parametrize("native", [True, False])
def test_a_cpu_without_bfloat16_computes_in_float32(native, monkeypatch):
    monkeypatch.setattr(loop, "device", lambda: "cpu")
    monkeypatch.setattr(loop, "has_fast_bfloat16", lambda: native)
    with loop.autocast():
        answer = network()(torch.ones(1, 3))
    assert answer.dtype == (torch.bfloat16 if native else torch.float32)


@pytest.mark.parametrize("damage", [b"", b"no state", None])
def test_a_damaged_state_is_named(tmp_path, damage):
    State(tmp_path, SETTINGS, model=network()).save(3)
    path = tmp_path / "state.pt"
    path.write_bytes(path.read_bytes()[:200] if damage is None else damage)
    with pytest.raises(StateError, match=re.escape(f"{path} is damaged")):
        State(tmp_path, SETTINGS, model=network())


def test_saving_takes_a_small_share_of_the_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])
    state = State(tmp_path, SETTINGS, model=network())

    def slow_replace(*paths):
        now[0] += 30

    monkeypatch.setattr(loop.os, "replace", slow_replace)
    saves = []
    monkeypatch.setattr(state, "save", lambda step: (saves.append(now[0]), State.save(state, step)))
    for step in range(2000):
        now[0] += 1
        state.save_sometimes(step)
    assert saves[0] == 61 and len(saves) > 2
    assert all(later - before > 600 for before, later in pairwise(saves))


def test_what_a_killed_run_left_half_written_is_removed(tmp_path):
    (tmp_path / ".0123456789ab.pt").write_bytes(b"half")
    State(tmp_path, {}).save(1)
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def test_a_result_follows_from_its_table_and_what_all_share():
    evaluate = Evaluate(split="test", datasets=[], seed=5, shown=3)
    config = Config(seed=1, processing_resolution=64, folder="x", evaluate=evaluate)
    assert run_settings(config, config.evaluate, of_a_step=2) == {
        "seed": 5, "processing_resolution": 64, "split": "test", "datasets": [], "shown": 3,
        "of_a_step": 2,
    }  # fmt: skip


def test_a_stage_that_was_not_run_is_named(tmp_path):
    with pytest.raises(StageMissingError, match="run the stage vae first"):
        load_model(torch.nn.Linear, tmp_path / "vae" / "model")
