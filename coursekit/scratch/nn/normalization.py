"""Normalisation layers."""

import numpy as np

from coursekit.scratch import functional
from coursekit.scratch.autograd import as_tensor
from coursekit.scratch.nn.module import Module
from coursekit.scratch.nn.parameter import Parameter


class _BatchNorm(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        zeros, ones = np.zeros(num_features, np.float32), np.ones(num_features, np.float32)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(zeros) if affine else None
        self.register_buffer("running_mean", zeros if track_running_stats else None)
        self.register_buffer("running_var", ones if track_running_stats else None)
        self.register_buffer("num_batches_tracked", np.array(0) if track_running_stats else None)

    def forward(self, input):
        x = as_tensor(input)
        if x.ndim not in self.dimensions:
            dimensions = " or ".join(map(str, self.dimensions))
            raise ValueError(f"{type(self).__name__}: input must have {dimensions} dimensions, not shape {x.shape}")
        training = self.training or not self.track_running_stats
        running = self.running_mean, self.running_var
        out = functional.batch_norm(x, *running, self.weight, self.bias, training, self.momentum, self.eps)
        if self.training and self.track_running_stats:
            self.num_batches_tracked += 1
        return out

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalise every channel over the batch: with the batch's own statistics in training, with averages in evaluation.

    Parameters
    ----------
    num_features : int
        Channels C of inputs of shape (N, C) or (N, C, L).
    eps : float
        Added to the variance.
    momentum : float
        Share of the newest batch in the running averages.
    affine : bool
        Whether to scale and shift by trained parameters.
    track_running_stats : bool
        With False, evaluation normalises like training.

    Attributes
    ----------
    weight, bias : Parameter, shape (num_features,), or None
        Start at 1 and 0.
    running_mean, running_var, num_batches_tracked : buffers, or None
        Start at 0, 1 and 0.

    Examples
    --------
    >>> layer = nn.BatchNorm1d(2)
    >>> layer([[1.0, 0.0], [3.0, 10.0]]).detach()
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    >>> layer.running_mean
    tensor([0.2000, 0.5000])
    """

    dimensions = 2, 3


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for images, (N, C, H, W).

    Examples
    --------
    >>> nn.BatchNorm2d(3)(np.zeros((5, 3, 8, 8), np.float32)).shape
    (5, 3, 8, 8)
    """

    dimensions = (4,)
