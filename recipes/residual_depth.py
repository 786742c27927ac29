"""Train residual networks and their plain twins at several depths on small photographs, and keep what they became.

    python -m recipes.residual_depth [--depths 8 20 56] [--seeds 2] [--epochs 20] [--out coursekit/nets/weights]

The experiment of He et al., "Deep residual learning for image recognition" (CVPR 2016), section 4.2, at a size that a
laptop can repeat: the 5 000 bundled CIFAR-10 images, networks half as wide as the paper's, no augmentation, because the
question is how well they *train*. Both kinds get the same recipe; it was not tuned for either. Every network of the
first seed is saved with its card, which holds the course of training of all seeds. About 1 h 10 min on one core.
"""

from recipes.options import parser_for

KINDS = {"plain": False, "residual": True}
WIDTH = 8


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--depths", type=int, nargs="+", default=[8, 20, 56], help="6n + 2 (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seeds", type=int, default=2, help="runs of each network (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the data (default: %(default)s)")
    arguments = parser.parse_args()
    for depth in arguments.depths:
        for kind in arguments.kinds:
            train(kind, depth, arguments.seeds, arguments.epochs, arguments.out)


def train(kind, depth, seeds, epochs, out):
    """Train a network from several seeds; save the first with the histories of all."""
    from coursekit.nets.cards import save_trained

    runs = [train_once(kind, depth, seed, epochs) for seed in range(seeds)]
    model, arguments, normalisation, first = runs[0]
    save_trained(
        out / f"cifar10-{kind}-{depth}.safetensors",
        model,
        "resnet_small",
        arguments,
        data="CIFAR-10, the 5 000 bundled training images; validation: the 1 000 bundled test images",
        recipe=f"python -m recipes.residual_depth --depths {depth} --kinds {kind} --seeds {seeds} --epochs {epochs}",
        seed=0,
        normalisation=normalisation,
        accuracy=first[-1]["validation_accuracy"],
        histories=[history for *_, history in runs],
    )


def train_once(kind, depth, seed, epochs):
    """Return a trained network, how it was built, how its inputs are prepared, and a list of what each epoch gave."""
    from torch import nn, optim

    import coursekit
    from coursekit import nets
    from coursekit.training import fit
    from recipes.photographs import course_of, prepared_photographs

    train, test, normalisation = prepared_photographs()
    coursekit.seed(seed)
    arguments = {"depth": depth, "width": WIDTH, "residual": KINDS[kind]}
    model = nets.resnet_small(nn, **arguments)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    steps = epochs * -(-len(train[0]) // 64)
    history = fit(
        model,
        train,
        validation=test,
        epochs=epochs,
        batch_size=64,
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps, pct_start=0.3, cycle_momentum=False),
        scheduler_step="batch",
        seed=seed,
        device=coursekit.device(),
    )
    course = course_of(history)
    print(f"{kind}-{depth}, seed {seed}: {course[-1]}", flush=True)
    return model, arguments, normalisation, course


if __name__ == "__main__":
    main()
