"""What a page of the book costs its reader, beside the same page of Jupyter Book's default build.

Both sites are served from this machine, compressed as a static host does (gzip, and only what is text), and every page
is opened in a fresh browser with an empty cache. Bytes are those of all answers, paint is the browser's first
contentful paint. The default build also asks other hosts (MathJax, among others); they are counted as requests and not
answered, so its bytes and times are too small.

The default build takes the executed notebooks that `make book` has left, so that nothing is executed again.
"""

import argparse
import functools
import gzip
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from jupyter_cache import get_cache
from playwright.sync_api import sync_playwright

from tools.browser import CHROMIUM, FLAGS

REPOSITORY = Path(__file__).resolve().parents[1]
BUILT = REPOSITORY / "_build"
COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".txt"}
PAINT = """() => new Promise(done => {
    const seen = list => list.getEntriesByName("first-contentful-paint")[0]?.startTime;
    if (seen(performance)) return done(seen(performance));
    new PerformanceObserver(list => { if (seen(list)) done(seen(list)) }).observe({type: "paint", buffered: true});
})"""
# As `jupyter-book create` writes it, with what these pages cannot be built without.
DEFAULT_CONFIG = """
title: Neural networks
author: The coursekit authors
logo: book/_static/logo.svg
only_build_toc_files: true
execute: {execute_notebooks: "off"}
bibtex_bibfiles: [book/references.bib]
parse: {myst_enable_extensions: [amsmath, attrs_block, attrs_inline, colon_fence, deflist, dollarmath, html_image]}
sphinx: {extra_extensions: [sphinx.ext.autodoc, sphinx.ext.napoleon]}
"""


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Serves files as a static host does, and keeps count of what it sent."""

    sent = 0

    def do_GET(self):
        path = Path(self.translate_path(unquote(urlsplit(self.path).path)))
        if not path.is_file():
            self.send_error(404)
            return
        body = _packed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        Compressing.sent += len(body)

    def log_message(self, *args):
        pass


@functools.cache
def _packed(path):
    """What a host sends for a file; its own compression is done before, not while a reader waits."""
    content = path.read_bytes()
    return gzip.compress(content, 6) if path.suffix in COMPRESSED else content


def default_build(target):
    """Build the same pages with Jupyter Book as it comes, and return the folder of the site."""
    shutil.copytree(REPOSITORY / "book", target / "book", ignore=shutil.ignore_patterns("_ext", ".*"))
    shutil.copytree(REPOSITORY / "exercises", target / "exercises", ignore=shutil.ignore_patterns(".*"))
    shutil.copy2(REPOSITORY / "_toc.yml", target)
    cache = get_cache(max(BUILT.glob(".jupyter_cache/*/global.db"), key=lambda path: path.stat().st_mtime).parent)
    for path in (target / "book").rglob("*.ipynb"):
        executed = cache.merge_match_into_notebook(nbformat.read(path, as_version=4))[1]
        nbformat.write(executed, path)
    (target / "_config.yml").write_text(DEFAULT_CONFIG, encoding="utf-8")
    build = [Path(sys.executable).with_name("jupyter-book"), "build", "--quiet", "."]
    done = subprocess.run(build, cwd=target, capture_output=True, text=True, check=False)
    if not (target / "_build/html/index.html").is_file():
        raise RuntimeError(f"the default build does not come about:\n{done.stderr[-2000:]}")
    return target / "_build" / "html"


def costs(site, pages, turns):
    """(bytes, milliseconds to the first paint, requests to other hosts) of each page; the fastest of the turns."""
    handler = functools.partial(Compressing, directory=site)
    found = {}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = f"127.0.0.1:{server.server_address[1]}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for page in pages:
            for _ in range(turns):
                cost = cost_of(browser, own, page)
                found[page] = min(found.get(page, cost), cost, key=lambda cost: cost[1])
        browser.close()
        server.shutdown()
    return found


def cost_of(browser, own, page):
    """Open one page with an empty cache."""
    context, elsewhere = browser.new_context(viewport={"width": 1280, "height": 900}), []

    def answer(route):
        if urlsplit(route.request.url).netloc == own:
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    tab = context.new_page()
    tab.route(lambda url: url.startswith("http"), answer)
    Compressing.sent = 0
    tab.goto(f"http://{own}/{page}", wait_until="load")
    paint = tab.evaluate(PAINT)
    tab.evaluate("async () => { await window.MathJax?.startup?.promise; await document.fonts.ready }")
    tab.wait_for_load_state("networkidle")
    context.close()
    return Compressing.sent, paint, len(elsewhere)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only pages whose address contains one of these")
    parser.add_argument("--site", type=Path, default=BUILT / "html", help="the built book (default: _build/html)")
    parser.add_argument("--default", type=Path, help="a default build that is there already")
    parser.add_argument("--turns", type=int, default=1, help="how often each page is opened (default: %(default)s)")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        sys.exit(f"pages: not measured; no built book in {arguments.site}; run: make book")
    if CHROMIUM is None:
        sys.exit("pages: not measured; no Chromium on this machine (Debian, Ubuntu: apt install chromium)")
    with tempfile.TemporaryDirectory() as folder:
        default = arguments.default or default_build(Path(folder))
        pages = [path.relative_to(arguments.site).as_posix() for path in sorted(arguments.site.rglob("*.html"))]
        pages = [page for page in pages if (default / page).is_file() and not page.startswith("_static/")]
        pages = [page for page in pages if 'http-equiv="Refresh"' not in (arguments.site / page).read_text("utf-8")]
        pages = [page for page in pages if not arguments.names or any(name in page for name in arguments.names)]
        table(pages, costs(arguments.site, pages, arguments.turns), costs(default, pages, arguments.turns))


def table(pages, ours, theirs):
    """Print what was measured, the heaviest page first."""
    print(f"{'':<52}{'kB sent':>9}{'default':>9}{'paint, ms':>11}{'default':>9}{'other hosts':>13}{'default':>9}")
    for page in sorted(pages, key=lambda page: -ours[page][0]):
        (size, paint, elsewhere), (size_2, paint_2, elsewhere_2) = ours[page], theirs[page]
        numbers = f"{size / 1e3:>9.0f}{size_2 / 1e3:>9.0f}{paint:>11.0f}{paint_2:>9.0f}{elsewhere:>13}{elsewhere_2:>9}"
        print(f"{page.removesuffix('.html'):<52}{numbers}")
    heaviest, slowest = max(ours.values()), max(ours.values(), key=lambda cost: cost[1])
    print(f"at most {heaviest[0] / 1e6:.2f} MB (aim: 1.5) and {slowest[1] / 1e3:.2f} s (aim: 1)")


if __name__ == "__main__":
    main()
