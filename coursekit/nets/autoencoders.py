"""Autoencoders: networks that learn to copy their input through a narrow place.

Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks" (Science 2006). Taught in the
chapters on learned representations and on upsampling.
"""

from collections import OrderedDict

from coursekit.nets.perceptron import dense_layers


def autoencoder(nn, sizes, activation=None, output=None):
    """Build an autoencoder of fully connected layers, the decoder a mirror of the encoder.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    sizes : sequence of int
        From the input to the code: [784, 128, 32], or [8, 3] for the 8-3-8 network.
    activation : class of `nn`, optional
        After each layer but the last, so after the code too; ReLU unless given.
    output : class of `nn`, optional
        After the last layer; Sigmoid, for numbers in [0, 1], unless given.

    Returns
    -------
    nn.Sequential
        Anything that flattens to (N, sizes[0]) to (N, sizes[0]). Its parts are `encoder` and `decoder`.

    Examples
    --------
    >>> autoencoder(nn, [8, 3], activation=nn.Sigmoid)
    Sequential(
      (encoder): Sequential(
        (0): Flatten(start_dim=1, end_dim=-1)
        (1): Linear(in_features=8, out_features=3, bias=True)
        (2): Sigmoid()
      )
      (decoder): Sequential(
        (0): Linear(in_features=3, out_features=8, bias=True)
        (1): Sigmoid()
      )
    )
    """
    activation, output = activation or nn.ReLU, output or nn.Sigmoid
    encoder = nn.Sequential(nn.Flatten(), *dense_layers(nn, sizes, activation, last=activation))
    decoder = nn.Sequential(*dense_layers(nn, sizes[::-1], activation, last=output))
    return nn.Sequential(OrderedDict(encoder=encoder, decoder=decoder))


def conv_autoencoder(nn, in_channels=1, widths=(16, 32), output=None):
    """Build a convolutional autoencoder: each layer of the encoder halves the size, each of the decoder doubles it.

    The decoder's windows of 4 × 4 with stride 2 overlap evenly, which keeps the worst checkerboards away (Odena,
    Dumoulin and Olah, "Deconvolution and checkerboard artifacts", Distill 2016).

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    in_channels : int
    widths : sequence of int
        Channels after each halving.
    output : class of `nn`, optional
        After the last layer; Sigmoid, for pixels in [0, 1], unless given.

    Returns
    -------
    nn.Sequential
        (N, in_channels, H, W) to the same; H and W multiples of 2 ** len(widths). Its parts are `encoder`
        and `decoder`.

    Examples
    --------
    >>> model = conv_autoencoder(nn)
    >>> images = np.zeros((5, 1, 28, 28), np.float32)
    >>> model.encoder(images).shape, model(images).shape
    ((5, 32, 7, 7), (5, 1, 28, 28))
    """
    channels, encoder, decoder = (in_channels, *widths), [], []
    for narrow, wide in zip(channels, widths, strict=False):
        encoder += [nn.Conv2d(narrow, wide, kernel_size=3, stride=2, padding=1), nn.ReLU()]
    for narrow, wide in zip(channels[-2::-1], channels[:0:-1], strict=True):
        decoder += [nn.ConvTranspose2d(wide, narrow, kernel_size=4, stride=2, padding=1), nn.ReLU()]
    decoder[-1] = (output or nn.Sigmoid)()
    return nn.Sequential(OrderedDict(encoder=nn.Sequential(*encoder), decoder=nn.Sequential(*decoder)))
