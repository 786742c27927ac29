"""Measure what a network gains from having learned other things before: similar ones, different ones, or none.

    COURSEKIT_DATA=… python -m recipes.five_classes [--epochs 4] [--seeds 5] [--out coursekit/nets/weights]

CIFAR-10 is cut in two. One small network learns the five classes with even numbers (airplane, bird, deer, frog, ship;
25 000 photographs), another one the ten kinds of clothes of Fashion-MNIST (the 20 000 bundled images). Then both, and a
third that has learned nothing, learn the five classes with odd numbers (automobile, cat, dog, horse, truck) from 5, 50
or 500 photographs of each. They are judged by the 5 000 test photographs of these classes. The two trained networks are
kept; the card of the first holds all results. Learning rates were chosen on validation photographs, never on test ones.
About four minutes on one core.
"""

import numpy as np

from recipes.options import parser_for

STAGES = ((16,), (32,), (64,))
RATES = (0.01, 0.03, 0.1)
EPOCHS = {5: 40, 50: 15, 500: 5}
LAYERS = ("relu1", "relu2", "relu3")


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--epochs", type=int, default=4, help="passes over the first task (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="repetitions (default: %(default)s)")
    arguments = parser.parse_args()
    recipe = f"python -m recipes.five_classes --epochs {arguments.epochs} --seeds {arguments.seeds}"

    from coursekit import data
    from coursekit.nets.cards import save_trained

    photographs = data.load("cifar10", full=True), data.load("cifar10", "test", full=True)
    even = [keep(part, 0) for part in photographs]
    clothes = [data.load("fashion-mnist", split)[:2] for split in ("train", "test")]
    sources = {
        "photographs-five": pretrain(*even, arguments.epochs, flips=True),
        "clothes": pretrain(*clothes, arguments.epochs, flips=False),
    }
    results = measure(*[keep(part, 1) for part in photographs], sources, arguments.seeds)
    whole = {
        "photographs-five": "CIFAR-10, the 25 000 training images of the classes 0, 2, 4, 6, 8; validation: their "
        "5 000 test images",
        "clothes": "Fashion-MNIST, the 20 000 bundled training images, enlarged to 32 x 32 in "
        "three equal channels; validation: the 4 000 bundled test images",
    }
    for name, (model, card, accuracy) in sources.items():
        save_trained(
            arguments.out / f"{name}.safetensors",
            model,
            "plain_small",
            {"n_classes": 5 if name == "photographs-five" else 10, "stages": STAGES},
            data=whole[name],
            recipe=recipe,
            seed=0,
            accuracy=accuracy,
            **card,
            **(results if name == "photographs-five" else {}),
        )


def keep(part, odd):
    """Return images and labels of every second class, renumbered from 0."""
    mine = part.labels % 2 == odd
    return part.images[mine], part.labels[mine] // 2


def pretrain(train, test, epochs, flips):
    """Return a network, its card and its accuracy on test images."""
    from torch import optim

    import coursekit
    from coursekit.data.augmentation import compose, crop, flip
    from coursekit.training import fit

    raw = fitted(train[0])
    mean, std = raw.mean((0, 2, 3)).tolist(), raw.std((0, 2, 3)).tolist()
    card = {"normalisation": {"mean": mean, "std": std}}
    coursekit.seed(0)
    model = network(len(np.unique(train[1])))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    steps = epochs * -(-len(raw) // 100)
    history = fit(
        model,
        (fitted(train[0], card), train[1]),
        validation=(fitted(test[0], card), test[1]),
        epochs=epochs,
        batch_size=100,
        augment=compose(crop(32, padding=4), flip()) if flips else None,
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps, pct_start=0.2, cycle_momentum=False),
        scheduler_step="batch",
    )
    accuracy = history.epochs[-1]["validation_accuracy"]
    print(accuracy, flush=True)
    return model, card, accuracy


def measure(train, test, sources, seeds):
    """Return accuracies on the second task, for every source, number of photographs, way and seed; and the rates."""
    results, rates = {}, {}
    for source in [*sources, "nothing"]:
        model, card, _ = sources.get(source) or (None, sources["photographs-five"][1], None)
        prepared_train = fitted(train[0], card)
        prepared_test = fitted(test[0], card), test[1]
        for n, epochs in EPOCHS.items():
            accuracy = {}
            for rate in RATES if n == 50 else ():  # chosen on photographs that are used for nothing else
                runs = []
                for seed in (100,):
                    some, others = chosen(train[1], n, seed), chosen(train[1], n + 200, seed)[-1000:]
                    mine = prepared_train[some], train[1][some]
                    runs.append(tune(model, mine, (prepared_train[others], train[1][others]), rate, epochs, seed))
                accuracy[rate] = np.mean(runs)
            if accuracy:
                rates[source] = max(accuracy, key=accuracy.get)
                print(source, accuracy, flush=True)
        for n, epochs in EPOCHS.items():
            runs = {}
            for seed in range(seeds if n < 500 else min(seeds, 3)):
                some = chosen(train[1], n, seed)
                mine = prepared_train[some], train[1][some]
                runs.setdefault("all", []).append(tune(model, mine, prepared_test, rates[source], epochs, seed))
                for layer, value in probes(model, mine, prepared_test).items():
                    runs.setdefault(layer, []).append(value)
            results[f"{source}, {n}"] = {way: [round(value, 4) for value in values] for way, values in runs.items()}
            print(source, n, results[f"{source}, {n}"], flush=True)
    return {"results": results, "rates": rates}


def chosen(labels, n, seed):
    """Return indices of the n first images of every class in an order of one's own; class after class in turn."""
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = [order[labels[order] == k][:n] for k in range(labels.max() + 1)]
    return np.stack(by_class, axis=1).ravel()


def tune(model, data, test, rate, epochs, seed):
    """Return the test accuracy after training all of a network, from its best linear head or from nothing."""
    from copy import deepcopy

    from torch import optim

    import coursekit
    from coursekit import transfer
    from coursekit.training import evaluate

    coursekit.seed(seed)
    if model is None:
        model = network(5)
        head = "classifier"
    else:
        model = deepcopy(model)
        head = transfer.replace_head(
            model, transfer.linear_probe(transfer.features(model, data[0], "flatten"), data[1]).head()
        )
    transfer.fine_tune(
        model,
        data,
        head,
        lr=rate,
        body_lr=rate,
        make_scheduler=lambda optimizer: optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
        epochs=epochs,
        batch_size=25,
        seed=seed,
    )
    return evaluate(model, test)[1]


def probes(model, data, test):
    """Return the test accuracy of a linear classifier on each layer, frozen."""
    from coursekit import transfer

    if model is None:
        return {}
    here = transfer.features(model, data[0], LAYERS, pool=4)
    there = transfer.features(model, test[0], LAYERS, pool=4)
    return {
        layer: transfer.linear_probe(here[layer], data[1]).accuracy(there[layer], test[1]).value for layer in LAYERS
    }


def network(n_classes):
    """Return the small network, as plain a chain as that of `recipes.plain_photographs`, on its fast memory layout."""
    import torch
    from torch import nn

    from coursekit import nets

    return nets.plain_small(nn, n_classes, stages=STAGES).to(memory_format=torch.channels_last)


def fitted(images, card=None):
    from coursekit import transfer

    return transfer.prepared(images, card, size=32, channels=3)


if __name__ == "__main__":
    main()
