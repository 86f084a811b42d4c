"""UniDepth V2, number for number what the released code computes."""

import json
from shutil import copytree

import numpy as np
import pytest
import torch.nn.functional as F

from sharpdepth_blender.engine.unidepth import load_unidepth

MODEL = "unidepth_v2_tiny"
DEPTH = "pixel_decoder.depth_layer"
CAMERA = "pixel_decoder.camera_layer"
TOLERANCE = {"ray_embed": 1e-3}  # sines of high frequency near the optical axis, where digits end


@pytest.fixture(scope="module")
def fewer_pixels(release, tmp_path_factory):
    """The model with the bounds that the release calls resolution level 3 of 0 to 9."""
    folder = copytree(release(MODEL), tmp_path_factory.mktemp("level") / "three")
    config = json.loads((folder / "config.json").read_text())
    constraints = config["data"]["augmentations"]["shape_constraints"]
    least, most = constraints["pixels_min"], constraints["pixels_max"]
    step = (most - least) // 10
    constraints |= {"pixels_min": least + 3 * step, "pixels_max": least + 4 * step}
    (folder / "config.json").write_text(json.dumps(config))
    return load_unidepth(folder)


def missed(errors):
    return {key: error for key, error in errors.items() if not error <= TOLERANCE.get(key, 1e-4)}


def check(network, case, watch, relative_error):
    calls = watch(network, "pixel_encoder", CAMERA)
    estimate = network.predict(case["picture"], case.get("K_in"))
    seen = calls["pixel_encoder"][0].inputs[0]
    ours = {
        "depth": estimate.depth,
        "confidence": estimate.confidence,
        "confidence_s4": estimate.confidence[:, :, ::4, ::4],
    }
    if calls[CAMERA]:
        ours["camera_params"] = [tuple(calls[CAMERA][0].output)]
    if "net_input" in case:
        ours["net_input"] = seen[:, : case["net_input"].shape[1]]
    errors = {key: relative_error(ours[key], case[key]) for key in ours.keys() & case.keys()}
    errors["points z"] = relative_error(estimate.points[:, 2, ::4, ::4], case["points_s4"][:, 2])
    print(errors)
    assert len(errors) >= 3 and missed(errors) == {}
    return estimate, seen.shape[2:]


@pytest.mark.parametrize("name", ["a", "a_K", "b", "b_K", "c"])
def test_depth_confidence_and_camera_equal_the_golden_ones(
    load, golden, watch, relative_error, name
):
    check(load(MODEL), golden(MODEL, name), watch, relative_error)


def test_another_number_of_pixels_equals_the_golden_one(
    fewer_pixels, golden, watch, relative_error
):
    check(fewer_pixels, golden(MODEL, "a_lv3"), watch, relative_error)


def test_every_intermediate_equals_the_golden_one(load, golden, watch, relative_error):
    case = golden(MODEL, "a")
    network = load(MODEL)
    parts = {
        "prompt_out0": f"{DEPTH}.prompt_camera.0",
        "depth_features": f"{DEPTH}.to_latents",
        "up0_ch4": f"{DEPTH}.ups.0",
        "logdepth": f"{DEPTH}.to_depth_hr",
        "logconf": f"{DEPTH}.to_confidence_hr",
    }
    others = "pixel_encoder", "pixel_decoder.input_adapter", DEPTH
    calls = watch(network, *parts.values(), *others)
    network.predict(case["picture"])
    ours = {name: calls[part][0].output for name, part in parts.items()}

    blocks, adapted, _ = (calls[part][0].output for part in others)
    normed = {block: network.pixel_encoder.norm(blocks[block]).detach() for block in (0, 5)}
    ours |= {f"cls{block}": tokens[:, :1] for block, tokens in normed.items()}
    ours["enc5_ch4"] = normed[5][:, 1:, ::4].unflatten(1, (13, 17))
    ours["feat0"] = adapted[0].unflatten(1, (13, 17))
    ours["ray_embed"] = calls[parts["prompt_out0"]][0].inputs[1]
    ours["up0_ch4"] = ours["up0_ch4"][:, ::4]
    ours["depth_features"] = ours["depth_features"].transpose(1, 2).unflatten(2, (13, 17))
    rays = calls[DEPTH][0].inputs[1]
    ours["rays_hr_s"] = rays.flatten(2).transpose(1, 2)[:, ::97]

    errors = {name: relative_error(value, case[name]) for name, value in ours.items()}
    print(errors)
    assert missed(errors) == {}


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_points_equal_the_golden_ones_but_for_how_they_were_resized(
    load, golden, relative_error, name
):
    """The release resizes points, which leaves them beside their pixels, most at the border."""
    case = golden(MODEL, name)
    points = load(MODEL).predict(case["picture"]).points[:, :, ::4, ::4]
    assert relative_error(points, case["points_s4"]) <= 2e-3
    if "rays_s4" in case:
        assert relative_error(F.normalize(points, dim=1), case["rays_s4"]) <= 1e-3
        assert relative_error(points.norm(dim=1, keepdim=True), case["radius_s4"]) <= 1e-3


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_found_intrinsics_follow_how_each_side_was_stretched(
    load, golden, watch, relative_error, name
):
    """The release brings them back by one factor, and its own points lie elsewhere."""
    case = golden(MODEL, name)
    estimate, seen = check(load(MODEL), case, watch, relative_error)
    height, width = case["depth"].shape[2:]
    padded = {"a": (240, 320), "b": (144, 360), "c": (300, 150)}[name]
    down, across = (side / whole for side, whole in zip(seen, padded, strict=True))
    fx, fy, cx, cy = estimate.intrinsics
    left, top = (padded[1] - width) // 2, (padded[0] - height) // 2
    again = [fx * across, fy * down, (cx + left) * across, (cy + top) * down]
    assert relative_error([again], case["camera_params"]) <= 1e-4

    x, y, z = case["points_s4"][0].astype(np.float64)
    u, v = np.meshgrid(np.arange(0, width, 4) + 0.5, np.arange(0, height, 4) + 0.5)
    inside = np.s_[1:-1, 1:-1]  # resizing bends the release's points at the border

    def beside(fx, fy, cx, cy):
        """Pixels between where the release's points fall and where they belong."""
        return max(
            np.abs(fx * x / z + cx - u)[inside].max(), np.abs(fy * y / z + cy - v)[inside].max()
        )

    assert beside(*estimate.intrinsics) < 0.2
    assert beside(*case["K"]) > 1


def test_given_intrinsics_are_not_found_as_well(load, golden, watch):
    case = golden(MODEL, "a_K")
    calls = watch(load(MODEL), CAMERA)
    load(MODEL).predict(case["picture"], case["K_in"])
    assert calls[CAMERA] == []
