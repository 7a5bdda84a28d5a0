"""Ordinary CUDA kernels on the emulator: each computes what it should, and the defect planted in its other instance is
found.

kernels_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import struct
import subprocess
import sys
import unittest

# kernel: launch, arguments, what buffers hold afterwards (by index; None: not compared), kind of the planted defect.
FIBONACCI = [0, 1, 1, 2, 3, 5, 8, 13]


def transposed(rows, columns):
    return [float(row * columns + column) for column in range(columns) for row in range(rows)]


def product(n):
    ones = [sum(row * n + k for k in range(n)) for row in range(n)]
    return [float(ones[row]) for row in range(n) for _ in range(n)]


def bf16(value):
    """Rounded to the nearest, ties to even."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    return struct.unpack("<f", struct.pack("<I", (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000))[0]


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def warpgroup_product():
    return [f32(sum(bf16(16 * row + k) * (16 * column + k) for k in range(16)))
            for row in range(64) for column in range(8)]


def hanging_tile():
    """8 rows of 32 columns of a matrix of 40 by 20, from column 16 and row 14 on: zeros outside."""
    return [float(40 * r + c) if r < 20 and c < 40 else 0.0 for r in range(14, 22) for c in range(16, 48)]


def e4m3(whole):
    """A number below 256, rounded to four bits of a significand, ties to even."""
    step = 2 ** max(0, whole.bit_length() - 4)
    return step * round(whole / step)


TABLE = {
    "tensor_copy": (["1", "64"], ["tensormap:f32[800]=iota,dims=40x20,box=32x8,swizzle=128", "f32[256]=uninit", "i32=16", "i32=14"],
                    {1: hanging_tile()}, "deadlock"),
    "tensor_pipeline": (["1", "32"], ["tensormap:i32[300]=iota,dims=300,box=64",
                                      "tensormap:i32[300]=uninit,dims=300,box=64", "i32=5"], {1: [2 * i for i in range(300)]}, "race"),
    "warpgroup_product": (["1", "128"], ["bf16[1024]=iota", "bf16[128]=iota", "f32[512]=uninit"],
                          {2: warpgroup_product()}, "uninitialised_read"),
    "warpgroup_pipeline": (["1", "128"], ["bf16[10240]=ones", "bf16[2560]=ones", "f32[1024]=uninit", "i32=5"],
                           {2: [160.0] * 1024}, "race"),
    "warpgroup_accumulators": (["1", "128"], ["bf16[1024]=ones", "bf16[128]=ones", "f32[512]=uninit", "i32=2"],
                               {2: [2 * (16 / 2 + 16) / 2] * 512}, "race"),
    "reduction": (["1", "128"], ["f32[300]=iota", "f32[1]=uninit", "i32=300"], {1: [44850.0]}, "race"),
    "look_back_scan": (["4", "64"], ["i32[256]=ones", "i32[256]=uninit", "i32[4]=zeros", "i32[4]=zeros"],
                       {1: list(range(1, 257))}, "deadlock"),
    "bitonic_sort": (["1", "64", "--smem", "256", "--seed", "3"], ["i32[64]=random"], {0: sorted}, "barrier"),
    "transpose": (["2,2", "32,8"], ["f32[2000]=iota", "f32[2000]=uninit", "i32=50", "i32=40"],
                  {1: transposed(50, 40)}, "out_of_bounds"),
    "histogram": (["2", "64"], ["u8[512]=iota", "i32[16]=zeros", "i32=512"], {1: [32] * 16}, "uninitialised_read"),
    "stencil": (["2", "64"], ["f32[100]=ones", "f32[100]=uninit", "i32=100"], None, "out_of_bounds"),
    "grid_barrier": (["8", "32"], ["i32[256]=uninit", "i32[256]=uninit"],
                     {1: [(255 - i) ** 2 for i in range(256)]}, "race"),
    "cooperative_grid": (["4,2", "32"], ["i32[256]=uninit", "i32[256]=uninit", "i32=3"],
                         {0: [(i + 3) % 256 + 3 for i in range(256)]}, "race"),
    "cluster_exchange": (["4", "32", "--cluster", "4"], ["i32[128]=uninit"],
                         {0: [(b + 1) % 4 * 100 + t for b in range(4) for t in range(32)]}, "race"),
    "async_pipeline": (["1", "32"], ["f32[512]=iota", "f32[512]=uninit", "i32=4"],
                       {1: [2.0 * i for i in range(512)]}, "race"),
    "bulk_copy": (["1", "64"], ["i32[64]=iota", "i32[64]=uninit"], {1: list(range(1, 65))}, "race"),
    "lane_lock": (["2", "32"], ["i32[1]=zeros"], {0: [64]}, "race"),
    "recursion": (["1", "8"], ["i32[8]=uninit"], {0: FIBONACCI}, "trap"),
    "function_pointers": (["1", "4"], ["f32[4]=iota"], {0: [0.0, -1.0, 4.0, -3.0]}, "trap"),
    "heap": (["1", "32"], ["i32[32]=uninit"], {0: list(range(32))}, "out_of_bounds"),
    "small_types": (["1", "64"], ["f32[64]=iota", "f32[64]=uninit"],
                    {1: [float(e4m3(i) + 2 * i + i * 2 ** (-i % 4) + 40) for i in range(64)]}, "out_of_bounds"),
    "tensor_product": (["1", "32"], ["f16[256]=iota", "f16[256]=ones", "f32[256]=uninit"], {2: product(16)},
                       "out_of_bounds"),
    "printing": (["1", "2"], ["i32=2"], {}, None),
    "product": (["2,2", "16,16"], ["f32[1024]=iota", "f32[1024]=ones", "f32[1024]=uninit", "i32=32"],
                {2: product(32)}, "race"),
    "barrier_counts": (["1", "64"], ["i32[32]=uninit"], {0: [3 * t for t in range(32)]}, "barrier_mismatch"),
    "misaligned": (["1", "32"], ["f32[66]=iota", "f32[32]=uninit"], {1: [4.0 * i + 1 for i in range(32)]},
                   "misaligned"),
    "radix_sort": (["1", "64"], ["u32[64]=iota"], {0: list(range(64))}, "race"),
}


class Kernels(unittest.TestCase):
    program = ""
    folder = pathlib.Path()

    def launch(self, name, broken, *more):
        (grid, block, *options), arguments = TABLE[name][0], TABLE[name][1]
        command = [self.program, "run", f"{name}.cu", f"{name}<{'true' if broken else 'false'}>", "--grid", grid,
                   "--block", block, *options, "--json", *more]
        for argument in arguments:
            command += ["--arg", argument]
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)
        self.assertTrue(result.stdout, f"{name}: {result.stderr}")
        return json.loads(result.stdout)

    def test_every_kernel_computes_what_it_should_and_nothing_is_found(self):
        for name, (_, _, expected, _) in TABLE.items():
            with self.subTest(name):
                answer = self.launch(name, broken=False)
                self.assertEqual((answer["status"], answer["findings"]), ("ok", []), answer.get("error"))
                values = {buffer["index"]: buffer["values"] for buffer in answer["args"]}
                for index, wanted in (expected or {}).items():
                    self.assertEqual(values[index], wanted(values[index]) if callable(wanted) else wanted)

    def test_every_planted_defect_is_found_in_its_file(self):
        for name, (_, _, _, kind) in TABLE.items():
            with self.subTest(name):
                answer = self.launch(name, broken=True) if kind else None
                if answer is None:
                    continue
                self.assertEqual(answer["status"], "findings")
                kinds = [finding["kind"] for finding in answer["findings"]]
                self.assertTrue(any(kind in found for found in kinds), kinds)
                self.assertEqual(answer["findings"][0]["file"], f"{name}.cu")
                self.assertGreater(answer["findings"][0]["line"], 0)

    def test_what_a_kernel_prints_is_handed_back(self):
        line = "thread {} of block: {:.2f}     7|ff  |z 1099511627776%\n"
        self.assertEqual(self.launch("printing", broken=False)["output"], line.format(0, 0) + line.format(1, 0.5))

    def test_another_seed_changes_no_result_of_a_right_kernel(self):
        for name in ("look_back_scan", "grid_barrier", "cooperative_grid", "lane_lock", "cluster_exchange",
                     "bulk_copy"):
            with self.subTest(name):
                first, second = self.launch(name, False, "--seed", "1"), self.launch(name, False, "--seed", "2")
                self.assertEqual((first["status"], first["args"]), ("ok", second["args"]))


if __name__ == "__main__":
    Kernels.program = sys.argv[1]
    Kernels.folder = pathlib.Path(sys.argv[2]) / "tests" / "kernels"
    unittest.main(argv=sys.argv[:1])
