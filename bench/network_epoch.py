"""An epoch of a network's training beside PyTorch eager: same inputs, start weights, batches, optimizer and threads.

usage: network_epoch.py ORRERY_BINARY SHARED OUT [ROUNDS]

orrery_network_epoch_bench lies beside the binary; this Python has torch (pip install torch==2.15.0; otherwise nothing
is measured). Runs alternate; the least time of each counts. The losses of all epochs must agree. Writes
OUT/network_epoch.json and prints a table.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PEER = Path(__file__).resolve().parent / "peers/torch_epoch.py"
WINDOW, EPOCHS = 10, 3
# A float's 1e-7 grows from step to step. After the first epoch the losses agree to 1e-6; in the third PyTorch's own
# losses of a Transformer with one and with two threads are 0.5 % apart (ours are the same to the bit).
LOSS_TOLERANCES = (1e-5, 1e-2, 1e-2)
CASES = [  # model, batch, threads, sessions
    ("lstm", 2048, 1, 120),
    ("lstm", 2048, 2, 120),
    ("lstm", 32, 1, 12),
    ("transformer", 2048, 1, 120),
    ("transformer", 2048, 2, 120),
    ("transformer", 32, 1, 12),
]


def answer(*command: str) -> dict:
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def measure(program: str, case: tuple, rounds: int) -> dict:
    model, batch, threads, sessions = case
    own, peer, found = [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            shape = [str(part) for part in (WINDOW, batch, threads, EPOCHS, sessions)]
            found = answer(program, folder, model, *shape)
            other = answer(sys.executable, str(PEER), folder, model, str(batch), str(threads), str(EPOCHS))
            for ours, theirs, tolerance in zip(found["losses"], other["losses"], LOSS_TOLERANCES, strict=True):
                if abs(ours - theirs) > tolerance * theirs:
                    sys.exit(f"{model}, batch {batch}: the loss is {ours}, PyTorch's {theirs}")
            own.append(found["seconds"])
            peer.append(other["seconds"])
    ours, theirs = min(own), min(peer)
    return {
        "model": model,
        "batch": batch,
        "threads": threads,
        "samples": found["samples"],
        "orrery_s": ours,
        "torch_s": theirs,
        "ratio": theirs / ours,
        "reading_share": found["reading"] / ours,
        "losses": found["losses"],
    }


def main() -> int:
    if importlib.util.find_spec("torch") is None:
        print("network_epoch: this Python has no torch: left out (pip install torch==2.15.0)")
        return 0
    program, out = Path(sys.argv[1]).with_name("orrery_network_epoch_bench"), Path(sys.argv[3])
    if not program.exists():
        print("network_epoch: built without networks: left out (tools/setup.sh networks)")
        return 0
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    rows = []
    for case in CASES:
        row = measure(str(program), case, rounds)
        rows.append(row)
        print(
            f"{row['model']:12} batch {row['batch']:5} threads {row['threads']}  Orrery {row['orrery_s']:6.3f} s"
            f"  PyTorch {row['torch_s']:6.3f} s  {row['ratio']:5.2f} x  reading {100 * row['reading_share']:4.1f} %",
            flush=True,
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "network_epoch.json").write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
