#!/usr/bin/env python3
"""Physical floors of recurrent layers beside the modelled time of the best plan.

    bench/recurrent_floor.py PROGRAM [--target h200] [--candidates 3] [--grid] [--cells lstm gru]  > bench/results/DATE-recurrent-floor.md

A step cannot be shorter than the chain it consists of: one product on tensor cores, the cell's functions one after
another, and handing h on. The whole cannot be shorter than its bytes take from device memory, nor than its
multiply-adds take on all tensor cores. The latencies were measured on an H200 (bench/results/h200/latency.jsonl); the
bandwidth is a copy's, the rate a large matrix product's (bench/results/h200/README.md).
"""

import argparse
import json
import re
import subprocess
import tempfile

CLOCK_HZ = 1.83e9
BANDWIDTH = 4.3e12        # bytes a second, a copy's
MULTIPLY_ADDS = 788e12 / 2  # a second, bf16
MMA_CLOCKS = 33           # one mma.sync m16n8k16 from operands to sums
# Two to four special functions of about 20 clocks, arithmetic between; of normalised values a root and a division more.
CELL_CLOCKS = {"lstm": 105, "gru": 90, "slstm": 160, "gru_reset_before": 90, "layer_norm_gru": 130, "layer_norm_lstm": 185}
PRODUCTS = {"gru_reset_before": 2}  # of a step, where it is not one
EXCHANGES = {"gru_reset_before": 2, "layer_norm_gru": 2, "layer_norm_lstm": 3}  # the same
BARRIER_CLOCKS = 30       # __syncthreads of a block, and storing and loading h
EXCHANGE_CLOCKS = {"block": 0, "cluster": 219, "grid": 1478}
GATES = {"lstm": 4, "gru": 3, "slstm": 4, "gru_reset_before": 3, "layer_norm_gru": 3, "layer_norm_lstm": 4}
PUBLISHED_MS = {  # FlashRNN's best, lstm B=16 T=1024 bf16 (arXiv 2412.07752), forward and both; H100
    (16, 48): (1.97, 3.47), (32, 24): (1.44, 4.10), (64, 12): (1.99, 8.64), (128, 6): (3.22, 9.02), (256, 3): (3.62, 11.30),
    (768, 1): (4.87, 13.61)}
HEADS = [(16, 48), (32, 24), (64, 12), (128, 6), (256, 3), (768, 1), (1024, 1), (2048, 1)]


def floor_us(cell, D, N, B, T, backward):
    plan = "block" if D <= 128 else "cluster" if D <= 640 else "grid"
    gates = GATES[cell]
    step = (MMA_CLOCKS * PRODUCTS.get(cell, 1) + CELL_CLOCKS[cell] * (2 if backward else 1) +
            (BARRIER_CLOCKS + EXCHANGE_CLOCKS[plan]) * EXCHANGES.get(cell, 1))
    elements = T * B * N * D * (2 * gates + 2 if backward else gates + 1)
    terms = {"latency": T * step / CLOCK_HZ * 1e6, "bytes": elements * 2 / BANDWIDTH * 1e6,
             "tensor cores": T * B * N * gates * D * D / MULTIPLY_ADDS * 1e6}
    bound = max(terms, key=terms.get)
    return terms[bound], bound, plan


def modelled_us(program, target, workload, candidates, folder):
    run = subprocess.run([program, "tune", workload, "--on", "none", "--target", target, "--budget", str(candidates), "--db",
                          f"{folder}/floor.db", "--json"], capture_output=True, text=True, check=False)
    for line in run.stdout.splitlines():
        time = re.search(r"first: ([\d.e+]+) us", json.loads(line)["why"])
        if time:
            return float(time.group(1))
    return None


def print_rows(arguments, points, folder):
    for cell, D, N, B, T in points:
        for which in ("forward", "backward"):
            least, bound, plan = floor_us(cell, D, N, B, T, which == "backward")
            workload = f"{cell} T={T} B={B} N={N} D={D} dtype=bf16 pass={which}"
            modelled = modelled_us(arguments.program, arguments.target, workload, arguments.candidates, folder)
            published = PUBLISHED_MS.get((D, N)) if (cell, B, T) == ("lstm", 16, 1024) else None
            peer = "" if published is None else f"{published[0] * 1e3:.0f}" if which == "forward" else f"{(published[1] - published[0]) * 1e3:.0f}"
            print(f"| {cell} | {D} x {N} | {B} | {T} | {which} | {least:.0f} | {bound} | {plan} | "
                  f"{'none fits' if modelled is None else format(modelled, '.0f')} | {peer} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--target", default="h200")
    parser.add_argument("--candidates", type=int, default=3)
    parser.add_argument("--grid", action="store_true", help="B in 1, 8, 16, 64, 256 and T in 256, 1024, 4096, too")
    parser.add_argument("--cells", nargs="+", default=list(GATES))
    arguments = parser.parse_args()
    print("| cell | D x N | B | T | pass | floor us | bound by | plan of the floor | modelled us | FlashRNN published us |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    points = [(cell, D, N, 16, 1024) for cell in arguments.cells for D, N in HEADS]
    if arguments.grid:
        points += [(cell, D, N, B, T) for cell in arguments.cells for D, N in HEADS for B in (1, 8, 16, 64, 256)
                   for T in (256, 1024, 4096) if (B, T) != (16, 1024)]
    with tempfile.TemporaryDirectory() as folder:  # kernels that differ in T and B alone are compiled once
        print_rows(arguments, points, folder)


if __name__ == "__main__":
    main()
