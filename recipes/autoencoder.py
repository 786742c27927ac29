"""Train a convolutional autoencoder on the bundled photographs, and keep what it became.

    python -m recipes.autoencoder [--steps 3000] [--out coursekit/nets/weights]

128 numbers for the 3 072 of a photograph of 32 × 32 pixels: three halvings down to 8 maps of 4 × 4, three stamping
layers up again. Trained on squared error over the 5 000 bundled CIFAR-10 images and their mirror images. Nothing was
tuned on the test images. About two minutes on one core.
"""

from recipes.options import parser_for


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--steps", type=int, default=3000, help="of 64 images each (default: %(default)s)")
    arguments = parser.parse_args()

    from coursekit.nets.cards import save_trained

    model, built, errors = train(arguments.steps)
    save_trained(
        arguments.out / "photographs-autoencoder.safetensors",
        model,
        "conv_autoencoder",
        built,
        data="CIFAR-10, the 5 000 bundled training images; test: the 1 000 bundled test images",
        recipe=f"python -m recipes.autoencoder --steps {arguments.steps}",
        seed=0,
        **errors,
    )


def train(steps):
    """Return the trained network, how it was built, and its squared error on training and test images."""
    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn, optim

    import coursekit
    from coursekit import data, nets

    coursekit.seed(0)
    rng, device = np.random.default_rng(0), coursekit.device()
    images, test = (torch.from_numpy(data.load("cifar10", part).images).to(device) for part in ("train", "test"))
    built = {"in_channels": 3, "widths": [32, 64, 8]}
    model = nets.conv_autoencoder(nn, **built).to(device)
    adam = optim.Adam(model.parameters(), lr=3e-3)
    schedule = optim.lr_scheduler.OneCycleLR(adam, 3e-3, total_steps=steps)
    for step in range(1, steps + 1):
        batch = images[torch.from_numpy(rng.integers(len(images), size=64))]
        batch = batch.flip(3) if rng.integers(2) else batch
        loss = F.mse_loss(model(batch), batch)
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
        if step % 500 == 0:
            print(f"step {step}: {loss.item():.5f}", flush=True)
    with torch.no_grad():
        errors = {
            name: round(F.mse_loss(model(part), part).item(), 5)
            for name, part in [("train_error", images[:1000]), ("test_error", test)]
        }
    print(errors, flush=True)
    return model.cpu(), built, errors


if __name__ == "__main__":
    main()
