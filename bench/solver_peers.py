#!/usr/bin/env python3
"""How long other constraint solvers take for the spaces in tests/data/spaces, on one thread.

In a virtual environment:  pip install python-constraint2 pyATF; pip install --no-deps flashrnn==1.0.8
                           python bench/solver_peers.py [--repeat N] [SPACE ...]

python-constraint2 lists every solution as a tuple. pyATF builds its tree of each group of parameters, with each
constraint at the last parameter that it mentions: it counts the solutions and gives any one of them, but lists none.
ConstrINT, the solver of flashrnn, has neither subtraction nor division, so that it cannot read these files: it looks
for the first solution of the constraints that flashrnn itself gives it, the forward and the backward kernel together.
"""

import argparse
import ast
import importlib.metadata
import importlib.util
import json
import pathlib
import platform
import sys
import time
import types

SPACES = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "spaces"


def names_in(constraint):
    return {node.id for node in ast.walk(ast.parse(constraint, mode="eval")) if isinstance(node, ast.Name)}


def with_python_constraint(space):
    import constraint

    problem = constraint.Problem(constraint.OptimizedBacktrackingSolver())
    for name, values in space["parameters"].items():
        problem.addVariable(name, values)
    for text in space["constraints"]:
        problem.addConstraint(text)
    solutions, _, size = problem.getSolutionsAsListDict()
    return size if size else len(solutions)


def with_pyatf(space):
    from pyatf import TP, Set
    from pyatf.search_space import SearchSpace

    names = list(space["parameters"])
    conditions = {name: [] for name in names}
    for text in space["constraints"]:
        used = names_in(text) & set(names)
        conditions[max(used, key=names.index)].append(text)
    parameters = []
    for name in names:
        texts = conditions[name]
        check = None
        if texts:
            used = sorted({name} | set().union(*(names_in(text) for text in texts)) & set(names), key=names.index)
            check = eval(f"lambda {', '.join(used)}: {' and '.join(f'({text})' for text in texts)}", {"min": min, "max": max})
        parameters.append(TP(name, Set(*space["parameters"][name]), check))
    return SearchSpace(*parameters, verbosity=0).constrained_size


PEERS = {"python-constraint2": with_python_constraint, "pyATF": with_pyatf}


FLASHRNN_WORKLOADS = ((768, 12, 16), (768, 1, 16), (1024, 4, 8))  # hidden size, heads, batch


def flashrnn_problem(package, constrint, workload):
    """The constraints and the order of the choices as flashrnn's own source makes them for a bf16 LSTM on an H100."""
    hidden, heads, batch = workload
    scope = {
        "VR": constrint.ValueRefinement,
        "LF": constrint.ValueHeuristic.LARGEST_FIRST,
        "SF": constrint.ValueHeuristic.SMALLEST_FIRST,
        "min": min,
        "round_to_multiple": lambda number, multiple: -(-number // multiple) * multiple,
        "gpu_info": {
            "maxThreadsPerBlock": 1024,
            "regsPerMultiprocessor": 65536,
            "multiProcessorCount": 132,
            "sharedMemPerBlockOptin": 232448,
        },
        "config": types.SimpleNamespace(
            dtype="bfloat16", num_gates_r=4, num_gates_w=4, hidden_dim=hidden, num_heads=heads, batch_size=batch,
            _internal_dtype_size=2, _internal_acc_dtype_size=4,
        ),
    }
    found = {}
    for node in ast.walk(ast.parse((package / "flashrnn" / "flashrnn.py").read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("constraint_str", "value_refinements"):
            found[node.targets[0].id] = eval(compile(ast.Expression(node.value), "flashrnn.py", "eval"), scope)
    return found["constraint_str"], found["value_refinements"]


def measure_constrint(repeat):
    package = pathlib.Path(importlib.util.find_spec("flashrnn").origin).parent
    specification = importlib.util.spec_from_file_location("constrint", package / "autotune" / "constrint.py")
    constrint = importlib.util.module_from_spec(specification)  # on its own: then it has no cache on disk
    sys.modules["constrint"] = constrint
    specification.loader.exec_module(constrint)
    print(f"\nflashrnn {importlib.metadata.version('flashrnn')}, first solution, milliseconds\n")
    print("| hidden size, heads, batch | ConstrINT | solutions found |\n|---|---|---|")
    for workload in FLASHRNN_WORKLOADS:
        text, choices = flashrnn_problem(package, constrint, workload)

        def solve(_):
            condition, variables = constrint.parse_expression(text)
            return constrint.solve_constrint(condition, variables, choices, 1)

        best, found = seconds(solve, None, repeat)
        print(f"| {', '.join(map(str, workload))} | {best * 1e3:.3g} | {len(found)} |", flush=True)


def seconds(function, space, repeat):
    """The least processor time of all runs, which other work on the machine disturbs least, and what it returned."""
    best = None
    for _ in range(repeat):
        start = time.process_time()
        result = function(space)
        elapsed = time.process_time() - start
        best = elapsed if best is None else min(best, elapsed)
    return best, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spaces", nargs="*", help="names of files without .json; all of them if none is given")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    print(f"Python {platform.python_version()}, {versions}; milliseconds of processor time, least of {arguments.repeat}\n")
    print("| space | solutions |", " | ".join(PEERS), "|")
    print("|---|---|" + "---|" * len(PEERS))
    totals = dict.fromkeys(PEERS, 0.0)
    for path in sorted(SPACES.glob("*.json")):
        space = json.loads(path.read_text())
        if "parameters" not in space or (arguments.spaces and path.stem not in arguments.spaces):
            continue
        texts = [entry["condition"] if isinstance(entry, dict) else entry for entry in space["constraints"]]
        space["constraints"] = [text for text in texts if names_in(text) & set(space["parameters"])]
        cells = []
        for name, function in PEERS.items():
            best, found = seconds(function, space, arguments.repeat)
            expected = space.get("valid_configs_recounted", found)
            cells.append(f"{best * 1e3:.3g}" + ("" if found == expected else f" ({found} found)"))
            totals[name] += best if path.stem.startswith("paper_") else 0
        print(f"| {path.stem} | {space.get('valid_configs_recounted', found)} |", " | ".join(cells), "|", flush=True)
    print("| all paper_ spaces | |", " | ".join(f"{total * 1e3:.3g}" for total in totals.values()), "|")
    if not arguments.spaces:
        measure_constrint(arguments.repeat)


if __name__ == "__main__":
    main()
