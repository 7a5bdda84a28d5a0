"""What `warpsmith run` promises: arguments of every type, values and findings as JSON, and an exit code.

run_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

KERNELS = """#include <cstdint>
template <class T> __global__ void twice(T* x, T scalar, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] = x[i] + x[i] + scalar;
}
__global__ void divide(float* x) {
    x[threadIdx.x] = (float(threadIdx.x) - 1.0f) / x[threadIdx.x];
}
__global__ void beyond(float* x, int n) {
    x[n] = 1;  // line 10
}
"""


class Run(unittest.TestCase):
    program = ""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "kernels.cu").write_text(KERNELS)

    def run_kernel(self, kernel, *arguments, block="32"):
        return subprocess.run(
            [self.program, "run", "kernels.cu", kernel, "--grid", "1", "--block", block, *arguments],
            cwd=self.folder.name, capture_output=True, text=True, timeout=300, check=False,
        )

    def assert_values(self, dtype, c_type, scalar, expected):
        result = self.run_kernel(f"twice<{c_type}>", "--arg", f"{dtype}[3]=iota", "--arg", f"{dtype}={scalar}",
                                 "--arg", "i32=3", "--json")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["args"], [{"index": 0, "dtype": dtype, "values": expected}])

    def test_scalars_and_buffers_of_one_byte_arrive(self):
        self.assert_values("i8", "int8_t", "-5", [-5, -3, -1])

    def test_scalars_and_buffers_of_eight_bytes_arrive_exactly(self):
        self.assert_values("u64", "uint64_t", str(2**63), [2**63, 2**63 + 2, 2**63 + 4])

    def test_scalars_and_buffers_of_double_precision_arrive(self):
        self.assert_values("f64", "double", "0.1", [0.1, 2.1, 4.1])

    def test_values_that_json_has_no_number_for_are_text(self):
        result = self.run_kernel("divide", "--arg", "f32[3]=zeros", "--json", block="3")
        self.assertEqual(json.loads(result.stdout)["args"][0]["values"], ["-Infinity", "NaN", "Infinity"])

    def test_a_file_is_raw_little_endian_and_of_the_buffers_size(self):
        (self.path / "x.bin").write_bytes(struct.pack("<2f", 1.5, -2))
        arguments = ["--arg", "f32=0", "--arg", "i32=2", "--json"]
        result = self.run_kernel("twice<float>", "--arg", "f32[2]=@x.bin", *arguments)
        self.assertEqual(json.loads(result.stdout)["args"][0]["values"], [3.0, -4.0])
        refused = self.run_kernel("twice<float>", "--arg", "f32[3]=@x.bin", *arguments)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("it has 8 bytes; f32[3] takes 12", refused.stderr)

    def test_random_values_follow_the_seed(self):
        def values(seed):
            result = self.run_kernel("twice<float>", "--arg", "f32[4]=random", "--arg", "f32=0", "--arg", "i32=0",
                                     "--seed", seed, "--json")
            return json.loads(result.stdout)["args"][0]["values"]
        self.assertEqual(values("7"), values("7"))
        self.assertNotEqual(values("7"), values("8"))

    def test_a_finding_names_its_line_as_json_and_shows_it_as_text(self):
        arguments = ["--arg", "f32[4]=zeros", "--arg", "i32=4"]
        result = self.run_kernel("beyond", *arguments, "--json", block="1")
        self.assertEqual(result.returncode, 1)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["status"], "findings")
        finding = answer["findings"][0]
        self.assertEqual((finding["kind"], finding["file"], finding["line"], finding["block"], finding["thread"]),
                         ("out_of_bounds", "kernels.cu", 10, [0, 0, 0], [0, 0, 0]))
        self.assertIn(">    10 |     x[n] = 1;  // line 10", self.run_kernel("beyond", *arguments, block="1").stdout)

    def test_reading_what_nothing_wrote_is_found_unless_checks_are_off(self):
        arguments = ["--arg", "f32[32]=uninit", "--json"]
        found = json.loads(self.run_kernel("divide", *arguments).stdout)
        self.assertEqual([f["kind"] for f in found["findings"]], ["uninitialised_read"])
        self.assertEqual(self.run_kernel("divide", *arguments, "--check", "none").returncode, 0)

    def test_a_file_that_does_not_compile_is_an_error_with_the_compilers_words(self):
        result = self.run_kernel("no_such_kernel", "--json")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(json.loads(result.stdout)["status"], "error")
        self.assertIn("no_such_kernel", result.stderr)

    def test_arguments_that_cannot_be_read_say_what_was_expected(self):
        for argument, words in [("f33[4]=iota", "did you mean 'f32'?"), ("f32[0]=iota", "no number of elements"),
                                ("f32[4]=iotta", "did you mean 'iota'?"), ("u8=256", "no integer from 0 to 255"),
                                ("5", "TYPE=VALUE"), ("f32=1x", "no number"), ("f32[99999999999999]=zeros", "16 GiB"),
                                ("tensormap:f32[8]=iota,dims=8", "wants dims and box"),
                                ("tensormap:f32=1,dims=8,box=8", "is of a buffer"),
                                ("tensormap:x,dims=8,box=8", "neither a buffer nor the number"),
                                ("tensormap:0,dims=8x9x9x2,channels=8,pixels=4,lower=-1", "lower and upper"),
                                ("tensormap:0,dims=8x9x2,channels=8,box=8x1x1", "in place of box"),
                                ("tensormap:0,dims=8,box=8,swizzel=32", "did you mean 'swizzle'?"),
                                ("tensormap:0,dims=1x1x1x1x1x1,box=1", "more than 5 numbers")]:
            result = self.run_kernel("beyond", "--arg", argument)
            self.assertEqual((result.returncode, result.stdout), (2, ""), argument)
            self.assertIn(words, result.stderr)

    def test_a_wrong_number_of_arguments_is_wrong_usage(self):
        result = self.run_kernel("beyond")
        self.assertEqual(result.returncode, 2)
        self.assertIn("takes 2 parameters, not 0", result.stderr)


if __name__ == "__main__":
    Run.program = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
