"""How many trials each strategy needs in recorded tuning results: a Markdown table, one row per strategy.

strategies.py PROGRAM [--seeds N] [--limit N] [--strategies A,B] [FILE...]

A cell is the median over the seeds of the trials until the best is within 2 % (and, after the slash, 5 %) of the
recording's best; a seed that does not get there within the limit counts as more than the limit. The last column is the
geometric mean of the medians to 2 %.
"""

import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import statistics
import subprocess

RECORDED = sorted((pathlib.Path(__file__).parent / "recorded").glob("*.json.gz"))
STRATEGIES = "bayesian,evolutionary,local,random"


def replay(program, file, strategy, seed, limit):
    command = [program, "tune", "--replay", file, "--strategy", strategy, "--seed", str(seed), "--budget", str(limit), "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return [found[key] or limit + 1 for key in ("trials_to_2_percent", "trials_to_5_percent")]


def shown(median, limit):
    return f"> {limit}" if median > limit else f"{median:g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("files", nargs="*", default=[str(file) for file in RECORDED])
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--strategies", default=STRATEGIES)
    given = parser.parse_args()
    names = [pathlib.Path(file).name.split(".")[0] for file in given.files]
    print("| strategy |", " | ".join(names), "| geometric mean |")
    print("|---|" + "---|" * (len(names) + 1))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for strategy in given.strategies.split(","):
            cells, logs = [], []
            for file in given.files:
                runs = pool.map(lambda seed: replay(given.program, file, strategy, seed, given.limit), range(1, given.seeds + 1))
                to_2, to_5 = (statistics.median(column) for column in zip(*runs))
                cells.append(f"{shown(to_2, given.limit)} / {shown(to_5, given.limit)}")
                logs.append(math.log(to_2))
            print(f"| {strategy} |", " | ".join(cells), f"| {math.exp(statistics.mean(logs)):.1f} |", flush=True)


if __name__ == "__main__":
    main()
