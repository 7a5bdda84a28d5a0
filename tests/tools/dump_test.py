"""Dumped arrays satisfy the mathematics of their family, computed by NumPy alone; inputs can be replaced by files.

dump_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_dump
import numpy

# Sizes that divide by nothing, all dtypes and options of the families, within a second each on the emulator.
WORKLOADS = [
    "lstm T=5 B=3 N=2 D=48 dtype=bf16",
    "lstm T=4 B=3 N=1 D=33 dtype=f32",
    "lstm T=5 B=3 N=2 D=24 dtype=f16 layout=bt",
    "scan T=70 B=2 D=40 dtype=f32",
    "scan T=33 B=1 D=36 dtype=bf16 direction=reverse",
    "attention L=45 B=1 Hq=4 Hkv=2 D=40 dtype=bf16 mask=causal",
    "attention L=37 B=2 Hq=2 Hkv=2 D=24 dtype=f16 mask=full",
    "recurrent_weights T=9 B=7 N=2 G=4 D=24 dtype=bf16",
    "recurrent_weights T=7 B=5 N=2 G=3 D=33 dtype=f16 layout=bt",
    "recurrent_weights T=6 B=9 N=2 G=1 D=40 dtype=f32 direction=reverse",
]
SCAN = "scan T=6 B=2 D=32 dtype=bf16"


class Dump(unittest.TestCase):
    program = ""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def verify(self, workload, *arguments):
        command = [self.program, "verify", workload, "--target", "h200", "--on", "emulator", *arguments]
        return subprocess.run(command, cwd=self.folder.name, capture_output=True, text=True, timeout=300, check=False)

    def load(self, name):
        return numpy.load(self.path("dumped") / f"{name}.npy")

    def test_outputs_and_references_satisfy_the_mathematics(self):
        for workload in WORKLOADS:
            with self.subTest(workload):
                result = self.verify(workload, "--dump", "dumped")
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertEqual(check_dump.check(self.path("dumped"))[0], [])

    def test_a_wrong_output_is_noticed(self):
        self.assertEqual(self.verify(SCAN, "--dump", "dumped").returncode, 0)
        h = self.load("h")
        h[1, 2, 3] += 0.25
        numpy.save(self.path("dumped") / "h.npy", h)
        self.assertEqual(len(check_dump.check(self.path("dumped"))[0]), 1)

    def test_the_manifest_tells_what_each_array_is(self):
        self.assertEqual(self.verify("lstm T=2 B=3 N=1 D=32 dtype=bf16", "--dump", "dumped").returncode, 0)
        manifest = json.loads((self.path("dumped") / "manifest.json").read_text())
        self.assertEqual(set(manifest), {"family", "dims", "options", "config", "gates", "arrays"})
        self.assertEqual(manifest["dims"], {"T": 2, "B": 3, "N": 1, "D": 32})
        self.assertEqual(
            [(a["name"], a["role"], a["dtype"], a["layout"], a["shape"]) for a in manifest["arrays"] if a["name"] in "xh"],
            [
                ("x", "input", "bf16", "T,B,N,G,D", [2, 3, 1, 4, 32]),
                ("h", "output", "bf16", "T,B,N,D", [2, 3, 1, 32]),
                ("h", "reference", "f64", "T,B,N,D", [2, 3, 1, 32]),
            ],
        )

    def test_an_input_is_taken_from_a_file(self):
        ones = numpy.ones((2, 6, 32), numpy.float32)
        numpy.save(self.path("a.npy"), ones)
        numpy.save(self.path("b.npy"), numpy.float64(2) * ones)
        numpy.save(self.path("h0.npy"), 0 * ones[:, 0])
        result = self.verify(SCAN, "--dump", "dumped", "--input", "a=a.npy", "--input", "b=b.npy", "--input", "h0=h0.npy")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        numpy.testing.assert_array_equal(self.load("h")[1, :, 31], [2, 4, 6, 8, 10, 12])

    def test_an_input_that_does_not_fit_is_refused(self):
        numpy.save(self.path("short.npy"), numpy.ones((2, 5, 32), numpy.float32))
        numpy.save(self.path("whole.npy"), numpy.ones((2, 6, 32), numpy.int64))
        numpy.save(self.path("turned.npy"), numpy.ones((32, 6, 2), numpy.float32).T)
        self.path("text.npy").write_text("not an array")
        (self.path("cut.npy")).write_bytes(self.path("short.npy").read_bytes()[:-4])
        refusals = {
            "a=short.npy": ["(2,5,32)", "(2,6,32)", "B,T,D"],
            "a=whole.npy": ["<i8", "float32"],
            "a=turned.npy": ["Fortran order"],
            "a=text.npy": ["not a .npy file"],
            "a=cut.npy": ["cut off"],
            "a=nowhere.npy": ["cannot be opened"],
            "aa=short.npy": ["no input 'aa'", "did you mean 'a'?"],
        }
        for argument, words in refusals.items():
            with self.subTest(argument):
                result = self.verify(SCAN, "--input", argument)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                for word in words:
                    self.assertIn(word, result.stderr)


if __name__ == "__main__":
    Dump.program = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=sys.argv[:1])
