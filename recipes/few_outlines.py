"""Measure what a trunk trained on photographs gains for finding nuclei, when few of them are outlined.

    python -m recipes.few_outlines [--draws 3] [--steps 150] [--out coursekit/nets/weights]

From 1 or 4 tiles of 64 × 64 pixels, drawn from the training region, learn (a) a new last layer on the frozen
VGG-16, (b) a small U-Net from nothing; both from the same tiles, turned, mirrored and brightened at random, with the
same loss. The test region judges; no step and no rate was chosen on it. The U-Net of the first four tiles is kept; its
card holds all scores. About two minutes on one core.
"""

from recipes.options import parser_for

NUMBERS = (1, 4)
KEPT = 4
EDGE_COUNTS = 2.0


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--draws", type=int, default=3, help="of each number of tiles (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=150, help="of the U-Net's training (default: %(default)s)")
    arguments = parser.parse_args()

    from coursekit import data, nets
    from coursekit.data import masks
    from coursekit.nets.cards import save_trained

    regions, trunk = masks.regions(data.nuclei()), nets.pretrained("vgg16")
    results, kept = {}, None
    for n in NUMBERS:
        for draw in range(arguments.draws):
            some = drawn(regions["training"], n, draw)
            model, normalisation = from_nothing(some, arguments.steps, draw)
            if (n, draw) == (KEPT, 0):
                kept = model, normalisation
            found = {
                "frozen trunk": with_trunk(trunk, some, regions["test"], draw),
                "from nothing": classes_of(model, regions["test"].image, normalisation),
            }
            for way, classes in found.items():
                results.setdefault(f"{way}, {n}", []).append(scores(classes, regions["test"]))
                print(way, n, draw, results[f"{way}, {n}"][-1], flush=True)
    save_trained(
        arguments.out / "outlines-four-tiles.safetensors",
        kept[0],
        "unet",
        {"n_classes": 3, "width": 8, "depth": 3},
        data=f"coursekit.data.nuclei: {KEPT} tiles of 64 x 64 pixels of rows 0-255 to train, rows 368-511 to test",
        recipe=f"python -m recipes.few_outlines --draws {arguments.draws} --steps {arguments.steps}",
        seed=0,
        half=True,
        normalisation=kept[1],
        results=results,
    )


def drawn(part, n, draw):
    """Return n tiles of a region and the classes of their pixels."""
    import numpy as np

    from coursekit.data import masks

    every = masks.tiles(part)
    some = [every[i] for i in np.random.default_rng(draw).permutation(len(every))[:n]]
    return [(tile.image, masks.inside_and_edge(tile.mask)) for tile in some]


def batch(some, size, rng):
    """Return tiles drawn with replacement, varied, as tensors (size, 1, 64, 64) and (size, 64, 64)."""
    import numpy as np
    import torch

    from coursekit.data import masks

    images, classes = zip(*[masks.varied(*some[i], rng) for i in rng.integers(len(some), size=size)], strict=True)
    return torch.from_numpy(np.stack(images)).float()[:, None], torch.from_numpy(np.stack(classes))


def with_trunk(trunk, some, part, draw):
    """Return the classes that a new layer on a frozen trunk finds in a region."""
    import numpy as np
    import torch

    from coursekit.transfer.pixels import pixel_features, pixel_head

    images, classes = batch(some, max(24, 2 * len(some)), np.random.default_rng(draw))
    head = pixel_head(pixel_features(trunk, images), classes, weight=torch.tensor([1.0, 1.0, EDGE_COUNTS]), seed=draw)
    with torch.no_grad():
        return head(pixel_features(trunk, torch.from_numpy(part.image)[None, None]))[0].argmax(0).numpy()


def from_nothing(some, steps, draw):
    """Return a U-Net trained on a few tiles, and how its inputs are prepared."""
    import numpy as np
    import torch
    import torch.nn.functional as F

    import coursekit
    from coursekit import nets

    coursekit.seed(draw)
    rng = np.random.default_rng(draw)
    images = np.stack([image for image, _ in some])
    normalisation = {"mean": float(images.mean()), "std": float(images.std())}
    model = nets.unet(torch.nn, n_classes=3, width=8, depth=3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for _ in range(steps):
        x, y = batch(some, 8, rng)
        logits = model((x - normalisation["mean"]) / normalisation["std"])
        loss = F.cross_entropy(logits, y, weight=torch.tensor([1.0, 1.0, EDGE_COUNTS]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval(), normalisation


def classes_of(model, image, normalisation):
    import torch

    x = torch.from_numpy((image - normalisation["mean"]) / normalisation["std"]).float()[None, None]
    with torch.no_grad():
        return model(x)[0].argmax(0).numpy()


def scores(classes, part):
    """Return how well pixels (intersection over union) and objects (F1) of a region were found."""
    from coursekit.data import masks

    pairs, found, true = masks.matched(masks.objects(classes), part.mask)
    return {"iou": round(masks.iou(classes > 0, part.mask > 0), 4), "f1": round(2 * pairs / (found + true), 4)}


if __name__ == "__main__":
    main()
