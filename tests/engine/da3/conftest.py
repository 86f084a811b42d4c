import json

import pytest
from safetensors.numpy import save_file

from sharpdepth_blender.engine.da3 import checkpoint, load_da3
from sharpdepth_blender.engine.dinov2 import VISION_TRANSFORMERS
from sharpdepth_blender.engine.dpt import Sizes
from tests.engine.named_weights import named_weights


@pytest.fixture(scope="session")
def case():
    """The golden case: description, tensors by key, numbers."""
    return named_weights("da3_metric_tiny")


@pytest.fixture(scope="session")
def release(case, tmp_path_factory):
    """Its network as folders of weights, metric and mono; no test may change them."""
    config = case[0]["config"]
    sizes = Sizes(
        VISION_TRANSFORMERS[f"dinov2_{config['net']['name']}14"],
        config["net"]["out_layers"],
        config["head"]["out_channels"],
        config["head"]["features"],
    )
    folders = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, is_metric in (("metric", True), ("mono", False)):
            patch.setitem(checkpoint.MODELS, f"da3{name}-tiny", (sizes, is_metric))
            folders[name] = tmp_path_factory.mktemp(name)
            save_file(case[1], folders[name] / "model.safetensors")
            config = json.dumps({"model_name": f"da3{name}-tiny"})
            (folders[name] / "config.json").write_text(config)
        yield folders


@pytest.fixture(scope="session")
def network(release):
    return load_da3(release["metric"])
