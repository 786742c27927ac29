"""What the book needs of Sphinx beyond Jupyter Book's settings.

* Notebooks are executed again when the code they import changes (`set_execution_cache`), several at a time, and not at
  all where nbval has just done so (`execute_ahead`; see `executed`, which both use).
* In the instructor edition (see ``tools/instructor``) the notes on an exercise show its hidden tests.
* The site carries its own MathJax (`copy_mathjax`); `lighter` makes it smaller.
"""

import importlib.metadata
import importlib.util
import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.display import status_iterator

import executed

MOST_KERNELS = 4  # at a time; each may need 2 GB
KEEP_CACHES = 4  # so that going back to another branch does not execute everything again


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("config-inited", set_execution_cache)
    app.connect("config-inited", lambda app, config: executed.prepare_kernels(Path(app.srcdir) / "_build"))
    app.connect("env-before-read-docs", execute_ahead)
    app.connect("source-read", append_hidden_tests)
    app.connect("build-finished", copy_static)
    app.connect("build-finished", copy_mathjax)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def set_execution_cache(app: Sphinx, config: Config) -> None:
    """Execute into ``_build/.jupyter_cache/<package_hash>``.

    The cache knows a notebook by its cells only: without this, a corrected layer would leave old output in the book.
    """
    found = importlib.util.find_spec("coursekit")
    if found is None or found.origin is None:
        raise ExtensionError("coursekit is not installed beside the book: pip install -e .")
    cache = executed.cache_folder(Path(app.srcdir) / "_build", Path(found.origin).parent)
    cache.mkdir(parents=True, exist_ok=True)
    os.utime(cache)
    config.nb_execution_cache_path = str(cache)
    others = sorted(
        (path for path in cache.parent.iterdir() if path.is_dir()),
        key=os.path.getmtime,
        reverse=True,
    )
    for old in others[KEEP_CACHES:]:
        shutil.rmtree(old, ignore_errors=True)


def execute_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute the notebooks that are about to be read, as many at a time as there are processors, into the cache.

    MyST-NB executes one after the other, while it reads. Now it finds each in the cache, and executes itself only one
    that failed here, in order to report the failure in its own way. What nbval has executed is not executed again.
    """
    if env.config.nb_execution_mode != "cache":
        return
    cache = get_cache(env.config.nb_execution_cache_path)
    notebooks = {}

    def keep(path, notebook, seconds):
        bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    for path in map(Path, map(env.doc2path, docnames)):
        if path.suffix != ".ipynb" or any(path.match(pattern) for pattern in env.config.nb_execution_excludepatterns):
            continue
        notebook = nbformat.read(path, as_version=4)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            found = executed.take(Path(env.config.nb_execution_cache_path), notebook)
            if found:
                keep(path, *found)
            else:
                notebooks[path] = notebook

    def execute(path):
        limits = {"timeout": env.config.nb_execution_timeout, "allow_errors": False}
        return path, single_nb_execution(notebooks[path], cwd=str(path.parent), **limits)

    # Threads: the work is done by kernels, which are processes, and one process must hand out their ports.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_KERNELS)) as pool:
        executions = as_completed([pool.submit(execute, path) for path in notebooks])
        for done in status_iterator(
            executions,
            "executing notebooks... ",
            "darkgreen",
            len(notebooks),
            app.verbosity,
            stringify_func=lambda done: done.result()[0].stem,
        ):
            path, result = done.result()
            if result.err is None:
                keep(path, result.nb, result.time)


def append_hidden_tests(app: Sphinx, docname: str, source: list[str]) -> None:
    """Show an exercise's hidden tests at the end of its notes, which only the instructor edition has as a page."""
    if docname.startswith("solutions/") and docname.endswith("/instructor"):
        source[0] += "\n\n## The hidden tests\n\n```{literalinclude} test_hidden.py\n:language: python\n```\n"


def copy_static(app: Sphinx, exception: Exception | None) -> None:
    """Copy the book's own style and pictures again: Sphinx does not when only they have changed."""
    if exception or app.builder.format != "html":
        return
    for folder in app.config.html_static_path:
        if (Path(app.srcdir) / folder).is_relative_to(Path(app.srcdir) / "book"):
            shutil.copytree(
                Path(app.srcdir) / folder,
                Path(app.outdir) / "_static",
                dirs_exist_ok=True,
            )


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Put MathJax's one script, its fonts, and the small extensions that it loads on demand into the site."""
    if exception or app.builder.format != "html":
        return
    try:  # the package's name has hyphens, so it cannot be imported by name
        distribution = importlib.metadata.distribution("sphinx-mathjax-offline")
    except importlib.metadata.PackageNotFoundError:
        raise ExtensionError("the book's formulas need: pip install sphinx-mathjax-offline") from None
    source = Path(distribution.locate_file("sphinx-mathjax-offline/static/mathjax"))
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in (
        "tex-chtml.js",
        "output/chtml/fonts/woff-v2",
        "input/tex/extensions",
    ):
        if (source / part).is_dir():
            left_out = shutil.ignore_patterns("all-packages.js")
            shutil.copytree(
                source / part,
                target / part,
                ignore=left_out,
                dirs_exist_ok=True,
            )
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / part, target / part)
