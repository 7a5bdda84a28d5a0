"""Tables from what run-all brought back: our times beside the peers', and how well the model ranked.

summary.py RESULTS_FOLDER > summary.md
"""

import json
import pathlib
import sqlite3
import sys


def canonical(line):
    """A workload's text with its options, as the database writes it, without regard to order."""
    return frozenset(line.split())


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            result[place] = (start + end - 1) / 2
        start = end
    return result


def spearman(left, right):
    """Rank correlation, ties at their mean rank; none where one side is constant."""
    a, b = ranks(left), ranks(right)
    mean = (len(a) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    spread = (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5
    return covariance / spread if spread else None


def trials(folder):
    """Measured trials by workload, in the order of the first trial."""
    database = sqlite3.connect(f"file:{folder / 'tuning.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    rows = database.execute("SELECT * FROM newest_trial WHERE device <> '' ORDER BY id")
    by_workload = {}
    for row in rows:
        by_workload.setdefault(row["workload"], []).append(dict(row))
    return by_workload


def peers(folder):
    rows = []
    for name in ("peers.json", "peers_fused.json"):
        path = folder / name
        rows += json.loads(path.read_text())["rows"] if path.exists() else []
    return rows


def of_workload(rows, workload):
    return [row for row in rows if canonical(row["workload"]) <= canonical(workload)]


def print_times(measured, rows):
    print("| workload | configuration or peer | cold, us | batch, us | batch against ours |\n| --- | --- | --- | --- | --- |")
    for workload, tried in measured.items():
        right = [row for row in tried if row["outcome"] == "ok" and row["batch_us"] > 0]
        best = min(right, key=lambda row: row["median_us"], default=None)
        if best is None:
            print(f"| {workload} | none measured | - | - | - |")
            continue
        print(f"| {workload} | **{best['config']}** | {best['median_us']:.1f} | {best['batch_us']:.1f} | 1 |")
        for row in of_workload(rows, workload):
            if "cold_us" in row:
                ratio = "-"
                if row.get("passes", "forward") == "forward":  # ours is the forward pass
                    ratio = f"{row['batch_us'] / best['batch_us']:.2f}"
                print(f"| | {row['peer']} | {row['cold_us']:.1f} | {row['batch_us']:.1f} | {ratio} |")
            else:
                print(f"| | {row['peer']} | - | - | {row.get('error', 'not run')[:80]} |")


def print_ranking(measured):
    print("\n| workload | tried | right | wrong or failed | rank correlation | modelled over measured, best | loss of the model's pick |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for workload, tried in measured.items():
        right = [row for row in tried if row["outcome"] == "ok" and row["median_us"] > 0]
        if len(right) < 2:
            continue
        fastest = min(right, key=lambda row: row["median_us"])
        pick = min(right, key=lambda row: (row["modelled_us"], row["config"]))
        correlation = spearman([row["modelled_us"] for row in right], [row["median_us"] for row in right])
        print(
            f"| {workload} | {len(tried)} | {len(right)} | {len(tried) - len(right)} | "
            f"{'-' if correlation is None else f'{correlation:.2f}'} | "
            f"{fastest['modelled_us'] / fastest['median_us']:.2f} | "
            f"{100 * (pick['median_us'] / fastest['median_us'] - 1):.0f} % |"
        )


def print_search(measured, path):
    """What the default strategy found with its budget, beside the best of all candidates. The time of one configuration
    differs from run to run, so both times are those of the exhaustive run where that has timed the winner too."""
    if not path.exists():
        return
    print("\n| workload | tried of | found, us | best, us | loss |\n| --- | --- | --- | --- | --- |")
    for line in path.read_text().splitlines():
        found = json.loads(line)
        rows = next((tried for name, tried in measured.items() if canonical(name) == canonical(found["workload"])), [])
        times = {row["config"]: row["median_us"] for row in rows if row["outcome"] == "ok" and row["median_us"] > 0}
        tried = f"{sum(found['outcomes'].values()) - found['outcomes']['modelled']} of {found['candidates']}"
        if not found["best"] or not times:
            print(f"| {found['workload']} | {tried} | - | - | - |")
            continue
        config = " ".join(f"{name}={value}" for name, value in found["best"]["config"].items())
        time_us, best_us = times.get(config, found["best"]["time_us"]), min(times.values())
        print(f"| {found['workload']} | {tried} | {time_us:.1f} | {best_us:.1f} | {100 * (time_us / best_us - 1):.1f} % |")


def main():
    folder = pathlib.Path(sys.argv[1])
    measured = trials(folder)
    print_times(measured, peers(folder))
    print_ranking(measured)
    print_search(measured, folder / "search.jsonl")


if __name__ == "__main__":
    main()
