"""Train the plain network that the chapters on looking inside open up, on all of CIFAR-10.

    COURSEKIT_DATA=… python -m recipes.plain_photographs [--epochs 25] [--out coursekit/nets/weights]

50 000 training images, shifted and mirrored; stochastic gradient descent with momentum, the rate rising and falling
once (Smith and Topin, "Super-convergence", 2019). Nothing was tuned on the 10 000 test images. On a processor with
bfloat16 units an epoch takes about a minute and a half of one core, elsewhere up to four.
"""

from recipes.options import parser_for


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--epochs", type=int, default=25, help="passes over the data (default: %(default)s)")
    arguments = parser.parse_args()

    import numpy as np

    from coursekit import data
    from coursekit.nets.cards import save_trained
    from coursekit.training import evaluate

    model, normalisation, course = train(arguments.epochs, arguments.out / "plain_photographs.npz")
    mean, std = (np.array(normalisation[key], np.float32)[:, None, None] for key in ("mean", "std"))
    bundled = data.load("cifar10", "test")  # what the tests of the package have at hand
    save_trained(
        arguments.out / "cifar10-plain.safetensors",
        model,
        "plain_small",
        {},
        data="CIFAR-10, all 50 000 training images; validation: the 10 000 test images",
        recipe=f"python -m recipes.plain_photographs --epochs {arguments.epochs}",
        seed=0,
        half=True,
        normalisation=normalisation,
        accuracy=evaluate(model, ((bundled.images - mean) / std, bundled.labels))[1],
        accuracy_of_all_test_images=course[-1]["validation_accuracy"],
        history=course,
    )


def train(epochs, checkpoint=None):
    """Return the trained network, how its inputs are prepared, and a list of what each epoch gave."""
    import torch
    from torch import nn, optim

    import coursekit
    from coursekit import nets
    from coursekit.data.augmentation import compose, crop, flip
    from coursekit.training import fit
    from recipes.photographs import course_of, prepared_photographs

    train, test, normalisation = prepared_photographs(full=True)
    coursekit.seed(0)
    device = coursekit.device()
    model = nets.plain_small(nn).to(memory_format=torch.channels_last)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * -(-len(train[0]) // 128)
    # Around a whole training autocast must not keep its narrow copies of the weights: they would never change.
    with torch.autocast(torch.device(device).type, torch.bfloat16, cache_enabled=False):
        history = fit(
            model,
            train,
            validation=test,
            epochs=epochs,
            batch_size=128,
            augment=compose(crop(32, padding=4), flip()),
            optimizer=optimizer,
            scheduler=optim.lr_scheduler.OneCycleLR(
                optimizer, 0.1, total_steps=steps, pct_start=0.2, cycle_momentum=False
            ),
            scheduler_step="batch",
            checkpoint=checkpoint,
            seed=0,
            device=device,
        )
    kept = course_of(history)
    print(kept[-1], flush=True)
    return model, normalisation, kept


if __name__ == "__main__":
    main()
