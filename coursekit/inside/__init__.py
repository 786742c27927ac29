"""Looking inside a trained network of PyTorch: what its units see, what excites them, why it decides as it does.

Every function takes a model of your own as it is, whatever the size of its images, and leaves it as it was: weights,
mode, hooks and gradients are the same afterwards.
"""

__all__ = []
