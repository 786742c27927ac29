"""Pictures: every figure of the book that is more than a line plot, and `explore`, the figures a reader can move.

Drawing functions return matplotlib figures or axes and print nothing. The look of the book is a matplotlib style:
``plt.style.use("coursekit.viz.course")``.
"""

from coursekit.viz.convolution import convolution_step
from coursekit.viz.explore import explore
from coursekit.viz.graph import draw_graph
from coursekit.viz.images import show_images, templates
from coursekit.viz.linear import decision_line, describe_line
from coursekit.viz.network import network_state
from coursekit.viz.source import source

__all__ = [
    "convolution_step",
    "decision_line",
    "describe_line",
    "draw_graph",
    "explore",
    "network_state",
    "show_images",
    "source",
    "templates",
]
