"""Makes testdata/integrated_gradients_oracle.json: Captum's integrated gradients on the modules of torch_oracle.py.

    python -m venv oracle && oracle/bin/pip install torch==2.15.0 captum==0.9.0 numpy safetensors
    oracle/bin/python plugins/models/networks/integrated_gradients_oracle.py

The modules get the weights and inputs of testdata/torch_oracle.json. Written for every network: the contributions of its features,
summed over the window, [sample × feature], by Captum's 32 points of Gauss and Legendre; and the score of zero inputs. Beside
them the points themselves, as NumPy has them.
"""

import json
from pathlib import Path

import numpy
import torch
import torch_oracle
from captum.attr import IntegratedGradients
from torch import nn

STEPS = 32


def attribute(module: nn.Module, golden: dict) -> dict:
    module.eval()
    state = module.state_dict()
    for key, weight in zip(state, golden["weights"], strict=True):
        state[key] = torch.tensor(weight["values"]).reshape(weight["shape"])
    module.load_state_dict(state)
    inputs = torch.tensor(golden["inputs"]).reshape(torch_oracle.SAMPLES, torch_oracle.WINDOW, torch_oracle.FEATURES)
    if isinstance(module[1], nn.LayerNorm):  # reads the newest step alone
        inputs = inputs[:, -1:]
        module = nn.Sequential(torch_oracle.Newest(), module)
    assert torch.allclose(module(inputs).flatten(), torch.tensor(golden["scores"]), atol=1e-6)
    explainer = IntegratedGradients(lambda x: module(x).flatten())
    parts = explainer.attribute(inputs, n_steps=STEPS, method="gausslegendre")
    return {
        "contributions": torch_oracle.plain(parts.sum(1)),
        "base": torch_oracle.plain(module(torch.zeros_like(inputs[:1])))[0],
    }


def main() -> None:
    folder = Path(__file__).parent / "testdata"
    golden = json.loads((folder / "torch_oracle.json").read_text())["networks"]
    # A recurrent layer's gradient needs no training mode on the processor.
    result = {name: attribute(module, golden[name]) for name, module in torch_oracle.networks().items()}
    points, weights = numpy.polynomial.legendre.leggauss(STEPS)
    text = {"networks": result, "points": ((1 + points) / 2).tolist(), "weights": (weights / 2).tolist()}
    (folder / "integrated_gradients_oracle.json").write_text(json.dumps(text) + "\n")


if __name__ == "__main__":
    main()
