"""A tuning run that is killed or interrupted at any moment loses nothing that was recorded, and the next one does the rest.

resume_test.py PROGRAM SOURCE_FOLDER
"""

import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

WORKLOAD = "scan T=64 B=2 D=32 dtype=f32"
CANDIDATES = 6
KILLS = 30  # of the whole program; tests/tuner/worker_resume.cpp has hundreds, of a toy
SHARE = 0.6  # of an undisturbed run, within which a kill comes: so that a run is killed several times

# All that says what was tried and what came of it; a repeated trial would be a second row.
ROWS = """SELECT config, outcome, note, device, driver, source_digest, compile_options, median_us, max_error, tolerance,
                 verified_on, registers, workload, target, toolkit, library_version FROM trial_record"""


class Resume(unittest.TestCase):
    program = ""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def start(self, database, *options):
        command = [self.program, "tune", WORKLOAD, "--target", "h200", "--budget", str(CANDIDATES), "--json"]
        command += ["--db", str(self.path(database)), *(options if "--on" in options else ["--on", "emulator", *options])]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder.name
        )

    def finish(self, database):
        process = self.start(database)
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, errors)
        return json.loads(output)

    def rows(self, database):
        """What any SQLite program reads of the file, which has to be whole."""
        if not self.path(database).exists():
            return []
        with sqlite3.connect(self.path(database)) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
                return []
            found = connection.execute(ROWS + " ORDER BY id").fetchall()
        connection.close()
        return found

    def compiled(self, database):
        """When each kernel of the store was written."""
        kernels = self.path(database + ".kernels").glob("*/kernel.json")
        return {kernel.parent.name: kernel.stat().st_mtime_ns for kernel in kernels}

    def workers(self):
        """Worker processes of this test's program that run in its folder."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if words[0] == b"warpsmith-worker" and os.readlink(process / "cwd") == os.path.realpath(self.folder.name):
                    found.append(process.name)
            except OSError:  # ended meanwhile
                continue
        return found

    def assert_no_worker_is_left(self):
        for _ in range(500):
            if not self.workers():
                return
            time.sleep(0.01)
        self.fail(f"workers {self.workers()} outlive the process that they worked for")

    def killed_after(self, database, delay_s):
        """Whether it was killed before it had ended."""
        with self.start(database) as process:
            time.sleep(delay_s)
            process.kill()
            process.communicate()
        return process.returncode == -signal.SIGKILL

    def kill_until_done(self, database, moments):
        """The number of kills. Nothing that was there before one may be gone, changed or made again after it."""
        kills, seen, kernels = 0, [], {}
        while len(seen) < self.row_count and kills < KILLS:
            kills += self.killed_after(database, moments.uniform(0, self.longest_s))
            rows, kernels_now = self.rows(database), self.compiled(database)
            self.assertEqual(rows[: len(seen)], seen)
            self.assertEqual({name: kernels_now.get(name) for name in kernels}, kernels)
            seen, kernels = rows, kernels_now
        return kills

    def test_kills_at_any_moment_lose_nothing_and_the_last_run_ends_with_the_rows_of_an_undisturbed_one(self):
        start = time.monotonic()
        undisturbed = self.finish("undisturbed.db")
        self.longest_s = SHARE * (time.monotonic() - start)
        expected = sorted(self.rows("undisturbed.db"))
        self.row_count = len(expected)
        self.assertEqual((undisturbed["candidates"], undisturbed["compiled"]), (CANDIDATES, CANDIDATES))
        moments = random.Random(20)
        kills, episodes = 0, 0
        while kills < KILLS:
            database = f"killed{episodes}.db"
            kills += self.kill_until_done(database, moments)
            report = self.finish(database)
            self.assertEqual(sorted(self.rows(database)), expected)
            self.assertEqual(report["best"]["config"], undisturbed["best"]["config"])
            self.assertTrue(report["complete"])
            episodes += 1
        self.assert_no_worker_is_left()
        print(f"{kills} kills of {episodes} tuning runs", file=sys.stderr)

    def interrupted(self, database, which):
        process = self.start(database, "--jobs", "1")
        while len(self.compiled(database)) < 2 and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(which)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("stopped before the end", errors)
        return json.loads(output)

    def test_an_interrupt_keeps_what_was_found_and_says_that_it_is_not_all(self):
        self.finish("undisturbed.db")
        for which in (signal.SIGINT, signal.SIGTERM):
            database = f"{which.name}.db"
            report = self.interrupted(database, which)
            self.assertFalse(report["complete"])
            self.assertEqual(report["compiled"], len(self.rows(database)))
            self.assertGreaterEqual(report["compiled"], 1)
            self.assert_no_worker_is_left()
            rest = self.finish(database)
            self.assertGreaterEqual(report["compiled"] + rest["compiled"], CANDIDATES - 1)
            self.assertEqual(sorted(self.rows(database)), sorted(self.rows("undisturbed.db")))

    def test_a_worker_that_crashes_costs_one_candidate_and_after_a_second_time_it_is_skipped_until_a_retry(self):
        self.crash_one("t.db", "crashed", "its process ended while compiling: signal 11 (Segmentation fault)")
        with sqlite3.connect(self.path("t.db")) as connection:
            (crashed,) = connection.execute("SELECT config FROM trial WHERE outcome = 'crashed'").fetchone()
        connection.close()
        self.crash_one("t.db", "blocked", "blocked, because it failed so a second time: its process ended while compiling")
        output, _ = self.start("t.db", "--on", "none").communicate(timeout=60)
        self.assertEqual((json.loads(output)["compiled"], json.loads(output)["outcomes"]["blocked"]), (0, 1))
        again = self.start("t.db", "--on", "none", "--retry")
        output, errors = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 0, errors)
        self.assertEqual((json.loads(output)["compiled"], json.loads(output)["outcomes"]["blocked"]), (1, 0))
        self.assertIn((crashed, "modelled"), [(row[0], row[1]) for row in self.rows("t.db")])

    def test_an_interrupt_leaves_a_line_for_each_workload_with_what_is_known_of_it(self):
        other = WORKLOAD.replace("T=64", "T=32")
        output, errors = self.start("t.db", other, "--on", "none").communicate(timeout=60)
        known = json.loads(output.splitlines()[1])
        self.assertEqual((known["complete"], known["outcomes"]["modelled"]), (True, CANDIDATES), errors)
        before = len(self.compiled("t.db"))
        process = self.start("t.db", "gru T=64 B=8 N=2 D=32 dtype=f16", other, "--jobs", "1")
        while len(self.compiled("t.db")) == before and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        lines = [json.loads(line) for line in output.splitlines()]
        self.assertEqual([line["workload"].split()[0] for line in lines], ["scan", "gru", "scan"])
        self.assertEqual([line["complete"] for line in lines[1:]], [False, False])
        self.assertEqual((lines[2]["why"], lines[2]["outcomes"]["modelled"]), ("it was not begun", CANDIDATES))
        self.assert_no_worker_is_left()

    def test_an_interrupt_while_the_run_starts_is_obeyed_too(self):
        moments = random.Random(3)
        for number in range(20):
            process = self.start(f"{number}.db")
            time.sleep(moments.uniform(0, 0.12))
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
            if process.returncode != -signal.SIGINT:  # before it listens
                self.assertEqual(process.returncode, 1, errors)
                self.assertIn("stopped before the end", errors)
                self.assertEqual(json.loads(output)["compiled"], len(self.rows(f"{number}.db")))
        self.assert_no_worker_is_left()

    def crash_one(self, database, outcome, note):
        """Ends the worker that compiles the first candidate that is not compiled yet."""
        before = len(self.rows(database))
        process = self.start(database, "--jobs", "1", "--on", "none")
        worker = self.wait_for_a_compilation(process)
        os.kill(worker, signal.SIGSEGV)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, errors)
        report, rows = json.loads(output), self.rows(database)
        self.assertTrue(report["complete"])
        self.assertEqual(report["outcomes"][outcome], 1, report)
        new = rows[before:]
        self.assertEqual([row[1] for row in new].count(outcome), 1, new)
        self.assertEqual([row[2][: len(note)] for row in new if row[1] == outcome], [note])

    def wait_for_a_compilation(self, process):
        """The worker that has NVRTC open."""
        while process.poll() is None:
            for worker in self.workers():
                try:
                    if "libnvrtc" in pathlib.Path(f"/proc/{worker}/maps").read_text():
                        return int(worker)
                except OSError:
                    continue
        self.fail("nothing was compiled")


if __name__ == "__main__":
    Resume.program = sys.argv[1]
    unittest.main(argv=sys.argv[:1], verbosity=2)
