"""UniDepth V1, number for number what the released code computes."""

import numpy as np
import pytest
import torch

MODEL = "unidepth_v1_tiny"
DEPTH = "pixel_decoder.depth_layer"
HEADS = {f"{DEPTH}.out{size}": f"out{size}" for size in (8, 4, 2)}


@pytest.mark.parametrize("name", ["a", "a_K", "a_Kskip", "b", "b_K", "c"])
def test_depth_camera_and_points_equal_the_golden_ones(load, golden, watch, relative_error, name):
    case = golden(MODEL, name)
    network = load(MODEL)
    calls = watch(network, "pixel_encoder", *HEADS)
    estimate = network.predict(case["picture"], case.get("K_in"))
    ours = {"depth": estimate.depth, "net_input": calls["pixel_encoder"][0].inputs[0]}
    ours |= {key: calls[part][0].output.exp() for part, key in HEADS.items()}
    ours |= {"K": tuple(estimate.intrinsics), "points_s4": estimate.points[:, :, ::4, ::4]}
    errors = {key: relative_error(ours[key], case[key]) for key in ours.keys() & case.keys()}
    print(name, errors)
    assert {"depth", "out8", "out4", "out2"} <= errors.keys()
    assert {key: error for key, error in errors.items() if not error <= 1e-4} == {}


def test_every_intermediate_equals_the_golden_one(load, golden, watch, relative_error):
    case = golden(MODEL, "a")
    network = load(MODEL)
    parts = {
        "level_embed": "pixel_decoder.level_embed_layer",
        "ray_emb16": f"{DEPTH}.project_rays16",
        "latents16_init": f"{DEPTH}.to_latents",
        "latents16_agg": f"{DEPTH}.aggregate_16",
        "latents16_prompt": f"{DEPTH}.prompt_camera",
        "depth_features": f"{DEPTH}.layers_16.1",
        "up8": f"{DEPTH}.up8",
        "layers8": f"{DEPTH}.layers_8.0",
    }
    others = "pixel_encoder", "pixel_decoder.input_adapter", "pixel_decoder.camera_layer", DEPTH
    calls = watch(network, *parts.values(), *others)
    network.predict(case["picture"])
    ours = {name: calls[part][0].output for name, part in parts.items()}

    blocks, levels, camera, _ = (calls[part][0].output for part in others)
    for block in (0, 5):
        ours[f"cls{block}"] = blocks[block][:, :1]
        ours[f"enc{block}"] = blocks[block][:, 1:].reshape(1, 9, 12, 64)
    ours["features"] = torch.stack(levels, dim=-1)
    height, width = case["net_input"].shape[2:]
    fx, fy, cx, cy = camera
    half = max(height, width) / 2
    ours["camera_raw"] = [[[fx / half, 0, cx / width], [0, fy / half, cy / height], [0, 0, 1]]]
    positions = calls[DEPTH][0].inputs[1]  # sines of places and, a row each, embeddings of levels
    ours["pos_embed"] = positions[:, :120] - ours["level_embed"].repeat_interleave(108, 0)[:120]
    ours["level_embed"] = ours["level_embed"][None]
    ours["sh16"] = calls[parts["ray_emb16"]][0].inputs[0]
    ours["depth_features"] = ours["depth_features"].transpose(1, 2).reshape(1, 64, 9, 12)

    errors = {name: relative_error(value, case[name]) for name, value in ours.items()}
    print(errors)
    assert {key: error for key, error in errors.items() if not error <= 1e-4} == {}


def test_points_with_given_intrinsics_do_not_repeat_the_released_fault(load, golden):
    """The release unprojects with the intrinsics that it scaled for the network."""
    case = golden(MODEL, "b_K")
    points = load(MODEL).predict(case["picture"], case["K_in"]).points[0].numpy()
    fx, fy, cx, cy = case["K_in"]
    u, v = np.meshgrid(np.arange(320) + 0.5, np.arange(200) + 0.5)
    depth = case["depth"][0, 0]
    truth = np.stack([(u - cx) / fx * depth, (v - cy) / fy * depth, depth])
    np.testing.assert_allclose(points, truth, atol=1e-4 * np.abs(truth).max())


def test_given_intrinsics_are_not_found_as_well(load, golden, watch):
    case = golden(MODEL, "a_K")
    calls = watch(load(MODEL), "pixel_decoder.camera_layer")
    load(MODEL).predict(case["picture"], case["K_in"])
    assert calls["pixel_decoder.camera_layer"] == []
