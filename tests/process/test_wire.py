"""Request dataclasses as messages and back."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from sharpdepth_blender.process.errors import JobError
from sharpdepth_blender.process.infer_request import InferRequest
from sharpdepth_blender.process.wire import from_message, to_message

RGB = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
EVERY = InferRequest(
    RGB, (5, 6, 7, 8), np.ones((4, 6)), np.ones((2, 3)), Path("/mine"), "other", "cpu", "bf16",
    512, "tiles", 3, True,
)  # fmt: skip


@pytest.mark.parametrize("request_", [EVERY, InferRequest(RGB)])
def test_a_request_comes_back_whole(request_):
    message, arrays = to_message(request_)
    line = json.loads(json.dumps({**message, **{name: name for name in arrays}}))
    back = from_message(InferRequest, {**line, "id": 7, "folder": "/tmp"}, arrays.__getitem__)
    for field in fields(InferRequest):
        ours, theirs = getattr(back, field.name), getattr(request_, field.name)
        np.testing.assert_array_equal(ours, theirs)
        assert type(ours) is type(theirs)


def test_the_message_on_the_wire():
    message, arrays = to_message(EVERY)
    assert message == {
        "type": "infer", "intrinsics": (5.0, 6.0, 7.0, 8.0), "model": "/mine",
        "estimator": "other", "device": "cpu", "precision": "bf16", "resolution": 512,
        "detail": "tiles", "seed": 3, "ahead": True,
    }  # fmt: skip
    assert list(arrays) == ["rgb", "metric_depth", "metric_points"]
    assert list(to_message(InferRequest(RGB))[1]) == ["rgb"]


def test_the_message_has_copies():
    rgb = RGB.copy()
    _, arrays = to_message(InferRequest(rgb))
    rgb[:] = 0
    np.testing.assert_array_equal(arrays["rgb"], RGB)


@pytest.mark.parametrize(
    ("changes", "named"), [({"sharpness": 2, "blur": 1}, "blur, sharpness"), ({"rgb": ...}, "rgb")]
)
def test_fields_too_many_and_too_few_are_refused(changes, named):
    message = {"type": "infer", "id": 1, "folder": "/tmp", "rgb": "rgb.npy"} | changes
    message = {name: value for name, value in message.items() if value is not ...}
    with pytest.raises(JobError, match=named) as caught:
        from_message(InferRequest, message, lambda file: RGB)
    assert caught.value.kind == "bad_message"


def test_an_option_that_there_is_not_is_refused(engine):
    with pytest.raises(TypeError, match="sharpness"):
        engine.infer(RGB, sharpness=2)
