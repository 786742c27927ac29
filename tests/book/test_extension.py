"""The book's Sphinx extension: what makes notebooks execute again, and what the site gets."""

from types import SimpleNamespace

import coursekit_book
import nbformat
import pytest
from jupyter_cache import get_cache


@pytest.fixture
def package(tmp_path):
    """A small package laid out like coursekit."""
    for name in ("__init__.py", "scratch/nn.py", "data/bundle/mnist.bin", "grading/check.py", "cli.py"):
        path = tmp_path / "coursekit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path / "coursekit"


def test_the_same_package_has_the_same_hash(package):
    before = coursekit_book.package_hash(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "nn.pyc").write_bytes(b"x")
    assert coursekit_book.package_hash(package) == before


@pytest.mark.parametrize("name", ["__init__.py", "scratch/nn.py", "data/bundle/mnist.bin", "scratch/new.py"])
def test_what_a_chapter_may_import_changes_the_hash(package, name):
    before = coursekit_book.package_hash(package)
    (package / name).write_text("x = 2\n")
    assert coursekit_book.package_hash(package) != before


def test_a_moved_file_changes_the_hash(package):
    before = coursekit_book.package_hash(package)
    (package / "scratch" / "nn.py").rename(package / "scratch" / "mm.py")
    assert coursekit_book.package_hash(package) != before


@pytest.mark.parametrize("name", ["grading/check.py", "cli.py"])
def test_the_grader_does_not_execute_chapters_again(package, name):
    before = coursekit_book.package_hash(package)
    (package / name).write_text("x = 2\n")
    assert coursekit_book.package_hash(package) == before


def test_another_version_of_a_library_changes_the_hash(package, monkeypatch):
    before = coursekit_book.package_hash(package)
    monkeypatch.setattr(coursekit_book.importlib.metadata, "version", lambda name: "0")
    assert coursekit_book.package_hash(package) != before


def test_old_caches_are_removed_and_the_current_one_stays(tmp_path):
    caches = tmp_path / ".jupyter_cache"
    for i in range(10):
        (caches / f"old{i}").mkdir(parents=True)
    config = SimpleNamespace()
    coursekit_book.set_execution_cache(SimpleNamespace(outdir=tmp_path / "html"), config)
    left = {path.name for path in caches.iterdir()}
    assert len(left) == coursekit_book.KEEP_CACHES
    assert config.nb_execution_cache_path.rpartition("/")[2] in left


def test_kernels_get_a_profile_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", "elsewhere")
    coursekit_book.set_kernel_profile(SimpleNamespace(outdir=tmp_path / "html"), SimpleNamespace())
    assert coursekit_book.os.environ["IPYTHONDIR"] == str(tmp_path / ".ipython")
    assert (tmp_path / ".ipython/profile_default/ipython_kernel_config.py").is_file()


@pytest.mark.parametrize("step", ["copy_static", "copy_mathjax", "remove_unused_files"])
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
        doc2path=lambda name: str(next(folder.glob(f"{name}.*"))),
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
