"""One thread for PyTorch, as for NumPy."""

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    """PyTorch's idle threads would spin on the cores that NumPy's BLAS wants."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
