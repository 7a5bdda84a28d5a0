#!/usr/bin/env python3
"""Modelled times of recurrent layers in f32: products in f32 arithmetic beside those on tensor cores.

    bench/recurrent_f32.py PROGRAM [--target h200] [--candidates 3] [--cells lstm gru]
"""

import argparse
import tempfile

from recurrent_floor import modelled_us

PRECISIONS = ["ieee", "tf32x3", "tf32"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--target", default="h200")
    parser.add_argument("--candidates", type=int, default=3, help="that are compiled, the best by the model first")
    parser.add_argument("--cells", nargs="+", default=["lstm", "gru"])
    arguments = parser.parse_args()
    print(f"{arguments.target}, B=16 T=1024 N=1, modelled us\n\n| cell | D | pass | " + " | ".join(PRECISIONS) +
          " |\n| --- | --: | --- |" + " --: |" * len(PRECISIONS))
    with tempfile.TemporaryDirectory() as folder:
        for cell in arguments.cells:
            for D in (64, 128, 256, 512, 768, 1024, 2048):
                for which in ("forward", "backward"):
                    times = [modelled_us(arguments.program, arguments.target,
                                         f"{cell} T=1024 B=16 N=1 D={D} dtype=f32 precision={precision} pass={which}",
                                         arguments.candidates, folder) for precision in PRECISIONS]
                    cells = " | ".join("none" if time is None else f"{time:,.0f}" for time in times)
                    print(f"| {cell} | {D} | {which} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
