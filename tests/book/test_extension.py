"""The book's Sphinx extension: what makes notebooks execute again, and what the site gets."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import coursekit_book
import executed
import nbformat
import pytest
from jupyter_cache import get_cache

BOOK = Path(coursekit_book.__file__).parents[1]


@pytest.fixture
def package(tmp_path):
    """A small package laid out like coursekit."""
    for name in ("__init__.py", "scratch/nn.py", "data/bundle/mnist.bin", "grading/check.py", "cli.py"):
        path = tmp_path / "coursekit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path / "coursekit"


def test_the_same_package_has_the_same_hash(package):
    before = executed.package_hash(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "nn.pyc").write_bytes(b"x")
    assert executed.package_hash(package) == before


@pytest.mark.parametrize("name", ["__init__.py", "scratch/nn.py", "data/bundle/mnist.bin", "scratch/new.py"])
def test_what_a_chapter_may_import_changes_the_hash(package, name):
    before = executed.package_hash(package)
    (package / name).write_text("x = 2\n")
    assert executed.package_hash(package) != before


def test_a_moved_file_changes_the_hash(package):
    before = executed.package_hash(package)
    (package / "scratch" / "nn.py").rename(package / "scratch" / "mm.py")
    assert executed.package_hash(package) != before


@pytest.mark.parametrize("name", ["grading/check.py", "cli.py"])
def test_the_grader_does_not_execute_chapters_again(package, name):
    before = executed.package_hash(package)
    (package / name).write_text("x = 2\n")
    assert executed.package_hash(package) == before


def test_another_version_of_a_library_changes_the_hash(package, monkeypatch):
    before = executed.package_hash(package)
    monkeypatch.setattr(executed.importlib.metadata, "version", lambda name: "0")
    assert executed.package_hash(package) != before


def test_old_caches_are_removed_and_the_current_one_stays(tmp_path):
    caches = tmp_path / "_build" / ".jupyter_cache"
    for i in range(10):
        (caches / f"old{i}").mkdir(parents=True)
    config = SimpleNamespace()
    coursekit_book.set_execution_cache(SimpleNamespace(srcdir=tmp_path), config)
    left = {path.name for path in caches.iterdir()}
    assert len(left) == coursekit_book.KEEP_CACHES
    assert config.nb_execution_cache_path.rpartition("/")[2] in left


def test_kernels_get_a_profile_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", "elsewhere")
    monkeypatch.delenv("COURSEKIT_STATIC", raising=False)
    executed.prepare_kernels(tmp_path)
    assert os.environ["IPYTHONDIR"] == str(tmp_path / ".ipython")
    assert os.environ["COURSEKIT_STATIC"]
    assert (tmp_path / ".ipython/profile_default/ipython_kernel_config.py").is_file()


@pytest.mark.parametrize("step", ["copy_static", "copy_mathjax"])
def test_a_failed_build_or_another_format_is_left_alone(tmp_path, step):
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="latex"))
    getattr(coursekit_book, step)(app, None)
    getattr(coursekit_book, step)(app, RuntimeError())
    assert list(tmp_path.iterdir()) == []


def test_mathjax_is_copied_with_its_fonts(tmp_path):
    coursekit_book.copy_mathjax(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    assert (tmp_path / "_static/mathjax/tex-chtml.js").is_file()
    assert (tmp_path / "_static/mathjax/output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff").is_file()
    assert not (tmp_path / "_static/mathjax/a11y").exists()


def notebook(path, *cells):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)


def builder(folder, **config):
    """A build of the documents in a folder, as far as `execute_ahead` looks at it."""
    settings = {
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(folder / "cache"),
        "nb_execution_excludepatterns": ["left/*"],
        "nb_execution_timeout": 60,
    }
    env = SimpleNamespace(
        config=SimpleNamespace(**(settings | config)),
        doc2path=lambda name: str(next(folder.glob(f"{name}.[!t]*"))),
    )
    return SimpleNamespace(verbosity=0), env, ["good", "bad", "left/out", "page"]


@pytest.fixture
def documents(tmp_path):
    """Notebooks, each of which leaves a file when it is executed."""
    (tmp_path / "left").mkdir()
    (tmp_path / "page.md").touch()
    notebook(tmp_path / "good.ipynb", "open('good.txt', 'a').write('x')", "print('hello')")
    notebook(tmp_path / "bad.ipynb", "1 / 0")
    notebook(tmp_path / "left/out.ipynb", "open('out.txt', 'w')")
    return tmp_path


def test_notebooks_are_executed_once_into_the_cache(documents):
    for _ in range(2):
        coursekit_book.execute_ahead(*builder(documents))
    assert (documents / "good.txt").read_text() == "x"
    assert not (documents / "left/out.txt").exists()
    cache = get_cache(str(documents / "cache"))
    read = {name: nbformat.read(documents / f"{name}.ipynb", as_version=4) for name in ("good", "bad")}
    _, merged = cache.merge_match_into_notebook(read["good"])
    assert merged.cells[1].outputs[0].text == "hello\n"
    with pytest.raises(KeyError):  # one that fails is left to MyST-NB, which reports it
        cache.match_cache_notebook(read["bad"])


def test_a_build_without_a_cache_is_left_alone(documents):
    coursekit_book.execute_ahead(*builder(documents, nb_execution_mode="off"))
    assert not (documents / "good.txt").exists()


def test_what_was_kept_is_found_by_the_code_alone(tmp_path):
    text, code = nbformat.v4.new_markdown_cell("text"), nbformat.v4.new_code_cell("print(1)")
    made = nbformat.v4.new_notebook(cells=[text, code])
    assert executed.take(tmp_path, made) is None
    code.outputs = [nbformat.v4.new_output("stream", text="1\n")]
    executed.keep(tmp_path, made, 2.5)
    text.source, code.outputs = "other text", []
    found, seconds = executed.take(tmp_path, made)
    assert (found.cells[1].outputs[0].text, seconds) == ("1\n", 2.5)
    code.source = "print(2)"
    assert executed.take(tmp_path, made) is None


def test_the_build_takes_what_nbval_has_executed(documents):
    book = documents / "book"
    (book / "_ext").mkdir(parents=True)
    (book / "conftest.py").write_bytes((BOOK / "conftest.py").read_bytes())
    (book / "_ext/executed.py").write_bytes((BOOK / "_ext/executed.py").read_bytes())
    for name in ("good", "bad"):
        (documents / f"{name}.ipynb").rename(book / f"{name}.ipynb")
    nbval = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "book"]
    ran = subprocess.run(nbval, cwd=documents, capture_output=True, text=True, check=False)
    assert "1 failed, 2 passed" in ran.stdout, ran.stdout + ran.stderr
    cache = executed.cache_folder(documents / "_build", BOOK.parent / "coursekit")
    assert len(list((cache / "by_nbval").iterdir())) == 1  # the notebook that failed is not kept

    app, env, _ = builder(book, nb_execution_cache_path=str(cache))
    coursekit_book.execute_ahead(app, env, ["good"])
    assert (book / "good.txt").read_text() == "x"
    good = nbformat.read(book / "good.ipynb", as_version=4)
    _, merged = get_cache(str(cache)).merge_match_into_notebook(good)
    assert merged.cells[1].outputs[0].text == "hello\n"
