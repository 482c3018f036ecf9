"""Keeps objects of the user's classes, and answers what the program asks of them.

Runs as `python -c` with a socket at descriptor 3 (worker_process.h says how messages look). It needs pyarrow for models
and nothing but the standard library for strategies.
"""

import array
import base64
import datetime
import importlib.util
import inspect
import io
import json
import math
import mmap
import os
import pickle
import select
import signal
import socket
import struct
import sys
import threading
import traceback
import typing

SOCKET = 3
MOST_SHARED = 8
TRACE_LINES = 6


class LeastSquares:
    """The model that comes with the worker: linear, with a squared penalty. Missing features count as 0."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, X, y, weights=None):  # noqa: N803 - as everybody calls it
        import numpy as np

        x = np.column_stack([self.column(X, name) for name in X.column_names])
        w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
        y = np.asarray(y, dtype=float)
        self.means = w @ x / w.sum()
        self.center = float(w @ y / w.sum())
        x = x - self.means
        gram = (x * w[:, None]).T @ x + self.alpha * np.eye(x.shape[1])
        self.weights = np.linalg.solve(gram, (x * w[:, None]).T @ (y - self.center))
        deviations = np.sqrt((w[:, None] * x * x).sum(axis=0) / w.sum())
        self.gains = dict(zip(X.column_names, (abs(self.weights) * deviations).tolist(), strict=False))

    def predict(self, X):  # noqa: N803
        import numpy as np

        # Column by column, so that a row's score depends on no other row.
        score = np.full(X.num_rows, self.center)
        for name, mean, weight in zip(X.column_names, self.means, self.weights, strict=False):
            score = score + weight * (self.column(X, name) - mean)
        return score

    def importance(self):
        return self.gains

    @staticmethod
    def column(X, name):  # noqa: N803
        import numpy as np

        return np.nan_to_num(np.asarray(X.column(name), dtype=float))


class Uncertainty(typing.NamedTuple):
    """How sure a score is: the return it has been worth, that return's interval, and the deviation that the model gives
    with the score; nan where unknown."""

    expected: float
    lower: float
    upper: float
    deviation: float


class EqualWeightTop:
    """The strategy that comes with the worker: the k best names with equal weights, every day anew."""

    def __init__(self, k=50):
        self.k = k

    def decide(self, date, scores, holdings, tradable):
        best = [symbol for symbol in scores if symbol in tradable][: self.k]
        return {symbol: 1.0 / len(best) for symbol in best} if best else None


OWN_CLASSES = {"": {"model": LeastSquares, "strategy": EqualWeightTop}}


class UserError(Exception):
    """Something the user can mend, told without a trace."""


def load_class(place, kind):
    """Returns the class of `file.py:Class`; each file is loaded once."""
    if place in OWN_CLASSES:
        return OWN_CLASSES[place][kind]
    path, colon, name = place.rpartition(":")
    if not colon or not path:
        raise UserError(f"must be FILE.py:CLASS, found '{place}'")
    if not os.path.isfile(path):
        raise UserError(f"no such file: {path}")
    module_name = os.path.splitext(os.path.basename(path))[0]
    module = sys.modules.get(module_name)
    if module is None or getattr(module, "__file__", None) != path:
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
        spec = importlib.util.spec_from_file_location(module_name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[module_name]
            raise
    found = getattr(module, name, None)
    if not inspect.isclass(found):
        raise UserError(f"{path} has no class '{name}'")
    needed = ("fit", "predict") if kind == "model" else ("decide",)
    missing = [method for method in needed if not callable(getattr(found, method, None))]
    if missing:
        raise UserError("the class {} of {} needs a method '{}'".format(name, path, "', '".join(missing)))
    return found


def import_pyarrow():
    try:
        import pyarrow
    except ImportError as error:
        raise UserError(f"a Python model needs pyarrow in its interpreter, {sys.executable}: {error}") from error
    return pyarrow


class Columns:
    """A shared piece of memory as Arrow arrays, which lie in it."""

    def __init__(self, descriptor, layout):
        self.pa = import_pyarrow()
        self.rows = layout["rows"]
        self.layout = layout
        memory = mmap.mmap(descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        os.close(descriptor)
        self.buffer = self.pa.py_buffer(memory)

    def array(self, type_name, offset):
        if offset is None:
            return None
        kind = getattr(self.pa, type_name)()
        piece = self.buffer.slice(offset, self.rows * kind.bit_width // 8)
        return self.pa.Array.from_buffers(kind, self.rows, [None, piece])

    def features(self):
        stride = self.layout["stride"]
        names = self.layout["features"]
        return self.pa.table([self.array("float32", i * stride) for i in range(len(names))], names=names)

    def named(self, name):
        type_name = {"labels": "float64", "weights": "float32"}.get(name, "int32")
        return self.array(type_name, self.layout[name])


def with_known(function, arguments):
    """Keeps the arguments that a function takes; all of them where it takes any."""
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in parameters}


def seed_all(seed):
    """Seeds what a class without a seed of its own would draw from."""
    import random

    random.seed(seed)
    for name in ("numpy", "torch"):
        module = sys.modules.get(name)
        if name == "numpy" and module is not None:
            module.random.seed(seed % 2**32)
        elif module is not None:
            module.manual_seed(seed)


class Objects:
    """The objects by their number, and what can be asked of them."""

    def __init__(self):
        self.objects = {}
        self.symbols = {}
        self.reads_uncertainty = {}
        self.next = 1

    def keep(self, thing):
        number = self.next
        self.next += 1
        self.objects[number] = thing
        return number

    def drop(self, request, data, shared):
        self.objects.pop(request["id"], None)
        self.symbols.pop(request["id"], None)
        self.reads_uncertainty.pop(request["id"], None)
        return {}, b""

    def fit(self, request, data, shared):
        model = load_class(request["class"], "model")(**request["params"])
        train = Columns(shared[0], request["train"])
        spans = {
            "valid": None, "sessions": train.named("sessions"), "instruments": train.named("instruments"),
            "weights": train.named("weights"), "valid_sessions": None, "seed": request["seed"],
            "threads": request["threads"],
        }  # fmt: skip
        if request["valid"] is not None:
            valid = Columns(shared[1], request["valid"])
            spans["valid"] = (valid.features(), valid.named("labels"))
            spans["valid_sessions"] = valid.named("sessions")
        seed_all(request["seed"])
        model.fit(train.features(), train.named("labels"), **with_known(model.fit, spans))
        gains = model.importance() if callable(getattr(model, "importance", None)) else {}
        importance = [float(gains.get(name, 0.0)) for name in request["train"]["features"]]
        return {"id": self.keep(model), "importance": importance}, b""

    def predict(self, request, data, shared):
        model = self.objects[request["id"]]
        columns = Columns(shared[0], request["data"])
        spans = {"sessions": columns.named("sessions"), "instruments": columns.named("instruments")}
        scores = model.predict(columns.features(), **with_known(model.predict, spans))
        values = array.array("d", self.numbers(scores))
        if len(values) != columns.rows:
            raise UserError(f"predict returned {len(values)} scores for {columns.rows} rows")
        return {}, values.tobytes()

    @staticmethod
    def numbers(scores):
        if hasattr(scores, "to_pylist"):
            scores = scores.to_pylist()
        elif hasattr(scores, "detach"):
            scores = scores.detach().cpu().reshape(-1).tolist()
        elif hasattr(scores, "tolist"):
            scores = scores.tolist()
        return (math.nan if value is None else float(value) for value in scores)

    def save(self, request, data, shared):
        model = self.objects[request["id"]]
        if callable(getattr(model, "save", None)):
            return {}, bytes(model.save())
        content = io.BytesIO()
        pickle.Pickler(content, protocol=4).dump(model)
        return {}, content.getvalue()

    def load(self, request, data, shared):
        kind = load_class(request["class"], "model")
        if callable(getattr(kind, "save", None)):
            model = kind(**request["params"])
            model.load(data)
        else:
            model = pickle.loads(data)
        return {"id": self.keep(model)}, b""

    def strategy(self, request, data, shared):
        strategy = load_class(request["class"], "strategy")(**request["params"])
        number = self.keep(strategy)
        self.reads_uncertainty[number] = "uncertainty" in inspect.signature(strategy.decide).parameters
        return {"id": number, "reads_uncertainty": self.reads_uncertainty[number]}, b""

    def save_strategy(self, request, data, shared):
        try:
            state = pickle.dumps(vars(self.objects[request["id"]]), protocol=4)
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            raise UserError(f"what the strategy keeps can't be saved for a restart: {error}") from error
        return {"state": base64.b64encode(state).decode()}, b""

    def restore_strategy(self, request, data, shared):
        vars(self.objects[request["id"]]).update(pickle.loads(base64.b64decode(request["state"])))
        return {}, b""

    def decide(self, request, data, shared):
        number = request["id"]
        if "symbols" in request:
            self.symbols[number] = request["symbols"]
        symbols = self.symbols[number]
        values = struct.unpack_from(f"<{len(symbols)}d", data)
        bars = data[8 * len(symbols) : 9 * len(symbols)]
        order = sorted((i for i, value in enumerate(values) if value == value), key=lambda i: (-values[i], i))
        told = {}
        if self.reads_uncertainty[number]:
            size = len(symbols)
            parts = [struct.unpack_from(f"<{size}d", data, (9 + 8 * k) * size) for k in range(len(Uncertainty._fields))]
            told["uncertainty"] = {symbols[i]: Uncertainty(*(part[i] for part in parts)) for i in order}
        weights = self.objects[number].decide(
            date=datetime.date.fromisoformat(request["date"]),
            scores={symbols[i]: values[i] for i in order},
            holdings={symbols[i]: weight for i, weight in request["holdings"]},
            tradable={symbols[i] for i, bar in enumerate(bars) if bar},
            **told,
        )
        if weights is None:
            return {"weights": None}, b""
        places = {symbol: i for i, symbol in enumerate(symbols)}
        unknown = [symbol for symbol in weights if symbol not in places]
        if unknown:
            raise UserError(f"decide returned a weight for '{unknown[0]}', which is no symbol of the data")
        wanted = {places[symbol]: float(weight) for symbol, weight in weights.items()}
        wrong = [symbols[i] for i, weight in wanted.items() if not math.isfinite(weight)]
        if wrong:
            raise UserError(f"decide returned a weight for '{wrong[0]}' that is not finite")
        return {"weights": sorted(wanted.items())}, b""


def explain(request, error):
    """Says where in the user's file what went wrong."""
    place = request.get("class") or "Orrery's own class"
    place = os.path.basename(place)
    if isinstance(error, UserError):
        return f"{place}: {error}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != "<string>"]
    lines = [f"  {frame.filename}, line {frame.lineno}, in {frame.name}: {frame.line}" for frame in frames]
    trace = "\n".join(lines[-TRACE_LINES:])
    return "{} failed in {}: {}: {}\n{}".format(place, request["do"], type(error).__name__, error, trace)


def receive_all(connection, size):
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = connection.recv_into(view)
        if got == 0:
            os._exit(0)
        view = view[got:]
    return bytes(data)


def serve(connection):
    objects = Objects()
    while True:
        head, shared, _, _ = socket.recv_fds(connection, 16, MOST_SHARED)
        if not head:
            return
        head += receive_all(connection, 16 - len(head))
        text_size, data_size = struct.unpack("<QQ", head)
        request = json.loads(receive_all(connection, text_size))
        data = receive_all(connection, data_size)
        try:
            answer, content = getattr(objects, request["do"])(request, data, shared)
        except (Exception, SystemExit) as error:
            answer, content = {"error": explain(request, error)}, b""
        text = json.dumps(answer).encode()
        connection.sendall(struct.pack("<QQ", len(text), len(content)) + text)
        if content:
            connection.sendall(content)


def end_with_the_program(connection):
    """Ends this process, whatever it computes, once the program is gone."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLRDHUP)
    poll.poll()
    os._exit(0)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # what the user prints must not mix with the program's own output
    connection = socket.socket(fileno=SOCKET)
    threading.Thread(target=end_with_the_program, args=(connection,), daemon=True).start()
    try:
        serve(connection)
    except ConnectionError:
        os._exit(0)  # the program is gone


if __name__ == "__main__":
    main()
