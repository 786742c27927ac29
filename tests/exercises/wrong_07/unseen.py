"""Wrong solutions of task 5; see exercise.py. They use the descriptions of the notebook."""


def _block(channels, filters, stride, expansion, wide=None, keep=False, groups=True, add_if=None, **more):
    """The right answer, but for what is handed in."""
    inner = wide or channels * expansion
    n, r = {"kind": "norm"}, {"kind": "relu"}
    path = [_conv(inner, 1, stride if more.get("early") else 1), n, r] if expansion > 1 or keep else []
    bias = more.get("bias", False)
    path += [
        _conv(inner, 3, 1 if more.get("early") and expansion > 1 else stride, more.get("padding", 1), inner, bias)
        if groups
        else _conv(inner, 3, stride, 1, 1),
        *([] if more.get("one_norm") else [n]),
        r,
        _conv(filters, 1, bias=bias),
        n,
    ]
    if more.get("last_relu"):
        path.append(r)
    together = stride == 1 and channels == filters
    if add_if(channels, filters, stride, expansion) if add_if else together:
        return [{"kind": "add", "paths": [more.get("shortcut", []), path]}]
    return path


def _conv(filters, kernel, stride=1, padding=0, groups=1, bias=False):
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": 1,
        "groups": groups,
        "bias": bias,
    }


def inverted_residual__always_expanded(channels, filters, stride, expansion):
    """Says: the first one is left out"""
    return _block(channels, filters, stride, expansion, keep=True)


def inverted_residual__depthwise_without_groups(channels, filters, stride, expansion):
    """Shapes are right.
    Says: groups"""
    return _block(channels, filters, stride, expansion, groups=False)


def inverted_residual__added_at_stride_one(channels, filters, stride, expansion):
    """Says: of the kind 'add'"""
    return _block(channels, filters, stride, expansion, add_if=lambda c, m, s, t: s == 1)


def inverted_residual__added_at_equal_channels(channels, filters, stride, expansion):
    """Says: of the kind 'add'"""
    return _block(channels, filters, stride, expansion, add_if=lambda c, m, s, t: c == m)


def inverted_residual__never_added(channels, filters, stride, expansion):
    """Says: of the kind 'add'"""
    return _block(channels, filters, stride, expansion, add_if=lambda c, m, s, t: False)


def inverted_residual__added_only_if_expanded(channels, filters, stride, expansion):
    """Says: of the kind 'add'"""
    return _block(channels, filters, stride, expansion, add_if=lambda c, m, s, t: s == 1 and c == m and t > 1)


def inverted_residual__stride_in_the_first(channels, filters, stride, expansion):
    """Says: only this one has the stride"""
    return _block(channels, filters, stride, expansion, early=True)


def inverted_residual__no_padding(channels, filters, stride, expansion):
    """Says: padding = 1"""
    return _block(channels, filters, stride, expansion, padding=0)


def inverted_residual__biases(channels, filters, stride, expansion):
    """Says: bias = False"""
    return _block(channels, filters, stride, expansion, bias=True)


def inverted_residual__relu_at_the_end(channels, filters, stride, expansion):
    """Says: None behind the last convolution"""
    return _block(channels, filters, stride, expansion, last_relu=True)


def inverted_residual__norm_missing(channels, filters, stride, expansion):
    """Says: One behind each convolution"""
    return _block(channels, filters, stride, expansion, one_norm=True)


def inverted_residual__expands_the_filters(channels, filters, stride, expansion):
    """Equal widths hide it.
    Says: filters ="""
    return _block(channels, filters, stride, expansion, wide=filters * expansion)


def inverted_residual__bottleneck(channels, filters, stride, expansion):
    """ResNet's way round: narrow in the middle.
    Says: filters ="""
    return _block(channels, filters, stride, expansion, wide=max(1, channels // expansion))


def inverted_residual__shortcut_with_weights(channels, filters, stride, expansion):
    """A projection where the block halves.
    Says: convolutions"""
    short = [_conv(filters, 1, stride), {"kind": "norm"}]
    return _block(
        channels,
        filters,
        stride,
        expansion,
        add_if=lambda c, m, s, t: True,
        shortcut=[] if stride == 1 and channels == filters else short,
    )


def inverted_residual__a_list_in_a_list(channels, filters, stride, expansion):
    """Says: A list in a list"""
    return [_block(channels, filters, stride, expansion)]


def inverted_residual__not_a_list(channels, filters, stride, expansion):
    """Says: should be a list of layers"""
    return {"kind": "add", "paths": [[], _block(channels, filters, stride, expansion)]}


def _table():
    rest = [(6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    return [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), *rest]


def _mobilenet(classes, every=False, stay=False, head=True, last=True, bias=True, table=None):
    n, r = {"kind": "norm"}, {"kind": "relu"}
    layers, channels = [_conv(32, 3, 2, 1), n, r], 32
    for t, m, blocks, s in table or _table():
        before = channels
        for i in range(blocks):
            layers += _block(before if stay else channels, m, s if every or i == 0 else 1, t)
            channels = m
    if head:
        layers += [_conv(1280, 1), n, r]
    return [*layers, {"kind": "mean"}, *([{"kind": "linear", "outputs": classes, "bias": bias}] if last else [])]


def mobilenet_v2__stride_in_every_block(classes):
    """Says: should halve the maps 5 times"""
    return _mobilenet(classes, every=True)


def mobilenet_v2__channels_stay(classes):
    """Every block of a stage gets the channels of the stage before.
    Says: 10 additions"""
    return _mobilenet(classes, stay=True)


def mobilenet_v2__no_last_convolution(classes):
    """Says: 52 convolutions"""
    return _mobilenet(classes, head=False)


def mobilenet_v2__one_block_each(classes):
    """Says: 52 convolutions"""
    return _mobilenet(classes, table=[(t, m, 1, s) for t, m, _, s in _table()])


def mobilenet_v2__no_classifier(classes):
    """Hidden only."""
    return _mobilenet(classes, last=False)


def mobilenet_v2__classifier_without_biases(classes):
    """Hidden only."""
    return _mobilenet(classes, bias=False)


def mobilenet_v2__always_a_thousand(classes):
    """Hidden only."""
    return _mobilenet(1000)


def mobilenet_v2__columns_exchanged(classes):
    """A number of the table misread.
    Hidden only."""
    return _mobilenet(classes, table=[*_table()[:4], (6, 96, 3, 2), (6, 160, 3, 1), _table()[6]])
