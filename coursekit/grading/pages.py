"""What all HTML pages of the grader have in common. Every page is one file that asks no other host for anything.

Text of strangers goes through `text` and `name`, and nowhere else into a page.
"""

import contextlib
import hashlib
import html
import math
import os
import re
import tempfile
from pathlib import Path

__all__ = ["bar", "file_name", "histogram", "name", "page", "text", "write"]


def text(value):
    """Any text, safe to put between tags or into a quoted attribute.

    Examples
    --------
    >>> text('<b "x">')
    '&lt;b &quot;x&quot;&gt;'
    """
    return html.escape(str(value).encode("utf-8", "replace").decode())


def name(student):
    """A student's name; whichever way it is written, what stands beside it keeps its place.

    Examples
    --------
    >>> name("<anna>")
    '<bdi>&lt;anna&gt;</bdi>'
    """
    return f"<bdi>{text(student)}</bdi>"


def page(title, body):
    """A complete document.

    Parameters
    ----------
    title : str
        Plain text.
    body : iterable of str
        HTML.

    Returns
    -------
    str
    """
    return _PAGE.format(title=text(title), style=_STYLE, body="\n".join(body))


def bar(share, words):
    """A bar from 0 to 1 with words behind it; the bar itself is only for the eye.

    Examples
    --------
    >>> bar(0.5, "6 of 12")
    '<span class="bar" aria-hidden="true"><span style="width:50%"></span></span> 6 of 12'
    """
    return f'<span class="bar" aria-hidden="true"><span style="width:{100 * share:.3g}%"></span></span> {text(words)}'


def bins(values, top):
    """Count values in at most 20 bins of a round width from 0 to `top`.

    Returns
    -------
    list of (low, high, count)
        The last bin holds its upper end too, and whatever is beyond.

    Examples
    --------
    >>> bins([0, 0.4, 9.9, 10, 11], 10)[0], bins([0, 0.4, 9.9, 10, 11], 10)[-1]
    ((0.0, 0.5, 2), (9.5, 10, 3))
    """
    top = top or 1.0
    magnitude = 10.0 ** math.floor(math.log10(top / 20))
    width = next(
        step * magnitude for step in (1, 2, 2.5, 5, 10, 20) if math.ceil(top / (step * magnitude) - 1e-9) <= 20
    )
    number = max(1, math.ceil(top / width - 1e-9))
    counts = [0] * number
    for value in values:
        counts[max(0, min(number - 1, int(value / width + 1e-9)))] += 1
    return [(round(k * width, 6), round(min(top, (k + 1) * width), 6), count) for k, count in enumerate(counts)]


def histogram(values, top):
    """How many got how much, as a picture with its numbers in words.

    Parameters
    ----------
    values : list of float
    top : float
        The most that can be had.

    Returns
    -------
    str
        An SVG element and, folded away, the same as a table.
    """
    found = bins(values, top)
    most = max(count for _, _, count in found) or 1
    width, height, left = 640, 220, 40
    step = (width - left - 8) / len(found)
    middle = sorted(values)[len(values) // 2] if values else 0
    words = f"Points of {len(values)} students, from 0 to {top:g}; half of them have {middle:g} or more."
    shapes = []
    for number, (low, high, count) in enumerate(found):
        x, tall = left + number * step, 170 * count / most
        shapes.append(
            f'<rect x="{x + 1:.1f}" y="{190 - tall:.1f}" width="{step - 2:.1f}" height="{tall:.1f}">'
            f"<title>{low:g} to {high:g}: {count}</title></rect>"
        )
        if count:
            shapes.append(f'<text x="{x + step / 2:.1f}" y="{185 - tall:.1f}" text-anchor="middle">{count}</text>')
    every = max(1, math.ceil(len(found) / 10))
    for number in range(0, len(found) + 1, every):
        value = found[number][0] if number < len(found) else top
        shapes.append(f'<text x="{left + number * step:.1f}" y="208" text-anchor="middle">{value:g}</text>')
    shapes.append(f'<line x1="{left}" y1="190" x2="{width - 8}" y2="190"/>')
    rows = "".join(f"<tr><td>{low:g} to {high:g}</td><td>{count}</td></tr>" for low, high, count in found)
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" role="img" aria-label="{text(words)}">{"".join(shapes)}</svg>'
        f"<figcaption>{text(words)}</figcaption><details><summary>As a table</summary><table><thead><tr>"
        f'<th scope="col">points</th><th scope="col">students</th></tr></thead><tbody>{rows}</tbody></table></details>'
        "</figure>"
    )


def file_name(student):
    """A file name for every student: any system takes it, and no two students have the same.

    A name of small letters, digits, dots, lines and dashes is taken as it is. Any other is made of such and ends in `~`
    and a hash; no name that was taken as it is has a `~`.

    Examples
    --------
    >>> file_name("anna.b-1"), file_name("Anna/../x")
    ('anna.b-1', 'anna_.._x~b895dc01bcc1')
    """
    plain = re.sub(r"[^a-z0-9._-]", "_", student.lower())[:60]
    ordinary = plain == student and re.match(r"[a-z0-9_]", plain) and not plain.endswith(".")
    if ordinary and not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", plain):  # these are taken on Windows
        return plain
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{plain.lstrip('.-') or '_'}~{digest}"


def write(path, content):
    """Write a file that only this user may read, all of it or none.

    Parameters
    ----------
    path : Path
    content : str
    """
    path = Path(path)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<article>
{body}
</article>
</body>
</html>
"""

_STYLE = """
:root { --ink: #1d2129; --soft: #59616e; --line: #d8dce2; --paper: #fff; --tint: #f3f5f8; --fill: #2f6fb0;
  --good: #1a7042; --bad: #a8321f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ec; --soft: #a3abb8; --line: #3a414d; --paper: #16191e;
  --tint: #20252c; --fill: #6ea8e0; --good: #6cc795; --bad: #f0907f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif;
  overflow-wrap: anywhere; }
a { color: var(--fill); }
article { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .4rem; }
p, ul { margin: .5rem 0; }
ul { padding-left: 1.2rem; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.points { font-size: 2.2rem; line-height: 1.2; margin: 1rem 0 .2rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .7rem .35rem 0; text-align: left; vertical-align: top; }
thead th { overflow-wrap: normal; color: var(--soft); font-weight: 600; font-size: .88rem; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; }
pre { background: var(--tint); border-radius: 6px; padding: .6rem .8rem; margin: .4rem 0; white-space: pre-wrap;
  font: .88rem/1.5 ui-monospace, monospace; }
pre mark { background: color-mix(in srgb, var(--fill) 28%, transparent); color: inherit; }
summary { cursor: pointer; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .6rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
ul.tests { list-style: none; padding: 0; }
ul.tests > li { border-bottom: 1px solid var(--line); padding: .45rem 0; }
ul.tests .given { float: right; margin-left: 1rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.bar { display: inline-block; width: 9rem; height: .7em; background: var(--tint); border: 1px solid var(--line);
  border-radius: 3px; overflow: hidden; vertical-align: -.05em; margin-right: .4rem; }
.bar > span { display: block; height: 100%; background: var(--fill); }
figure { margin: 1rem 0; }
figcaption { color: var(--soft); font-size: .92rem; }
svg { width: 100%; max-width: 46rem; height: auto; font: 11px system-ui, sans-serif; }
svg rect { fill: var(--fill); }
svg text { fill: var(--soft); }
svg line { stroke: var(--line); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
.sides > * { min-width: 0; }
@media print { details > * { display: block; } }
"""
