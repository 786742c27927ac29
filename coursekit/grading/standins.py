"""Stand-ins for what a notebook imports only to look at things.

A student's notebook plots, shows progress bars and calls `check`. None of that matters to a grade, and the packages
are not in the sandbox unless the assignment lists them; without a stand-in the cell would fail and take its functions
with it. `install` adds a finder at the *end* of the search, so a package that is really there is always preferred.
"""

import dis
import importlib.abc
import importlib.machinery
import sys
import types

__all__ = ["INERT", "Inert", "install"]

INERT = ("matplotlib", "mpl_toolkits", "seaborn", "ipywidgets", "IPython", "coursekit.viz")


class Inert:
    """An object that accepts whatever is done to it and does nothing: what every name of a stand-in module is."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _axes if name == "subplots" else self

    def __setattr__(self, name, value):
        pass

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        # `line, area = axes.plot(...)` wants as many items as there are names; a for loop ends at once.
        caller = sys._getframe(1)
        for instruction in dis.get_instructions(caller.f_code):
            if instruction.offset == caller.f_lasti and instruction.opname == "UNPACK_SEQUENCE":
                return iter([self] * instruction.arg)
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return True

    def __float__(self):
        return 0.0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __repr__(self):
        return "<nothing: plots are not drawn while a notebook is graded>"


def _inert(*args, **kwargs):
    return Inert()


def _axes(nrows=1, ncols=1, *, squeeze=True, **kwargs):
    """What a figure's `subplots` gives: as many as were asked for, so that ``zip(axes, images, strict=True)`` works."""
    np = sys.modules.get("numpy")
    if np is None or (squeeze and nrows == ncols == 1):
        return Inert()
    axes = np.empty((nrows, ncols), object)
    axes.fill(Inert())
    return axes.squeeze() if squeeze else axes


def _subplots(*args, **kwargs):
    return Inert(), _axes(*args, **kwargs)


def _through(iterable=None, *args, **kwargs):
    return Inert() if iterable is None else iterable


class _Module(types.ModuleType):
    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _subplots if name == "subplots" else Inert()


def _fill(module):
    if module.__name__.partition(".")[0] == "tqdm":  # a progress bar must still go round the loop
        module.tqdm = module.notebook_tqdm = _through
        module.trange = lambda *args, **kwargs: range(*args)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        names = (*INERT, "tqdm")
        if name == "coursekit" or any(name == known or name.startswith(known + ".") for known in names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        # An empty `coursekit`, not an inert one: what the assignment does not allow must be missed, not swallowed.
        return types.ModuleType(spec.name) if spec.name == "coursekit" else _Module(spec.name)

    def exec_module(self, module):
        module.__path__ = []
        _fill(module)


def install(namespace):
    """Make the stand-ins importable, and give `namespace` what every notebook has: `display` and `get_ipython`."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
    grading = _Module(
        "coursekit.grading"
    )  # also where the real one is: a check cell does nothing while a notebook is graded
    grading.check = namespace["check"] = lambda *args, **kwargs: None
    sys.modules["coursekit.grading"] = grading
    namespace.setdefault("display", _inert)
    namespace.setdefault("get_ipython", _inert)
