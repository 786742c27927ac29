"""Pictures: every figure of the book that is more than a line plot, `explore`, the figures a reader can move, and
`draw_a_digit` and `try_kernels`, which compute in the reader's browser.

Drawing functions return matplotlib figures or axes and print nothing. The look of the book is a matplotlib style:
``plt.style.use("coursekit.viz.course")``.
"""

from coursekit.viz.accumulation import describe_stamping_step, stamping_step
from coursekit.viz.backward import (
    convolution_gradient,
    describe_convolution_gradient,
    describe_pooling_gradient,
    pooling_gradient,
)
from coursekit.viz.blocks import block_diagrams, describe_blocks
from coursekit.viz.channels import channel_maps, channel_sum, describe_channel_sum
from coursekit.viz.confusion import confusion_matrix
from coursekit.viz.convolution import convolution_step
from coursekit.viz.counts import CountTable, count_bars, describe_count_bars, layer_names
from coursekit.viz.descent import descent_paths, describe_path
from coursekit.viz.embedding import code_cube, describe_cube, images_at
from coursekit.viz.excitations import centred, describe_excitations, excitations, mosaic
from coursekit.viz.explore import explore
from coursekit.viz.expression import describe_expression, expression_graph
from coursekit.viz.gradients import direction_colours, orientation_strokes
from coursekit.viz.graph import draw_graph
from coursekit.viz.images import show_images, templates
from coursekit.viz.layers import by_layer, describe_by_layer
from coursekit.viz.linear import decision_line, describe_line
from coursekit.viz.live_digits import draw_a_digit
from coursekit.viz.live_kernels import try_kernels
from coursekit.viz.neighbours import describe_neighbours, neighbour_rows, photographs_at
from coursekit.viz.network import network_state
from coursekit.viz.pixels import pixel_values
from coursekit.viz.receptive import (
    describe_cone,
    describe_overlay,
    field_overlay,
    influence_maps,
    receptive_cone,
)
from coursekit.viz.regions import decision_regions, describe_regions, linear_regions
from coursekit.viz.source import source
from coursekit.viz.towers import describe_tower, tower
from coursekit.viz.unrolled import describe_unrolled, unrolled
from coursekit.viz.windows import (
    connections,
    describe_connections,
    describe_pooling_step,
    describe_window_map,
    pooling_step,
    window_map,
)

__all__ = [
    "CountTable",
    "block_diagrams",
    "by_layer",
    "centred",
    "channel_maps",
    "channel_sum",
    "code_cube",
    "confusion_matrix",
    "connections",
    "convolution_gradient",
    "convolution_step",
    "count_bars",
    "decision_line",
    "decision_regions",
    "descent_paths",
    "describe_blocks",
    "describe_by_layer",
    "describe_channel_sum",
    "describe_cone",
    "describe_connections",
    "describe_convolution_gradient",
    "describe_count_bars",
    "describe_cube",
    "describe_excitations",
    "describe_expression",
    "describe_line",
    "describe_neighbours",
    "describe_overlay",
    "describe_path",
    "describe_pooling_gradient",
    "describe_pooling_step",
    "describe_regions",
    "describe_stamping_step",
    "describe_tower",
    "describe_unrolled",
    "describe_window_map",
    "direction_colours",
    "draw_a_digit",
    "draw_graph",
    "excitations",
    "explore",
    "expression_graph",
    "field_overlay",
    "images_at",
    "influence_maps",
    "layer_names",
    "linear_regions",
    "mosaic",
    "neighbour_rows",
    "network_state",
    "orientation_strokes",
    "photographs_at",
    "pixel_values",
    "pooling_gradient",
    "pooling_step",
    "receptive_cone",
    "show_images",
    "source",
    "stamping_step",
    "templates",
    "tower",
    "try_kernels",
    "unrolled",
    "window_map",
]
