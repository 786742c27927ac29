"""Train a small detector of digits in composed scenes, and keep it.

    python -m recipes.detector [--steps 1500] [--out coursekit/nets/weights]

Scenes are made of the bundled digits of MNIST, new ones in every step; the chapter on other tasks tests it
on scenes of test digits. Two or three minutes on one core.
"""

from recipes.options import parser_for

LR, BATCH = 0.004, 16


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--steps", type=int, default=1500, help="of training (default: %(default)s)")
    arguments = parser.parse_args()

    import numpy as np
    import torch

    import coursekit
    from coursekit import data
    from coursekit.data.scenes import digit_scene
    from coursekit.nets.cards import save_trained
    from coursekit.nets.detection import Detector, detection_losses

    coursekit.seed(0)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    digits, model, course = data.load("mnist", "train"), Detector(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=arguments.steps)
    for step in range(arguments.steps):
        scenes = [digit_scene(digits, rng) for _ in range(BATCH)]
        losses = detection_losses(model, scenes, generator)
        optimizer.zero_grad()
        sum(losses).backward()
        optimizer.step()
        schedule.step()
        course.append([loss.item() for loss in losses])
        if (step + 1) % 100 == 0:
            print(step + 1, np.mean(course[-100:], axis=0).round(3), flush=True)
    save_trained(
        arguments.out / "digit-scenes.safetensors",
        model,
        "digit_detector",
        {},
        data="scenes of the bundled training digits of MNIST, as coursekit.data.scenes.digit_scene makes them",
        recipe=f"python -m recipes.detector --steps {arguments.steps}",
        seed=0,
        half=True,
        losses={"every": 25, "object, shift, class": np.reshape(course, (-1, 25, 3)).mean(1).round(4).tolist()},
    )


if __name__ == "__main__":
    main()
