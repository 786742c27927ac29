"""The book's Sphinx extension: what makes notebooks execute again, and what the site gets."""

from types import SimpleNamespace

import coursekit_book
import pytest


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
