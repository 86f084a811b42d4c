import copy

import numpy as np
import pytest
import torch

import sharpdepth_blender.engine
from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.device import choose_device
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.lite_metric import LiteMetricModel
from sharpdepth_blender.engine.metric import MetricEstimate
from sharpdepth_blender.engine.metric_only import MetricPipeline
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel
from sharpdepth_blender.engine.progress import STAGES, Clock
from sharpdepth_blender.geometry import Intrinsics

CAMERA = Intrinsics(40, 40, 24, 16, 48, 32)


class Stub:
    """A metric estimator that answers a slope and remembers what it was given."""

    takes_intrinsics = True

    def __init__(self, finds=None):
        self.finds = finds
        self.given = []
        self.device = None

    def to(self, device):
        self.device = device
        return self

    @property
    def finds_intrinsics(self):
        return self.finds is not None

    def predict(self, picture, intrinsics):
        self.given.append((picture, intrinsics))
        height, width = picture.shape[2:]
        depth = torch.linspace(1, 3, height)[:, None].expand(height, width)[None, None]
        return MetricEstimate(depth, intrinsics or self.finds)


@pytest.fixture
def engine(tiny):
    """A copy, because an engine whose memory was full changes its networks for good."""
    engine = SharpDepth("tiny", copy.deepcopy(tiny), Stub)
    engine.processing_resolution = 64
    return engine


def assert_sound(result, shape):
    for name in ("depth", "metric_depth", "difference"):
        values = getattr(result, name)
        assert values.shape == shape and values.dtype == np.float32, name
        assert np.isfinite(values).all(), name
    assert result.depth.min() > 0 and result.metric_depth.min() > 0


def test_the_public_face_is_one_name():
    assert sharpdepth_blender.engine.__all__ == ["SharpDepth"]
    with pytest.raises(AttributeError, match="nothing_else"):
        sharpdepth_blender.engine.nothing_else  # noqa: B018


# Loading


def test_load_a_folder_with_the_users_own_depth(tiny_folder, photo, ramp):
    engine = SharpDepth.load(tiny_folder, device="cpu")
    assert (engine.device, engine.processing_resolution) == ("cpu", 768)
    engine.processing_resolution = 48
    result = engine.infer(photo, metric_depth=ramp[0])
    assert_sound(result, (32, 48))
    np.testing.assert_array_equal(result.metric_depth, ramp[0])


def test_a_folder_without_an_estimator_says_what_it_needs(tiny_folder, photo):
    with pytest.raises(EngineError, match="needs a metric depth") as error:
        SharpDepth.load(str(tiny_folder), device="cpu").infer(photo)
    assert error.value.kind == "weights_missing"


@pytest.fixture
def whole_folder(tiny, tmp_path):
    """A model folder as the bundled one: no text encoder, an estimator beside the sharpener."""
    torch.manual_seed(0)
    tiny.save_pretrained(tmp_path)
    metric = PreviewMetricModel(widths=(8, 8, 16, 16), blocks=(1, 1, 1, 1), attention_blocks=1)
    metric.save_pretrained(tmp_path / "metric")
    return tmp_path


@pytest.mark.parametrize("size", [(32, 48), (2, 90), (90, 2)])
def test_load_a_folder_with_an_estimator(whole_folder, size):
    engine = SharpDepth.load(whole_folder)
    engine.processing_resolution = 64
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    result = engine.infer(rgb)
    assert_sound(result, size)
    assert "60 degrees" in result.notes[0]
    given = Intrinsics(30, 30, 20, 20, rgb.shape[1], rgb.shape[0])
    assert engine.infer(rgb, intrinsics=tuple(given)).intrinsics == given
    assert engine.infer(rgb, intrinsics=given).intrinsics == given


def test_an_estimator_that_finds_the_sky_tells_where(whole_folder):
    rgb = np.random.default_rng(1).integers(0, 256, (50, 90, 3), dtype=np.uint8)
    without = SharpDepth.load(whole_folder)
    without.processing_resolution = 64
    assert without.infer(rgb).sky is None
    LiteMetricModel(widths=(8, 8, 16, 16), attention_blocks=1).save_pretrained(
        whole_folder / "metric"
    )
    engine = SharpDepth.load(whole_folder)
    engine.processing_resolution = 64
    result = engine.infer(rgb)
    assert_sound(result, (50, 90))
    assert result.sky.shape == (50, 90) and result.sky.dtype == np.float32
    assert 0 <= result.sky.min() < result.sky.max() <= 1
    given = engine.infer(rgb, metric_depth=result.metric_depth)
    assert given.sky is None


def test_an_estimator_without_weights_is_an_error(whole_folder):
    (whole_folder / "metric" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(EngineError, match="metric") as error:
        SharpDepth.load(whole_folder).infer(np.zeros((4, 4, 3), np.uint8))
    assert error.value.kind == "weights_missing"


def test_the_resolution_of_the_model_is_the_default(tiny, tmp_path):
    from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

    parts = tiny.vae, tiny.unet, tiny.scheduler, tiny.empty_prompt
    SharpDepthPipeline(*parts, processing_resolution=192).save_pretrained(tmp_path)
    assert SharpDepth.load(tmp_path).processing_resolution == 192


def test_unknown_model():
    with pytest.raises(EngineError, match="preview") as error:
        SharpDepth.load("previw")
    assert error.value.kind == "unknown_model"


def test_a_preset_that_is_not_installed_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="sharpdepth models get") as error:
        SharpDepth.load("sharpdepth")
    assert error.value.kind == "weights_missing"


def test_the_metric_estimator_is_looked_for_when_it_is_needed(tiny_folder, photo, ramp):
    engine = SharpDepth.load(tiny_folder, estimator="no such weights")
    engine.processing_resolution = 48
    assert_sound(engine.infer(photo, metric_depth=ramp[0]), (32, 48))
    with pytest.raises(EngineError, match="no such weights") as error:
        engine.infer(photo)
    assert error.value.kind == "unknown_model"


def test_another_estimator_in_place_of_the_models_own(whole_folder, tiny_folder, photo):
    engine = SharpDepth.load(tiny_folder, estimator=whole_folder)
    engine.processing_resolution = 64
    own = SharpDepth.load(whole_folder)
    own.processing_resolution = 64
    np.testing.assert_array_equal(engine.infer(photo).metric_depth, own.infer(photo).metric_depth)


def test_the_metric_preset_answers_the_estimators_depth_at_full_size(whole_folder, photo):
    engine = SharpDepth.load("metric", estimator=whole_folder)
    heard = []
    result = engine.infer(photo, progress=heard.append)
    assert_sound(result, (32, 48))
    np.testing.assert_array_equal(result.depth, result.metric_depth)
    assert not result.difference.any()
    assert [(each.stage, each.fraction) for each in heard] == [("metric_depth", 0), ("done", 1)]


@pytest.mark.parametrize("folder", ["nothing", "no json", "no object", "nobody's"])
def test_a_folder_that_is_no_estimator(tmp_path, photo, folder):
    text = {"no json": "{", "no object": "[]", "nobody's": '{"model_type": "bert"}'}.get(folder)
    if text:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(EngineError) as error:
        SharpDepth.load("metric", estimator=tmp_path).infer(photo)
    assert error.value.kind == "weights_missing"


def test_empty_folder(tmp_path):
    with pytest.raises(EngineError) as error:
        SharpDepth.load(tmp_path)
    assert error.value.kind == "weights_missing"


# Devices


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(1, 1, "cuda"), (0, 1, "mps"), (0, 0, "cpu")]
)
def test_auto_takes_the_first_there_is(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert choose_device("auto") == expected


@pytest.mark.parametrize(
    ("device", "kind"),
    [("cuda", "device_missing"), ("mps", "device_missing"), ("tpu", "bad_request")],
)
def test_devices_that_are_not_there(monkeypatch, tiny_folder, device, kind):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(EngineError, match=device) as error:
        SharpDepth.load(tiny_folder, device=device)
    assert error.value.kind == kind


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_draws_the_same_noise_as_the_cpu(tiny_folder, photo, ramp):
    results = []
    for device in ("cpu", "cuda"):
        engine = SharpDepth.load(tiny_folder, device=device)
        engine.processing_resolution = 64
        results.append(engine.infer(photo, metric_depth=ramp[0], seed=3))
    np.testing.assert_allclose(results[0].depth, results[1].depth, rtol=1e-2)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"),
    ],
)
def test_running_out_of_memory_has_a_name(engine, monkeypatch, photo, error):
    def fail(*args):
        raise error

    monkeypatch.setattr(engine._estimator, "predict", fail)
    with pytest.raises(EngineError, match="choose a smaller processing resolution") as caught:
        engine.infer(photo)
    assert caught.value.kind == "out_of_memory"


def test_other_errors_keep_their_name(engine, monkeypatch, photo):
    def fail(*args):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(engine._estimator, "predict", fail)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        engine.infer(photo)


# Inference


@pytest.mark.parametrize("size", [(32, 48), (48, 32), (2, 2), (2, 90), (61, 37)])
def test_any_picture(engine, size):
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    result = engine.infer(rgb)
    assert_sound(result, size)
    assert set(result.seconds) <= set(STAGES) and min(result.seconds.values()) >= 0
    assert set(result.memory) == set(result.seconds)
    assert min(result.memory.values()) > 1e8  # PyTorch alone is more than that


def test_the_same_seed_gives_the_same_and_another_does_not(engine, photo):
    first, again, other = (engine.infer(photo, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.depth, again.depth)
    np.testing.assert_array_equal(first.difference, again.difference)
    assert np.abs(first.difference - other.difference).max() > 1e-3


def test_the_global_generator_is_left_alone(engine, photo):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    engine.infer(photo)
    assert torch.equal(before, torch.get_rng_state())


# Intrinsics


def test_given_intrinsics_reach_the_estimator_resized_and_come_back_as_given(engine, photo):
    given = (40.0, 41.0, 24.0, 16.0)
    result = engine.infer(photo, intrinsics=given)
    ((picture, seen),) = engine._estimator.given
    # 48 x 32 is enlarged to 64 x 42 and padded to 64 x 48.
    assert picture.shape == (1, 3, 48, 64)
    assert (seen.height, seen.width) == (48, 64)
    assert tuple(seen) == pytest.approx((40 * 64 / 48, 41 * 42 / 32, 32, 21))
    assert result.intrinsics == Intrinsics(*given, 48, 32)
    assert not any("camera" in note for note in result.notes)


def test_intrinsics_that_the_estimator_finds_are_those_of_the_picture(engine, photo):
    engine._estimator.finds = Intrinsics(80, 82, 32, 21, 64, 48)
    result = engine.infer(photo)
    assert tuple(result.intrinsics) == pytest.approx((60, 82 * 32 / 42, 24, 16))
    assert not any("camera" in note for note in result.notes)


@pytest.mark.parametrize("portrait", [False, True])
def test_unknown_intrinsics_are_60_degrees_with_a_note(engine, photo, portrait):
    rgb = photo.transpose(1, 0, 2) if portrait else photo
    result = engine.infer(rgb)
    fx, fy, cx, cy = result.intrinsics
    assert fx == fy == pytest.approx(24 / np.tan(np.radians(30)))
    assert (cx, cy) == ((16, 24) if portrait else (24, 16))
    assert "60 degrees" in result.notes[0]
    # The estimator was told the same camera: 48 x 32 is enlarged to 64 x 42.
    ((_, seen),) = engine._estimator.given
    wide, high = (42 / 32, 64 / 48) if portrait else (64 / 48, 42 / 32)
    assert tuple(seen) == pytest.approx((fx * wide, fy * high, cx * wide, cy * high))


def test_the_users_own_depth_asks_no_estimator(engine, photo, ramp):
    result = engine.infer(photo, metric_depth=ramp[0])
    assert "_estimator" not in vars(engine)  # it was not even loaded
    assert "60 degrees" in result.notes[0]


def test_depth_is_rounded_once_and_a_given_map_is_not(engine, monkeypatch, photo, ramp):
    result = engine.infer(photo)
    given = engine.infer(photo, metric_depth=ramp[0])
    monkeypatch.setattr("sharpdepth_blender.engine.sharpdepth.round_to_24_bits", lambda each: each)
    whole = engine.infer(photo)
    for name in ("depth", "metric_depth"):
        rounded, exact = getattr(result, name), getattr(whole, name)
        assert not (rounded.view(np.uint32) & 255).any() and (exact.view(np.uint32) & 255).any()
        np.testing.assert_allclose(rounded, exact, rtol=2.0**-16)
    assert (ramp[0].view(np.uint32) & 255).any()
    np.testing.assert_array_equal(given.metric_depth, ramp[0])
    assert not (given.depth.view(np.uint32) & 255).any()


def test_a_given_map_that_nothing_sharpens_keeps_every_bit(photo, ramp):
    result = SharpDepth("metric", MetricPipeline(), Stub).infer(photo, metric_depth=ramp[0])
    np.testing.assert_array_equal(result.depth, ramp[0])
    np.testing.assert_array_equal(result.metric_depth, ramp[0])


def test_an_assumed_camera_is_not_shown_to_a_network_that_takes_none(engine, photo):
    engine._estimator.takes_intrinsics = False
    engine.infer(photo)
    engine.infer(photo, intrinsics=(40.0, 41.0, 24.0, 16.0))
    assert [seen is None for _, seen in engine._estimator.given] == [True, False]


@pytest.mark.parametrize(
    "bad",
    [
        (1, 2, 3),
        (1, 2, 3, 4, 5),
        (0, 50, 1, 1),
        (-5, 50, 1, 1),
        (np.nan, 50, 1, 1),
        (50, 50, np.inf, 1),
        Intrinsics(50, 50, 24, 16, 32, 48),  # of an upright picture
    ],
)
def test_bad_intrinsics(engine, photo, bad):
    with pytest.raises(EngineError) as error:
        engine.infer(photo, intrinsics=bad)
    assert error.value.kind == "bad_request"


# Progress


SHARPENING = [stage for stage in STAGES if stage != "refine"]


def test_progress_rises_and_hands_out_the_metric_depth_early(engine, photo):
    heard = []
    result = engine.infer(photo, progress=heard.append)
    assert [each.stage for each in heard] == [
        *(stage for stage in SHARPENING if stage != "tiles"),
        "done",
    ]
    fractions = [each.fraction for each in heard]
    assert min(np.diff(fractions)) > 0 and fractions[0] == 0 and fractions[-1] == 1
    assert all(each.message for each in heard)
    early = [each for each in heard if each.metric_depth is not None]
    assert [each.stage for each in early] == ["encode_picture"]
    np.testing.assert_array_equal(early[0].metric_depth, result.metric_depth)


@pytest.mark.parametrize("stage", SHARPENING)
def test_an_exception_in_progress_cancels_and_the_engine_goes_on(engine, photo, stage):
    class Cancelled(Exception):
        pass

    heard = []
    engine.processing_resolution = 24  # so that there are tiles

    def cancel(progress):
        heard.append(progress.stage)
        if progress.stage == stage:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.infer(photo, progress=cancel, detail="tiles", seed=3)
    assert heard[-1] == stage
    assert_sound(engine.infer(photo), (32, 48))


def test_no_stage_holds_more_than_one_network_call(engine, monkeypatch, photo):
    """Otherwise a cancel would have to wait for two."""
    calls = []
    pipeline = engine._pipeline
    for network, method in (
        (pipeline.unet, "forward"),
        (pipeline.vae, "encode"),
        (pipeline.vae, "decode"),
    ):
        original = getattr(network, method)

        def counted(*args, original=original, **kwargs):
            calls.append(1)
            return original(*args, **kwargs)

        monkeypatch.setattr(network, method, counted)

    counts = []
    engine.processing_resolution = 24
    engine.infer(photo, progress=lambda progress: counts.append(len(calls)), detail="tiles", seed=3)
    assert counts[-1] == 6 * (1 + 9)
    assert max(np.diff(counts)) == 1


def test_a_stage_of_several_steps_is_timed_as_one_and_goes_on_rising():
    heard = []
    stages = {"metric_depth": 1, "encode_picture": 1, "first_look": 4, "decode": 1, "align": 1}
    clock = Clock("cpu", stages, heard.append)
    for stage in ("metric_depth", "encode_picture", *["first_look"] * 4, "decode", "align"):
        clock.begin(stage)
    clock.end()
    assert list(clock.seconds) == list(clock.memory) == list(stages)
    fractions = [each.fraction for each in heard]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert len(set(fractions)) == len(fractions)
    looks = [each.message for each in heard if each.stage == "first_look"]
    assert looks == [f"First pass, {i} of 4" for i in range(1, 5)]


# Measured points


POINTS = np.array([[5.5, 4.5, 3.0], [40.5, 20.5, 6.0], [20.0, 30.0, 4.0]])


def test_points_bring_depth_to_their_meters(engine, photo):
    result = engine.infer(photo, metric_points=POINTS, seed=3)
    for depth in (result.metric_depth, result.depth):
        found = [depth[int(v), int(u)] for u, v, _ in POINTS]
        np.testing.assert_allclose(found, POINTS[:, 2], rtol=0.1)
    assert any("3 measured points, by a median factor of" in note for note in result.notes)


def test_points_set_the_meters_without_a_sharpener_too(photo):
    engine = SharpDepth("metric", MetricPipeline(), Stub)
    depth = engine.infer(photo, metric_points=POINTS).depth
    found = [depth[int(v), int(u)] for u, v, _ in POINTS]
    np.testing.assert_allclose(found, POINTS[:, 2], rtol=0.1)


def test_points_outside_the_picture_or_behind_the_camera_are_left_out_and_told(engine, photo):
    more = np.concatenate([POINTS, [[-1, 5, 9.0], [48.0, 5, 9.0], [5, 5, -9.0], [5, 5, 0.0]]])
    result = engine.infer(photo, metric_points=more)
    assert "4 measured points outside the picture were ignored." in result.notes
    np.testing.assert_array_equal(
        result.metric_depth, engine.infer(photo, metric_points=POINTS).metric_depth
    )


@pytest.mark.parametrize(
    ("points", "kind", "message"),
    [
        (np.zeros((3, 2)), "bad_depth", r"\(3, 2\)"),
        (np.zeros((0, 3)), "bad_depth", "No measured point is inside"),
        ([["a", "b", "c"]], "bad_depth", "<U1"),
        ([[1, 1, np.nan]], "bad_depth", "NaN"),
        ([[1, 1, -2]], "bad_depth", "No measured point is inside"),
    ],
)
def test_bad_points_are_named(engine, photo, points, kind, message):
    with pytest.raises(EngineError, match=message) as error:
        engine.infer(photo, metric_points=points)
    assert error.value.kind == kind


def test_points_beside_a_depth_map_are_one_too_many(engine, photo, ramp):
    with pytest.raises(EngineError, match="not both") as error:
        engine.infer(photo, metric_depth=ramp[0], metric_points=POINTS)
    assert error.value.kind == "bad_request"


def test_points_need_an_estimator(tiny, photo):
    with pytest.raises(EngineError, match="needs a metric depth"):
        SharpDepth("tiny", tiny).infer(photo, metric_points=POINTS)


def scattered(photo):
    depth = np.zeros(photo.shape[:2], np.float32)
    for u, v, meters in POINTS:
        depth[int(v), int(u)] = meters
    return depth


def test_a_map_of_scattered_points_is_taken_as_points(engine, photo):
    result = engine.infer(photo, metric_depth=scattered(photo))
    assert "scattered points only" in result.notes[0]
    points = np.column_stack([np.floor(POINTS[:, :2]) + 0.5, POINTS[:, 2]])
    order = np.lexsort((points[:, 0], points[:, 1]))
    wanted = engine.infer(photo, metric_points=points[order])
    np.testing.assert_array_equal(result.depth, wanted.depth)


@pytest.mark.parametrize("spoil", ["no estimator", "no weights", "global"])
def test_a_map_of_scattered_points_is_a_map_where_there_is_no_estimate(tiny, photo, spoil):
    def missing():
        raise EngineError("weights_missing", "gone")

    engine = SharpDepth(
        "tiny", tiny, {"no estimator": None, "no weights": missing}.get(spoil, Stub)
    )
    fit = "global" if spoil == "global" else "local"
    depth = scattered(photo)
    result = engine.infer(photo, metric_depth=depth, fit=fit)
    np.testing.assert_array_equal(result.metric_depth[depth > 0], depth[depth > 0])


def test_a_map_that_measures_one_object_densely_is_a_map(engine, photo):
    depth = np.zeros(photo.shape[:2], np.float32)
    depth[4:12, 4:12] = 2
    assert (engine.infer(photo, metric_depth=depth).metric_depth == 2).all()


# Ahead


def test_ahead_is_the_metric_depth_alone_and_what_follows_is_the_same(engine, photo, tiny):
    whole = engine.infer(photo, CAMERA)
    stub = engine._estimator
    stub.given.clear()
    told = []
    other = photo[::-1].copy()
    first = engine.infer(photo, CAMERA, ahead=True, progress=told.append)
    engine.infer(other, CAMERA, ahead=True)
    assert {each.stage for each in told} == {"metric_depth", "done"}
    np.testing.assert_array_equal(first.depth, whole.metric_depth)
    np.testing.assert_array_equal(first.metric_depth, whole.metric_depth)
    assert not first.difference.any() and first.intrinsics == whole.intrinsics
    assert len(stub.given) == 2
    for picture in (photo, other):
        again = engine.infer(picture, CAMERA)
    assert len(stub.given) == 2  # nothing was estimated twice
    engine.infer(other, CAMERA)
    assert len(stub.given) == 3  # what is kept is taken once
    engine.infer(photo, CAMERA, ahead=True)
    for changed in ({"intrinsics": (50, 50, 20, 16)}, {"rgb": other}):
        engine.infer(**{"rgb": photo, "intrinsics": CAMERA} | changed)
    count = len(stub.given)
    again = engine.infer(photo, CAMERA)
    assert len(stub.given) == count + 1  # others came meanwhile
    for name in ("depth", "metric_depth", "difference"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))
    engine.infer(photo, CAMERA, ahead=True)
    kept = engine.infer(photo, CAMERA)
    for name in ("depth", "metric_depth", "difference"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(whole, name))


def test_of_many_pictures_the_last_are_kept(engine, photo):
    shifted = [np.roll(photo, number, 0) for number in range(8)]
    for picture in shifted:
        engine.infer(picture, CAMERA, ahead=True)
    stub = engine._estimator
    for number in reversed(range(8)):
        engine.infer(shifted[number], CAMERA)
    assert len(stub.given) == 8 + 2
