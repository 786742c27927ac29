"""Wrong solutions of task 4; see exercise.py."""

import numpy as np


class CrossEntropy__sum(CrossEntropy):
    """Says: sum over the batch"""

    def forward(self, z, labels):
        return super().forward(z, labels) * len(z)


class CrossEntropy__gradient_not_averaged(CrossEntropy):
    """Says: not averaged"""

    def backward(self):
        return super().backward() * len(self.p)


class CrossEntropy__averaged_over_all(CrossEntropy):
    """Says: divided by N * K"""

    def backward(self):
        return super().backward() / self.p.shape[1]


class CrossEntropy__sign(CrossEntropy):
    """Says: y - p"""

    def backward(self):
        return -super().backward()


class CrossEntropy__columns(CrossEntropy):
    """Says: changes whole columns"""

    def backward(self):
        grad = self.p.copy()
        grad[:, self.labels] -= 1
        return grad / len(grad)


class CrossEntropy__own_copy_spoiled(CrossEntropy):
    """Says: a second time"""

    def backward(self):
        self.p[np.arange(len(self.p)), self.labels] -= 1
        return self.p / len(self.p)


class CrossEntropy__one_maximum(CrossEntropy):
    """Says: each row's own maximum"""

    def forward(self, z, labels):
        p = np.exp(z - z.max())
        self.p, self.labels = p / p.sum(axis=1, keepdims=True), labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()


class CrossEntropy__log_of_softmax(CrossEntropy):
    """Says: may have been rounded to 0"""

    def forward(self, z, labels):
        super().forward(z, labels)
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()


class CrossEntropy__without_softmax(CrossEntropy):
    """Says: softmax is part of this layer"""

    def backward(self):
        return -np.eye(self.p.shape[1])[self.labels] / len(self.p)


class CrossEntropy__over_the_batch(CrossEntropy):
    """Says: the loss is"""

    def forward(self, z, labels):
        p = np.exp(z - z.max())
        self.p, self.labels = p / p.sum(axis=0), labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()


class CrossEntropy__only_first_gradient(CrossEntropy):
    """Hidden only.

    Works with as many classes as examples only, or more."""

    def backward(self):
        grad = super().backward()
        grad[self.p.shape[1] :] = 0
        return grad
