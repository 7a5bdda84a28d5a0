"""Whether kernels that fault, hang and answer wrongly did what they should to a tuning run: nothing.

expect.py TUNE.jsonl LIST.jsonl     what `tune --json` and `db list --json` printed

Right configurations have to be found right, those after a fault or a hang too, and one of them the best. Of the others
each has to be recorded as failed in its own way, with a cause.
"""

import json
import sys

RIGHT = {"ok"}
FAULT = {"launch_error", "crashed"}
# By kernel and MODE. A write just behind a buffer is a fault to the emulator and a wrong answer to a GPU.
OUTCOMES = {
    "fault": {0: RIGHT, 1: FAULT, 2: FAULT, 3: FAULT, 4: RIGHT},
    "hang": {0: RIGHT, 1: {"timed_out"}, 2: RIGHT},
    "wrong": {0: RIGHT, 1: {"wrong_result"}, 2: {"wrong_result"}, 3: {"wrong_result", "launch_error"}},
}


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def kernel_of(row):
    return row["workload"].split()[0].removeprefix("t1:")


def complaints(tuned, listed):
    """What is not as it should be, a line each."""
    best = {kernel_of(row): row["best"]["config"]["MODE"] for row in tuned if row["best"]}
    tried = {(kernel_of(row), row["config"]["MODE"]): row for row in listed if row["outcome"] != "modelled"}
    for kernel, modes in OUTCOMES.items():
        if modes.get(best.get(kernel)) != RIGHT:
            yield f"{kernel}: the best is MODE={best.get(kernel)}, which is not right"
        for mode, outcomes in modes.items():
            row = tried.get((kernel, mode))
            if row is None:
                yield f"{kernel} MODE={mode}: not recorded"
            elif row["outcome"] not in outcomes:
                yield f"{kernel} MODE={mode}: {row['outcome']}, not {' or '.join(sorted(outcomes))}: {row['note']}"
            elif not row["note"]:
                yield f"{kernel} MODE={mode}: {row['outcome']}, and no cause"


def main():
    tuned, listed = rows_of(sys.argv[1]), rows_of(sys.argv[2])
    for row in sorted(listed, key=lambda row: (kernel_of(row), row["config"]["MODE"])):
        if row["outcome"] != "modelled":
            print(f"{kernel_of(row)} MODE={row['config']['MODE']}: {row['outcome']}: {row['note']}")
    found = list(complaints(tuned, listed))
    print("\n".join(found) if found else "all as expected")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
