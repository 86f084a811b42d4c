import pytest

from sharpdepth_blender.library import Hub, Library, Weights


@pytest.fixture(autouse=True)
def no_place_of_the_users(monkeypatch, tmp_path):
    """Neither the weights nor the settings of whoever runs the tests play a part."""
    for name in ("SHARPDEPTH_MODELS", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "library")


@pytest.fixture
def weights():
    """Small weights of a repository of the hub."""
    return Weights(
        name="small",
        purpose="tests",
        source=Hub("someone/small", "main"),
        files=("config.json", "model.safetensors"),
        size=3_000_000,
        license="MIT",
        commercial=True,
        citation="nobody",
    )


@pytest.fixture
def report():
    """Collects what is reported."""

    class Collected(list):
        def __call__(self, done, total, message):
            self.append((done, total, message))

    return Collected()
