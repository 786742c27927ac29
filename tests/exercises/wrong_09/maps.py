"""Wrong solutions of task 2; see exercise.py."""

import torch


def _run(model, images, layers, copy):
    """Right but for what `copy` does, with everything left as it was."""
    kept, handles = {}, []
    modes = [(module, module.training) for module in model.modules()]
    try:
        for name in layers:
            handles.append(
                model.get_submodule(name).register_forward_hook(
                    lambda module, inputs, output, name=name: kept.update({name: copy(inputs, output)})
                )
            )
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__no_clone(model, images, layers):
    """Says: the ReLU behind it has written into it"""
    return _run(model, images, layers, lambda inputs, output: output.detach())


def feature_maps__inputs(model, images, layers):
    """Says: this is what went into the layer"""
    return _run(model, images, layers, lambda inputs, output: inputs[0].clone())


def feature_maps__with_graph(model, images, layers):
    """Hidden only."""
    kept, handles = {}, []
    modes = [(module, module.training) for module in model.modules()]
    try:
        for name in layers:
            handles.append(
                model.get_submodule(name).register_forward_hook(
                    lambda module, inputs, output, name=name: kept.update({name: output.clone()})
                )
            )
        model.eval()
        model(images)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__loop_variable(model, images, layers):
    """Says: There is no output of layer"""
    kept, handles = {}, []
    modes = [(module, module.training) for module in model.modules()]
    try:
        for name in layers:

            def keep(module, inputs, output):
                kept[name] = output.detach().clone()  # noqa: B023 (that is the mistake)

            handles.append(model.get_submodule(name).register_forward_hook(keep))
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__hooks_stay(model, images, layers):
    """Says: A hook is still on the network"""
    kept = {}
    modes = [(module, module.training) for module in model.modules()]
    for name in layers:
        model.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: kept.update({name: output.detach().clone()})
        )
    try:
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__last_hook_stays(model, images, layers):
    """Says: A hook is still on the network"""
    kept = {}
    modes = [(module, module.training) for module in model.modules()]
    try:
        for name in layers:
            handle = model.get_submodule(name).register_forward_hook(
                lambda module, inputs, output, name=name: kept.update({name: output.detach().clone()})
            )
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        handle.remove()
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__no_finally(model, images, layers):
    """Hidden only, among those that give points: a check without points says what is wrong.
    Says: What must happen in any case stands in a `finally:`"""
    kept, handles = {}, []
    modes = [(module, module.training) for module in model.modules()]
    for name in layers:
        handles.append(
            model.get_submodule(name).register_forward_hook(
                lambda module, inputs, output, name=name: kept.update({name: output.detach().clone()})
            )
        )
    model.eval()
    with torch.no_grad():
        model(images)
    for handle in handles:
        handle.remove()
    for module, training in modes:
        module.training = training
    return kept


def feature_maps__exception_swallowed(model, images, layers):
    """Says: returned as if nothing had happened"""
    try:
        return _run(model, images, layers, lambda inputs, output: output.detach().clone())
    except Exception:
        return {}


def feature_maps__hook_after_an_exception(model, images, layers):
    """The modes are in `finally`, the handles are not.
    Says: and a hook is still on it"""
    kept, handles = {}, []
    modes = [(module, module.training) for module in model.modules()]
    try:
        for name in layers:
            handles.append(
                model.get_submodule(name).register_forward_hook(
                    lambda module, inputs, output, name=name: kept.update({name: output.detach().clone()})
                )
            )
        model.eval()
        with torch.no_grad():
            model(images)
        for handle in handles:
            handle.remove()
    finally:
        for module, training in modes:
            module.training = training
    return kept


def feature_maps__stays_in_evaluation(model, images, layers):
    """Says: after your function it is in evaluation mode"""
    kept = _run(model, images, layers, lambda inputs, output: output.detach().clone())
    model.eval()
    return kept


def feature_maps__one_mode_for_all(model, images, layers):
    """Says: Layer 1 was in evaluation mode within a network in training"""
    was = model.training
    kept = _run(model, images, layers, lambda inputs, output: output.detach().clone())
    model.train(was)
    return kept


def feature_maps__always_training(model, images, layers):
    """Says: Layer 1 was in evaluation mode"""
    kept = _run(model, images, layers, lambda inputs, output: output.detach().clone())
    model.train()
    return kept


def feature_maps__in_its_own_mode(model, images, layers):
    """Runs in training mode if the network is in it. The layer that would show it is frozen in the visible check.
    Hidden only."""
    kept, handles = {}, []
    try:
        for name in layers:
            handles.append(
                model.get_submodule(name).register_forward_hook(
                    lambda module, inputs, output, name=name: kept.update({name: output.detach().clone()})
                )
            )
        with torch.no_grad():
            model(images)
    finally:
        for handle in handles:
            handle.remove()
    return kept


def feature_maps__all_layers(model, images, layers):
    """Says: that was not asked for"""
    every = [name for name, _ in model.named_modules() if name]
    return _run(model, images, every, lambda inputs, output: output.detach().clone())


def feature_maps__only_children(model, images, layers):
    """Finds no layer within another.
    Hidden only."""
    children = dict(model.named_children())
    return _run(
        model, images, [name for name in layers if name in children], lambda inputs, output: output.detach().clone()
    )


def feature_maps__a_list(model, images, layers):
    """Says: should return a dictionary"""
    kept = _run(model, images, layers, lambda inputs, output: output.detach().clone())
    return [kept[name] for name in layers]


def feature_maps__layer_by_layer(model, images, layers):
    """Calls the layers one after the other: right for chains without layers within layers.
    Hidden only."""
    modes = [(module, module.training) for module in model.modules()]
    kept = {}
    try:
        model.eval()
        with torch.no_grad():
            for name, layer in model.named_children():
                images = layer(images.clone())
                if name in layers:
                    kept[name] = images.clone()
    finally:
        for module, training in modes:
            module.training = training
    return kept
