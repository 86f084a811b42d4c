"""transformers' metric models, tiny and random but in the true format, against its own way."""

import json
import shutil
from math import degrees, radians, tan
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import (
    BeitConfig,
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    DepthProConfig,
    DepthProForDepthEstimation,
    DPTImageProcessorPil,
    ZoeDepthConfig,
    ZoeDepthForDepthEstimation,
    ZoeDepthImageProcessorPil,
)
from transformers.models.zoedepth import image_processing_pil_zoedepth

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import load_estimator
from sharpdepth_blender.engine.transformers_metric import TransformersMetric
from sharpdepth_blender.geometry import Intrinsics
from tests.engine.tiny_depth_anything import STAGES, tiny_settings

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALVES = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
CAMERA = Intrinsics(60, 60, 32, 24, 64, 48)


def depth_anything():
    config = DepthAnythingConfig(**tiny_settings(), max_depth=20)
    processor = DPTImageProcessorPil(
        size={"height": 70, "width": 70},
        ensure_multiple_of=14,
        keep_aspect_ratio=True,
        resample=3,
        **IMAGENET,
    )
    return DepthAnythingForDepthEstimation(config), processor


def zoedepth(*heads):
    backbone = BeitConfig(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=16,
        use_relative_position_bias=True,
        reshape_hidden_states=False,
        out_features=STAGES,
    )
    config = ZoeDepthConfig(
        backbone_config=backbone,
        neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=16,
        num_relative_features=8,
        bottleneck_features=16,
        bin_embedding_dim=16,
        num_attractors=[4, 2, 2, 1],
        bin_configurations=[
            {"name": name, "n_bins": 8, "min_depth": 1e-3, "max_depth": farthest}
            for name, farthest in zip(heads, (10.0, 80.0), strict=False)
        ],
        num_patch_transformer_layers=4,
        patch_transformer_hidden_size=128,
        patch_transformer_intermediate_size=32,
        patch_transformer_num_attention_heads=4,
    )
    processor = ZoeDepthImageProcessorPil(
        size={"height": 64, "width": 96},
        ensure_multiple_of=32,
        keep_aspect_ratio=True,
        resample=2,
        **HALVES,
    )
    return ZoeDepthForDepthEstimation(config), processor


def depth_pro():
    encoder = dict(
        model_type="dinov2",
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=16,
        patch_size=4,
    )
    config = DepthProConfig(
        patch_size=16,
        fusion_hidden_size=16,
        intermediate_hook_ids=[1, 0],
        intermediate_feature_dims=[8, 8],
        scaled_images_feature_dims=[8, 8, 8],
        use_fov_model=True,
        num_fov_head_layers=2,
        image_model_config=dict(encoder),
        patch_model_config=dict(encoder),
        fov_model_config=dict(encoder),
    )
    return DepthProForDepthEstimation(config), None


MAKERS = {
    "depth anything": depth_anything,
    "zoedepth": lambda: zoedepth("nyu"),
    "zoedepth nk": lambda: zoedepth("nyu", "kitti"),
    "depth pro": depth_pro,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder of each kind, as released ones are; no test may change them."""
    folders = {}
    for kind, make in MAKERS.items():
        folder = tmp_path_factory.mktemp(kind.replace(" ", "_"))
        torch.manual_seed(3)
        network, processor = make()
        with torch.no_grad():
            for name, weights in network.named_parameters():
                if "mlp_classifier.linear2" in name:  # one head, whatever the picture
                    weights.copy_(torch.tensor([2.0, -2.0]) if weights.dim() == 1 else 0 * weights)
                elif weights.dim() > 1:  # the library's own beginnings answer almost one number
                    gain = 1.5 if "zoe" in kind else 0.8
                    weights.normal_(0, gain * weights[0].numel() ** -0.5)
                elif name == "fov_model.head.layers.4.bias":
                    weights.fill_(50)  # degrees
                elif name == "head.layers.4.bias":
                    weights.fill_(0.5)
        network.save_pretrained(folder)
        if processor:
            processor.save_pretrained(folder)
        else:  # the library's own is not there without torchvision; this is what it saves
            settings = {"size": {"height": 64, "width": 64}, "rescale_factor": 1 / 255, **HALVES}
            settings |= {"image_processor_type": "DepthProImageProcessor", "resample": 2}
            (folder / "preprocessor_config.json").write_text(json.dumps(settings))
        folders[kind] = folder
    return folders


@pytest.fixture(scope="module")
def models(folders):
    return {kind: TransformersMetric.from_folder(folder) for kind, folder in folders.items()}


@pytest.fixture
def changed(folders, tmp_path):
    """A copy of a folder whose config.json is changed by what the test says."""

    def change(kind, **entries):
        folder = tmp_path / "changed"
        shutil.copytree(folders[kind], folder)
        config = json.loads((folder / "config.json").read_text()) | entries
        config = {key: value for key, value in config.items() if value is not ...}
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    return change


def picture(height, width, seed=0):
    """Large shapes of different colors with a little noise, (1, 3, height, width) in 0..255."""
    random = np.random.default_rng(seed)
    shapes = torch.from_numpy(random.uniform(0, 255, (1, 3, 4, 5)))
    large = F.interpolate(shapes, (height, width), mode="nearest")
    noise = torch.from_numpy(random.uniform(-20, 20, large.shape))
    return (large + noise).clamp(0, 255).round().float()


def array(picture):
    return picture[0].permute(1, 2, 0).numpy().astype(np.uint8)


def within(depth, answer):
    """Bicubic enlarging overshoots; ours is held within what the network said."""
    return np.clip(np.asarray(depth), float(answer.min()), float(answer.max()))


# Equal to transformers' own way

SIZES = [(48, 64), (64, 40), (33, 47), (70, 70)]


@pytest.mark.parametrize("size", SIZES)
def test_depth_anything_equals_transformers_own_way(models, folders, size):
    network = DepthAnythingForDepthEstimation.from_pretrained(folders["depth anything"]).eval()
    processor = DPTImageProcessorPil.from_pretrained(folders["depth anything"])
    with torch.no_grad():
        outputs = network(**processor(images=array(picture(*size)), return_tensors="pt"))
    (wanted,) = processor.post_process_depth_estimation(outputs, target_sizes=[size])
    wanted = within(wanted["predicted_depth"], outputs.predicted_depth)
    assert wanted.std() > 0.01
    depth = models["depth anything"].predict(picture(*size)).depth
    assert depth.shape == (1, 1, *size)
    np.testing.assert_allclose(depth[0, 0], wanted, rtol=1e-5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["zoedepth", "zoedepth nk"])
def test_zoedepth_equals_transformers_own_way(models, folders, monkeypatch, kind, size):
    """The library's post-processing, with what it takes of torchvision put in its place."""

    def resize(depth, size, interpolation, antialias):
        assert interpolation == "bicubic" and not antialias
        return F.interpolate(depth[None], tuple(size), mode="bicubic")[0]

    stand_in = SimpleNamespace(resize=resize, InterpolationMode=SimpleNamespace(BICUBIC="bicubic"))
    monkeypatch.setattr(image_processing_pil_zoedepth, "tvF", stand_in, raising=False)
    network = ZoeDepthForDepthEstimation.from_pretrained(folders[kind]).eval()
    processor = ZoeDepthImageProcessorPil.from_pretrained(folders[kind])
    pixels = processor(images=array(picture(*size)), return_tensors="pt").pixel_values
    with torch.no_grad():
        outputs, flipped = network(pixels), network(pixels.flip(3))
    answer = (outputs.predicted_depth + flipped.predicted_depth.flip(2)) / 2
    (wanted,) = processor.post_process_depth_estimation(
        outputs, source_sizes=[size], outputs_flipped=flipped
    )
    wanted = within(wanted["predicted_depth"], answer)
    assert wanted.std() > 1e-3
    depth = models[kind].predict(picture(*size)).depth
    assert depth.shape == (1, 1, *size)
    # Two pictures at once or one after the other: with two threads the last digits differ.
    np.testing.assert_allclose(depth[0, 0], wanted, rtol=0, atol=2e-4 * float(wanted.max()))


def test_zoedepth_without_padding_pads_nothing(changed):
    folder = changed("zoedepth")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | {"do_pad": False}))
    model = TransformersMetric.from_folder(folder)
    processor = ZoeDepthImageProcessorPil.from_pretrained(folder)
    seen = picture(64, 96)
    pixels = processor(images=array(seen), return_tensors="pt").pixel_values
    assert pixels.shape == seen.shape
    with torch.no_grad():
        both = model.network(torch.cat([pixels, pixels.flip(3)])).predicted_depth
    np.testing.assert_allclose(
        model.predict(seen).depth[0, 0], (both[0] + both[1].flip(1)) / 2, rtol=1e-5
    )


def test_zoedepth_of_the_mirror_image_is_the_mirrored_depth(models):
    seen = picture(48, 64)
    depth, mirrored = (models["zoedepth nk"].predict(each).depth for each in (seen, seen.flip(3)))
    np.testing.assert_allclose(mirrored.flip(3), depth, rtol=1e-4)


def test_the_two_headed_zoedepth_uses_one_head_for_a_picture_and_its_mirror_image(folders):
    model = TransformersMetric.from_folder(folders["zoedepth nk"])
    head = model.network.metric_head
    used = []
    for name, regressor in head.seed_bin_regressors.items():
        regressor.register_forward_hook(lambda *_, name=name: used.append(name))
    seen = picture(48, 64)
    answers = {}
    for name, logits in {"nyu": [1.0, -1.0], "kitti": [-1.0, 1.0]}.items():
        with torch.no_grad():
            head.mlp_classifier.linear2.weight.zero_()
            head.mlp_classifier.linear2.bias.copy_(torch.tensor(logits))
        answers[name] = model.predict(seen).depth
    assert used == ["nyu", "kitti"]
    assert not torch.allclose(answers["nyu"], answers["kitti"])


# Depth Pro


@pytest.mark.parametrize("size", [(64, 64), (48, 96), (96, 48), (33, 47)])
def test_depth_pro_is_focal_length_over_width_and_canonical_inverse_depth(models, folders, size):
    seen = picture(*size)
    network = DepthProForDepthEstimation.from_pretrained(folders["depth pro"]).eval()
    square = F.interpolate((seen / 255 - 0.5) / 0.5, (64, 64), mode="bilinear")
    with torch.no_grad():
        answer = network(square)
    canonical = F.interpolate(answer.predicted_depth[:, None], size, mode="bilinear")
    assert canonical.std() > 1e-3
    height, width = size
    focal = width / 2 / tan(radians(float(answer.field_of_view)) / 2)
    estimate = models["depth pro"].predict(seen)
    np.testing.assert_allclose(estimate.depth, focal / (width * canonical), rtol=1e-4)
    assert tuple(estimate.intrinsics) == pytest.approx(
        (focal, focal, width / 2, height / 2), rel=1e-5
    )
    assert estimate.notes == []


def test_twice_the_focal_length_is_twice_the_depth(models):
    model, seen = models["depth pro"], picture(48, 64)
    found = model.predict(seen)
    again = model.predict(seen, found.intrinsics)
    np.testing.assert_allclose(again.depth, found.depth, rtol=1e-5)
    fx, fy, cx, cy = found.intrinsics
    other = Intrinsics(2 * fx, fy, cx + 3, cy - 2, 64, 48)
    double = model.predict(seen, other)
    np.testing.assert_allclose(double.depth, 2 * found.depth, rtol=1e-5)
    assert double.intrinsics == other
    (note,) = double.notes
    across = degrees(2 * np.arctan(32 / (2 * fx)))
    assert f"{across:.1f} degrees" in note and "estimate" in note


@pytest.mark.parametrize("size", [(48, 64), (96, 128), (24, 32), (48, 31)])
def test_depth_pro_finds_the_same_angle_at_every_size(models, size):
    """The network sees a square whatever it is given; the focal length is in pixels of that."""
    seen = F.interpolate(picture(12, 16), size, mode="nearest")
    fx, fy, cx, cy = models["depth pro"].predict(seen).intrinsics
    assert fx == fy and (cx, cy) == (size[1] / 2, size[0] / 2)
    reference = models["depth pro"].predict(F.interpolate(picture(12, 16), (64, 64)))
    assert fx / size[1] == pytest.approx(reference.intrinsics.fx / 64, rel=0.05)


@pytest.mark.parametrize("degrees", [-3.0, 0.0, 180.0, 400.0])
def test_a_field_of_view_that_no_camera_has_is_an_error_unless_one_is_known(folders, degrees):
    model = TransformersMetric.from_folder(folders["depth pro"])
    with torch.no_grad():
        last = model.network.fov_model.head.layers[-1]
        last.weight.zero_()
        last.bias.fill_(degrees)
    with pytest.raises(EngineError, match="specify the camera") as error:
        model.predict(picture(48, 64))
    assert error.value.kind == "bad_depth"
    assert model.predict(picture(48, 64), CAMERA).depth.min() > 0


# Every model


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 300), (300, 1), (47, 33), (5, 5)])
def test_every_size_works(models, kind, size):
    estimate = models[kind].predict(picture(*size))
    assert estimate.depth.shape == (1, 1, *size) and estimate.depth.dtype == torch.float32
    assert torch.isfinite(estimate.depth).all() and estimate.depth.min() > 0


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_pictures_work(models, kind, value):
    depth = models[kind].predict(torch.full((1, 3, 40, 56), float(value))).depth
    assert torch.isfinite(depth).all() and depth.min() > 0


@pytest.mark.parametrize("kind", ["depth anything", "zoedepth", "zoedepth nk"])
def test_a_camera_that_does_not_enter_is_noted_and_changes_nothing(models, kind):
    model, seen = models[kind], picture(48, 64)
    assert not model.takes_intrinsics and not model.finds_intrinsics
    without, given = model.predict(seen), model.predict(seen, CAMERA)
    np.testing.assert_array_equal(without.depth, given.depth)
    assert (without.intrinsics, given.intrinsics) == (None, CAMERA)
    assert without.notes == []
    assert len(given.notes) == 1 and "was ignored" in given.notes[0]


@pytest.mark.parametrize("kind", ["depth anything", "zoedepth"])
def test_enlarging_never_overshoots_what_the_network_said(folders, monkeypatch, kind):
    """Bicubic interpolation falls below zero beside a near edge in front of something far."""
    model = TransformersMetric.from_folder(folders[kind])

    def answer(pixel_values):
        depth = torch.full((len(pixel_values), *pixel_values.shape[2:]), 0.01)
        depth[..., depth.shape[-1] // 2 :] = 20
        return SimpleNamespace(predicted_depth=torch.minimum(depth, depth.flip(2)))

    monkeypatch.setattr(model.network, "forward", answer)
    depth = model.predict(picture(123, 167)).depth
    assert depth.min() == pytest.approx(0.01) and depth.max() <= 20


@pytest.mark.parametrize("kind", MAKERS)
def test_half_precision_stays_near_float32(folders, models, kind):
    model = TransformersMetric.from_folder(folders[kind], torch.bfloat16)
    assert model.network.dtype == torch.bfloat16
    seen = picture(48, 64)
    half, full = model.predict(seen, CAMERA).depth, models[kind].predict(seen, CAMERA).depth
    assert half.dtype == torch.float32
    apart = ((half / full) - 1).abs().mean()
    assert 0 < apart < 0.1


@pytest.mark.parametrize("kind", MAKERS)
def test_it_is_loaded_as_an_estimator_and_answers_for_a_picture(folders, kind):
    assert isinstance(load_estimator(folders[kind]), TransformersMetric)
    engine = SharpDepth.load("metric", "cpu", estimator=folders[kind])
    result = engine.infer(array(picture(33, 47)))
    assert result.depth.shape == (33, 47) and result.depth.min() > 0
    assumed = any("assumed" in note for note in result.notes)
    assert assumed == (kind != "depth pro")


# What is refused


def refused(folder, word):
    with pytest.raises(EngineError, match=word) as error:
        TransformersMetric.from_folder(folder)
    assert error.value.kind == "weights_missing"
    assert error.value.message.endswith(".") and "\n" not in error.value.message


@pytest.mark.parametrize(
    ("kind", "entries", "word"),
    [
        ("depth anything", {"depth_estimation_type": "relative"}, "relative depth"),
        ("depth anything", {"depth_estimation_type": ...}, "relative depth"),
        ("depth anything", {"max_depth": ...}, "max_depth"),
        ("depth anything", {"max_depth": None}, "max_depth"),
        ("depth anything", {"model_type": "dpt"}, "dpt, not one of: depth_anything"),
        ("depth anything", {"model_type": ...}, "not one of"),
        ("depth pro", {"use_fov_model": False}, "use_fov_model"),
        ("depth anything", {"fusion_hidden_size": 16}, "tensors required by its config"),
    ],
)
def test_a_model_that_answers_no_meters_is_refused(changed, kind, entries, word):
    refused(changed(kind, **entries), word)


@pytest.mark.parametrize("kind", MAKERS)
def test_pickled_weights_are_never_loaded(changed, models, kind):
    folder = changed(kind)
    (folder / "model.safetensors").unlink()
    torch.save(models[kind].network.state_dict(), folder / "pytorch_model.bin")
    refused(folder, "cannot be loaded")


@pytest.mark.parametrize("kind", MAKERS)
def test_a_missing_tensor_is_an_error(changed, kind):
    folder = changed(kind)
    tensors = load_file(folder / "model.safetensors")
    name = sorted(tensors)[-1]
    del tensors[name]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    refused(folder, name)


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
@pytest.mark.parametrize("content", [None, "", "{"])
def test_a_missing_or_damaged_config_is_an_error(changed, name, content):
    folder = changed("depth anything")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    refused(folder, "config.json")


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ({"size": None}, "height, width"),
        ({"size": 518}, "height, width"),
        ({"size": {"shortest_edge": 518}}, "height, width"),
        ({"image_std": None}, "lacks: image_std"),
    ],
)
def test_settings_that_say_too_little_are_an_error(changed, models, kind, entries, word):
    """The library would fill in numbers that belong to some other model."""
    if not {*word.removeprefix("lacks: ").split(", ")} <= {*models[kind].needs}:
        pytest.skip("it needs none of these")
    folder = changed(kind)
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | entries))
    refused(folder, word)


def test_the_keys_of_older_files_do_no_harm(changed, models):
    """As in released folders: names of backbones that are none, and lists of keys."""
    folder = changed(
        "depth anything", backbone=None, use_pretrained_backbone=False, torch_dtype="float32"
    )
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    settings |= {"_valid_processor_keys": ["images", "do_resize"], "size_divisor": None}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    depths = [
        model.predict(picture(48, 64)).depth
        for model in (models["depth anything"], TransformersMetric.from_folder(folder))
    ]
    np.testing.assert_array_equal(*depths)
