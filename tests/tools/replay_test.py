"""What `tune --replay` promises: the last line of --json, the same search again for a seed, refusals that say what to do.

replay_test.py PROGRAM SOURCE_FOLDER
"""

import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SIDE = 12
STRATEGIES = ["bayesian", "evolutionary", "local", "model", "random", "exhaustive"]


def kernel_tuner_cache():
    """A bowl whose fastest is x=64 y=8, 1.0 ms; whatever has x * y over 8192 failed."""
    cache = {}
    for i in range(SIDE):
        for j in range(SIDE):
            x, y = 2**i, 2**j
            time = "RuntimeFailedConfig" if x * y > 8192 else 1 + 0.3 * (i - 6) ** 2 + 0.2 * (j - 3) ** 2
            cache[f"{x},{y}"] = {"x": x, "y": y, "time": time, "compile_time": 100}
    return {"tune_params_keys": ["x", "y"], "cache": cache}


class Replay(unittest.TestCase):
    program = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "cache.json"
        self.file.write_text(json.dumps(kernel_tuner_cache()))

    def tune(self, *arguments, file=None):
        command = [self.program, "tune", "--replay", str(file or self.file), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    def replay(self, *arguments, file=None):
        result = self.tune(*arguments, "--json", file=file)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout.splitlines()[-1])

    def test_every_strategy_ends_at_the_best_of_the_recording(self):
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                end = self.replay("--strategy", strategy, "--seed", "5")
                self.assertEqual((end["strategy"], end["seed"], end["best"]), (strategy, 5, 1.0))
                self.assertEqual(end["trials_to_2_percent"], end["trials"])
                self.assertLessEqual(end["trials_to_5_percent"], end["trials_to_2_percent"])
                self.assertLessEqual(end["trials"], SIDE * SIDE)

    def test_a_seed_names_one_search(self):
        searches = [self.replay("--strategy", "random", "--seed", str(seed)) for seed in (1, 1, 2, 3)]
        self.assertEqual(searches[0], searches[1])
        self.assertGreater(len({search["trials"] for search in searches}), 1)

    def test_a_budget_that_ends_too_early_leaves_the_trials_null(self):
        end = self.replay("--strategy", "exhaustive", "--budget", "3")
        self.assertEqual((end["trials"], end["trials_to_2_percent"], end["trials_to_5_percent"]), (3, None, None))
        self.assertGreater(end["best"], 1.05)

    def test_gzip_files_are_read_as_plain_ones_are(self):
        packed = self.file.with_suffix(".json.gz")
        packed.write_bytes(gzip.compress(self.file.read_bytes()))
        self.assertEqual(self.replay(file=packed), self.replay())

    def test_a_gzip_file_that_ends_early_is_refused(self):
        packed = self.file.with_suffix(".json.gz")
        packed.write_bytes(gzip.compress(self.file.read_bytes())[:-100])
        result = self.tune("--json", file=packed)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        self.assertIn(packed.name, result.stderr)

    def test_a_strategy_that_is_not_there_is_refused_with_those_that_are(self):
        result = self.tune("--strategy", "bayes")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        for strategy in STRATEGIES:
            self.assertIn(strategy, result.stderr)


if __name__ == "__main__":
    Replay.program = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=sys.argv[:1])
