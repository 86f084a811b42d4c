"""The released sizes, 347 and 34 million weights, number for number."""

import pytest

pytestmark = pytest.mark.slow

V1, V2 = "unidepth_v1_vitl14", "unidepth_v2_vits14"


def check(errors):
    print(errors)
    assert {key: error for key, error in errors.items() if not error <= 1e-3} == {}


@pytest.mark.parametrize("name", ["a", "a_K"])
def test_v1_with_vit_l_equals_the_golden_numbers(load, golden, watch, relative_error, name):
    case = golden(V1, name)
    calls = watch(load(V1), "pixel_encoder")
    estimate = load(V1).predict(case["picture"], case.get("K_in"))
    blocks = calls["pixel_encoder"][0].output
    ours = {
        "depth_s4": estimate.depth[:, :, ::4, ::4],
        "points_s4": estimate.points[:, :, ::4, ::4],
        "K": tuple(estimate.intrinsics),
        "cls0": blocks[0][:, :1],
        "cls23": blocks[23][:, :1],
    }
    check({key: relative_error(ours[key], case[key]) for key in ours.keys() & case.keys()})


@pytest.mark.parametrize("name", ["a", "a_K"])
def test_v2_with_vit_s_equals_the_golden_numbers(load, golden, watch, relative_error, name):
    case = golden(V2, name)
    network = load(V2)
    calls = watch(network, "pixel_encoder", "pixel_decoder.camera_layer")
    estimate = network.predict(case["picture"], case.get("K_in"))
    last = calls["pixel_encoder"][0].output[11]
    errors = {
        "depth": relative_error(estimate.depth[:, :, ::4, ::4], case["depth_s4"]),
        "confidence": relative_error(estimate.confidence[:, :, ::4, ::4], case["confidence_s4"]),
        "cls11": relative_error(network.pixel_encoder.norm(last[:, :1]).detach(), case["cls11"]),
        "points z": relative_error(estimate.points[:, 2, ::4, ::4], case["points_s4"][:, 2]),
    }
    if name == "a":
        (call,) = calls["pixel_decoder.camera_layer"]
        errors["camera"] = relative_error([tuple(call.output)], case["camera_params"])
        errors["points"] = relative_error(estimate.points[:, :, ::4, ::4], case["points_s4"])
    check(errors)
