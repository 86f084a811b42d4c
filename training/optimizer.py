"""How networks are trained from nothing: by Muon, and by AdamW what is no matrix in them."""

from itertools import chain

import torch


class MatrixOptimizer:
    """Muon (Jordan et al., 2024) for a network's inner weights, AdamW for all else.

    Muon makes a matrix's update orthogonal, so that no direction is left behind; small networks
    learn several times as much from a step as with AdamW alone. Weights of convolutions are
    matrices with a row for each channel that goes out. Updates are as large as AdamW's would be
    (Liu et al., arXiv 2502.16982), so one learning rate serves both.

    Args:
        model: The network, on the device where it will be trained.
        outer: Its first and last layers, which Muon does not suit.
        weight_decay: Of both, decoupled.
    """

    def __init__(self, model: torch.nn.Module, outer: list[torch.nn.Module], weight_decay: float):
        left_out = {id(weight) for layer in outer for weight in layer.parameters()}
        weights = list(model.parameters())
        self._inner = [w for w in weights if w.ndim >= 2 and id(w) not in left_out]
        inner = {id(weight) for weight in self._inner}
        # The same memory seen as matrices, since PyTorch's Muon takes nothing else.
        self._matrices = [torch.nn.Parameter(w.data.view(len(w), -1)) for w in self._inner]
        self._muon = torch.optim.Muon(
            self._matrices, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        self._adamw = torch.optim.AdamW(
            [weight for weight in weights if id(weight) not in inner], weight_decay=weight_decay
        )

    @property
    def param_groups(self) -> list[dict]:
        """The groups of both, to set their learning rates."""
        return [*self._muon.param_groups, *self._adamw.param_groups]

    def zero_grad(self):
        """Forget all gradients."""
        self._adamw.zero_grad()
        for weight in chain(self._inner, self._matrices):
            weight.grad = None

    def step(self):
        """Update every weight by its gradient."""
        for weight, matrix in zip(self._inner, self._matrices, strict=True):
            matrix.grad = weight.grad.view_as(matrix)
        self._muon.step()
        self._adamw.step()

    def state_dict(self) -> dict:
        """Return what is needed to go on."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict):
        """Go on from what `state_dict` returned."""
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])
