"""Wrong solutions of task 2: a subclass replaces the method that is wrong; see test_01."""

import numpy as np


class Perceptron:
    """Stands for the model solution's class, which the notebook has at this place."""

    w: np.ndarray
    b: float


class Perceptron__ties_pass(Perceptron):
    """Says: <= 0, not < 0"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) < 0:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
        return mistakes


class Perceptron__compares_classes(Perceptron):
    """Says: even when the predicted class agrees with the label"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if self.predict(x_n[None])[0] != y_n:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
        return mistakes


class Perceptron__bias_fixed(Perceptron):
    """Says: b never changes"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, mistakes = self.w + y_n * x_n, mistakes + 1
        return mistakes


class Perceptron__minus(Perceptron):
    """Says: goes the wrong way"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w - y_n * x_n, self.b - y_n, mistakes + 1
        return mistakes


class Perceptron__no_label(Perceptron):
    """Says: The label is missing: add y * x to w"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w + x_n, self.b + y_n, mistakes + 1
        return mistakes


class Perceptron__no_label_at_all(Perceptron):
    """Says: b moves the same way whether y is +1 or -1"""

    def epoch(self, X, y):
        mistakes = 0
        for n in range(len(X)):
            if y[n] * (X[n] @ self.w + self.b) <= 0:
                self.w += X[n]
                self.b += 1
                mistakes += 1
        return mistakes


class Perceptron__bias_without_label(Perceptron):
    """Says: epoch: b moves the same way"""

    def epoch(self, X, y):
        mistakes = 0
        for n in range(len(X)):
            if y[n] * (X[n] @ self.w + self.b) <= 0:
                self.w += y[n] * X[n]
                self.b += 1
                mistakes += 1
        return mistakes


class Perceptron__epoch_if_of_an_array(Perceptron):
    """Says: `epoch` looks at one row at a time"""

    def epoch(self, X, y):
        mistakes = 0
        if y * (X @ self.w + self.b) <= 0:
            mistakes += 1
        return mistakes


class Perceptron__predict_if_of_an_array(Perceptron):
    """Says: `if` decides once"""

    def predict(self, X):
        return 1 if X @ self.w + self.b > 0 else -1


class Perceptron__booleans(Perceptron):
    """Says: gave True and False"""

    def predict(self, X):
        return X @ self.w + self.b > 0


class Perceptron__scores_first(Perceptron):
    """Says: before the first update"""

    def epoch(self, X, y):
        wrong = y * (X @ self.w + self.b) <= 0
        self.w = self.w + y[wrong] @ X[wrong]
        self.b = self.b + y[wrong].sum()
        return wrong.sum()


class Perceptron__stops_at_a_mistake(Perceptron):
    """Says: ended after the first example"""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
                break
        return mistakes


class Perceptron__counts_right_ones(Perceptron):
    """Says: how many examples were right"""

    def epoch(self, X, y):
        right = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b = self.w + y_n * x_n, self.b + y_n
            else:
                right += 1
        return right


class Perceptron__no_count(Perceptron):
    """Says: returned nothing"""

    def epoch(self, X, y):
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b = self.w + y_n * x_n, self.b + y_n


class Perceptron__own_order(Perceptron):
    """Says: after the first epoch"""

    def epoch(self, X, y):
        mistakes = 0
        for n in reversed(range(len(X))):
            if y[n] * (X[n] @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w + y[n] * X[n], self.b + y[n], mistakes + 1
        return mistakes


class Perceptron__sign(Perceptron):
    """Says: you gave 0 where the score is 0"""

    def predict(self, X):
        return np.sign(X @ self.w + self.b)


class Perceptron__tie_is_plus(Perceptron):
    """Says: +1 only above 0"""

    def predict(self, X):
        return np.where(X @ self.w + self.b >= 0, 1, -1)


class Perceptron__zero_one(Perceptron):
    """Says: predict before any learning (all scores are 0): you gave 0 where"""

    def predict(self, X):
        return (X @ self.w + self.b > 0).astype(int)


class Perceptron__predict_without_bias(Perceptron):
    """Says: the bias is left out"""

    def predict(self, X):
        return np.where(X @ self.w > 0, 1, -1)


class Perceptron__predicts_scores(Perceptron):
    """Says: these are the scores"""

    def predict(self, X):
        scores = X @ self.w + self.b
        return scores if scores.any() else -np.ones(len(X))


class Perceptron__two_inputs_only(Perceptron):
    """Written for the plane.
    Hidden only."""

    def epoch(self, X, y):
        mistakes = 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n[0] * self.w[0] + x_n[1] * self.w[1] + self.b) <= 0:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
        return mistakes


class Perceptron__starts_again(Perceptron):
    """Says: after the second epoch"""

    def epoch(self, X, y):
        self.w, self.b, mistakes = np.zeros(X.shape[1]), 0.0, 0
        for x_n, y_n in zip(X, y, strict=True):
            if y_n * (x_n @ self.w + self.b) <= 0:
                self.w, self.b, mistakes = self.w + y_n * x_n, self.b + y_n, mistakes + 1
        return mistakes
