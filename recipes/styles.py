"""Draw a cat in the manner of three other pictures, at two depths, for the chapter on other tasks.

    python -m recipes.styles [--out coursekit/inside/pictures]

VGG-16 judges; see `coursekit.transfer.style`. About five minutes on one core, so the chapter shows what came out, and
makes a smaller one itself.
"""

import argparse
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("coursekit/inside/pictures"), help="folder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    import torch
    from PIL import Image

    strip = torch.cat(list(pictures()), dim=3)[0]
    path = arguments.out / "styles.jpg"
    Image.fromarray((255 * strip).round().byte().permute(1, 2, 0).numpy()).save(path, quality=92, subsampling=0)
    print(path, f"{path.stat().st_size / 1000:.0f} kB", flush=True)


def pictures():
    """Yield one picture for each of `coursekit.inside.shipped.STYLED`, in that order."""
    import numpy as np
    from skimage import data as photographs

    from coursekit import nets
    from coursekit.inside.shipped import STYLED, STYLED_SIDE
    from coursekit.transfer.style import restyle

    net = nets.pretrained("vgg16")
    content = nets.as_input(photographs.chelsea(), STYLED_SIDE)
    for name, layers in STYLED:
        style = getattr(photographs, name)()
        if style.ndim == 2:
            style = np.stack([style] * 3, axis=2)
        frames = restyle(
            net,
            content,
            nets.as_input(style, STYLED_SIDE),
            style_layers=layers,
            content_layer=20,
            weight=1000,
            steps=30,
        )
        print(name, layers, flush=True)
        yield frames[-1]


if __name__ == "__main__":
    main()
