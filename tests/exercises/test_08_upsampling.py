"""Exercise 08: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FORGERIES = {
    "shapes without numbers": """
def nearest(x, factor): return np.zeros((*x.shape[:2], x.shape[2] * factor, x.shape[3] * factor))
def bilinear(x, rows, columns): return np.zeros((*x.shape[:2], rows, columns))
def max_pool_indices(x):
    shape = (*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2)
    return np.zeros(shape), np.zeros(shape, int)
def max_unpool(values, indices, height, width): return np.zeros((*values.shape[:2], height, width))
def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    size = [(n - 1) * stride - 2 * padding + k + output_padding for n, k in zip(x.shape[2:], weight.shape[2:])]
    return np.zeros((len(x), weight.shape[1], *size)) + (0 if bias is None else bias[:, None, None])
def convolution_matrix(kernel, height, width, stride=1):
    R, S = ((n - k) // stride + 1 for n, k in zip((height, width), kernel.shape))
    return np.zeros((R * S, height * width))
def transposed_size(*given): raise ValueError("no")
def output_padding_for(*given): return 0
def iou(found, true): return 1.0
def crop_and_join(across, up):
    return np.zeros((len(up), across.shape[1] + up.shape[1], *up.shape[2:]))
""",
}


UNKNOWN = "equivalent: to NumPy any negative size is the unknown one"
SURVIVORS = {
    "max_unpool: np.put_along_axis(flat, indices.reshape(N, C, -1), values.reshape(N, C, -1), axis=2)"
    " → np.put_along_axis(flat, indices.reshape(N, C, -2), values.reshape(N, C, -1), axis=2)": UNKNOWN,
    "max_unpool: np.put_along_axis(flat, indices.reshape(N, C, -1), values.reshape(N, C, -1), axis=2)"
    " → np.put_along_axis(flat, indices.reshape(N, C, -1), values.reshape(N, C, -2), axis=2)": UNKNOWN,
    "iou: return float((found & true).sum() / union) → return (found & true).sum() / union": (
        "equivalent: the same number, of NumPy's type"
    ),
}


class TestUpsampling(ExerciseTests):
    exercise = Exercise("08-upsampling")
    forgeries = FORGERIES
    survivors = SURVIVORS
