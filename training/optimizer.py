"""Optimizer for training from scratch: Muon for matrices, AdamW for everything else."""

from itertools import chain

import torch


class MatrixOptimizer:
    """Muon (Jordan et al., 2024) for the hidden weight matrices, AdamW for everything else.

    Muon orthogonalizes the update of a matrix, so that no direction lags behind; small networks
    learn several times as much per step as with AdamW alone. Convolution weights are treated as
    matrices with one row per output channel. Updates are scaled to match AdamW's RMS (Liu et al.,
    arXiv 2502.16982), so both share one learning rate.

    Args:
        model: The network, on its training device.
        outer: First and last layers, for which Muon is unsuitable.
        weight_decay: Decoupled weight decay for both.
        pretrained: Part of the model that learns by AdamW, without weight decay, at a `share` of
            the learning rate.
        share: See `pretrained`.

    Weights that do not require a gradient are left as they are.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        outer: list[torch.nn.Module],
        weight_decay: float,
        pretrained: torch.nn.Module | None = None,
        share: float = 1.0,
    ):
        slow = [] if pretrained is None else [w for w in pretrained.parameters() if w.requires_grad]
        known = {id(weight) for weight in slow}
        left_out = known | {id(weight) for layer in outer for weight in layer.parameters()}
        weights = [w for w in model.parameters() if w.requires_grad and id(w) not in known]
        self._inner = [w for w in weights if w.ndim >= 2 and id(w) not in left_out]
        inner = {id(weight) for weight in self._inner}
        # Views of the same memory as matrices, because PyTorch's Muon accepts nothing else.
        self._matrices = [torch.nn.Parameter(w.data.view(len(w), -1)) for w in self._inner]
        self._muon = torch.optim.Muon(
            self._matrices, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        self._adamw = torch.optim.AdamW(
            [weight for weight in weights if id(weight) not in inner], weight_decay=weight_decay
        )
        if slow:
            self._adamw.add_param_group({"params": slow, "weight_decay": 0.0, "share": share})

    @property
    def param_groups(self) -> list[dict]:
        """Parameter groups of both optimizers, for setting the learning rate, some of a `share`."""
        return [*self._muon.param_groups, *self._adamw.param_groups]

    def zero_grad(self):
        """Clear all gradients."""
        self._adamw.zero_grad()
        for weight in chain(self._inner, self._matrices):
            weight.grad = None

    def step(self):
        """Update all weights from their gradients."""
        for weight, matrix in zip(self._inner, self._matrices, strict=True):
            matrix.grad = weight.grad.view_as(matrix)
        self._muon.step()
        self._adamw.step()

    def state_dict(self) -> dict:
        """Return the state needed to resume."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict):
        """Resume from a state returned by `state_dict`."""
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])
