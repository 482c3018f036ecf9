"""Makes testdata/torch_oracle.json: what independent PyTorch modules give on the same weights and inputs.

The wheel's Python package does not start without CUDA's other libraries, so the numbers are made once, in an environment
of its own, and kept:

    python -m venv oracle && oracle/bin/pip install torch==2.15.0 numpy safetensors
    oracle/bin/python plugins/models/networks/torch_oracle.py

For every network: weights from a seed, inputs, scores in evaluation mode. For every loss: its value. For every optimizer: losses
and parameters of three steps.
"""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import save
from torch import nn

WINDOW = 5
FEATURES = 3
SAMPLES = 4


class FinalState(nn.Module):
    """The newest step; of a bidirectional network the two ends, as h_n has them."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        final = self.cell(x)[1]
        hidden = final[0] if isinstance(final, tuple) else final
        return torch.cat([hidden[-2], hidden[-1]], 1) if self.cell.bidirectional else hidden[-1]


class Attention(nn.Module):
    """qlib's ALSTM from the recurrent outputs on."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, width // 2)
        self.outer = nn.Linear(width // 2, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        share = torch.softmax(self.outer(torch.tanh(self.inner(x))), dim=1)
        return torch.cat([x[:, -1, :], torch.sum(x * share, dim=1)], dim=1)


class Outputs(nn.Module):
    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.cell(x)[0]


class Newest(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, -1]


class Block(nn.Module):
    """A block of Bai's TCN without weight normalisation: pad both ends, cut what sees the future."""

    def __init__(self, inputs: int, channels: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.cut = (kernel - 1) * dilation
        self.conv1 = nn.Conv1d(inputs, channels, kernel, padding=self.cut, dilation=dilation)
        self.conv2 = nn.Conv1d(channels, channels, kernel, padding=self.cut, dilation=dilation)
        self.downsample = nn.Conv1d(inputs, channels, 1) if inputs != channels else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)
        y = torch.relu(self.conv1(x)[:, :, : -self.cut])
        y = torch.relu(self.conv2(y)[:, :, : -self.cut])
        around = x if self.downsample is None else self.downsample(x)
        return torch.relu(y + around).transpose(1, 2)


class Positions(nn.Module):
    """The table of the paper's formula."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        steps, width = x.shape[1:]
        table = torch.zeros(steps, width)
        position = torch.arange(steps).float().unsqueeze(1)
        rate = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
        table[:, 0::2] = torch.sin(position * rate)
        table[:, 1::2] = torch.cos(position * rate)
        return x + table


def networks() -> dict[str, nn.Module]:
    """The modules, laid out as the plug-ins are with hidden_size 6 and the settings that the test gives."""
    mlp = [nn.Linear(FEATURES, 6), nn.LayerNorm(6), nn.SiLU(), nn.Linear(6, 6), nn.LayerNorm(6), nn.SiLU()]
    encoder = [nn.TransformerEncoderLayer(6, 2, 8, dropout=0.1, batch_first=True) for _ in range(2)]
    return {
        "mlp": nn.Sequential(*mlp, nn.Linear(6, 1)),
        "lstm": nn.Sequential(FinalState(nn.LSTM(FEATURES, 6, 2, batch_first=True)), nn.Linear(6, 1)),
        "gru": nn.Sequential(FinalState(nn.GRU(FEATURES, 6, 2, batch_first=True)), nn.Linear(6, 1)),
        "bilstm": nn.Sequential(
            FinalState(nn.LSTM(FEATURES, 6, 3, batch_first=True, bidirectional=True)), nn.Linear(12, 1)
        ),
        "alstm": nn.Sequential(
            nn.Linear(FEATURES, 6),
            nn.Tanh(),
            Outputs(nn.GRU(6, 6, 2, batch_first=True)),
            Attention(6),
            nn.Linear(12, 1),
        ),
        "tcn": nn.Sequential(Block(FEATURES, 6, 3, 1), Block(6, 6, 3, 2), Newest(), nn.Linear(6, 1)),
        "transformer": nn.Sequential(nn.Linear(FEATURES, 6), Positions(), *encoder, Newest(), nn.Linear(6, 1)),
    }


def plain(tensor: torch.Tensor) -> list[float]:
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def run_network(module: nn.Module) -> dict:
    module.eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-0.6, 0.6)
    inputs = torch.randn(SAMPLES, WINDOW, FEATURES)
    scores = module(inputs if not isinstance(module[1], nn.LayerNorm) else inputs[:, -1])
    weights = [{"shape": list(p.shape), "values": plain(p)} for p in module.state_dict().values()]
    return {"weights": weights, "inputs": plain(inputs), "scores": plain(scores)}


def session_loss(name: str, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    if name == "ic":
        return 1.0 - torch.corrcoef(torch.stack([scores, labels]))[0, 1]
    if name == "listnet":
        return nn.functional.cross_entropy(scores.unsqueeze(0), torch.softmax(labels, 0).unsqueeze(0))
    pairs = [(i, j) for i in range(len(labels)) for j in range(len(labels)) if labels[i] > labels[j]]
    better = scores[[i for i, _ in pairs]]
    worse = scores[[j for _, j in pairs]]
    return -nn.functional.logsigmoid(better - worse).mean()


def run_losses() -> dict:
    scores = torch.randn(9)
    labels = torch.randn(9)
    sessions = [slice(0, 4), slice(4, 9)]
    results = {"scores": plain(scores), "labels": plain(labels), "sessions": [0, 4, 9], "losses": {}}
    single = {"mse": nn.MSELoss(), "mae": nn.L1Loss(), "huber": nn.HuberLoss(delta=0.7)}
    for name in ["mse", "mae", "huber", "binary", "ic", "listnet", "pairwise"]:
        if name in single:
            loss = single[name](scores, labels)
        elif name == "binary":
            loss = nn.BCEWithLogitsLoss()(scores, (labels > 0).float())
        else:
            loss = torch.stack([session_loss(name, scores[s], labels[s]) for s in sessions]).mean()
        results["losses"][name] = float(loss)
    return results


def run_optimizer(name: str) -> dict:
    """Three full-batch steps of a linear model on squared errors, clipped to a length of 0.5."""
    module = nn.Linear(FEATURES, 1)
    inputs = torch.randn(8, FEATURES)
    labels = torch.randn(8)
    start = [plain(p) for p in module.parameters()]
    makers = {
        "adam": lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.05),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05),
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05),
    }
    optimizer = makers[name](module.parameters())
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(module(inputs).flatten(), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 0.5)
        optimizer.step()
        losses.append(float(loss))
    return {
        "inputs": plain(inputs),
        "labels": plain(labels),
        "start": start,
        "losses": losses,
        "end": [plain(p) for p in module.parameters()],
    }


def main() -> None:
    torch.manual_seed(11)
    golden = {
        "torch": torch.__version__,
        "networks": {name: run_network(module) for name, module in networks().items()},
        "losses": run_losses(),
        "safetensors": save({"a": torch.tensor([[1.5, -2.0], [0.25, 1e30]]), "b": torch.tensor([0.1])}).hex(),
        "optimizers": {name: run_optimizer(name) for name in ["adam", "adamw", "sgd"]},
    }
    path = Path(__file__).parent / "testdata" / "torch_oracle.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
