"""Figures whose axes are placed by hand."""

from matplotlib.layout_engine import PlaceHolderLayoutEngine


def no_layout():
    """Return what to give as ``layout=`` to a figure in which nothing has to be laid out: half the time of a frame.

    Not ``layout="none"``: a figure that has no engine gets the one of the style as soon as it is saved, and the second
    time it warns.
    """
    return PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
