"""Train two models of the characters of a book, one recurrent and one convolutional, and keep what they became.

    python -m recipes.alice [--steps 4000] [--out coursekit/nets/weights]

*Alice's Adventures in Wonderland*: chapters I to IX to learn from, X to choose, XI and XII to test. Every 250 steps the
loss on chapter X is measured, and the weights of the best moment are kept. The cards hold the course of training and
what the recurrent model writes after some steps. The LSTM that comes with the package is that of ``--only lstm --steps
4000``, 2.08 bits for each character of the test chapters; the convolutions are those of ``--only convolutions --steps
1500``, 2.29 bits. Some minutes each on one core.
"""

import math

from recipes.options import parser_for

BATCH, STEPS_OF_TIME, SAMPLED_AT = 16, 64, (250, 1000)


def main():
    parser = parser_for(__doc__)
    parser.add_argument("--steps", type=int, default=4000, help="of training (default: %(default)s)")
    parser.add_argument("--only", choices=["lstm", "convolutions"], help="train one of the two")
    arguments = parser.parse_args()

    import torch

    from coursekit import data, nets
    from coursekit.data import text

    parts, characters = text.parts(data.alice()), sorted(set(data.alice()))
    number = {character: i for i, character in enumerate(characters)}
    codes = {name: torch.tensor([number[c] for c in part]) for name, part in parts.items()}
    for kind in [arguments.only] if arguments.only else ["lstm", "convolutions"]:
        torch.manual_seed(0)
        if kind == "lstm":
            settings = {"n_characters": len(characters), "width": 256, "embedding": 32, "dropout": 0.5}
            model = nets.character_lstm(torch.nn, **settings)
            batches, run = in_order(codes["training"]), fused(model)
        else:
            settings = {"n_characters": len(characters), "width": 96, "dilations": [1, 2, 4, 8, 16], "dropout": 0.2}
            model = nets.character_convolutions(torch.nn, **settings)
            batches, run = at_random(codes["training"]), model_of_windows(model)
        course, samples = train(model, run, batches, codes, arguments.steps, kind, characters)
        best = min(course, key=lambda row: row["validation_bits"])
        keep(arguments, kind, model, settings, course, samples, best, "".join(characters))


def keep(arguments, kind, model, settings, course, samples, best, characters):
    from coursekit.nets.cards import save_trained

    save_trained(
        arguments.out / f"alice-{kind}.safetensors",
        model,
        f"character_{kind}",
        settings,
        data="Alice's Adventures in Wonderland, chapters I to IX; validation: X; test: XI and XII",
        recipe=f"python -m recipes.alice --only {kind} --steps {arguments.steps}",
        seed=0,
        half=True,
        characters=characters,
        **best,
        course=course,
        samples=samples,
    )
    print(kind, best, flush=True)


def train(model, run, batches, codes, steps, kind, characters):
    """Train the model in place to the best moment; return the course of training, and samples."""
    import copy

    import torch
    import torch.nn.functional as F

    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.1)
    course, samples, best, state = [], {}, None, None
    for step in range(1, steps + 1):
        inputs, targets, fresh = next(batches)
        logits, state = run(inputs, None if fresh else state)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 250 == 0 or step == steps:
            row = {f"{part}_bits": bits(run, model, codes[part]) for part in ("validation", "test")}
            course.append({"step": step, "training_bits": loss.item() / math.log(2), **row})
            print(course[-1], flush=True)
            if best is None or row["validation_bits"] < best[0]:
                best = row["validation_bits"], copy.deepcopy(model.state_dict())
        if kind == "lstm" and (step in SAMPLED_AT or step == steps):
            samples[step] = written(model, characters)
    model.load_state_dict(best[1])
    model.eval()
    return course, samples


def in_order(codes):
    """Batches whose sequences go on where those of the batch before ended, and whether this one starts again."""
    length = len(codes) // BATCH
    columns = codes[: BATCH * length].view(BATCH, length).T
    while True:
        for at in range(0, length - STEPS_OF_TIME, STEPS_OF_TIME):
            window = columns[at : at + STEPS_OF_TIME + 1]
            yield window[:-1], window[1:], at == 0


def at_random(codes):
    """Batches from anywhere."""
    import torch

    generator = torch.Generator().manual_seed(0)
    while True:
        starts = torch.randint(len(codes) - STEPS_OF_TIME, (1, BATCH), generator=generator)
        window = codes[starts + torch.arange(STEPS_OF_TIME + 1)[:, None]]
        yield window[:-1], window[1:], True


def fused(model):
    """The LSTM as PyTorch runs it over a whole sequence: the same weights, four times as fast."""
    import torch

    cell = model.cell
    layer = torch.nn.LSTM(cell.input_size, cell.hidden_size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(layer, f"{name}_l0", getattr(cell, name))

    def run(codes, state=None):
        hidden, state = layer(model.embedding(codes), state)
        return model.output(model.dropout(hidden)), tuple(part.detach() for part in state)

    return run


def model_of_windows(model):
    """The convolutional model with time first, as the recurrent one has it, and no state."""
    return lambda codes, state=None: (model(codes.T).permute(2, 0, 1), None)


def bits(run, model, codes):
    """Mean bits for a character, each told by all before it."""
    import torch
    import torch.nn.functional as F

    model.eval()
    with torch.no_grad():
        logits, _ = run(codes[:-1, None], None)
    model.train()
    return F.cross_entropy(logits[:, 0], codes[1:]).item() / math.log(2)


def written(model, characters, length=300):
    """What the model writes, character by character, from a line end."""
    import torch

    generator, state = torch.Generator().manual_seed(0), None
    code, out = torch.tensor([characters.index("\n")]), ""
    model.eval()
    with torch.no_grad():
        for _ in range(length):
            logits, state = model(code[None], state)
            code = torch.multinomial(logits[0].softmax(dim=1), 1, generator=generator)[:, 0]
            out += characters[code]
    model.train()
    return out


if __name__ == "__main__":
    main()
