"""A cell in a file of the user's own: verified forward and backward, tuned, emitted, compiled; and clear refusals.

own_cell_test.py PROGRAM SOURCE_FOLDER
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SIZES = "T=6 B=9 N=2 D=24 dtype=bf16"
WITHOUT_STEP = "#pragma once\nstruct Nothing {\n    static constexpr int gates = 1, states = 1;\n};\n"
DERIVATIVE = """
    template <class S>
    __device__ static void derivative(const S* x, const S* r, const S* state, S* gradient, S* dx, S* dr) {
        const S one(1.0f), forget = sigmoid(x[0] + r[0]), candidate = tanh(x[1] + forget * r[1]);
        dx[1] = gradient[0] * forget * (one - candidate * candidate);
        dr[1] = dx[1] * forget;
        dx[0] = dr[0] = (gradient[0] * (candidate - state[0]) + dx[1] * r[1]) * forget * (one - forget);
        gradient[0] = gradient[0] * (one - forget);
    }
};
"""
WITH_TWO_PRODUCTS = """#include "recurrent/kernel.cuh"
struct GateBeforeProduct {
    static constexpr int gates = 2, states = 1, first_gates = 1;
    template <class S>
    __device__ static constexpr S between(const S* x, const S* r, const S* state) {
        return sigmoid(x[0] + r[0]) * state[0];
    }
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        return state[0] = state[0] + sigmoid(x[0] + r[0]) * (tanh(x[1] + r[1]) - state[0]);
    }
};
"""
NORMALISING = """#include "recurrent/kernel.cuh"
struct Normalised {
    static constexpr int gates = 1, states = 1, parameters = 2;
    static constexpr bool normalises = true, normalises_between = true;
    template <class S>
    __device__ static constexpr S between(const S* x, const S* r, const S* state, const S* w) {
        return tanh(x[0] + w[0] * r[0]) + state[0];
    }
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        return state[0] = w[1] * r[1];
    }
};
"""
PROJECTED = """#include "recurrent/projected_kernel.cuh"
struct Projected {
    static constexpr int gates = 2, states = 2;
    static constexpr bool projects = true;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        state[1] = state[1] + sigmoid(x[0] + r[0]) * (tanh(x[1] + r[1]) - state[1]);
        return state[0] = tanh(state[1]);
    }
};
"""
WITH_A_BRANCH = """#include "recurrent/kernel.cuh"
struct Branching {
    static constexpr int gates = 1, states = 1;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        if (x[0] > r[0]) { return state[0] = x[0]; }
        return state[0] = r[0];
    }
};
"""


class OwnCell(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(SOURCE / "examples/own_cell/mgu.cuh", self.folder)

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300)

    def succeed(self, *arguments):
        run = self.run_program(*arguments)
        self.assertEqual(run.returncode, 0, run.stderr + run.stdout)
        return run.stdout

    def refuse(self, text, name):
        (self.folder / name).write_text(text)
        run = self.run_program("verify", f"{name} {SIZES}", "--target", "h200", "--on", "emulator")
        self.assertEqual(run.returncode, 2, run.stdout)
        return run.stderr

    def test_its_forward_and_its_derived_backward_pass_match_the_reference(self):
        for dtype in ("bf16", "f32"):
            for which in ("training", "backward"):
                workload = f"mgu.cuh T=4 B=5 N=1 D=17 dtype={dtype} pass={which}"
                self.assertIn("verified", self.succeed("verify", workload, "--target", "h200", "--on", "emulator"))

    def test_one_with_two_products_in_a_step_matches_the_reference(self):
        (self.folder / "before.cuh").write_text(WITH_TWO_PRODUCTS)
        for which in ("training", "backward"):
            workload = f"before.cuh T=4 B=5 N=1 D=24 dtype=bf16 pass={which}"
            self.assertIn("verified", self.succeed("verify", workload, "--target", "h200", "--on", "emulator"))

    def test_one_that_normalises_matches_the_reference(self):
        (self.folder / "normalised.cuh").write_text(NORMALISING)
        for which in ("training", "backward"):
            workload = f"normalised.cuh T=4 B=5 N=1 D=24 dtype=f32 pass={which}"
            self.assertIn("verified", self.succeed("verify", workload, "--target", "h200", "--on", "emulator"))

    def test_one_whose_h_is_projected_matches_the_reference(self):
        (self.folder / "projected.cuh").write_text(PROJECTED)
        for which in ("training", "backward"):
            workload = f"projected.cuh T=4 B=5 N=1 D=24 H=16 dtype=bf16 pass={which}"
            self.assertIn("verified", self.succeed("verify", workload, "--target", "h200", "--on", "emulator"))

    def test_what_cannot_be_projected_is_refused(self):
        reads_h = self.refuse(PROJECTED.replace("tanh(state[1])", "tanh(state[1]) + state[0]"), "reads_h.cuh")
        self.assertIn("does not read state[0]", reads_h)
        without_kernels = self.refuse(PROJECTED.replace("projected_kernel", "kernel"), "other_kernels.cuh")
        self.assertIn('include "recurrent/projected_kernel.cuh"', without_kernels)

    def test_first_gates_that_leave_none_for_the_second_product_are_refused(self):
        stderr = self.refuse(WITH_TWO_PRODUCTS.replace("first_gates = 1", "first_gates = 2"), "all_first.cuh")
        self.assertIn("first_gates are some of the gates", stderr)

    def test_a_derivative_of_its_own_is_what_runs_and_is_compared_with_the_step(self):
        cell = (self.folder / "mgu.cuh").read_text().rstrip()
        workload = "T=4 B=5 N=1 D=17 dtype=f32 pass=backward"
        for name, derivative, code in (("right", DERIVATIVE, 0), ("wrong", DERIVATIVE.replace("dx[1] * r[1]", "dx[1]"), 1)):
            (self.folder / f"{name}.cuh").write_text(cell.removesuffix("};") + derivative)
            run = self.run_program("verify", f"{name}.cuh {workload}", "--target", "h200", "--on", "emulator")
            self.assertEqual(run.returncode, code, run.stderr + run.stdout)

    def test_a_derivative_that_cannot_be_called_is_refused(self):
        cell = (self.folder / "mgu.cuh").read_text().rstrip()
        (self.folder / "short.cuh").write_text(cell.removesuffix("};") + DERIVATIVE.replace(", S* dr)", ")").replace("dr", "dx"))
        run = self.run_program("verify", "short.cuh T=2 B=2 N=1 D=8 dtype=f32 pass=backward", "--target", "h200", "--on", "emulator")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("derivative is as cell.cuh says", run.stdout + run.stderr)

    def test_tuned_it_is_emitted_into_a_header(self):
        workloads = [f"mgu.cuh {SIZES}", f"mgu.cuh {SIZES} pass=backward"]
        for command in (["best", workloads[0]], ["emit", workloads[0], "-o", "none.cuh"]):
            advice = self.run_program(*command, "--target", "h200").stderr
            self.assertIn('has no verified configuration of "mgu B=9', advice)
            self.assertIn('run: warpsmith tune "mgu.cuh B=9', advice)  # which needs the file
        self.succeed("tune", *workloads, "--target", "h200", "--on", "emulator", "--budget", "1")
        self.assertIn("exact", self.succeed("best", workloads[1], "--target", "h200"))
        self.succeed("emit", *workloads, "--target", "h200", "-o", "mgu_kernels.cuh")
        header = (self.folder / "mgu_kernels.cuh").read_text()
        self.assertIn("struct Mgu", header)
        self.assertIn("recurrent_backward", header)

    def test_a_file_without_a_cell_is_refused(self):
        self.assertIn("there is no struct with a function step", self.refuse(WITHOUT_STEP, "nothing.cuh"))

    def test_a_branch_on_a_value_is_refused_with_the_compilers_words(self):
        error = self.refuse(WITH_A_BRANCH, "branching.cuh")
        self.assertIn("compiling the cell Branching", error)
        self.assertIn("bool", error)

    def test_a_name_that_a_family_has_is_refused(self):
        error = self.refuse((self.folder / "mgu.cuh").read_text(), "lstm.cuh")
        self.assertIn("there is one called lstm already", error)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    SOURCE = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
