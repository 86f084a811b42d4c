"""Filling by the real engine in its own environment, seen from Blender's Python."""

import os
import time

import numpy as np
import pytest

from sharpdepth_blender.geometry.fill import fill_texture
from sharpdepth_blender.process import Engine, JobError

SHAPE = (90, 121)


@pytest.fixture(scope="module")
def engine():
    if "SHARPDEPTH_ENGINE" not in os.environ:
        pytest.skip("SHARPDEPTH_ENGINE names no engine environment")
    with Engine(cancel_seconds=60) as engine:
        yield engine


def wall(shape=SHAPE):
    y, x = np.indices(shape)
    stripes = 0.4 + 0.2 * (x // 7 % 2) + 0.001 * y
    hole = (np.abs(x - shape[1] // 2) < 15) & (y > 20)
    return np.stack([stripes, 0.8 * stripes, 0.5 * stripes]).astype(np.float32), hole


def check_alike(found, wanted, hole):
    """Another numpy, with another number of threads, adds up in another order."""
    np.testing.assert_array_equal(found[:, ~hole], wanted[:, ~hole])
    assert np.abs(found - wanted)[:, hole].mean() < 0.01


def test_texture_is_that_of_this_process(engine):
    values, hole = wall()
    events = []
    found = engine.fill(values, ~hole, hole).wait(events.append)
    check_alike(found.values, fill_texture(values, ~hole, hole), hole)
    assert found.notes == [] and found.seconds > 0
    fractions = [event.fraction for event in events if event.stage == "fill"]
    assert len(fractions) > 3 and fractions == sorted(fractions)
    again = engine.fill(values, ~hole, hole).wait()
    np.testing.assert_array_equal(found.values, again.values)


def test_texture_is_drawn_from_what_is_said(engine):
    values, hole = wall()
    usable = ~hole & (np.indices(SHAPE)[1] < SHAPE[1] // 3)
    found = engine.fill(values, ~hole, hole, source=values[::-1], usable=usable).wait()
    check_alike(found.values, fill_texture(values, ~hole, hole, values[::-1], usable), hole)


def test_a_cancel_is_answered_soon(engine):
    values, hole = wall((900, 1200))
    job = engine.fill(values, ~hole, hole)
    until = time.monotonic() + 100
    while not any(event.stage == "fill" for event in job.poll()):
        assert time.monotonic() < until and not job.done
        time.sleep(0.002)
    pid = engine.pid
    job.cancel()
    with pytest.raises(JobError) as caught:
        job.wait()
    assert caught.value.kind == "cancelled" and engine.pid == pid


def test_a_folder_without_a_model_is_named(engine, tmp_path):
    values, hole = wall()
    for folder, kind in ((tmp_path / "nowhere", "unknown_model"), (tmp_path, "weights_missing")):
        with pytest.raises(JobError, match=folder.name) as caught:
            engine.fill(values, ~hole, hole, model=folder, device="cpu").wait()
        assert caught.value.kind == kind and "\n" not in caught.value.message
