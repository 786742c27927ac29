"""Make the pictures that come with the chapter on images that excite: those that are too slow to be made in the page.

    python -m recipes.exciting_pictures [classes] [switches] [--out coursekit/inside/pictures]

They are made for EfficientNet-Lite0, in about a minute of one core each. On another machine they come out
slightly different, and no worse.
"""

import argparse
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="*", default=["classes", "switches"], help="default: both")
    parser.add_argument("--out", type=Path, default=Path("coursekit/inside/pictures"), help="folder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for which in arguments.which:
        save(arguments.out / f"{which}.png", {"classes": classes, "switches": switches}[which]())


def classes():
    """One picture for each class, all at once."""
    from coursekit import nets
    from coursekit.inside import Canvas, maximise
    from coursekit.inside.shipped import CLASSES, SIDE

    net = nets.pretrained("efficientnet-lite0")
    yield maximise(
        net,
        list(CLASSES),
        canvas=Canvas(SIDE, decay=1.5),
        steps=112,
        lr=0.12,
        shift=10,
        turn=10,
        zoom=0.15,
        smoothness=60.0,
    ).images


def switches():
    """The picture of one class with each of four aids switched on and off."""
    from coursekit import nets
    from coursekit.inside import Canvas, maximise
    from coursekit.inside.shipped import SETTINGS, SIDE, SWITCHED

    net = nets.pretrained("efficientnet-lite0")
    for waves, colours, views, smooth in SETTINGS:
        yield maximise(
            net,
            SWITCHED,
            canvas=Canvas(SIDE, fourier=waves, decorrelated=colours, decay=1.5),
            steps=80,
            lr=0.08,
            smoothness=60.0 * smooth,
            **({} if views else {"shift": 0, "turn": 0, "zoom": 0}),
        ).images


def save(path, batches):
    """Write pictures side by side into one file."""
    import torch
    from PIL import Image

    strip = torch.cat([picture for batch in batches for picture in batch], dim=2)
    Image.fromarray((255 * strip).round().byte().permute(1, 2, 0).numpy()).save(path, optimize=True)
    print(path, f"{path.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
