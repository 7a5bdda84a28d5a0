"""Checks the arrays that `warpsmith verify --dump` wrote against the family's mathematics, written here in NumPy alone.

check_dump.py FOLDER...
"""

import json
import pathlib
import sys

import numpy

# What a kernel may be off by, beside 1 + |truth|: four roundings to what it stores; in f32, where the products are summed
# and the exponentials approximated in the same format, as many as a sum of some dozens has.
TOLERANCE = {"bf16": 4 * 2.0**-8, "f16": 4 * 2.0**-11, "f32": 64 * 2.0**-24}
REFERENCE_ERROR = 1e-6  # the reference computes in double; only attention's scale is passed as float32


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def lstm(inputs, manifest):
    """Hochreiter and Schmidhuber with forget gates, as PyTorch: c = f c + i g, h = o tanh(c)."""
    assert manifest["gates"] == ["i", "f", "g", "o"]
    x, weights, bias = inputs["x", "T,B,N,G,D"], inputs["R", "N,G,Do,Di"], inputs["bias", "N,G,D"]
    h, c = inputs["h0", "B,N,D"], inputs["c0", "B,N,D"]
    steps = []
    for x_t in x:
        gates = x_t + numpy.einsum("ngoi,bni->bngo", weights, h) + bias
        i, f, g, o = (gates[:, :, gate] for gate in range(4))
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        h = sigmoid(o) * numpy.tanh(c)
        steps.append(h)
    return {("h", "T,B,N,D"): numpy.stack(steps), ("hT", "B,N,D"): h, ("cT", "B,N,D"): c}


def scan(inputs, manifest):
    """h_t = a_t h_(t-1) + b_t; in reverse, from the last step to the first."""
    a, b, h = inputs["a", "B,T,D"], inputs["b", "B,T,D"], inputs["h0", "B,D"]
    out = numpy.empty_like(a)
    order = range(a.shape[1])
    for t in reversed(order) if manifest["options"]["direction"] == "reverse" else order:
        h = a[:, t] * h + b[:, t]
        out[:, t] = h
    return {("h", "B,T,D"): out}


def attention(inputs, manifest):
    """softmax(scale q k^T + mask) v, each key-value head shared by Hq / Hkv query heads; lse in natural logarithm."""
    q, k, v = inputs["q", "B,L,H,D"], inputs["k", "B,L,H,D"], inputs["v", "B,L,H,D"]
    group = q.shape[2] // k.shape[2]
    k, v = numpy.repeat(k, group, axis=2), numpy.repeat(v, group, axis=2)
    scores = manifest["options"]["scale"] * numpy.einsum("bqhd,bkhd->bhqk", q, k)
    if manifest["options"]["mask"] == "causal":
        scores = numpy.where(numpy.tril(numpy.ones(scores.shape[-2:], bool)), scores, -numpy.inf)
    largest = scores.max(-1, keepdims=True)
    weights = numpy.exp(scores - largest)
    total = weights.sum(-1, keepdims=True)
    lse = (largest + numpy.log(total))[..., 0]
    return {("o", "B,L,H,D"): numpy.einsum("bhqk,bkhd->bqhd", weights / total, v), ("lse", "B,H,L"): lse}


def recurrent_weights(inputs, manifest):
    """Gradients of R and bias in r = R h + bias: dr times the h of the step before, summed over steps and sequences."""
    dr, h0, h = inputs["dr", "T,B,N,G,D"], inputs["h0", "B,N,D"], inputs["h", "T,B,N,D"]
    reverse = manifest["options"]["direction"] == "reverse"
    before = numpy.concatenate([h[1:], h0[None]] if reverse else [h0[None], h[:-1]])
    weights = numpy.einsum("tbngo,tbni->ngoi", dr, before)
    return {("dR", "N,G,Do,Di"): weights, ("dbias", "N,G,D"): dr.sum((0, 1))}


FAMILIES = {"lstm": lstm, "scan": scan, "attention": attention, "recurrent_weights": recurrent_weights}


class Arrays(dict):
    """Arrays by name; arrays["x", "T,B,N,G,D"] has its axes in that order, however they lie in the file."""

    def __init__(self, folder, manifest, role):
        super().__init__()
        for entry in manifest["arrays"]:
            if entry["role"] == role:
                array = numpy.load(folder / entry["file"]).astype(numpy.float64)
                assert list(array.shape) == entry["shape"], f"{entry['file']} is not of the shape in the manifest"
                self[entry["name"]] = (array, entry)

    def __getitem__(self, name_and_axes):
        name, axes = name_and_axes
        array, entry = super().__getitem__(name)
        stored = entry["layout"].split(",")
        return array.transpose([stored.index(axis) for axis in axes.split(",")])

    def dtype(self, name):
        return super().__getitem__(name)[1]["dtype"]


def check(folder):
    """The complaints, and how many arrays were compared."""
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    outputs = Arrays(folder, manifest, "output")
    references = Arrays(folder, manifest, "reference")
    expected = FAMILIES[manifest["family"]](Arrays(folder, manifest, "input"), manifest)
    # What stays in float32 has the errors of what is stored beside it.
    tolerance = max(TOLERANCE[outputs.dtype(name)] for name, _ in expected)
    complaints = []
    for (name, axes), truth in expected.items():
        scale = 1 + numpy.abs(truth)
        error = (numpy.abs(outputs[name, axes] - truth) / scale).max()
        if not error <= tolerance:
            complaints.append(f"{folder}: output {name} is off by {error:.2e}")
        error = (numpy.abs(references[name, axes] - truth) / scale).max()
        if not error <= REFERENCE_ERROR:
            complaints.append(f"{folder}: the reference of {name} is off by {error:.2e}")
    return complaints, 2 * len(expected)


def main(folders):
    complaints = []
    for folder in folders:
        found, compared = check(folder)
        complaints += found
        print(f"{folder}: {compared} arrays compared, {len(found)} differ")
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
