"""What the layers of a network are made of and cost: a table with shares, and bars."""

import html

import matplotlib.pyplot as plt

# After Okabe and Ito, as everywhere: blue for convolution, grey for pooling, orange for fully connected layers.
COLOURS = {"convolution": "#0072B2", "pooling": "#999999", "fully connected": "#E69F00"}
HEADINGS = {"multiply_adds": "multiply-adds"}


def layer_names(summary):
    """Name the layers that add units: as the model does where it has names, else numbered as in papers.

    Paths such as ``features.4`` become ``conv2``; pooling takes the number of the layer before it.

    Parameters
    ----------
    summary : coursekit.counting.Summary

    Returns
    -------
    dict of str to str
        From the names of the rows.

    Examples
    --------
    >>> from coursekit.counting import summary
    >>> layers = [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 5)]
    >>> layer_names(summary(nn.Sequential(*layers), (1, 8, 8)))
    {'0': 'conv1', '2': 'pool1', '4': 'fc2'}
    """
    names, number = {}, 0
    for row in summary:
        if not row.units:
            continue
        number += row.family != "pooling"
        short = {"convolution": "conv", "pooling": "pool", "fully connected": "fc"}[row.family]
        own = row.name if not any(part.isdigit() for part in row.name.split(".")) else f"{short}{number}"
        names[row.name] = own
    return names


class CountTable:
    """The layers that add units, with the share of each in the network, and sums for each family of layers.

    Parameters
    ----------
    summary : coursekit.counting.Summary
    columns : sequence of str
        Any of units, weights, biases, parameters, multiply_adds, connections.
    title : str, optional

    Examples
    --------
    >>> from coursekit import nets
    >>> from coursekit.counting import summary
    >>> CountTable(summary(nets.lenet5(nn), (1, 28, 28)), columns=["units", "parameters"])
    layer            output        units    %  parameters    %
    C1               6 × 28 × 28   4,704   58         156    0
    S2               6 × 14 × 14   1,176   15
    C3               16 × 10 × 10  1,600   20       2,416    4
    S4               16 × 5 × 5      400    5
    C5               120             120    1      48,120   78
    F6               84               84    1      10,164   16
    output           10               10    0         850    1
    convolution                    6,304   78       2,572    4
    pooling                        1,576   19
    fully connected                  214    3      59,134   96
    total                          8,094  100      61,706  100
    """

    def __init__(self, summary, columns=("units", "parameters", "connections"), title=None):
        self.summary, self.columns, self.title = summary, tuple(columns), title

    def share(self, family, column):
        """Return the part, from 0 to 1, that a family of layers has in a column."""
        part = sum(getattr(row, column) for row in self.summary if row.family == family)
        return part / getattr(self.summary, column)

    def _cells(self, name, shape, rows):
        cells = [name, " × ".join(map(str, shape))]
        for column in self.columns:
            number, total = sum(getattr(row, column) for row in rows), getattr(self.summary, column)
            cells += [f"{number:,}", f"{100 * number / total:.0f}"] if number else ["", ""]
        return cells

    def _lines(self):
        names = layer_names(self.summary)
        rows = [row for row in self.summary if row.units]
        head = ["layer", "output"]
        for column in self.columns:
            head += [HEADINGS.get(column, column), "%"]
        body = [self._cells(names[row.name], row.output_shape, [row]) for row in rows]
        families = [family for family in COLOURS if any(row.family == family for row in rows)]
        sums = [self._cells(family, (), [row for row in rows if row.family == family]) for family in families]
        return head, body, [*sums, self._cells("total", (), rows)]

    def __repr__(self):
        head, body, foot = self._lines()
        lines = [head, *body, *foot]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    def _repr_html_(self):
        head, body, foot = self._lines()
        title = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        table = (
            f'<table style="border-collapse: collapse; font-size: 0.93em">{title}'
            f"<thead>{_row(head, 'col')}</thead>"
            f'<tbody style="{LINE}">{"".join(map(_row, body))}</tbody>'
            f'<tfoot style="{LINE}">{"".join(map(_row, foot))}</tfoot></table>'
        )
        return f'<div style="overflow-x: auto" tabindex="0">{table}</div>'  # so that keys can scroll it


LINE = "border-top: 1px solid currentColor"


def _row(cells, scope="row"):
    """A line of a table; in the head every cell is a heading, below only the first."""

    def cell(i, text):
        tag, says = ("th", f' scope="{scope}"') if scope == "col" or i == 0 else ("td", "")
        share = i > 1 and i % 2  # belongs to the number on its left
        style = (
            f"padding: 0.15em {0.9 if share else 0.3}em 0.15em {0.1 if share else 0.4}em; "
            f"text-align: {'left' if i < 2 else 'right'}; white-space: nowrap"
        )
        return f'<{tag}{says} style="{style}">{html.escape(text)}</{tag}>'

    return f"<tr>{''.join(cell(i, text) for i, text in enumerate(cells))}</tr>"


def count_bars(summary, columns=("units", "parameters", "connections"), *, width=7.2):
    """Draw the share of each layer in the units, weights and connections of a network, one panel for each.

    Parameters
    ----------
    summary : coursekit.counting.Summary
    columns : sequence of str
        As for `CountTable`.
    width : float
        Of the figure, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from coursekit import nets
    >>> from coursekit.counting import summary
    >>> figure = count_bars(summary(nets.lenet5(nn), (1, 28, 28)))
    >>> [ax.get_title() for ax in figure.axes]
    ['units', 'parameters', 'connections']
    """
    rows = [row for row in summary if row.units]
    names = layer_names(summary)
    figure, axes = plt.subplots(
        1, len(columns), figsize=(width, 0.6 + 0.22 * len(rows)), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, column in zip(axes[0], columns, strict=True):
        shares = [100 * getattr(row, column) / getattr(summary, column) for row in rows]
        ax.barh(range(len(rows)), shares, color=[COLOURS[row.family] for row in rows], height=0.72)
        for place, share in enumerate(shares):
            if share >= 0.5:
                ax.text(share + 1.5, place, f"{share:.0f} %", va="center", fontsize=8)
        ax.set_title(HEADINGS.get(column, column))
        ax.set_xlim(0, max(shares) * 1.25)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.grid(visible=False)
        ax.tick_params(length=0)
    axes[0, 0].set_yticks(range(len(rows)), [names[row.name] for row in rows])
    axes[0, 0].invert_yaxis()
    used = [family for family in COLOURS if any(row.family == family for row in rows)]
    figure.legend(
        handles=[plt.Rectangle((0, 0), 1, 1, color=COLOURS[family], label=family) for family in used],
        loc="outside lower center",
        ncols=len(used),
    )
    return figure


def describe_count_bars(summary, columns=("units", "parameters", "connections")):
    """Say in words what `count_bars` shows: the largest layer of each panel, and what each family has.

    Examples
    --------
    >>> from coursekit import nets
    >>> from coursekit.counting import summary
    >>> describe_count_bars(summary(nets.lenet5(nn), (1, 28, 28)), ["units", "parameters"])
    'units: most in C1 (58 %); convolution 78 %, pooling 19 %, fully connected 3 %. parameters: most in C5 (78 %); convolution 4 %, pooling 0 %, fully connected 96 %.'
    """  # noqa: E501 - one line, as it is returned
    rows, names, sentences = [row for row in summary if row.units], layer_names(summary), []
    for column in columns:
        total = getattr(summary, column)
        largest = max(rows, key=lambda row: getattr(row, column))
        families = {family: sum(getattr(row, column) for row in rows if row.family == family) for family in COLOURS}
        present = {row.family for row in rows}
        shares = ", ".join(f"{name} {100 * n / total:.0f} %" for name, n in families.items() if name in present)
        share = 100 * getattr(largest, column) / total
        sentences.append(f"{HEADINGS.get(column, column)}: most in {names[largest.name]} ({share:.0f} %); {shares}.")
    return " ".join(sentences)
