"""Times what others offer for the workloads of a list, on this machine's GPU.

peers.py WORKLOADS_FILE OUT.json [--only NAME] [--skip NAME] [--passes forward,both] [--build-only]

Needs PyTorch with CUDA; Triton and flashrnn where they are there. Every time is taken twice, as Warpsmith takes it:
cold, one call with the L2 cache flushed before it, median of 20; and batch, the mean of calls back to back, median of
10 batches. Calls are replayed from a CUDA graph where they can be captured, so that no peer pays for Python.
Inputs are random. What fails is a row with its error.
"""

import argparse
import json
import statistics
import sys

import torch
import torch.nn.functional as F

COLD_SAMPLES, BATCH_SAMPLES, BATCH_US = 20, 10, 500
DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}


def parse(line):
    """A workload's family and its fields; sizes are numbers."""
    family, *fields = line.split()
    pairs = dict(field.split("=") for field in fields)
    return family, {name: int(value) if value.isdigit() else value for name, value in pairs.items()}


def captured(call):
    """The call as the replay of a CUDA graph, or as it is where it cannot be captured."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            call()
    except Exception as error:  # what cannot be captured differs from library to library
        torch.cuda.synchronize()
        return call, f"not captured: {str(error).splitlines()[0]}"
    return graph.replay, "graph"


def elapsed_us(call, times=1):
    start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(times):
        call()
    stop.record()
    stop.synchronize()
    return 1000 * start.elapsed_time(stop) / times


def measure(call):
    """Medians and samples in microseconds."""
    call()
    replay, how = captured(call)
    flush = torch.empty(2 * torch.cuda.get_device_properties(0).L2_cache_size, dtype=torch.int8, device="cuda")
    cold = []
    for sample in range(COLD_SAMPLES + 3):
        flush.zero_()
        microseconds = elapsed_us(replay)
        cold += [microseconds] if sample >= 3 else []
    times = max(1, min(1000, round(BATCH_US / max(elapsed_us(replay), 0.1))))
    batch = [elapsed_us(replay, times) for _ in range(BATCH_SAMPLES)]
    return {
        "cold_us": statistics.median(cold),
        "batch_us": statistics.median(batch),
        "cold_samples_us": cold,
        "batch_samples_us": batch,
        "launched": how,
    }


def random(*shape, dtype, scale=1.0):
    return torch.randn(*shape, device="cuda", dtype=torch.float32).mul_(scale).to(dtype)


# ---- recurrent -------------------------------------------------------------------------------------------------------


def forward_only(forward):
    def call():
        with torch.inference_mode():
            forward()

    return call


def forward_and_backward(forward, inputs):
    """Backward from a random gradient of the output to those of the inputs and weights, which are new each time."""
    for tensor in inputs:
        tensor.requires_grad_()
    with torch.no_grad():
        dy = torch.randn_like(forward())
    return lambda: torch.autograd.grad(forward(), inputs, dy)


def cudnn_recurrent(family, w, dtype, passes):
    """torch.nn's layer over all N * D units: one dense matrix, and it computes W x too, from as many inputs."""
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}[family]
    units = w["N"] * w["D"]
    module = layer(units, units).to("cuda", dtype).train(passes == "both")
    x = random(w["T"], w["B"], units, dtype=dtype)
    if passes == "both":
        return forward_and_backward(lambda: module(x)[0], [x, *module.parameters()])
    return forward_only(lambda: module(x))


def flashrnn_recurrent(family, w, backend, passes):
    """FlashRNN's own entry: heads of D units, W x given, as Warpsmith's workload has it."""
    from flashrnn.flashrnn.flashrnn import flashrnn

    gates = {"lstm": 4, "slstm": 4, "gru": 3, "elman": 1}[family]
    dtype = DTYPES[w["dtype"]]
    x = random(w["B"], w["T"], gates, w["N"], w["D"], dtype=dtype)
    R = random(gates, w["N"], w["D"], w["D"], dtype=dtype, scale=w["D"] ** -0.5)
    bias = random(gates, w["N"], w["D"], dtype=dtype)
    name = {"bf16": "bfloat16", "f16": "float16", "f32": "float32"}[w["dtype"]]

    def forward():
        return flashrnn(x, R, bias, function=family, backend=backend, dtype=name)[0]

    # Its output is all states at all steps. A gradient of all of them spares it the copy that picking the first costs.
    return forward_and_backward(forward, [x, R, bias]) if passes == "both" else forward_only(forward)


# ---- scan ------------------------------------------------------------------------------------------------------------


def triton_scan(w, warps):
    from triton_scan import scan

    dtype = DTYPES[w["dtype"]]
    shape = (w["B"], w["T"], w["D"])
    a, b = torch.rand(shape, device="cuda").to(dtype), random(*shape, dtype=dtype)
    h0, h = random(w["B"], w["D"], dtype=dtype), torch.empty(shape, device="cuda", dtype=dtype)
    scan(a, b, h0, h, warps)
    check_scan(a, b, h0, h)
    return lambda: scan(a, b, h0, h, warps)


def check_scan(a, b, h0, h):
    """The first 64 steps of the first sequence against plain steps in double precision."""
    state = h0[0].double()
    for t in range(min(64, a.shape[1])):
        state = a[0, t].double() * state + b[0, t].double()
    error = (state - h[0, min(64, a.shape[1]) - 1].double()).abs().max().item()
    if not error < (1e-3 if a.dtype == torch.float32 else 0.1):
        raise RuntimeError(f"the Triton scan is off by {error}")


def copy_of_scan(w):
    """The floor: reading two tensors and writing one, by PyTorch's own elementwise kernel."""
    dtype = DTYPES[w["dtype"]]
    a, b = (random(w["B"], w["T"], w["D"], dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.add(a, b, out=out)


# ---- attention -------------------------------------------------------------------------------------------------------


def sdpa(w, backend):
    dtype = DTYPES[w["dtype"]]
    q = random(w["B"], w["Hq"], w["L"], w["D"], dtype=dtype)
    k, v = (random(w["B"], w["Hkv"], w["L"], w["D"], dtype=dtype) for _ in range(2))
    causal = w.get("mask", "full") == "causal"
    chosen = getattr(torch.nn.attention.SDPBackend, backend)

    def call():
        with torch.inference_mode(), torch.nn.attention.sdpa_kernel(chosen):
            F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=w["Hq"] != w["Hkv"])

    return call


def recurrent_peers(family, w, passes):
    suffix = ", forward + backward" if passes == "both" else ""
    peers = []
    if family in ("lstm", "slstm"):
        for backend in ("triton_fused", "cuda_fused"):
            name = f"flashrnn {backend}{suffix}"
            peers += [(name, lambda backend=backend: flashrnn_recurrent(family, w, backend, passes))]
    if family != "slstm":
        for dtype in dict.fromkeys((w["dtype"], "f16")):  # cuDNN has faster kernels for f16 than for bf16
            name = f"torch.nn (cuDNN), {dtype}, dense, with W x{suffix}"
            peers += [(name, lambda dtype=dtype: cudnn_recurrent(family, w, DTYPES[dtype], passes))]
    return peers


def peers_of(family, w, passes):
    """Name and a function that prepares the call; of what is not recurrent there is the forward pass alone."""
    if family in ("lstm", "gru", "elman", "slstm"):
        return recurrent_peers(family, w, passes)
    if passes != "forward":
        return []
    if family == "scan":
        return [(f"triton associative_scan, {n} warps", lambda n=n: triton_scan(w, n)) for n in (4, 8)] + [
            ("torch.add, the same bytes", lambda: copy_of_scan(w))
        ]
    if family == "attention":
        names = ("CUDNN_ATTENTION", "FLASH_ATTENTION", "EFFICIENT_ATTENTION")
        return [(f"torch SDPA {n}", lambda n=n: sdpa(w, n)) for n in names]
    return []


def machine():
    versions = {"torch": torch.__version__, "cudnn": torch.backends.cudnn.version(), "cuda": torch.version.cuda}
    for name in ("triton", "flashrnn"):
        try:
            module = __import__(name)
            versions[name] = getattr(module, "__version__", "installed")
        except ImportError:
            versions[name] = None
    return {"gpu": torch.cuda.get_device_name(0), "versions": versions}


def passes_of(text):
    passes = text.split(",")
    if not set(passes) <= {"forward", "both"}:
        raise argparse.ArgumentTypeError(f"there is no '{text}': write forward, both, or forward,both")
    return passes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads")
    parser.add_argument("out")
    parser.add_argument("--only", default="", help="peers whose name has this")
    parser.add_argument("--skip", default="", help="no peers whose name has this")
    parser.add_argument("--passes", type=passes_of, default=["forward"], help="forward, both (with backward), or forward,both")
    parser.add_argument("--build-only", action="store_true", help="one call of each, so that what they compile is there")
    arguments = parser.parse_args()
    lines = [line.split("#")[0].strip() for line in open(arguments.workloads, encoding="utf-8")]
    rows = []
    for line in filter(None, lines):
        family, w = parse(line)
        peers = [(passes, *peer) for passes in arguments.passes for peer in peers_of(family, w, passes)]
        for passes, name, prepare in peers:
            if arguments.only not in name or (arguments.skip and arguments.skip in name):
                continue
            row = {"workload": line, "peer": name, "passes": passes}
            try:
                call = prepare()
                call()
                torch.cuda.synchronize()
                row |= {} if arguments.build_only else measure(call)
            except Exception as error:  # a peer that cannot do a workload is a result
                row["error"] = (str(error).splitlines() or [repr(error)])[0][:300]
            rows.append(row)
            print(line, "|", name, "|", row.get("cold_us", row.get("error", "built")), row.get("batch_us", ""), flush=True)
            with open(arguments.out, "w", encoding="utf-8") as file:
                json.dump(machine() | {"rows": rows}, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
