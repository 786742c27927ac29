"""Names that the examples in docstrings may use without importing them, as NumPy's and SciPy's do."""

import numpy as np
import pytest

from coursekit.scratch import Tensor, nn
from coursekit.scratch import functional as F


@pytest.fixture(autouse=True)
def names_in_docstrings(doctest_namespace):
    doctest_namespace.update(np=np, Tensor=Tensor, nn=nn, F=F)
