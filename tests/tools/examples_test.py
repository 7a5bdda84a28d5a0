"""Programs of examples/ that use emitted headers compile and run, without a GPU too.

examples_test.py PROGRAM SOURCE_FOLDER
"""

import json
import re
import subprocess

from command_line import SCAN, CommandLine, main


class Example(CommandLine):
    WORKLOADS = [
        "lstm T=128 B=16 N=4 D=64 dtype=bf16",
        "scan T=4096 B=8 D=512 dtype=f32",
        "attention L=1024 B=2 Hq=8 Hkv=2 D=64 dtype=bf16 mask=causal",
    ]

    # What the program prints; it needs nothing but the header.
    def build_and_run(self, header, source, *options):
        nvcc = re.search(r"^nvcc +(/\S+)$", self.run_program("doctor").stdout, re.MULTILINE)
        if nvcc is None:
            self.skipTest("there is no nvcc")
        tuned = self.run_program("tune", *header, "--target", "h200", "--on", "emulator", "--budget", "2")
        self.assertEqual(tuned.returncode, 0, tuned.stderr)
        self.run_program("emit", *header, "--target", "h200", *options)
        standard = "c++17" if "--embed" in options else "c++20"
        compiled = subprocess.run(
            [nvcc[1], f"-std={standard}", "-arch=sm_90a", "-I.", "-Werror", "all-warnings", "-o", "example",
             self.source / "examples" / source],
            cwd=self.folder.name, capture_output=True, text=True, timeout=300, check=False,
        )
        self.assertEqual(compiled.returncode, 0, compiled.stderr)
        ran = subprocess.run([self.path("example")], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        return ran.stdout

    def test_a_program_needs_nothing_but_the_emitted_header(self):
        self.assertIn("warps=", self.build_and_run(self.WORKLOADS, "use_header.cu", "-o", "kernels.cuh"))

    def test_so_does_one_for_stacked_layers_and_best_says_how_long_chunks_should_be(self):
        layer = "lstm T=512 B=16 N=1 D=64 dtype=bf16"
        program = "stacked_layers/stacked_layers.cu"
        self.assertIn("warps=", self.build_and_run([layer], program, "--embed", "cubin", "-o", "kernels.hpp"))
        best = ["best", layer, "--target", "h200", "--layers"]
        chosen = json.loads(self.run_program(*best, "4", "--json").stdout)
        stack = chosen["stack"]
        self.assertEqual((stack["layers"], stack["together"]), (4, 4))
        self.assertLess(stack["modelled_us"], stack["layer_after_layer_us"])
        self.assertAlmostEqual(stack["layer_after_layer_us"], 4 * (chosen["time_us"] + 2), places=6)
        self.assertIn(f"of 4, in chunks of {stack['chunk_steps']} steps", self.run_program(*best, "4").stdout)
        self.assertIn("chunks do not pay", self.run_program(*best, "1").stdout)
        self.assert_refused(self.run_program("best", SCAN, "--target", "h200", "--layers", "2"), "no recurrent cell")

    def test_its_input_product_is_right(self):
        counts = {"h": 70 * 40, "W": 72 * 40, "x": 70 * 72}  # rows, columns and depth that do not divide
        run = self.run_program(
            "run", str(self.source / "examples/stacked_layers/input_product.cuh"), "input_product::multiply", "--grid",
            "2,2", "--block", "128", "--arg", f"bf16[{counts['h']}]=random", "--arg", f"bf16[{counts['W']}]=random",
            "--arg", f"bf16[{counts['x']}]=uninit", "--arg", "i32=70", "--arg", "i32=72", "--arg", "i32=40", "--json")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        h, W, x = (argument["values"] for argument in json.loads(run.stdout)["args"])
        for row in range(70):
            for column in range(72):
                exact = sum(h[row * 40 + k] * W[column * 40 + k] for k in range(40))
                self.assertAlmostEqual(x[row * 72 + column], exact, delta=2**-8 * abs(exact) + 1e-5)


if __name__ == "__main__":
    main()
