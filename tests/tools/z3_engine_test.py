"""The second engine of `solve` agrees with the first, and says what it cannot do.

z3_engine_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SMALL = ["scan T=1024 B=4 D=64 dtype=f32", "spaces/ktt_reduction.json"]
LARGE = ["spaces/paper_dedispersion.json", "spaces/paper_gemm.json", "spaces/paper_hotspot.json", "t1/gemm.json"]


class Z3Engine(unittest.TestCase):
    program = ""
    data = pathlib.Path()

    def solve(self, space, *options):
        """What a run prints, and its exit code."""
        where = space if " " in space else str(self.data / space)
        result = subprocess.run(
            [self.program, "solve", where, *options], capture_output=True, text=True, timeout=300, check=False
        )
        return result.returncode, result.stdout, result.stderr

    def written(self, space):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "space.json"
        path.write_text(json.dumps(space), encoding="utf-8")
        return str(path)

    def assert_agree(self, space, *options):
        native = self.solve(space, *options)
        self.assertEqual(self.solve(space, *options, "--engine", "z3"), native, space)
        return native

    def test_it_counts_and_lists_small_spaces_as_the_native_engine_does(self):
        for space in SMALL:
            target = ["--target", "h200"] if " " in space else []
            code, count, _ = self.assert_agree(space, "--count", *target)
            self.assertEqual(code, 0)
            self.assertGreater(int(count), 10)
            self.assert_agree(space, "--limit", "50", "--json", *target)

    def test_it_finds_the_first_of_large_spaces_as_the_native_engine_does(self):
        for space in LARGE:
            code, first, _ = self.assert_agree(space, "--first")
            self.assertEqual(code, 0)
            self.assertNotEqual(first, "")

    def test_it_finds_that_nothing_fits_as_the_native_engine_does(self):
        space = self.written({"parameters": {"a": [1, 2], "b": [4, 8]}, "constraints": ["a * b % 3 == 0"]})
        self.assertEqual(self.assert_agree(space, "--count")[1], "0\n")
        self.assertNotEqual(self.assert_agree(space, "--first")[0], 0)

    def test_it_says_what_it_does_not_take(self):
        for value, text in [("row", "'row'"), (0.5, "0.5")]:
            space = self.written({"parameters": {"a": [value, 1]}, "constraints": ["a == 1"]})
            code, output, message = self.solve(space, "--count", "--engine", "z3")
            self.assertEqual((code, output), (2, ""))
            self.assertEqual(
                message, f"warpsmith: solving with Z3: the value {text} is not supported; use the native engine\n"
            )


if __name__ == "__main__":
    Z3Engine.program = sys.argv[1]
    Z3Engine.data = pathlib.Path(sys.argv[2]) / "tests" / "data"
    unittest.main(argv=sys.argv[:1])
