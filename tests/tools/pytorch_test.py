"""Recurrent kernels against PyTorch's own LSTM, GRU and RNN in double precision on the CPU, forward and backward.

pytorch_test.py PROGRAM SOURCE_FOLDER      does nothing where PyTorch is not installed
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
    import torch
except ImportError:
    torch = None

# Of the largest value: what kernels may be off by. PyTorch computes in double; kernels keep p, h and gradients in dtype.
TOLERANCE = {"f32": 2e-6, "f16": 4e-3, "bf16": 3e-2}
LAYERS = {"lstm": "LSTM", "lstm_projected": "LSTM", "gru": "GRU", "elman": "RNN"}


def layer_of(family, dims, arrays, head, batch_first):
    """PyTorch's layer for one head. Its input is x itself: W is the identity, the input bias zero."""
    gates = arrays["x"].shape[3]
    projected = {"proj_size": dims["H"]} if "H" in dims else {}
    layer = getattr(torch.nn, LAYERS[family])(gates * dims["D"], dims["D"], batch_first=batch_first, **projected).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.eye(gates * dims["D"]))
        layer.bias_ih_l0.zero_()
        layer.weight_hh_l0.copy_(torch.from_numpy(arrays["R"][head].reshape(gates * dims["D"], -1)))
        if projected:
            layer.weight_hr_l0.copy_(torch.from_numpy(arrays["projection"][head]))
        layer.bias_hh_l0.copy_(torch.from_numpy(arrays["bias"][head].reshape(-1)))
    return layer


@unittest.skipIf(torch is None, "PyTorch is not installed")
class PyTorch(unittest.TestCase):
    def dump(self, workload, folder, replaced):
        inputs = [f"--input={name}={path}" for name, path in replaced.items()]
        run = subprocess.run([PROGRAM, "verify", workload, "--target", "h200", "--on", "emulator", "--dump", str(folder), *inputs],
                             capture_output=True, text=True, timeout=300)
        self.assertEqual(run.returncode, 0, run.stderr + run.stdout)
        manifest = json.loads((folder / "manifest.json").read_text())
        files = {(array["role"], array["name"]): folder / array["file"] for array in manifest["arrays"]}
        return manifest["dims"], files

    def expect_near(self, computed, expected, dtype, name):
        self.assertEqual(computed.shape, expected.shape, name)
        allowed = TOLERANCE[dtype] * max(1.0, numpy.abs(expected).max())
        self.assertLess(numpy.abs(computed - expected).max(), allowed, name)

    def check(self, family, sizes, dtype, batch_first=False):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        workload = f"{family} {sizes} dtype={dtype}" + (" layout=bt" if batch_first else "")
        steps = 1 if batch_first else 0  # their axis
        dims, files = self.dump(workload + " pass=training", root / "training", {})
        load = lambda role, name: numpy.load(files[role, name]).astype(float)
        arrays = {name: load("input", name) for role, name in files if role == "input"}
        kept = {name: path for (role, name), path in files.items() if role == "output" and name in ("p", "h", "c")}
        needed = ("R", "h0", "c0", "x") if family == "gru" else ("R", "projection", "c0") if "H" in dims else ("R", "h0", "c0")
        kept |= {name: path for (role, name), path in files.items() if role == "input" and name in needed}
        if "H" in dims:
            kept.pop("h")
        _, back = self.dump(workload + " pass=backward", root / "backward", kept)
        gradient = lambda role, name: numpy.load(back[role, name]).astype(float)
        for head in range(dims["N"]):
            x = torch.from_numpy(arrays["x"][:, :, head].reshape(*arrays["x"].shape[:2], -1)).requires_grad_()
            states = [torch.from_numpy(arrays[s][:, head].copy()).requires_grad_() for s in ("h0", "c0") if s in arrays]
            first = tuple(s.unsqueeze(0) for s in states)
            layer = layer_of(family, dims, arrays, head, batch_first)
            h, last = layer(x, first if len(first) > 1 else first[0])
            self.expect_near(load("output", "h")[:, :, head], h.detach().numpy(), dtype, "h")
            loss = (h * torch.from_numpy(gradient("input", "dh")[:, :, head])).sum()
            for name, state in zip(("dhT", "dcT"), last if len(first) > 1 else (last,)):
                loss = loss + (state[0] * torch.from_numpy(gradient("input", name)[:, head])).sum()
            loss.backward()
            dx = gradient("output", "dx")[:, :, head].reshape(x.shape)
            self.expect_near(dx, x.grad.numpy(), dtype, "dx")
            for name, state in zip(("dh0", "dc0"), states):
                self.expect_near(gradient("output", name)[:, head], state.grad.numpy(), dtype, name)
            dr = dx if family != "gru" else gradient("output", "dr")[:, :, head].reshape(dx.shape)
            earlier = numpy.delete(load("output", "h")[:, :, head], -1, steps)
            before = numpy.concatenate([numpy.expand_dims(arrays["h0"][:, head], steps), earlier], steps)
            d_weights = numpy.einsum("tbg,tbi->gi", dr, before)
            self.expect_near(d_weights, layer.weight_hh_l0.grad.numpy(), dtype, "dR")
            self.expect_near(dr.sum((0, 1)), layer.bias_hh_l0.grad.numpy(), dtype, "dbias")
            if "H" in dims:
                d_projection = numpy.einsum("tbh,tbi->hi", gradient("output", "dh_total")[:, :, head], load("output", "u")[:, :, head])
                self.expect_near(d_projection, layer.weight_hr_l0.grad.numpy(), dtype, "gradient of the projection")

    def test_lstm_gru_and_rnn_agree_with_pytorch_forward_and_backward(self):
        for family in LAYERS:
            for dtype in TOLERANCE:
                with self.subTest(family=family, dtype=dtype):
                    self.check(family, "T=6 B=5 N=2 D=24" + (" H=16" if family == "lstm_projected" else ""), dtype)

    def test_lstm_with_projection_is_lstm_whose_weights_have_the_projection_in_them(self):
        T, B, D, projected = 6, 5, 24, 8
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        layer = torch.nn.LSTM(4 * D, D, proj_size=projected).double()
        with torch.no_grad():
            layer.weight_ih_l0.copy_(torch.eye(4 * D))
            layer.bias_ih_l0.zero_()
        of_gates, projection = layer.weight_hh_l0.detach().numpy(), layer.weight_hr_l0.detach().numpy()
        saved = lambda name, values: (numpy.save(root / f"{name}.npy", values.astype(numpy.float32)), root / f"{name}.npy")[1]
        given = {"R": saved("R", (of_gates @ projection).reshape(1, 4, D, D)),
                 "bias": saved("bias", layer.bias_hh_l0.detach().numpy().reshape(1, 4, D))}
        sizes = f"lstm T={T} B={B} N=1 D={D} dtype=f32"
        _, files = self.dump(sizes + " pass=training", root / "training", given)
        load = lambda role, name: numpy.load(files[role, name]).astype(float)[..., 0, :]
        x = torch.from_numpy(numpy.load(files["input", "x"]).astype(float).reshape(T, B, 4 * D)).requires_grad_()
        first = (torch.from_numpy(load("input", "h0") @ projection.T)[None], torch.from_numpy(load("input", "c0"))[None])
        output, _ = layer(x, first)
        h = load("output", "h")
        self.expect_near(h @ projection.T, output.detach().numpy(), "f32", "the projection of h")

        gradient = numpy.random.default_rng(1).uniform(-1, 1, output.shape)
        (output * torch.from_numpy(gradient)).sum().backward()
        kept = {name: path for (role, name), path in files.items() if name in ("p", "h", "c") and role == "output"}
        kept |= {name: files["input", name] for name in ("R", "h0", "c0")}
        kept["dh"] = saved("dh", (gradient @ projection)[:, :, None])
        kept |= {name: saved(name, numpy.zeros((B, 1, D))) for name in ("dhT", "dcT")}
        _, back = self.dump(sizes + " pass=backward", root / "backward", kept)
        dx = numpy.load(back["output", "dx"]).astype(float).reshape(T, B, 4 * D)
        self.expect_near(dx, x.grad.numpy(), "f32", "dx")
        before = numpy.concatenate([load("input", "h0")[None], h[:-1]])
        d_weights = numpy.einsum("tbg,tbi->gi", dx, before)  # what recurrent_weights computes
        self.expect_near(d_weights @ projection.T, layer.weight_hh_l0.grad.numpy(), "f32", "gradient of the gates' weights")
        d_later = d_weights - numpy.einsum("bg,bi->gi", dx[0], before[0])  # the first projected state was given
        d_projection = of_gates.T @ d_later + numpy.einsum("tbp,tbi->pi", gradient, h)
        self.expect_near(d_projection, layer.weight_hr_l0.grad.numpy(), "f32", "gradient of the projection")

    def test_lstm_with_the_batch_first_agrees_with_pytorch_s(self):
        self.check("lstm", "T=6 B=5 N=2 D=24", "f32", batch_first=True)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    SOURCE = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
