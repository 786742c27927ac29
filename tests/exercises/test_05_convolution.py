"""Exercise 05: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FORGERIES = {
    "shapes without numbers": """
def correlate(x, w): return np.zeros(len(x) - len(w) + 1)
def convolve(a, b): return np.zeros(len(a) + len(b) - 1)
def correlate_2d(image, kernel, stride=1):
    return np.zeros([(n - k) // stride + 1 for n, k in zip(image.shape, kernel.shape)])
def convolve_2d(a, b): return np.zeros(np.add(a.shape, b.shape) - 1)
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    size = [(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(x.shape[2:], weight.shape[2:])]
    return np.zeros((len(x), len(weight), *size)) + (0 if bias is None else np.reshape(bias, (-1, 1, 1)))
conv2d_matrix = conv2d
def sobel(image): return np.zeros(image.shape), np.zeros(image.shape)
""",
    "not a number": """
def correlate(x, w): return np.full(len(x) - len(w) + 1, np.nan)
def convolve(a, b): return np.full(len(a) + len(b) - 1, np.inf)
def sobel(image): return np.full(image.shape, np.nan), np.full(image.shape, np.nan)
def output_size(n, kernel, stride=1, padding=0, dilation=1): raise ValueError("does not fit")
""",
}


EVERY = "equivalent: every entry is overwritten"
WORDS = "equivalent: only the words of the message change"
UNKNOWN = "equivalent: to NumPy any negative size is the unknown one"
SURVIVORS = {
    "correlate_2d: result = np.zeros((len(tops), len(lefts))) → result = np.ones((len(tops), len(lefts)))": EVERY,
    "output_size: raise ValueError(f'a window that reaches over {reach} pixels does not fit on {n + 2 * padding}')"
    " → raise ValueError(f'a window that reaches over {reach} pixels does not fit on {n - 2 * padding}')": WORDS,
    "output_size: raise ValueError(f'a window that reaches over {reach} pixels does not fit on {n + 2 * padding}')"
    " → raise ValueError(f'a window that reaches over {reach} pixels does not fit on {n + 3 * padding}')": WORDS,
    "conv2d: result = np.zeros((len(x), len(weight), len(tops), len(lefts)))"
    " → result = np.ones((len(x), len(weight), len(tops), len(lefts)))": EVERY,
    "max_pool2d: result = np.zeros((*x.shape[:2], len(tops), len(lefts)))"
    " → result = np.ones((*x.shape[:2], len(tops), len(lefts)))": EVERY,
    "im2col: columns = np.zeros((C, k_h, k_w, N, R, S), x.dtype)"
    " → columns = np.ones((C, k_h, k_w, N, R, S), x.dtype)": EVERY,
    "conv2d_matrix: filters = weight.reshape(M, -1) → filters = weight.reshape(M, -2)": UNKNOWN,
    "conv2d_matrix: return result.reshape(M, len(x), R, -1).transpose(1, 0, 2, 3)"
    " → return result.reshape(M, len(x), R, -2).transpose(1, 0, 2, 3)": UNKNOWN,
}


class TestConvolution(ExerciseTests):
    exercise = Exercise("05-convolution")
    forgeries = FORGERIES
    survivors = SURVIVORS
