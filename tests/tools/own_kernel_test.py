"""`warpsmith tune FILE.json`: kernels of the user's own are tuned, wrong configurations found, and bad files refused.

own_kernel_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

# Doubles; the configuration MODE=2 leaves the last element out, MODE=3 does not compile, MODE=4 writes behind the end,
# MODE=5 never ends.
SCALE = """#include "factor.h"
__global__ void scale(float* y, const float* x, int n) {
    const int i = blockIdx.x * THREADS + threadIdx.x;
    if (i < n) y[i] = FACTOR * x[i];
#if MODE == 2
    if (i == n - 1) y[i] = 0;
#elif MODE == 3
    not a statement;
#elif MODE == 4
    if (i == 0) y[n] = 1;
#elif MODE == 5
    for (volatile int forever = 1; forever;) {}
#endif
}
"""
FACTOR = "#define FACTOR 2.0f\n"


def scale_document():
    vector = {"Type": "float", "MemoryType": "Vector", "Size": 100}
    return {
        "ConfigurationSpace": {
            "TuningParameters": [
                {"Name": "THREADS", "Type": "int", "Values": "[32, 64]"},
                {"Name": "MODE", "Type": "int", "Values": "[1]"},
            ],
            "Conditions": [],
        },
        "KernelSpecification": {
            "Language": "CUDA",
            "KernelName": "scale",
            "KernelFile": "scale.cu",
            "ProblemSize": [100],
            "LocalSize": {"X": "THREADS"},
            "Arguments": [
                {"Name": "y", "AccessType": "WriteOnly", **vector},
                {"Name": "x", "AccessType": "ReadOnly", "FillType": "Random", "FillValue": 1, **vector},
                {"Name": "n", "Type": "int32", "MemoryType": "Scalar", "FillType": "Constant", "FillValue": 100},
            ],
        },
    }


class OwnKernel(unittest.TestCase):
    program = ""
    source = pathlib.Path()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_program(self, *arguments, status=0):
        command = [self.program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    def tune(self, file, *options, on="emulator", status=0):
        done = self.run_program("tune", str(file), "--target", "h200", "--on", on, "--json", *options, status=status)
        return json.loads(done.stdout.splitlines()[-1])

    def example(self, name):
        return self.source / "examples" / "own_kernels" / name

    def scale(self, document=None, modes="[1]", kernel=SCALE):
        document = document or scale_document()
        document["ConfigurationSpace"]["TuningParameters"][1]["Values"] = modes
        (self.folder / "scale.cu").write_text(kernel)
        (self.folder / "factor.h").write_text(FACTOR)
        (self.folder / "scale.json").write_text(json.dumps(document))
        return "scale.json"

    def test_a_vector_sum_is_tuned_and_a_second_run_does_nothing_again(self):
        first = self.tune(self.example("vector_add.json"))
        self.assertEqual(first["candidates"], 20)  # of 24, four have THREADS * ITEMS over 512
        self.assertEqual((first["outcomes"]["ok"], first["failed"], first["complete"]), (20, 0, True))
        self.assertEqual((first["best"]["time_kind"], first["best"]["verified_on"]), ("modelled", "emulator"))
        self.assertIn('expected is what "THREADS=128 ITEMS=1" computes', first["best"]["note"])
        again = self.tune(self.example("vector_add.json"))
        self.assertEqual((again["compiled"], again["verified"], again["best"]["config"]), (0, 0, first["best"]["config"]))
        asked = self.run_program("best", str(self.example("vector_add.json")), "--target", "h200", "--json")
        self.assertEqual(json.loads(asked.stdout)["config"], first["best"]["config"])

    def test_a_tiled_matrix_product_with_shared_memory_is_tuned(self):
        found = self.tune(self.example("matrix_product.json"))
        # TILE * TILE / ROWS is at least 32: 2 of TILE=8, 4 of 16, 4 of 32.
        self.assertEqual((found["candidates"], found["outcomes"]["ok"]), (10, 10))
        self.assertGreater(found["best"]["time_us"], 0)

    def test_a_reduction_with_template_arguments_is_compared_with_the_value_of_the_file(self):
        found = self.tune(self.example("reduction.json"))
        self.assertEqual((found["candidates"], found["outcomes"]["ok"]), (24, 24))
        self.assertIn("expected is what the T1 file gives", found["best"]["note"])

    def test_configurations_that_are_wrong_or_do_not_compile_are_recorded_and_never_best(self):
        found = self.tune(self.scale(modes="[1, 2, 3, 4]"))
        outcomes = {name: count for name, count in found["outcomes"].items() if count > 0}
        self.assertEqual(outcomes, {"ok": 2, "wrong_result": 2, "compile_error": 2, "launch_error": 2})
        self.assertEqual(found["best"]["config"]["MODE"], 1)
        listed = self.run_program("db", "list", "--json").stdout
        rows = [row for row in map(json.loads, listed.splitlines()) if row["outcome"] != "modelled"]
        notes = {tuple(row["config"].values()): row["note"] for row in rows}
        self.assertIn("y is off by", notes[32, 2])
        self.assertIn("out_of_bounds", notes[32, 4])

    def test_a_configuration_that_never_ends_is_given_up_by_what_right_ones_took(self):
        found = self.tune(self.scale(modes="[1, 5]"), "--jobs", "1")
        self.assertEqual((found["outcomes"]["ok"], found["outcomes"]["timed_out"]), (2, 2))
        listed = self.run_program("db", "list", "--json").stdout
        notes = [row["note"] for row in map(json.loads, listed.splitlines()) if row["outcome"] == "timed_out"]
        for note in notes:
            self.assertIn("the launch took more than 1000000 warp-instructions", note)

    def test_a_first_configuration_that_fails_is_not_what_others_are_compared_with(self):
        document = scale_document()
        document["ConfigurationSpace"]["TuningParameters"].reverse()
        document["ConfigurationSpace"]["TuningParameters"].insert(0, document["ConfigurationSpace"]["TuningParameters"].pop())
        found = self.tune(self.scale(document, modes="[3, 4, 1]"))
        self.assertEqual(found["outcomes"]["ok"], 2)
        self.assertIn("MODE=1", found["best"]["note"])

    def test_raw_files_are_inputs_and_references(self):
        document = scale_document()
        spec = document["KernelSpecification"]
        x = [i / 8 for i in range(100)]
        (self.folder / "x.bin").write_bytes(struct.pack("<100f", *x))
        (self.folder / "y.bin").write_bytes(struct.pack("<100f", *(2 * value for value in x[:-1]), 0))
        spec["Arguments"][1] = {**spec["Arguments"][1], "FillType": "BinaryRaw", "DataSource": "x.bin"}
        reference = {"TargetName": "y", "ValidationMethod": "AbsoluteDifference", "ValidationThreshold": 1e-3}
        spec["ReferenceArguments"] = [{**reference, "FillType": "BinaryRaw", "DataSource": "y.bin"}]
        found = self.tune(self.scale(document, modes="[1, 2]"))
        self.assertEqual(found["best"]["config"]["MODE"], 2)  # the file says that the last element is 0
        self.assertEqual(found["outcomes"]["wrong_result"], 2)

    def test_a_strategy_with_a_budget_tries_so_many(self):
        found = self.tune(self.example("vector_add.json"), "--strategy", "random", "--budget", "5", "--seed", "3")
        self.assertEqual((found["candidates"], found["verified"], found["outcomes"]["ok"]), (20, 5, 5))

    def test_a_header_carries_the_winner_compiled_and_refuses_to_carry_its_source(self):
        file = self.scale()
        found = self.tune(file)
        emit = ["emit", file, "--target", "h200", "-o", "scale.hpp"]
        done = self.run_program(*emit, status=2)
        self.assertIn("add --embed cubin or --embed ptx", done.stderr)
        self.assertFalse((self.folder / "scale.hpp").exists())
        done = self.run_program(*emit, "--embed", "cubin")
        self.assertIn("1 kernel for h200", done.stdout)
        header = (self.folder / "scale.hpp").read_text()
        threads = found["best"]["config"]["THREADS"]
        for expected in ("namespace own_scale {", "    float* y = {};\n    const float* x = {};\n    int n = {};\n",
                         f"{{{-(-100 // threads)}, 1, 1, {threads}, 1, 0, 0, 1, 1}}, stream, arguments.y, arguments.x, "):
            self.assertIn(expected, header)
        shutil.rmtree(self.folder / "tuning.db.kernels")
        self.run_program(*emit, "--embed", "cubin")
        self.assertEqual((self.folder / "scale.hpp").read_text(), header)
        (self.folder / "factor.h").write_text(FACTOR.replace("2", "3"))
        done = self.run_program(*emit, "--embed", "cubin", status=1)
        self.assertIn("has no verified configuration", done.stderr)

    def test_without_a_place_to_run_everything_is_compiled_and_no_time_is_claimed(self):
        found = self.tune(self.scale(), on="none")
        self.assertEqual((found["best"], found["compiled"], found["outcomes"]["modelled"]), (None, 2, 2))
        listed = self.run_program("db", "list", "--json").stdout
        self.assertEqual([json.loads(line)["time_us"] for line in listed.splitlines()], [0, 0])

    def test_what_an_edited_kernel_or_header_computes_is_tried_again(self):
        file = self.scale()
        self.assertEqual(self.tune(file)["verified"], 2)
        for name in ("scale.cu", "factor.h"):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_text(path.read_text() + "// edited\n")
                self.run_program("best", file, "--target", "h200", status=1)
                self.assertEqual(self.tune(file)["verified"], 2)

    def test_a_larger_space_keeps_what_was_tried(self):
        self.assertEqual(self.tune(self.scale())["verified"], 2)
        document = scale_document()
        document["ConfigurationSpace"]["TuningParameters"][0]["Values"] = "[32, 64, 96]"
        self.assertEqual(self.tune(self.scale(document))["verified"], 1)

    def test_the_same_files_elsewhere_are_the_same_kernel(self):
        file = self.scale()
        self.tune(file)
        (self.folder / "other").mkdir()
        for name in (file, "scale.cu", "factor.h"):
            shutil.copy(self.folder / name, self.folder / "other" / name)
        self.assertEqual(self.tune(f"other/{file}")["verified"], 0)

    def test_what_cannot_be_used_is_named_with_its_path(self):
        cases = [
            (["Arguments", 0, "Type"], "floaty", "KernelSpecification.Arguments[0].Type: there is no type 'floaty'"),
            (["Arguments", 1, "FillType"], "Script", "KernelSpecification.Arguments[1].FillType: no script is run"),
            (["Arguments", 1, "FillType"], "BinaryHDF", "KernelSpecification.Arguments[1].FillType: HDF5 is not read; write"),
            (["Arguments", 1, "FillType"], "Wish", "KernelSpecification.Arguments[1].FillType: values cannot come from Wish"),
            (["Arguments", 1], {"Type": "float", "Size": 4, "FillType": "Generator", "DataSource": "j"}, "reading scale.json:"),
            (["Arguments", 1], {"Type": "float", "Size": 4, "FillType": "Generator", "DataSource": "1 // (i - 2)"},
             "filling argument 1: 1 // (i - 2) is no number for i = 2"),
            (["Arguments", 1, "Size"], "THREADS +", "reading scale.json:"),
            (["Arguments", 1, "Size"], 0, "KernelSpecification.Arguments[1].Size: this must come to a whole number"),
            (["Arguments", 1, "Size"], 2**62, "KernelSpecification.Arguments[1]: this is more than 16 GiB"),
            (["Arguments", 1, "RandomSeed"], -1, "KernelSpecification.Arguments[1].RandomSeed: write a whole number"),
            (["Arguments", 1, "RandomSeed"], 1e300, "KernelSpecification.Arguments[1].RandomSeed: write a whole number"),
            (["Arguments", 1, "FillValue"], -1, "KernelSpecification.Arguments[1].FillValue: random values are from 0"),
            (["Arguments", 2, "FillValue"], 0.5, "KernelSpecification.Arguments[2].FillValue: reading '0.5'"),
            (["Arguments", 1], {"Type": "int8", "MemoryType": "Symbol", "Size": 65537, "FillType": "Constant"},
             "KernelSpecification.Arguments[1]: this is more than the 64 KiB"),
            (["Arguments", 0, "MemoryType"], "Texture", "KernelSpecification.Arguments[0].MemoryType: there is no Texture"),
            (["Arguments", 0, "MemoryType"], "Symbol", "KernelSpecification.Arguments[0].AccessType: a Symbol is only read"),
            (["Arguments", 0, "MemoryType"], "Local", "no argument is written by the kernel"),
            (["Arguments", 0, "AccessType"], "ReadOnly", "FillType is missing"),
            (["KernelFile"], "none.cu", "KernelSpecification.KernelFile: "),
            (["Language"], "OpenCL", "KernelSpecification.Language: the kernel is written in OpenCL"),
            (["LocalSize"], None, "KernelSpecification: LocalSize is missing"),
            (["GlobalSizeType"], "Vulkan", "KernelSpecification.GlobalSizeType: "),
            (["Arguments"], {}, "KernelSpecification.Arguments: this is a object"),
        ]
        for path, value, expected in cases:
            with self.subTest(path=path, value=value):
                document = scale_document()
                at = document["KernelSpecification"]
                for step in path[:-1]:
                    at = at[step]
                at[path[-1]] = value
                done = self.run_program("tune", self.scale(document), "--target", "h200", status=2)
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_parameters_that_are_no_whole_numbers_are_numbered_and_reach_the_kernel_as_they_are_written(self):
        document = scale_document()
        document["ConfigurationSpace"] = {
            "TuningParameters": [
                {"Name": "THREADS", "Type": "int", "Values": "[32, 64]"},
                {"Name": "MODE", "Type": "int", "Values": "[1]"},
                {"Name": "T", "Type": "string", "Values": "['double', 'float']", "Default": "float"},
                {"Name": "SHARE", "Type": "float", "Values": "[0.25, 0.5]", "Default": 0.5},
                {"Name": "SWAP", "Type": "bool", "Values": "[True, False]", "Default": False},
            ],
            "Conditions": [{"Expression": "T == 'float' or SHARE * THREADS == 16", "Parameters": ["T", "SHARE", "THREADS"]}],
        }
        for parameter, default in zip(document["ConfigurationSpace"]["TuningParameters"], (64, 1)):
            parameter["Default"] = default
        spec = document["KernelSpecification"]
        spec["SharedMemory"] = "64 if T == 'float' else 128"
        kernel = SCALE.replace("FACTOR * x[i]", "(T)(SHARE + (SWAP ? 0.0 : 0.5)) * (T)2 * x[i]")
        spec["ReferenceArguments"] = [{"TargetName": "y", "ValidationMethod": "SideBySideComparison",
                                       "ValidationThreshold": 1e-5, "FillType": "Generator", "DataSource": "2 * i"}]
        spec["Arguments"][1].update({"FillType": "Generator", "DataSource": "i"})
        file = self.scale(document, kernel=kernel)
        legend = self.run_program("tune", file, "--target", "h200", "--on", "none").stderr
        self.assertIn("SHARE: 0 is 0.25, 1 is 0.5\nT: 0 is double, 1 is float\n", legend)
        found = self.tune(file)
        # 8 of float; of double, 0.25 of 64 and 0.5 of 32 threads are 16, twice each. Right are those whose factor is 1.
        self.assertEqual((found["candidates"], found["outcomes"]["ok"], found["outcomes"]["wrong_result"]), (12, 3, 9))
        self.assertEqual((found["best"]["config"]["SHARE"], found["best"]["config"]["SWAP"]), (1, 0))
        asked = json.loads(self.run_program("best", file, "--target", "h200", "--json").stdout)
        self.assertEqual((asked["values"]["SHARE"], asked["values"]["SWAP"]), ("0.5", "0"))
        self.assertEqual(asked["values"]["T"], ["double", "float"][asked["config"]["T"]])
        shown = self.run_program("best", file, "--target", "h200").stdout
        self.assertIn(f"values    T={asked['values']['T']} SHARE=0.5\n", shown)
        document["ConfigurationSpace"]["TuningParameters"][2]["Values"] = "['float', 'double']"
        again = self.tune(self.scale(document, kernel=kernel))
        self.assertEqual(again["outcomes"]["ok"], 3)  # positions are others, what they stand for is not mixed up
        document["ConfigurationSpace"]["TuningParameters"][2]["Default"] = "half"
        done = self.run_program("tune", self.scale(document, kernel=kernel), "--target", "h200", status=2)
        self.assertIn("TuningParameters[2].Default: this is none of the values of T", done.stderr)
        document["ConfigurationSpace"]["TuningParameters"][2].update({"Values": ["float\n", "double"], "Default": "double"})
        done = self.run_program("tune", self.scale(document, kernel=kernel), "--target", "h200", status=2)
        self.assertIn("cannot be the value of a macro", done.stderr)

    def test_constant_memory_is_filled_and_local_memory_is_dynamic_shared_memory(self):
        kernel = """__constant__ float weights[MODE];
extern __shared__ float copy[];
__global__ void scale(float* y, const float* x, int n) {
    const int i = blockIdx.x * THREADS + threadIdx.x;
    copy[threadIdx.x] = i < n ? x[i] : 0;
    if (i < n) y[i] = weights[i % MODE] * copy[threadIdx.x];
}
"""
        document = scale_document()
        spec = document["KernelSpecification"]
        spec["SharedMemory"] = 4
        spec["Arguments"][1].update({"FillType": "Generator", "DataSource": "i + 1"})
        spec["Arguments"].insert(1, {"Name": "weights", "Type": "float", "MemoryType": "Symbol", "Size": "MODE",
                                     "FillType": "Generator", "FillValue": "3 if i == 0 else 3 / 1"})
        spec["Arguments"].insert(0, {"Name": "copy", "Type": "float", "MemoryType": "Local", "Size": "THREADS - 1"})
        spec["ReferenceArguments"] = [{"TargetName": "y", "FillType": "Generator", "DataSource": "3 * (i + 1)"}]
        file = self.scale(document, modes="[1, 2]", kernel=kernel)
        found = self.tune(file)
        self.assertEqual((found["outcomes"]["ok"], found["failed"]), (4, 0))
        self.run_program("emit", file, "--target", "h200", "--embed", "ptx", "-o", "scale.hpp")
        header = (self.folder / "scale.hpp").read_text()
        self.assertIn("    const float* weights = {};", header)
        self.assertIn('fill_variable(kernel_0(), "weights", arguments.weights, stream)', header)
        spec["Arguments"][2]["Size"] = 1  # of MODE=2, one element too few
        self.assertEqual(self.tune(self.scale(document, modes="[1, 2]", kernel=kernel))["outcomes"]["launch_error"], 2)
        spec["Arguments"][2]["Name"] = "heights"
        self.tune(self.scale(document, kernel=kernel), status=1)
        listed = self.run_program("db", "list", "--json").stdout
        self.assertIn("has no variable heights", listed)

    def test_a_space_that_leaves_nothing_says_why(self):
        document = scale_document()
        document["ConfigurationSpace"]["TuningParameters"][0]["Values"] = "[2048]"
        done = self.run_program("tune", self.scale(document), "--target", "h200", status=1)
        self.assertIn("a block of h200 has at most 1024 threads", done.stderr)


if __name__ == "__main__":
    OwnKernel.program = str(pathlib.Path(sys.argv[1]).resolve())
    OwnKernel.source = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
