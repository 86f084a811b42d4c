"""The empty-prompt embedding, the only output of a text encoder that the sharpener needs."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .errors import EngineError
from .weights import load_network, naming_unreadable

FILE = "empty_prompt.safetensors"


def load_empty_prompt(folder: Path) -> torch.Tensor:
    """Load the empty-prompt embedding, (1, tokens, features).

    It is read from the model folder, or computed once with its text encoder, which is then freed.

    Raises:
        EngineError: `weights_missing`, if the folder has neither.
    """
    if (folder / FILE).is_file():
        try:
            return load_file(folder / FILE)["embedding"]
        except (OSError, SafetensorError, KeyError) as error:
            raise EngineError(
                "weights_missing", f"{folder / FILE} does not contain a complete embedding."
            ) from error
    if not (folder / "text_encoder").is_dir():
        raise EngineError(
            "weights_missing", f"The model in {folder} has neither {FILE} nor a text_encoder."
        )
    from transformers import CLIPTextModel, CLIPTokenizer

    encoder = load_network(CLIPTextModel, folder / "text_encoder")
    with naming_unreadable(folder / "tokenizer"):
        tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        tokens = tokenizer("", padding="do_not_pad", return_tensors="pt").input_ids
    with torch.no_grad():
        return encoder(tokens).last_hidden_state


def save_empty_prompt(embedding: torch.Tensor, folder: Path):
    """Save the embedding for `load_empty_prompt`."""
    save_file({"embedding": embedding.detach().cpu().contiguous()}, folder / FILE)
