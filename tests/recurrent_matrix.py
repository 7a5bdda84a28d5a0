#!/usr/bin/env python3
"""Every recurrent cell, pass, dtype and plan on the emulator against the double-precision reference, all checks on.

    tests/recurrent_matrix.py PROGRAM [--seeds 1] [--long] [--cells gru] [--options "layout=bt lengths=given"]

Of each plan the candidates with fewest and most threads are run, under several interleavings. --long runs 4,096 steps
instead. Prints a table; ends with 1 when something is not verified. Takes minutes: the contract tests have a choice of it.
"""

import argparse
import itertools
import re
import subprocess
import sys

CELLS = ["elman", "lstm", "lstm_peephole", "lstm_coupled", "lstm_zoneout", "gru", "gru_reset_before", "layer_norm_lstm", "layer_norm_gru", "slstm", "leaky", "jordan", "indrnn", "sru", "lstm_projected"]
PASSES = ["training", "backward"]  # training is forward with more to write
DTYPES = ["bf16", "f16", "f32", "f32 precision=tf32", "f32 precision=tf32x3"]


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def threads(config):
    return int(re.search(r"warps=(\d+)", config).group(1))


def plan_of(config):
    if "in_turn=1" in config:
        return "in turn"
    blocks = int(re.search(r"blocks=(\d+)", config).group(1))
    return "one block" if blocks == 1 else "cluster" if blocks <= 16 else "grid"


def size_of_h(cell, sizes):
    """Of a cell whose h is projected: a third of the units, in whole octets."""
    return f" H={max(int(re.search(r'D=([0-9]+)', sizes).group(1)) // 24, 1) * 8}" if cell == "lstm_projected" else ""


def candidates(program, workload, plans):
    """The plan's name and its smallest and largest candidate."""
    lines = run(program, "solve", workload, "--target", "h200").stdout.splitlines()
    for plan in plans:
        configs = [config for config in lines if plan_of(config) == plan]
        if configs:
            yield plan, sorted({min(configs, key=threads), max(configs, key=threads)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--cells", nargs="+", default=CELLS)
    parser.add_argument("--dtypes", nargs="+", default=DTYPES)
    parser.add_argument("--options", default="", help="that all cells have, besides pass")
    arguments = parser.parse_args()
    groups = [("T=4096 B=2 N=1 D=16", ["one block"])] if arguments.long else [
        ("T=5 B=9 N=2 D=64", ["one block", "cluster"]), ("T=3 B=5 N=1 D=136", ["grid"]),
        ("T=2 B=3 N=2 D=512", ["in turn"])]
    failed = count = 0
    print(f"h200, seeds 0 to {arguments.seeds - 1} {arguments.options}\n\n| sizes | cell | dtype | pass | plan | verified | largest error / tolerance |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for sizes, plans in groups:
        for cell, dtype, which in itertools.product(arguments.cells, arguments.dtypes, PASSES):
            workload = f"{cell} {sizes}{size_of_h(cell, sizes)} dtype={dtype} pass={which} {arguments.options}"
            for plan, configs in candidates(arguments.program, workload, plans):
                good, worst = 0, 0.0
                runs = [(config, seed) for config in configs for seed in range(arguments.seeds)]
                for config, seed in runs:
                    answer = run(arguments.program, "verify", workload, "--target", "h200", "--on", "emulator", "--config", config,
                                 "--seed", str(seed))
                    good += answer.returncode == 0
                    rows = re.findall(r"^\w+ +([\d.e+-]+) +([\d.e+-]+) +\w+$", answer.stdout, re.M)
                    worst = max([worst] + [float(error) / float(allowed) for error, allowed in rows])
                failed += good < len(runs)
                count += len(runs)
                print(f"| {sizes} | {cell} | {dtype} | {which} | {plan} | {good} of {len(runs)} | {worst:.2f} |", flush=True)
    print(f"\n{count} runs, {failed} rows with a failure")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
