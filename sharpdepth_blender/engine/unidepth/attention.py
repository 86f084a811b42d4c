"""The two attention blocks of UniDepth's decoders."""

import torch.nn.functional as F
from torch import nn

from .layers import MLP, LayerScale


class AttentionBlock(nn.Module):
    """Attention of tokens to a context, or to themselves, then a perceptron, both residual.

    Args:
        width: Channels of the tokens and of the context.
        heads: Attention heads.
        expansion: Of the perceptron.
        bias: Whether the projections of the attention have one.
        layer_scale: Whether both residuals are scaled channel by channel.
    """

    def __init__(self, width, heads, expansion=4, bias=True, layer_scale=True):
        super().__init__()
        self.heads = heads
        self.norm_attnx = nn.LayerNorm(width)
        self.norm_attnctx = nn.LayerNorm(width)
        self.q = nn.Linear(width, width, bias=bias)
        self.kv = nn.Linear(width, 2 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)
        self.mlp = MLP(width, expansion)
        self.ls1 = LayerScale(width) if layer_scale else nn.Identity()
        self.ls2 = LayerScale(width) if layer_scale else nn.Identity()

    def forward(self, tokens, context=None, positions=None, context_positions=None):
        """Tokens of the same shape.

        Args:
            tokens: (B, n, width).
            context: (B, m, width), None = the tokens themselves, through a norm of their own.
            positions: Added to the projected queries, (1 or B, n, width).
            context_positions: Added to the projected keys, (1 or B, m, width).
        """
        queries = self.q(self.norm_attnx(tokens))
        context = tokens if context is None else context
        keys, values = self.kv(self.norm_attnctx(context)).chunk(2, dim=-1)
        if positions is not None:
            queries = queries + positions
        if context_positions is not None:
            keys = keys + context_positions
        split = [each.unflatten(-1, (self.heads, -1)) for each in (queries, keys, values)]
        tokens = tokens + self.ls1(self.out(self.attend(*split).flatten(2)))
        return tokens + self.ls2(self.mlp(tokens))

    def attend(self, queries, keys, values):
        """Attention over the tokens, each head on its own, (B, tokens, heads, channels)."""
        heads_first = [each.transpose(1, 2) for each in (queries, keys, values)]
        return F.scaled_dot_product_attention(*heads_first).transpose(1, 2)


class HeadAttentionBlock(AttentionBlock):
    """Attention of each token's heads to one another; no token sees another.

    The released V1 asks for Nystrom attention and hands it tokens and heads in the wrong order. For
    what it takes for so few tokens that falls back to plain attention, and the weights were trained
    on what comes of it.
    """

    def attend(self, queries, keys, values):
        """Attention over the heads, each token on its own, (B, tokens, heads, channels)."""
        return F.scaled_dot_product_attention(queries, keys, values)
