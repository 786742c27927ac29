"""Looking inside a trained network of PyTorch: what its units see, what excites them, why it decides as it does.

Every function takes a model of your own as it is, whatever the size of its images, and leaves it as it was: weights,
mode, hooks and gradients are the same afterwards.
"""

from coursekit.inside.adversarial import fgsm, loss_gradient
from coursekit.inside.attribution import deconvnet, grad_cam, guided_backprop, saliency, trace_back
from coursekit.inside.canvas import Canvas
from coursekit.inside.dream import dream
from coursekit.inside.features import feature_maps
from coursekit.inside.fields import field_of
from coursekit.inside.inversion import invert
from coursekit.inside.maps import principal_plane, tsne
from coursekit.inside.maximise import at_centre, channels, maximise, probabilities
from coursekit.inside.neighbours import codes, nearest
from coursekit.inside.patches import Strongest, strongest
from coursekit.inside.rectifiers import Backward

__all__ = ["Canvas", "at_centre", "channels", "codes", "dream", "fgsm", "invert", "loss_gradient", "maximise"]
__all__ += ["nearest", "principal_plane", "probabilities", "tsne"]
__all__ += ["Backward", "Strongest", "deconvnet", "feature_maps", "field_of", "grad_cam", "guided_backprop", "saliency"]
__all__ += ["strongest", "trace_back"]
