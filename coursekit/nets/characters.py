"""Models of text: from the characters so far to the next one, by recurrence or by convolution through time."""

from coursekit.nets.portable import Portable, cat


def character_lstm(nn, n_characters, width=256, embedding=32, dropout=0.0):
    """Build a recurrent model of characters: a table of vectors, a long short-term memory, a linear layer.

    Taught in the chapter on sequences. The cell takes one step at a time, as sampling needs it; for training, PyTorch's
    `nn.LSTM` runs the same weights over a whole sequence.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_characters : int
        Different characters, V.
    width : int
        Units of the LSTM.
    embedding : int
        Length of the vector that stands for a character.
    dropout : float
        Of what the output layer reads.

    Returns
    -------
    CharacterLSTM
        ``model(codes, state=None)`` with codes (T, N) gives logits (T, N, V) and the state to go on from.

    Examples
    --------
    >>> model = character_lstm(nn, 5, width=8, embedding=3)
    >>> logits, (h, c) = model(np.array([[0, 1], [2, 3], [4, 0]]))
    >>> logits.shape, h.shape
    ((3, 2, 5), (2, 8))
    """
    return CharacterLSTM(nn, n_characters, width, embedding, dropout)


class CharacterLSTM(Portable):
    """What `character_lstm` builds."""

    def __init__(self, nn, n_characters, width, embedding, dropout):
        super().__init__()
        self.embedding = nn.Embedding(n_characters, embedding)
        self.cell = nn.LSTMCell(embedding, width)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, n_characters)

    def forward(self, codes, state=None):
        logits = []
        for step in codes:  # the same cell at every step
            state = self.cell(self.embedding(step), state)
            out = self.output(self.dropout(state[0]))
            logits.append(out.reshape(1, *out.shape))
        return cat(logits, dim=0), state


def character_convolutions(nn, n_characters, width=96, kernel=3, dilations=(1, 2, 4, 8, 16), dropout=0.0):
    """Build a convolutional model of characters: dilated convolutions that never look ahead, each with a shortcut.

    The form is that of van den Oord et al., "WaveNet: a generative model for raw audio", 2016, and of Bai, Kolter and
    Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling", 2018, in
    small. An output sees ``1 + (kernel - 1) * sum(dilations)`` characters. Taught in the chapter on sequences.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_characters, width : int
        Different characters, V; channels of every layer.
    kernel : int
    dilations : sequence of int
        One for each layer.
    dropout : float
        Of what the output layer reads.

    Returns
    -------
    CharacterConvolutions
        ``model(codes)`` with codes (N, T) gives logits (N, V, T).

    Examples
    --------
    >>> model = character_convolutions(nn, 5, width=4, dilations=(1, 2))
    >>> model(np.zeros((2, 9), int)).shape
    (2, 5, 9)
    """
    return CharacterConvolutions(nn, n_characters, width, kernel, dilations, dropout)


class CharacterConvolutions(Portable):
    """What `character_convolutions` builds."""

    def __init__(self, nn, n_characters, width, kernel, dilations, dropout):
        super().__init__()
        self.embedding = nn.Embedding(n_characters, width)
        self.body = nn.Sequential(*(CausalConvolution(nn, width, kernel, dilation) for dilation in dilations))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Conv1d(width, n_characters, 1)

    def forward(self, codes):
        return self.output(self.dropout(self.body(self.embedding(codes).transpose(1, 2))))


class CausalConvolution(Portable):
    """A convolution of which no output sees a later input, and a shortcut around it.

    Examples
    --------
    >>> layer = CausalConvolution(nn, 4, kernel=3, dilation=2)
    >>> layer(np.zeros((1, 4, 10), np.float32)).shape
    (1, 4, 10)
    """

    def __init__(self, nn, channels, kernel, dilation):
        super().__init__()
        reach = (kernel - 1) * dilation
        self.conv = nn.Conv1d(channels, channels, kernel, padding=reach, dilation=dilation)
        self.relu = nn.ReLU()

    def forward(self, x):
        # Padded on both sides, so there are outputs beyond the end, which have seen everything: cut them off.
        return x + self.relu(self.conv(x)[..., : x.shape[-1]])
