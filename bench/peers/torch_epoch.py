"""Trains a PyTorch module on what orrery_network_epoch_bench wrote: same weights, batches, optimizer and clipping.

usage: torch_epoch.py FOLDER MODEL BATCH THREADS EPOCHS

Prints the least seconds of an epoch after the first and the loss of each (measured while learning, as Orrery's), as JSON.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Newest(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, -1]


class Outputs(nn.Module):
    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.cell(x)[0]


class Positions(nn.Module):
    """Sines and cosines of the position (Vaswani et al., 2017)."""

    def __init__(self, steps: int, width: int) -> None:
        super().__init__()
        table = torch.zeros(steps, width)
        position = torch.arange(steps).float().unsqueeze(1)
        rate = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
        table[:, 0::2] = torch.sin(position * rate)
        table[:, 1::2] = torch.cos(position * rate)
        self.table = table

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.table


def module_of(model: str, features: int, window: int) -> nn.Module:
    """Laid out as Orrery's plug-in with its defaults."""
    if model == "lstm":
        return nn.Sequential(Outputs(nn.LSTM(features, 64, 2, batch_first=True)), Newest(), nn.Linear(64, 1))
    encoder = [nn.TransformerEncoderLayer(64, 2, 128, dropout=0.0, batch_first=True) for _ in range(2)]
    return nn.Sequential(nn.Linear(features, 64), Positions(window, 64), *encoder, Newest(), nn.Linear(64, 1))


def read_weights(path: Path) -> list[np.ndarray]:
    """The tensors of a model's file in their order: safetensors after two lines."""
    content = path.read_bytes().split(b"\n", 2)[2]
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header.pop("__metadata__", None)
    ordered = sorted(header.values(), key=lambda tensor: tensor["data_offsets"][0])
    body = content[8 + size :]
    return [
        np.frombuffer(body[tensor["data_offsets"][0] : tensor["data_offsets"][1]], np.float32).reshape(tensor["shape"])
        for tensor in ordered
    ]


def main() -> None:
    folder, model = Path(sys.argv[1]), sys.argv[2]
    batch, threads, epochs = (int(text) for text in sys.argv[3:6])
    torch.set_num_threads(threads)
    shape = json.loads((folder / "shape.json").read_text())
    inputs = np.fromfile(folder / "inputs.f32", np.float32).reshape(-1, shape["window"], shape["features"])
    x, y = torch.from_numpy(inputs), torch.from_numpy(np.fromfile(folder / "labels.f32", np.float32))
    module = module_of(model, shape["features"], shape["window"])
    with torch.no_grad():
        for parameter, start in zip(module.parameters(), read_weights(folder / "start/model.orrery"), strict=True):
            parameter.copy_(torch.from_numpy(start.copy()))
    optimizer = torch.optim.Adam(module.parameters(), lr=0.001)
    seconds, losses = [], []
    for epoch in range(epochs):
        order = torch.from_numpy(np.fromfile(folder / f"order_{epoch}.u32", np.uint32).astype(np.int64))
        begin, total = time.perf_counter(), 0.0
        for chosen in order.split(batch):
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.mse_loss(module(x[chosen]).squeeze(1), y[chosen])
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(chosen)
        seconds.append(time.perf_counter() - begin)
        losses.append(total / len(y))
    print(json.dumps({"seconds": min(seconds[1:]), "losses": losses}))


main()
