"""Inpainting by tiny random networks in the true format, and by stand-ins that answer exactly."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.inpainting import Inpainter
from sharpdepth_blender.geometry.inpaint import continue_values
from sharpdepth_blender.library import INPAINTER, Library

SHAPE = (67, 93)


def parts(tiny_folder, channels):
    torch.manual_seed(3)
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=channels,
        out_channels=4,
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
        up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
        block_out_channels=[16, 32],
        layers_per_block=1,
        cross_attention_dim=32,
        attention_head_dim=[2, 4],
        norm_num_groups=8,
    )
    return {
        "unet": unet.eval(),
        "vae": AutoencoderKL.from_pretrained(tiny_folder / "vae").eval(),
        "scheduler": DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, clip_sample=False, steps_offset=1
        ),
        "text_encoder": CLIPTextModel.from_pretrained(tiny_folder / "text_encoder").eval(),
        "tokenizer": CLIPTokenizer.from_pretrained(tiny_folder / "tokenizer", model_max_length=77),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }


@pytest.fixture(scope="module")
def theirs(tiny_folder):
    pipeline = StableDiffusionInpaintPipeline(**parts(tiny_folder, 9))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="module")
def folder(theirs, tmp_path_factory):
    """As such models are released; no test may change it."""
    folder = tmp_path_factory.mktemp("inpainting")
    theirs.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return Inpainter.load(folder, "cpu")


def of_two_encoders(tiny_folder):
    """The network of the catalogue's model, as small as that of `theirs`."""
    wide = CLIPTextModelWithProjection(
        CLIPTextConfig.from_pretrained(tiny_folder / "text_encoder", projection_dim=16)
    )
    small = parts(tiny_folder, 9)
    text = {name: small[name] for name in ("text_encoder", "tokenizer")}
    width = text["text_encoder"].config.hidden_size
    torch.manual_seed(3)
    unet = UNet2DConditionModel.from_config(
        small["unet"].config,
        cross_attention_dim=2 * width,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 16,
    )
    return StableDiffusionXLInpaintPipeline(
        small["vae"], text["text_encoder"], wide.eval(), text["tokenizer"], text["tokenizer"],
        unet.eval(), small["scheduler"],
    )  # fmt: skip


class Answering:
    """Stands for a pipeline and answers by a function of the picture that it is shown."""

    vae_scale_factor = 8

    def __init__(self, answer, size=64):
        self._answer, self.asked = answer, []
        self.unet = SimpleNamespace(config=SimpleNamespace(sample_size=size // 8))

    def __call__(
        self, prompt, image, mask_image, height, width, num_inference_steps, generator, output_type,
        callback_on_step_end,
    ):  # fmt: skip
        assert image.shape == (1, 3, height, width) and mask_image.shape == (1, 1, height, width)
        self.asked.append((image[0].numpy(), mask_image[0, 0].numpy()))
        for step in range(num_inference_steps):
            callback_on_step_end(self, step, 0, {})
        return SimpleNamespace(images=self._answer(image))

    def set_progress_bar_config(self, disable):
        pass

    def to(self, device):
        return self


@pytest.fixture
def picture():
    return np.random.default_rng(4).random((3, *SHAPE), np.float32)


def hole_in(shape=SHAPE):
    hole = np.zeros(shape, bool)
    hole[20:41, 30:55] = True
    hole[:, -7:] = True
    return hole


def test_only_the_hole_changes_bit_for_bit(model, picture):
    hole = hole_in()
    found, _ = model.fill(picture, ~hole, hole, steps=2)
    assert found.dtype == np.float32 and found.shape == picture.shape
    assert (found[:, ~hole] == picture[:, ~hole]).all()
    assert (found[:, hole] != picture[:, hole]).mean() > 0.9
    assert 0 <= found.min() and found.max() <= 1


def test_a_seed_decides_and_what_was_in_the_hole_does_not(model, picture):
    hole = hole_in()
    first, _ = model.fill(picture, ~hole, hole, steps=2, seed=1)
    other = np.where(hole, 0.9, picture).astype(np.float32)
    again, _ = model.fill(other, ~hole, hole, steps=2, seed=1)
    assert (first[:, hole] == again[:, hole]).all()
    different, _ = model.fill(picture, ~hole, hole, steps=2, seed=2)
    assert np.abs(first - different)[:, hole].max() > 0.01


def test_the_catalogue_s_model_is_found_by_its_name(tiny_folder, picture, tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path / "models"))
    with pytest.raises(EngineError, match=f"models get {INPAINTER.name}") as error:
        Inpainter.load(INPAINTER.name)
    assert error.value.kind == "weights_missing"
    of_two_encoders(tiny_folder).to(torch.float16).save_pretrained(tmp_path, variant="fp16")
    for name in ("tokenizer", "tokenizer_2"):  # in the files that are published
        shutil.copytree(tiny_folder / "tokenizer", tmp_path / name, dirs_exist_ok=True)
    Library().add(INPAINTER, tmp_path, lambda done, total, message: None)
    hole = hole_in()
    found, _ = Inpainter.load(INPAINTER.name, "cpu", "fp32").fill(picture, ~hole, hole, steps=2)
    assert np.isfinite(found).all() and (found[:, ~hole] == picture[:, ~hole]).all()
    assert (found[:, hole] != picture[:, hole]).mean() > 0.9


@pytest.mark.parametrize("name", ["inpainter", "lotus-depth-g"])
def test_a_name_of_no_inpainting_model_is_told_with_that_there_is(name):
    with pytest.raises(
        EngineError, match=f"Unknown weights {name}; choose one of: {INPAINTER.name};"
    ):
        Inpainter.load(name)


def test_the_answer_is_that_of_diffusers(model, theirs):
    """A window of the model's own size is shown to it as it is, in sRGB."""
    size = model._size
    picture = np.random.default_rng(5).random((3, size, size), np.float32)
    hole = np.zeros((size, size), bool)
    hole[8:16, 8:24] = True  # whole cells of the latents
    answer = model._ask(picture, hole, 1.0, "a wall", 2, 7, lambda step: None)
    wanted = theirs(
        prompt="a wall",
        image=torch.from_numpy(picture)[None],
        mask_image=torch.from_numpy(hole.astype(np.float32))[None, None],
        height=size,
        width=size,
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(7),
        output_type="pt",
    ).images[0]
    np.testing.assert_allclose(answer, wanted.numpy(), atol=1e-5)


def test_words_change_the_answer(model, picture):
    hole = hole_in()
    first, _ = model.fill(picture, ~hole, hole, steps=1)
    second, _ = model.fill(picture, ~hole, hole, steps=1, prompt="a brick wall")
    assert np.abs(first - second)[:, hole].max() > 1e-4


def test_colors_come_back_as_they_were():
    picture = np.random.default_rng(4).random((3, 96, 96), np.float32)
    hole = np.zeros((96, 96), bool)
    hole[30:60, 40:70] = True
    smooth = continue_values(np.where(hole, 0, picture), ~hole)
    found, _ = Inpainter(Answering(lambda image: image, 96), "cpu").fill(picture, ~hole, hole)
    np.testing.assert_allclose(found[:, hole], smooth[:, hole], atol=1e-6)


def test_an_answer_of_another_tone_meets_the_picture_without_a_seam():
    """A model whose colors are a little off everywhere, as those of autoencoders are."""
    y, x = np.indices((96, 96))
    picture = np.stack([0.3 + 0.002 * x, 0.3 + 0.002 * y, 0.5 + 0 * x]).astype(np.float32)
    hole = np.zeros((96, 96), bool)
    hole[30:60, 40:70] = True
    pipeline = Answering(lambda image: 0.9 * image + 0.08, 96)
    found, notes = Inpainter(pipeline, "cpu").fill(picture, ~hole, hole)
    assert np.abs(found - picture)[:, hole].max() < 0.02 and not notes


def test_the_model_is_shown_no_hole_and_asked_for_all_of_it():
    """Not the thing in front either, and of the mask no pixel is missing, however thin."""
    picture = np.full((3, 90, 61), 0.4, np.float32)
    hole = np.zeros((90, 61), bool)
    hole[10:14, 3:5] = hole[50, 20:60] = hole[89, 60] = True
    front = np.zeros_like(hole)
    front[60:80, 10:30] = True
    picture[:, front] = picture[:, hole] = 1.0
    pipeline = Answering(lambda image: image, 64)
    found, _ = Inpainter(pipeline, "cpu").fill(picture, ~hole & ~front, hole)
    assert np.abs(found[:, hole] - 0.4).max() < 1e-5
    assert (found[:, front] == 1).all()
    for image, mask in pipeline.asked:
        assert image.max() < 0.41 and set(np.unique(mask)) == {0, 1}
        assert image.shape[1] % 8 == image.shape[2] % 8 == 0
        cells = mask.reshape(mask.shape[0] // 8, 8, -1, 8)
        assert (cells.min((1, 3)) == cells.max((1, 3))).all()


def test_large_holes_are_parted_and_what_is_lost_is_told():
    picture = np.full((3, 300, 200), 0.4, np.float32)
    hole = np.ones((300, 200), bool)
    hole[:40] = False
    pipeline = Answering(lambda image: image, 64)
    found, notes = Inpainter(pipeline, "cpu").fill(picture, ~hole, hole)
    assert len(pipeline.asked) > 4 and np.abs(found - 0.4).max() < 1e-4
    assert max(max(image.shape) for image, _ in pipeline.asked) <= 64
    assert len(notes) == 1 and "64 pixels" in notes[0] and "%" in notes[0]


def test_progress_is_told_and_may_end_it(model, picture):
    told = []
    hole = hole_in()
    model.fill(picture, ~hole, hole, steps=3, progress=lambda *each: told.append(each))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and len(told) >= 4

    def stop(fraction, message):
        if fraction > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        model.fill(picture, ~hole, hole, steps=5, progress=stop)


def test_without_a_hole_nothing_is_asked(picture):
    pipeline = Answering(lambda image: image)
    nothing = np.zeros(SHAPE, bool)
    found, notes = Inpainter(pipeline, "cpu").fill(picture, ~nothing, nothing)
    assert (found == picture).all() and not pipeline.asked and not notes


def test_a_model_of_pictures_alone_fills_too(tiny_folder, tmp_path, picture):
    """Its sister among diffusers' pipelines takes a mask."""
    pipeline = StableDiffusionPipeline(**parts(tiny_folder, 4))
    pipeline.save_pretrained(tmp_path)
    hole = hole_in()
    found, _ = Inpainter.load(tmp_path, "cpu").fill(picture, ~hole, hole, steps=2)
    assert (found[:, ~hole] == picture[:, ~hole]).all()
    assert (found[:, hole] != picture[:, hole]).any()


def broken(folder, tmp_path, **index):
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    if index:
        path = copy / "model_index.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | index))
    return copy


def error_of(folder):
    with pytest.raises(EngineError) as caught:
        Inpainter.load(folder, "cpu")
    assert str(caught.value).count("\n") == 0
    return caught.value.kind


def test_what_is_no_inpainting_model_is_refused(folder, tmp_path, tiny_folder):
    assert error_of(tmp_path / "nowhere") == "unknown_model"
    assert error_of(tmp_path) == "weights_missing"
    assert error_of(tiny_folder) == "unknown_model"
    copy = broken(folder, tmp_path, unet=["someone_elses", "UNet"])
    assert error_of(copy) == "unknown_model"


def test_only_whole_safetensors_are_read(folder, tmp_path):
    copy = broken(folder, tmp_path)
    path = copy / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    tensors.pop("conv_in.weight")
    save_file(tensors, path)
    assert error_of(copy) == "weights_missing"
    torch.save(tensors, path.with_suffix(".bin"))
    path.unlink()
    assert error_of(copy) == "weights_missing"


def test_impossible_wishes_are_refused(model, picture, folder):
    hole = hole_in()
    with pytest.raises(EngineError, match="steps"):
        model.fill(picture, ~hole, hole, steps=0)
    with pytest.raises(EngineError, match="precision"):
        Inpainter.load(folder, "cpu", "fp8")


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ValueError("No such size.\nChoose another."), "No such size"), (TypeError(), "TypeError")],
)
def test_what_a_pipeline_refuses_is_told_in_its_first_line(picture, error, reason):
    def refuse(image):
        raise error

    hole = hole_in()
    with pytest.raises(EngineError, match=f"cannot fill this: {reason}.$") as caught:
        Inpainter(Answering(refuse), "cpu").fill(picture, ~hole, hole)
    assert caught.value.kind == "bad_request"
