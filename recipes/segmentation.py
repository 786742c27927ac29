"""Train small U-Nets to find cell nuclei in the bundled image, with and without skips, and keep what they became.

    python -m recipes.segmentation [--seeds 3] [--steps 250] [--out coursekit/nets/weights]

The upper half of the image is for training, a strip below it for validation, the rest for the test; the three do not
overlap. Every network learns three classes, background, inside and edge, from random crops that are turned, mirrored
and brightened. One kind sees the image as it is, another under uneven light, a third has no skips. The network of
the first seed is saved with its card, which holds the scores of all seeds. The step with the best validation score is
kept; nothing was chosen on the test region. About 7 minutes on one core.
"""

from recipes.options import parser_for

KINDS = {
    "nuclei-unet": {"skips": True, "light": "even"},
    "nuclei-no-skips": {"skips": False, "light": "even"},
    "nuclei-uneven": {"skips": True, "light": "uneven"},
}
SIDE, BATCH = 96, 8  # of a crop, in pixels; crops in a step


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each kind (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=250, help="of each run (default: %(default)s)")
    arguments = parser.parse_args()

    from coursekit.nets.cards import save_trained

    for kind in arguments.kinds:
        runs = [train(**KINDS[kind], seed=seed, steps=arguments.steps) for seed in range(arguments.seeds)]
        model, built, normalisation, _ = runs[0]
        save_trained(
            arguments.out / f"{kind}.safetensors",
            model,
            "unet",
            built,
            data="coursekit.data.nuclei: rows 0-255 to train, 272-351 to choose the step, 368-511 to test",
            recipe=f"python -m recipes.segmentation --kinds {kind} --seeds {arguments.seeds} --steps {arguments.steps}",
            seed=0,
            normalisation=normalisation,
            light=KINDS[kind]["light"],
            runs=[scores for *_, scores in runs],
        )


def train(skips, light, seed, steps):
    """Return a trained network, how it was built, how its inputs are prepared, and its scores."""
    import numpy as np
    import torch
    from torch import nn, optim

    import coursekit
    from coursekit import data, nets
    from coursekit.data import masks

    coursekit.seed(seed)
    rng = np.random.default_rng(seed)
    device = coursekit.device()
    regions = masks.regions(data.nuclei())
    parts = {name: prepared(part, light) for name, part in regions.items()}
    mean, std = parts["training"][0].mean().item(), parts["training"][0].std().item()
    built = {"n_classes": 3, "width": 8, "depth": 3, "skips": skips}
    model = nets.unet(nn, **built).to(device)
    optimizer = optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.01)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    # Edges are few, and they alone keep touching nuclei apart.
    loss_of = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1.0, 2.0], device=device))
    best = -1.0, None, None
    for step in range(1, steps + 1):
        x, y = crops(regions["training"].image, parts["training"][1], light, rng)
        x = torch.from_numpy((x - mean) / std).float()[:, None].to(device)
        loss = loss_of(model.train()(x), torch.from_numpy(y).to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step >= steps / 2 and (step % 25 == 0 or step == steps):
            score = scores_of(model, parts["validation"], mean, std)
            if score["iou"] > best[0]:
                kept = {key: value.detach().clone() for key, value in model.state_dict().items()}
                best = score["iou"], step, kept
    model.load_state_dict(best[2])
    scores = {"seed": seed, "step": best[1]}
    for name in ("validation", "test"):
        scores |= {f"{name}_{key}": value for key, value in scores_of(model, parts[name], mean, std).items()}
    print(f"skips={skips}, light={light}: {scores}", flush=True)
    return model.cpu(), built, {"mean": mean, "std": std}, scores


def prepared(part, light):
    """Return image, classes and mask of a region; uneven light is the same in every run."""
    import numpy as np

    from coursekit.data import masks

    image = part.image if light == "even" else masks.uneven_light(part.image, np.random.default_rng(0))
    return image, masks.inside_and_edge(part.mask), part.mask


def crops(image, classes, light, rng):
    """Cut a batch of squares, each turned, mirrored, brightened and, where asked, lit unevenly."""
    import numpy as np

    from coursekit.data import masks

    x, y = [], []
    for _ in range(BATCH):
        top, left = (rng.integers(0, n - SIDE + 1) for n in image.shape)
        square = np.s_[top : top + SIDE, left : left + SIDE]
        turns, mirrored = rng.integers(4), rng.integers(2)
        cut, target = (np.rot90(array[square], turns) for array in (image, classes))
        cut = cut * rng.uniform(0.7, 1.4)
        if light == "uneven":
            cut = masks.uneven_light(cut, rng)
        x.append(cut[:, ::-1] if mirrored else cut)
        y.append(target[:, ::-1] if mirrored else target)
    return np.stack(x), np.stack(y)


def scores_of(model, part, mean, std):
    """Return how well a network finds pixels (intersection over union) and objects (F1) of a region."""
    import torch

    from coursekit.data import masks

    image, _, mask = part
    with torch.no_grad():
        device = next(model.parameters()).device
        x = torch.from_numpy((image - mean) / std).float()[None, None].to(device)
        classes = model.eval()(x)[0].argmax(0).cpu().numpy()
    pairs, found, true = masks.matched(masks.objects(classes), mask)
    return {"iou": round(masks.iou(classes > 0, mask > 0), 4), "f1": round(2 * pairs / (found + true), 4)}


if __name__ == "__main__":
    main()
