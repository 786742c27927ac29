"""What data there is: where each set comes from, under which licence, how much of it is bundled, and its checksums."""

from dataclasses import dataclass


class DataError(RuntimeError):
    """A data set cannot be read. The message names the file and says what to do."""


@dataclass(frozen=True)
class Split:
    """One half of a data set, as it is bundled.

    Attributes
    ----------
    count : int
        Bundled images. Fewer than `full_count` means: of each class the first ``count / 10`` of the complete split,
        all of them kept in their original order.
    full_count : int
        Images in the complete split.
    file : str
        The packed file in ``coursekit/data/bundle``.
    size : int
        Its size in bytes.
    packed_sha256 : str
        Checksum of the file, verified whenever it is read.
    decoded_sha256 : str
        Checksum of the labels followed by the pixels (N, C, H, W), one byte each; verified by the tests. It holds
        whichever way the file was compressed.
    """

    count: int
    full_count: int
    file: str
    size: int
    packed_sha256: str
    decoded_sha256: str


@dataclass(frozen=True)
class Entry:
    """One data set: its origin, its terms, its two splits."""

    name: str
    title: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    photographs: bool
    source: str
    licence: str
    citation: str
    folder: str
    torchvision_name: str
    download_megabytes: int
    splits: dict[str, Split]


class Catalogue(dict[str, Entry]):
    """The data sets by name; shown as a table."""

    def rows(self) -> list[tuple[str, ...]]:
        """The table, header first: one row per split, with its sizes and the beginnings of its checksums."""
        rows = [("name", "split", "bundled", "complete", "shape", "file", "MB", "sha256 (file)", "sha256 (decoded)")]
        for name, entry in self.items():
            shape = "x".join(map(str, entry.shape))
            for which, split in entry.splits.items():
                counts = (f"{split.count:_}".replace("_", " "), f"{split.full_count:_}".replace("_", " "))
                sums = (split.packed_sha256[:12], split.decoded_sha256[:12])
                rows.append((name, which, *counts, shape, split.file, f"{split.size / 1e6:.2f}", *sums))
        return rows

    def __repr__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        for entry in self.values():
            lines += ["", entry.title, f"  source    {entry.source}", f"  licence   {entry.licence}"]
            lines += [f"  citation  {entry.citation}"]
        return "\n".join(lines)


DATASETS = Catalogue(
    {
        "mnist": Entry(
            name="mnist",
            title="MNIST",
            shape=(1, 28, 28),
            classes=tuple("0123456789"),
            photographs=False,
            source="http://yann.lecun.com/exdb/mnist/",
            licence="CC BY-SA 3.0, copyright Yann LeCun and Corinna Cortes, as commonly stated (Keras, KotlinDL)",
            citation="LeCun, Bottou, Bengio, Haffner. Gradient-based learning applied to document recognition. "
            "Proceedings of the IEEE 86(11), 1998",
            folder="MNIST/raw",
            torchvision_name="MNIST",
            download_megabytes=12,
            splits={
                "train": Split(
                    count=60_000,
                    full_count=60_000,
                    file="mnist-train.xz",
                    size=7_916_120,
                    packed_sha256="09770552c4fe98a8b2b9926a955db97c00719a9332591827f9181af0988405c9",
                    decoded_sha256="a454de301763d749ccfd1ebb5add77d549bcd2125320df72efaa88e014fca0f0",
                ),
                "test": Split(
                    count=10_000,
                    full_count=10_000,
                    file="mnist-test.xz",
                    size=1_355_132,
                    packed_sha256="cbaa439c74bb124e40f0a7c3b8016952605066a016feefd5619d253005164bc8",
                    decoded_sha256="103f79bf9cce53f71a186484ee3992e7b298fffa37132ee5660752b8b02ea8e1",
                ),
            },
        ),
        "fashion-mnist": Entry(
            name="fashion-mnist",
            title="Fashion-MNIST",
            shape=(1, 28, 28),
            classes=(
                "T-shirt/top",
                "trouser",
                "pullover",
                "dress",
                "coat",
                "sandal",
                "shirt",
                "sneaker",
                "bag",
                "ankle boot",
            ),
            photographs=False,
            source="https://github.com/zalandoresearch/fashion-mnist",
            licence="MIT, copyright 2017 Zalando SE",
            citation="Xiao, Rasul, Vollgraf. Fashion-MNIST: a novel image dataset for benchmarking machine learning "
            "algorithms. arXiv:1708.07747, 2017",
            folder="FashionMNIST/raw",
            torchvision_name="FashionMNIST",
            download_megabytes=31,
            splits={
                "train": Split(
                    count=20_000,
                    full_count=60_000,
                    file="fashion-mnist-train.xz",
                    size=7_536_284,
                    packed_sha256="8b38e41b4b22ef93e65b60a5a0eda52ec60ec96794cb0b20260521b559b13d2f",
                    decoded_sha256="8beddc77d032170775f4ad8f3dd60ac6db446cdd951dcf81ce8942ee40288d82",
                ),
                "test": Split(
                    count=4_000,
                    full_count=10_000,
                    file="fashion-mnist-test.xz",
                    size=1_508_188,
                    packed_sha256="013cfa10a4b16c606f7e29d88a83ec40cf2742368802a3dab646ba22b7d07e9d",
                    decoded_sha256="8a43e43097c61eec81d7a20233790a249c2953e45441f822845ef5620824382f",
                ),
            },
        ),
        "cifar10": Entry(
            name="cifar10",
            title="CIFAR-10",
            shape=(3, 32, 32),
            classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
            photographs=True,
            source="https://www.cs.toronto.edu/~kriz/cifar.html",
            licence="none stated by its authors, who ask that the report below be cited; the photographs were "
            "collected from the web (80 Million Tiny Images)",
            citation="Krizhevsky. Learning multiple layers of features from tiny images. "
            "Technical report, University of Toronto, 2009",
            folder="cifar-10-batches-py",
            torchvision_name="CIFAR10",
            download_megabytes=170,
            splits={
                "train": Split(
                    count=5_000,
                    full_count=50_000,
                    file="cifar10-train.xz",
                    size=8_427_200,
                    packed_sha256="652a34d882f85665438055e9766fa714e02608d5bc7d778795f0350c02e3fffb",
                    decoded_sha256="af33989eed2af26d5657d75dbc66334cfce67b9d355d0a745f95b975a53b968f",
                ),
                "test": Split(
                    count=1_000,
                    full_count=10_000,
                    file="cifar10-test.xz",
                    size=1_690_728,
                    packed_sha256="c80b20b5451089f42e9ef67a079814a86601bc11fe138950de9347e2d6b16e60",
                    decoded_sha256="e9f26ca12df09a40d1b572029b7c33cb9e39664a779796c5a49bc5edf02ba240",
                ),
            },
        ),
    }
)
