"""One frame of a moving figure as a data URI: small, the same every time, and independent of the reader's fonts.

A frame is an SVG without what no browser needs; arrays in it keep their own resolution. Where pixels are smaller than
the vector (a cloud of 20 000 points), the frame is a PNG or a lossless WebP.
"""

import base64
import io
import re
import zlib
from urllib.parse import quote
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
from PIL import Image

__all__ = ["draw_frame"]

RASTER_DPI = 144  # 1.5 device pixels for each CSS pixel: sharp on most screens, half the bytes of 2
# Fixed ids in SVG, and letters as outlines: a page cannot know which fonts its reader has.
_RC = {"svg.hashsalt": "coursekit", "svg.fonttype": "path", "savefig.facecolor": "white", "savefig.bbox": "standard"}
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def draw_frame(draw, values, form="sent"):
    """Draw one frame.

    Parameters
    ----------
    draw : callable
        As in `coursekit.viz.explore`.
    values : dict
        What to call it with.
    form : "sent", "vector" or "raster"
        A vector, or pixels. By default a vector, unless pixels are smaller as a web server sends both, compressed.

    Returns
    -------
    uri : str
    width, height : int
        In CSS pixels.

    Raises
    ------
    ValueError
        If nothing was drawn.
    """
    plt.close(plt.figure())  # loads the backend; loaded inside, a notebook would stay non-interactive afterwards
    before = set(plt.get_fignums())
    with plt.ioff(), mpl.rc_context(_RC):
        if mpl.rcParams["image.interpolation"] == "nearest":
            mpl.rcParams["image.interpolation"] = "none"  # looks the same; the SVG keeps the array and not its blow-up
        plt.figure(layout="constrained")  # so that "the current figure" is a fresh one
        try:
            drawn = draw(**values)
            figure = getattr(drawn, "figure", None) or plt.gcf()
            if not figure.get_children()[1:]:  # the first child is the background
                raise ValueError(f"draw drew nothing for {values}: return the Figure, or draw on the current figure")
            width, height = (round(96 * inches) for inches in figure.get_size_inches())
            return FORMS[form](figure), width, height
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)


def _sent_uri(figure):
    vector = _svg_uri(figure)
    size = len(zlib.compress(vector.encode()))
    if size < 8000:  # lines and letters; pixels never come near
        return vector
    raster = _raster_uri(figure)
    return vector if size < len(zlib.compress(raster.encode())) else raster


def _svg_uri(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", dpi=RASTER_DPI, metadata={"Date": None})
    svg = _shorter(buffer.getvalue())
    if "'" not in svg:
        svg = svg.replace('"', "'")  # a quote inside a URI would cost three characters
    return "data:image/svg+xml," + quote(svg, safe="/:=,;'()!*@+-_.~?$[]{}| ")


def _shorter(svg):
    """The same picture with less text: matplotlib writes one group for every tick and names each of them."""
    root = ElementTree.fromstring(svg)
    referenced = set(re.findall(r"#([\w.-]+)", svg))
    for element in list(root.iter()):
        if element.get("id") not in referenced:
            element.attrib.pop("id", None)
        if outline := element.get("d"):
            element.set("d", re.sub(r"\s+", " ", re.sub(r"(\.\d\d)\d+", r"\1", outline)).strip())
        if target := element.attrib.pop(f"{{{_XLINK}}}href", None):
            element.set("href", _lighter(target) if target.startswith("data:") else target)
        element.tail = None
        if not (element.text or "").strip():
            element.text = None
    _unwrap_groups(root)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _unwrap_groups(parent):
    """Drop what has no effect: metadata, empty groups, and groups around others that set nothing for them."""
    children = []
    for child in parent:
        _unwrap_groups(child)
        if child.tag == f"{{{_SVG}}}metadata" or (child.tag == f"{{{_SVG}}}g" and not len(child)):
            continue
        children += list(child) if child.tag == f"{{{_SVG}}}g" and not child.attrib else [child]
    parent[:] = children


def _lighter(uri):
    """An image that matplotlib put into an SVG as RGBA, as the smallest data URI that looks the same."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
        image.load()
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if max(image.size) >= 64 and image.getcolors(64) is None:  # a photograph; smaller ones keep every pixel's value
        return _image_uri(image, "webp", quality=90, method=6)
    return min(_lossless_uris(image), key=len)


def _raster_uri(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=RASTER_DPI)
    with Image.open(buffer) as image:
        return _image_uri(image.convert("RGB"), "webp", lossless=True, quality=80, method=4)


def _lossless_uris(image):
    return _image_uri(image, "png", optimize=True), _image_uri(image, "webp", lossless=True, quality=80, method=4)


def _image_uri(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return f"data:image/{kind};base64," + base64.b64encode(buffer.getvalue()).decode()


FORMS = {"sent": _sent_uri, "vector": _svg_uri, "raster": _raster_uri}
