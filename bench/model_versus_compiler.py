#!/usr/bin/env python3
"""What the space of a workload admits against what the compiler makes of it.

For each workload and target: a sample of the configurations that the space admits is compiled, and one of those just
outside, which a target with a little more of the two resources would admit; printed are how many of the admitted ones do
not compile or spill, and how many of the refused ones would have worked. With --all every admitted configuration is
compiled, and no other: on all cores, a second each or less.

    bench/model_versus_compiler.py PROGRAM WORKLOADS.txt [--targets a100,h200,b200] [--inside 12] [--outside 8] [--seed 1]
    bench/model_versus_compiler.py PROGRAM WORKLOADS.txt --all [--targets a100,h200,b200]
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile


# Limits of the targets, as templates/target.cpp has them; the rates do not matter here.
COMMON = {"product": "NVIDIA", "smem_reserved_per_block": 1024, "registers_per_sm": 65536, "registers_per_thread": 255,
          "threads_per_sm": 2048, "threads_per_block": 1024, "blocks_per_sm": 32, "l2_bytes": 62914560,
          "memory_bandwidth": 4.8e12, "clock_hz": 1.83e9, "tensor_flops": 9.89e14, "fma_per_clock": 128}
TARGETS = {
    "a100": {"architecture": "sm_80", "sms": 108, "smem_per_block": 166912, "smem_per_sm": 167936},
    "h200": {"architecture": "sm_90a", "sms": 132, "smem_per_block": 232448, "smem_per_sm": 233472},
    "b200": {"architecture": "sm_100a", "sms": 148, "smem_per_block": 232448, "smem_per_sm": 233472},
}


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def solutions(program, workload, target):
    return run(program, "solve", workload, "--target", target).stdout.splitlines()


def compiled(program, workload, config, target):
    """What the compiler says of it, or None where it refuses."""
    lines = run(program, "compile", workload, "--config", config, "--target", target, "--json").stdout.splitlines()
    answer = json.loads(lines[-1]) if lines else {}
    return answer if answer.get("ok") else None


def all_compiled(program, workload, target):
    """What the compiler says of every configuration that the space admits."""
    answers = [json.loads(line) for line in run(program, "compile", workload, "--target", target, "--json").stdout.splitlines()]
    return [answer if answer.get("ok") else None for answer in answers]


def print_all(program, workloads, targets):
    print(f"{'workload':66} {'target':6} admitted fail spill | spilled bytes at most | registers less modelled: least mean most")
    admitted = fail = spill = 0
    for target in targets:
        for workload in workloads:
            answers = all_compiled(program, workload, target)
            failed = sum(answer is None for answer in answers)
            bytes_of = [spilled(answer) for answer in answers if answer is not None and spilled(answer) > 0]
            off = [answer["registers"] - answer["modelled"]["registers"] for answer in answers if answer is not None] or [0]
            print(f"{workload:66} {target:6} {len(answers):8} {failed:4} {len(bytes_of):5} | {max(bytes_of, default=0):7} | "
                  f"{min(off):5} {sum(off) / len(off):5.0f} {max(off):5}", flush=True)
            admitted, fail, spill = admitted + len(answers), fail + failed, spill + len(bytes_of)
    print(f"in all: {admitted} admitted ones, {fail} failed, {spill} spilled")


def spilled(answer):
    return answer["spill_store_bytes"] + answer["spill_load_bytes"]


def works(answer, config, limits):
    threads = 32 * int(dict(word.split("=") for word in config.split())["warps"])
    return (answer is not None and spilled(answer) == 0 and answer["smem_bytes"] <= limits["smem_per_block"]
            and (answer["registers"] + 7) // 8 * 8 * threads <= limits["registers_per_sm"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("workloads", type=pathlib.Path)
    parser.add_argument("--targets", default="a100,h200,b200")
    parser.add_argument("--inside", type=int, default=12)
    parser.add_argument("--outside", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    workloads = list(filter(None, (line.split("#")[0].strip() for line in arguments.workloads.read_text().splitlines())))
    if arguments.all:
        print_all(arguments.program, workloads, arguments.targets.split(","))
        return
    draw = random.Random(arguments.seed)
    total = dict.fromkeys(("inside", "fail", "spill", "outside", "worked"), 0)
    print(f"{'workload':58} {'target':6} admitted compiled fail spill | just outside compiled would work")
    for workload in workloads:
        for target in arguments.targets.split(","):
            limits = {**COMMON, **TARGETS[target], "name": target + "_roomy"}
            with tempfile.NamedTemporaryFile("w", suffix=".json") as wider:
                roomy = dict(limits, registers_per_thread=290, registers_per_sm=74000,
                             smem_per_block=limits["smem_per_block"] + 16384, smem_per_sm=limits["smem_per_sm"] + 16384)
                json.dump(roomy, wider)
                wider.flush()
                admitted = solutions(arguments.program, workload, target)
                outside = sorted(set(solutions(arguments.program, workload, wider.name)) - set(admitted))
                inside = draw.sample(admitted, min(arguments.inside, len(admitted)))
                near = draw.sample(outside, min(arguments.outside, len(outside)))
                answers = [compiled(arguments.program, workload, config, target) for config in inside]
                beyond = [works(compiled(arguments.program, workload, config, wider.name), config, limits)
                          for config in near]
            fail = sum(answer is None for answer in answers)
            spill = sum(answer is not None and spilled(answer) > 0 for answer in answers)
            print(f"{workload:58} {target:6} {len(admitted):8} {len(inside):8} {fail:4} {spill:5} | "
                  f"{len(outside):12} {len(near):8} {sum(beyond):10}", flush=True)
            for name, count in zip(total, (len(inside), fail, spill, len(near), sum(beyond))):
                total[name] += count
    print(f"in all: {total['inside']} admitted ones compiled, {total['fail']} failed, {total['spill']} spilled; "
          f"{total['outside']} refused ones compiled, {total['worked']} would have worked")


if __name__ == "__main__":
    main()
