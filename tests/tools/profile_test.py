"""What `run --profile` and `verify --profile` tell of a launch, as text and as JSON.

profile_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

# Line 3 writes rows, line 5 reads columns: all lanes want one bank.
KERNEL = """__global__ void column(const float* x, float* y) {
    __shared__ float tile[32][32];
    tile[threadIdx.y][threadIdx.x] = x[threadIdx.y * 32 + threadIdx.x];
    __syncthreads();
    y[threadIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
"""


class Profile(unittest.TestCase):
    program = ""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        (pathlib.Path(self.folder.name) / "column.cu").write_text(KERNEL)

    def tell(self, *arguments):
        result = subprocess.run([self.program, *arguments], cwd=self.folder.name, capture_output=True, text=True,
                                timeout=300, check=False)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        return result.stdout

    def run_column(self, *options):
        return self.tell("run", "column.cu", "column", "--grid", "1", "--block", "32,32", "--arg", "f32[1024]=iota",
                         "--arg", "f32[1024]=zeros", *options)

    def verify(self, *options):
        return self.tell("verify", "scan T=40 B=2 D=32 dtype=f32", "--target", "h200", "--on", "emulator", *options)

    def test_bank_conflicts_and_sectors_are_told_by_line(self):
        answer = json.loads(self.run_column("--profile", "--json"))
        lines = {line["line"]: line for line in answer["counts"]["lines"]}
        self.assertEqual(lines[3]["traffic"]["shared_bank_conflicts"], 0)
        self.assertEqual(lines[5]["traffic"]["shared_bank_conflicts"], 32 * 31)
        for line in (3, 5):
            self.assertEqual(lines[line]["traffic"]["global_sectors"], 32 * 4)
            self.assertEqual(lines[line]["traffic"]["global_bytes"], 32 * 128)
        self.assertEqual(lines[4]["by_class"], {"barrier": 32})
        self.assertEqual(answer["counts"]["traffic"]["shared_bank_conflicts"], 32 * 31)

    def test_the_text_shows_classes_memory_and_source_with_the_hottest_line_first(self):
        told = self.run_column("--profile")
        self.assertRegex(told, r"\nbarrier +32 +1024 +100 %\n")
        self.assertRegex(told, r"global memory +8192 bytes in 256 sectors of 32 bytes, 100 % used\n")
        self.assertRegex(told, r"shared memory +8192 bytes in 1056 passes over the banks, 992 of them by conflicts\n")
        self.assertRegex(told, r"\n +\d+ % .* 992 .* column.cu:5 +y\[threadIdx.y \* 32 \+ threadIdx.x\] = tile")
        shares = [int(line.split("%")[0]) for line in told.splitlines() if "column.cu:" in line]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertGreaterEqual(len(shares), 4)

    def test_a_time_is_modelled_and_called_so(self):
        modelled = json.loads(self.run_column("--profile", "--json", "--target", "a100"))["modelled"]
        self.assertEqual(modelled["target"], "a100")
        self.assertGreater(modelled["microseconds"], 0)
        self.assertRegex(self.run_column("--profile"), r"\nmodelled +[\d.]+ us on h200 from the counts, bound by ")

    def test_nothing_of_it_is_told_unless_asked_for(self):
        self.assertNotIn("modelled", self.run_column("--json"))
        self.assertNotIn("sectors", self.run_column())
        self.assertNotIn("modelled", self.verify("--json"))

    def test_verify_tells_the_same_of_a_kernel_that_the_program_carries(self):
        told = self.verify("--profile")
        self.assertRegex(told, r"global memory +\d+ bytes in \d+ sectors")
        self.assertRegex(told, r" % .* scan/\w+\.cuh:\d+ +\S")  # with the line's text
        self.assertRegex(told, r"\nmodelled +[\d.]+ us on h200 from what the family says.*\nmodelled +[\d.]+ us on h200 from the counts")
        self.assertTrue(told.endswith("\nverified\n"), told)

    def test_verify_tells_all_as_one_json_object(self):
        answer = json.loads(self.verify("--profile", "--json"))
        self.assertEqual((answer["status"], answer["device"], answer["target"]), ("verified", "emulator", "h200"))
        self.assertEqual([(output["name"], output["within"]) for output in answer["outputs"]], [("h", True)])
        self.assertEqual((answer["findings"], answer["defects"]), ([], []))
        self.assertGreater(answer["counts"]["traffic"]["global_bytes"], 3 * 40 * 2 * 32 * 4 - 1)  # a, b and h
        self.assertGreater(answer["modelled"]["microseconds"], 0)
        self.assertGreater(answer["modelled_from_counts"]["microseconds"], 0)
        self.assertTrue(all(isinstance(value, int) for value in answer["config"].values()))


if __name__ == "__main__":
    Profile.program = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
