"""What the command line promises to scripts: exit codes, one clear line per error, and nothing recorded ever lost.

command_line_test.py PROGRAM SOURCE_FOLDER
"""

import json
import os
import pathlib
import pty
import signal
import sqlite3
import subprocess
import tempfile
import time

from command_line import SCAN, CommandLine, main

COMMANDS = ["doctor", "families", "solve", "explain", "compile", "verify", "run", "tune", "best", "emit", "db"]


class Usage(CommandLine):
    def test_every_command_has_help_with_an_example(self):
        for command in COMMANDS:
            result = self.run_program(command, "--help")
            self.assertEqual(result.returncode, 0)
            self.assertIn(f"  warpsmith {command}", result.stdout[result.stdout.index("Example") :])

    def test_the_readme_shows_the_families_that_there_are(self):
        console = "```console\n$ warpsmith families\n"
        readme = (self.source / "README.md").read_text()
        self.assertEqual(readme.count(console), 1)
        shown = readme.split(console)[1].split("```")[0]
        self.assertEqual(shown, self.run_program("families").stdout)

    def test_the_version_is_told(self):
        self.assertRegex(self.run_program("--version").stdout, r"^warpsmith \d+\.\d+\.\d+\n$")

    def test_a_misspelt_command_suggests_the_nearest(self):
        self.assert_refused(self.run_program("tunee", SCAN), "there is no command 'tunee'", "did you mean 'tune'?")

    def test_a_misspelt_option_suggests_the_nearest(self):
        self.assert_refused(self.run_program("tune", SCAN, "--tagret", "h200"), "'--tagret'", "did you mean '--target'?")

    def test_a_workload_without_quotes_says_so(self):
        self.assert_refused(self.run_program("solve", *SCAN.split()), "'T=64' was not expected", "quotes")

    def test_no_command_is_wrong_usage(self):
        self.assert_refused(self.run_program(), "--help")

    def test_a_missing_argument_is_named(self):
        self.assert_refused(self.run_program("tune"), "WORKLOAD")


class SpaceFormats(CommandLine):
    """SPACE can be a space file, a T1 file or ConstrINT text: the content tells, not the name."""

    def count(self, text, *options):
        self.path("space").write_text(text)
        result = self.run_program("solve", "space", "--count", *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return int(result.stdout.splitlines()[-1])

    def test_every_format_is_recognised(self):
        self.assertEqual(self.count('{"parameters": {"x": {"range": [1, 9]}}, "constraints": ["x % 2"]}'), 5)
        t1 = {"ConfigurationSpace": {"TuningParameters": [{"Name": "x", "Values": "[2**i for i in range(4)]"}]}}
        self.assertEqual(self.count(json.dumps(t1)), 4)
        self.assertEqual(self.count("x <= 3; y == [2, 4];"), 6)

    def test_brackets_count_when_asked_for(self):
        text = "A <= 6; B <= 5; (A + B) * 2 <= 9;"
        self.assertEqual(self.count(text), 15)
        self.assertEqual(self.count(text, "--brackets"), 6)
        result = self.run_program("explain", "space", "A=4", "B=1", "--brackets")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.run_program("explain", "space", "A=4", "B=1").returncode, 0)

    def test_what_is_none_of_them_is_refused_with_what_was_tried(self):
        self.path("notes").write_text("Dear reader")
        result = self.run_program("solve", "notes")
        self.assert_refused(result, "notes:1:6: expected an operator")
        self.assertIn("read as ConstrINT text", result.stderr)
        self.assert_refused(self.run_program("solve", "nothing"), "there is no such file, and no family of this name")


class BadInput(CommandLine):
    def test_an_unknown_family_suggests_the_nearest(self):
        result = self.run_program("tune", "lstn T=1 B=1 N=1 D=32 dtype=bf16", "--target", "h200")
        self.assert_refused(result, "there is no family 'lstn'", "did you mean 'lstm'?")

    def test_a_misspelt_dimension_suggests_the_nearest(self):
        result = self.run_program("tune", "attention L=64 B=1 Hq=1 Hkw=1 D=32 dtype=bf16", "--target", "h200")
        self.assert_refused(result, "has no 'Hkw'", "did you mean 'Hkv'?")

    def test_an_unknown_target_suggests_the_nearest(self):
        self.assert_refused(self.run_program("solve", SCAN, "--target", "h2000"), "did you mean 'h200'?")

    def test_a_size_that_no_configuration_fits_names_the_limit(self):
        result = self.run_program("tune", "lstm T=8 B=4 N=1 D=8191 dtype=bf16", "--target", "h200")
        self.assert_refused(result, "no configuration fits", "D=8191", "fit in", code=1)
        self.assertFalse(self.path("tuning.db").exists())

    def test_a_configuration_outside_the_space_names_the_constraint(self):
        for command in ("verify", "compile"):
            result = self.run_program(command, SCAN, "--target", "h200", "--config", "lanes=8 segments=1 steps=4 vector=1")
            self.assert_refused(result, "lanes=8 segments=1 steps=4 vector=1", "a block has whole warps")

    def test_compile_says_what_the_space_had_modelled_beside_what_came_out(self):
        workload = "lstm T=8 B=8 N=1 D=16 dtype=bf16"
        config = self.run_program("solve", workload, "--target", "h200", "--first").stdout.strip()
        result = self.run_program("compile", workload, "--target", "h200", "--config", config, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        row = json.loads(result.stdout)
        self.assertGreater(row["modelled"]["registers"], 0)
        self.assertEqual(row["modelled"]["smem_bytes"], row["smem_bytes"])

    def test_an_unknown_field_of_a_configuration_suggests_the_nearest(self):
        result = self.run_program("verify", SCAN, "--target", "h200", "--config", "lane=8 segments=8 steps=4 vector=1")
        self.assert_refused(result, "lane", "did you mean", "lanes")

    def test_a_workload_that_was_not_tuned_says_what_to_run(self):
        for command in (["best", SCAN], ["emit", SCAN, "-o", "kernels.cuh"]):
            result = self.run_program(*command, "--target", "h200", "--db", "none.db")
            self.assert_refused(result, "none.db", "run: warpsmith tune", code=1)
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_an_impossible_budget_says_what_was_expected(self):
        self.assert_refused(self.run_program("tune", SCAN, "--budget", "soon"), "60s", "200")


class SpaceFiles(CommandLine):
    def space_file(self, text):
        self.path("space.json").write_text(text)
        return "space.json"

    def test_count_prints_one_integer_on_the_last_line(self):
        space = self.space_file('{"parameters": {"a": [1, 2, 3], "b": [2, 4]}, "constraints": ["a * b <= 6", "b % a == 0"]}')
        result = self.run_program("solve", space, "--count", "--stats")
        self.assertEqual((result.returncode, result.stdout.splitlines()[-1]), (0, "3"), result.stderr)
        self.assertEqual(set(json.loads(result.stderr)), {"parse_ms", "solve_ms", "nodes"})

    def test_json_prints_one_object_per_line_in_order(self):
        space = self.space_file('{"parameters": {"a": [1, 2], "b": ["x", 0.5]}, "constraints": []}')
        lines = self.run_program("solve", space, "--json").stdout.splitlines()
        expected = [{"a": a, "b": b} for a in (1, 2) for b in ("x", 0.5)]
        self.assertEqual([json.loads(line) for line in lines], expected)
        self.assertEqual(self.run_program("solve", space, "--json", "--limit", "3").stdout.splitlines(), lines[:3])
        self.assertEqual(self.run_program("solve", space, "--json", "--first").stdout.splitlines(), lines[:1])

    def test_many_configurations_are_printed_in_the_same_order_as_few(self):
        numbers = list(range(60))  # more than two blocks
        space = self.space_file(json.dumps({"parameters": {"a": numbers, "b": numbers, "c": numbers}, "constraints": ["a <= b"]}))
        expected = [f"a={a} b={b} c={c}" for a in numbers for b in numbers if a <= b for c in numbers]
        self.assertEqual(self.run_program("solve", space).stdout.splitlines(), expected)
        self.assertEqual(self.run_program("solve", space, "--limit", "16390").stdout.splitlines(), expected[:16390])
        objects = [dict(field.split("=") for field in line.split()) for line in expected]
        lines = self.run_program("solve", space, "--json").stdout.splitlines()
        self.assertEqual([{name: str(value) for name, value in json.loads(line).items()} for line in lines], objects)

    def test_an_interrupted_list_ends_with_a_whole_line(self):
        numbers = list(range(1000))
        space = self.space_file(json.dumps({"parameters": {"a": numbers, "b": numbers, "c": numbers}, "constraints": []}))
        with subprocess.Popen([self.program, "solve", space], cwd=self.folder.name, stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.stdout.readline(), "a=0 b=0 c=0\n")
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
        self.assertEqual(process.returncode, 1)
        self.assertRegex(rest, r"\na=\d+ b=\d+ c=\d+\n$")

    PAIRS = '{"parameters": {"a": [1, 2, 3], "b": [4, 2, 1]}, "constraints": ["a * b <= 6"], "minimize": "abs(a - b)"}'

    def solve_pairs(self, *arguments):
        result = self.run_program("solve", self.space_file(self.PAIRS), *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.splitlines()

    def test_a_sample_has_different_configurations_that_the_seed_determines(self):
        everything = self.solve_pairs()
        self.assertEqual(len(everything), 7)
        drawn = self.solve_pairs("--sample", "5", "--seed", "3")
        self.assertEqual((len(set(drawn)), set(drawn) - set(everything)), (5, set()))
        self.assertEqual(self.solve_pairs("--sample", "5", "--seed", "3"), drawn)
        self.assertNotEqual(self.solve_pairs("--sample", "5", "--seed", "4"), drawn)
        self.assertEqual(sorted(self.solve_pairs("--sample", "99")), sorted(everything))

    def test_the_best_are_the_cheapest_and_json_has_the_cost(self):
        lines = self.solve_pairs("--best", "3", "--json")
        expected = [{"a": 1, "b": 1, "cost": 0}, {"a": 2, "b": 2, "cost": 0}, {"a": 1, "b": 2, "cost": 1}]
        self.assertEqual([json.loads(line) for line in lines], expected)
        self.assertEqual(self.solve_pairs("--best", "1"), ["a=1 b=1"])
        space = self.space_file('{"parameters": {"a": [1, 2]}, "constraints": []}')
        self.assert_refused(self.run_program("solve", space, "--best", "1"), "there is no cost", "minimize")

    def test_preferences_order_by_importance(self):
        ordered = self.solve_pairs("--prefer", "b=smallest", "--prefer", "a=largest", "--limit", "4")
        self.assertEqual(ordered, ["a=3 b=1", "a=2 b=1", "a=1 b=1", "a=3 b=2"])
        self.assertEqual(self.solve_pairs("--prefer", "b=largest", "--first"), ["a=1 b=4"])
        result = self.run_program("solve", self.space_file(self.PAIRS), "--prefer", "b=biggest")
        self.assert_refused(result, "b=biggest", "NAME=largest")

    def test_the_nearest_differ_least_from_a_configuration_that_does_not_fit(self):
        self.assertEqual(self.solve_pairs("--nearest", "a=3 b=4", "--limit", "2"), ["a=3 b=2", "a=1 b=4"])
        self.assertEqual(self.solve_pairs("--nearest", "a=2 b=2")[0], "a=2 b=2")
        self.assertEqual(self.solve_pairs("--nearest", "b=5")[0], "a=1 b=4")
        self.assert_refused(self.run_program("solve", self.space_file(self.PAIRS), "--nearest", "aa=1"), "aa", "did you mean")

    def test_marginals_count_the_configurations_that_have_a_value(self):
        self.assertEqual(self.solve_pairs("--marginals"), ["a=1 3", "a=2 2", "a=3 2", "b=4 1", "b=2 3", "b=1 3"])
        last = json.loads(self.solve_pairs("--marginals", "--json")[-1])
        self.assertEqual(last, {"variable": "b", "value": 1, "solutions": 3})

    def test_spaces_too_large_to_list_are_counted_and_sampled(self):
        parameters = {f"v{i}": list(range(10)) for i in range(25)}
        space = self.space_file(json.dumps({"parameters": parameters, "constraints": ["v0 + v24 < 10"]}))
        self.assertEqual(self.run_program("solve", space, "--count").stdout, "55" + 23 * "0" + "\n")
        self.assertEqual(len(self.run_program("solve", space, "--sample", "100").stdout.splitlines()), 100)
        self.assertIn("v0=9 1" + 23 * "0" + "\n", self.run_program("solve", space, "--marginals").stdout)

    def test_options_that_exclude_each_other_are_refused(self):
        space = self.space_file(self.PAIRS)
        for options, words in {
            ("--sample", "3", "--best", "2"): ("--sample", "--best"),
            ("--marginals", "--limit", "2"): ("--marginals", "--limit"),
            ("--nearest", "a=1", "--engine", "z3"): ("--nearest", "z3"),
            ("--seed", "3"): ("--seed", "--sample"),
        }.items():
            self.assert_refused(self.run_program("solve", space, *options), *words)

    def test_a_space_without_solutions_is_explained(self):
        space = self.space_file('{"parameters": {"a": [1, 2]}, "constraints": ["a > 0", "a % 4 == 0"]}')
        self.assert_refused(self.run_program("solve", space), "no configuration", code=1)
        result = self.run_program("explain", space)
        self.assertEqual(result.returncode, 1)
        self.assertIn("a % 4 == 0", result.stdout)

    def test_refused_values_are_explained(self):
        space = self.space_file('{"parameters": {"a": [1, 2], "b": [1, 2]}, "constraints": ["a != b"]}')
        self.assertEqual(self.run_program("explain", space, "a=1", "b=2").returncode, 0)
        result = self.run_program("explain", space, "a=2", "b=2")
        self.assertEqual(result.returncode, 1)
        self.assertIn("a != b", result.stdout)

    def test_broken_json_names_file_line_and_column(self):
        space = self.space_file('{\n  "parameters": {"a": [1, 2]},\n  "constraints": ["a > 1"\n}\n')
        self.assert_refused(self.run_program("solve", space), "space.json:4:1", "expected")

    def test_a_broken_constraint_names_file_line_column_and_what_was_expected(self):
        space = self.space_file('{\n  "parameters": {"a": [1, 2]},\n  "constraints": ["(a + 1 > 2"]\n}\n')
        self.assert_refused(self.run_program("solve", space), "space.json:3:", "expected")

    def test_an_unknown_name_in_a_constraint_suggests_the_nearest(self):
        space = self.space_file('{"parameters": {"threads": [1, 2]}, "constraints": ["thread > 1"]}')
        self.assert_refused(self.run_program("solve", space), "thread", "threads")

    def test_a_file_that_is_not_there_is_named(self):
        self.assert_refused(self.run_program("solve", "nowhere.json"), "nowhere.json")


class Databases(CommandLine):
    def tune(self, *arguments):
        return self.run_program("tune", SCAN, "--target", "h200", "--budget", "3", "--on", "none", *arguments)

    def assert_untouched(self, content, *words):
        """Every command that opens tuning.db refuses it with the words, and leaves it as it is."""
        self.path("tuning.db").write_bytes(content)
        for result in (self.tune(), self.run_program("best", SCAN, "--target", "h200"), self.run_program("db", "list")):
            self.assert_refused(result, "tuning.db", *words)
        self.assertEqual(self.path("tuning.db").read_bytes(), content)
        self.assertEqual(os.listdir(self.folder.name), ["tuning.db"])

    def test_a_file_that_is_no_database_is_left_alone(self):
        self.assert_untouched(b"some notes that must not be lost\n" * 50)

    def test_a_database_of_another_program_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            foreign = pathlib.Path(folder) / "foreign.db"
            connection = sqlite3.connect(foreign)
            connection.execute("CREATE TABLE trials (name TEXT)")
            connection.commit()
            connection.close()
            self.assert_untouched(foreign.read_bytes())

    def test_a_database_that_cannot_be_written_is_named(self):
        self.assert_refused(self.tune("--db", "no/such/folder/tuning.db"), "no/such/folder/tuning.db")

    def test_a_missing_nvrtc_says_how_to_get_one_and_loses_nothing(self):
        self.assertEqual(self.tune().returncode, 0)
        recorded = self.run_program("db", "list", "--json").stdout
        self.assertEqual(len(recorded.splitlines()), 3)
        result = self.tune("--toolkit", "/nonexistent")
        self.assert_refused(result, "CUDA toolkit")
        self.assertIn("cmake/fetch-toolkit", result.stderr)
        self.assertEqual(self.run_program("db", "list", "--json").stdout, recorded)

    def test_the_doctor_tells_of_a_missing_toolkit_and_a_foreign_database(self):
        self.path("tuning.db").write_text("notes " * 200)
        result = self.run_program("doctor", "--toolkit", "/nonexistent")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent", result.stdout)
        self.assertIn("tuning.db", result.stdout)


class Tuning(CommandLine):
    def tune(self, *arguments):
        return self.run_program("tune", SCAN, "--target", "h200", "--budget", "4", *arguments)

    def test_a_second_run_compiles_nothing_and_finds_the_same(self):
        runs = [json.loads(self.tune("--on", "emulator", "--json").stdout) for _ in range(2)]
        self.assertGreater(runs[0]["compiled"], 0)
        self.assertEqual((runs[1]["compiled"], runs[1]["verified"]), (0, 0))
        self.assertEqual(runs[0]["best"]["config"], runs[1]["best"]["config"])
        self.assertEqual(runs[0]["best"]["time_kind"], "modelled")

    def test_what_was_tuned_is_found_exactly_and_its_neighbour_nearest(self):
        self.assertEqual(self.tune("--on", "emulator").returncode, 0)
        exact = json.loads(self.run_program("best", SCAN, "--target", "h200", "--json").stdout)
        self.assertEqual(exact["basis"], "exact")
        near = json.loads(self.run_program("best", SCAN.replace("T=64", "T=128"), "--target", "h200", "--json").stdout)
        self.assertEqual((near["basis"], near["workload"], near["distance"]), ("nearest", exact["workload"], 1.0))
        self.assertEqual(near["config"], exact["config"])
        self.assertEqual(self.run_program("best", SCAN, "--target", "a100").returncode, 1)

    def test_an_emitted_header_includes_nothing_of_ours(self):
        self.assertEqual(self.tune("--on", "emulator").returncode, 0)
        self.assertEqual(self.run_program("emit", SCAN, "--target", "h200", "-o", "kernels.cuh").returncode, 0)
        header = self.path("kernels.cuh").read_text()
        self.assertIn("scan_forward", header)
        self.assertNotIn('#include "', header)
        result = self.run_program("emit", SCAN, "--target", "h200", "-o", "no/such/folder.cuh")
        self.assert_refused(result, "no/such/folder.cuh")

    def test_progress_is_a_bar_on_a_terminal_and_plain_lines_elsewhere(self):
        self.assertNotIn("\r", self.tune("--on", "none").stderr)
        terminal, its_other_end = pty.openpty()
        command = [self.program, "tune", SCAN.replace("f32", "f16"), "--target", "h200", "--budget", "4", "--on", "none"]
        subprocess.run(command, cwd=self.folder.name, stdout=subprocess.DEVNULL, stderr=its_other_end, check=True)
        os.close(its_other_end)
        shown = os.read(terminal, 65536).decode()
        os.close(terminal)
        self.assertRegex(shown, r"\r  compile  \[#+\.*\] \d of 4")

    def test_an_interrupt_keeps_what_was_found(self):
        command = [self.program, "tune", "lstm T=64 B=16 N=2 D=64 dtype=bf16", "--target", "h200", "--on", "none", "--jobs", "1"]
        process = subprocess.Popen(command, cwd=self.folder.name, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not self.path("tuning.db.kernels").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("stopped before the end", errors)
        self.assertEqual(self.run_program("doctor").returncode, 0)
        self.assertNotEqual(self.run_program("db", "list").stdout, "")


if __name__ == "__main__":
    main()
