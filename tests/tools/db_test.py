"""What `warpsmith db` promises to scripts: exit codes, what --json has, and that no command changes what it only reads.

db_test.py PROGRAM SOURCE_FOLDER
"""

import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest


class Database(unittest.TestCase):
    program = ""
    source = pathlib.Path()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.old = self.folder / "old.db"
        sql = (self.source / "tests/data/databases/schema1.sql").read_text()
        with sqlite3.connect(self.old) as connection:
            connection.executescript(sql)
        self.cache = self.source / "tests/data/results/convolution_A6000_cache.json"

    def db(self, *arguments, code=0):
        result = subprocess.run(
            [self.program, "db", *map(str, arguments)],
            cwd=self.folder, capture_output=True, text=True, timeout=100, check=False
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def json(self, *arguments, code=0):
        return json.loads(self.db(*arguments, "--json", code=code).stdout)

    def test_every_command_has_help_with_an_example(self):
        for command in ["check", "list", "merge", "export", "import"]:
            self.assertIn(f"warpsmith db {command}", self.db(command, "--help").stdout)

    def test_a_misspelt_command_suggests_the_nearest(self):
        self.assertIn("there is no command 'db chek'; did you mean 'check'?", self.db("chek", code=2).stderr)

    def test_check_of_a_sound_database_is_0_and_has_nothing_to_salvage(self):
        before = self.old.read_bytes()
        report = self.json("check", "--db", self.old)
        self.assertEqual((report["sound"], report["schema"], report["trials"], report["findings"]), (True, 1, 8, []))
        self.assertIn("nothing to salvage", self.db("check", "--db", self.old, "--salvage", "n.db", code=2).stderr)
        self.assertEqual(self.old.read_bytes(), before)

    def test_salvage_of_a_damaged_database_says_how_many_trials_the_new_one_has(self):
        self.db("merge", "--db", "t.db", self.old)
        path = self.folder / "t.db"
        damaged = bytearray(path.read_bytes())
        damaged[: 100] = bytes(100)
        place = damaged.rindex(b"2.2e-07")
        damaged[place] = ord("9")
        path.write_bytes(damaged)
        report = self.json("check", "--db", path, "--salvage", "saved.db", code=1)
        self.assertEqual(report["savable"], {"trials": 7, "imported": 0, "without_samples": 0, "without_checksum": 0, "lost": 1})
        self.assertEqual(path.read_bytes(), damaged)
        self.assertEqual(self.json("check", "--db", "saved.db")["trials"], 7)
        self.assertEqual(len(self.db("list", "--db", "saved.db", "--json").stdout.splitlines()), 7)
        self.assertIn("there is a file of this name", self.db("check", "--db", path, "--salvage", "saved.db", code=2).stderr)

    def test_merging_twice_adds_nothing_and_a_damaged_file_is_refused(self):
        self.assertEqual(self.json("merge", "--db", "all.db", self.old)["added"], 8)
        self.assertEqual(self.json("merge", "--db", "all.db", self.old)["known"], 8)
        (self.folder / "bad.db").write_bytes(self.old.read_bytes()[:30000])
        self.assertIn("--salvage NEW, and merge that", self.db("merge", "--db", "all.db", "bad.db", code=2).stderr)

    def test_what_is_imported_is_exported_as_it_was_and_never_listed(self):
        first = self.json("import", self.cache, "--format", "kernel-tuner", "--db", "t.db")
        self.assertEqual((first["added"], first["failed"], first["device"]), (30, 6, "NVIDIA RTX A6000"))
        self.assertEqual(self.json("import", self.cache, "--format", "kernel-tuner", "--db", "t.db")["known"], 30)
        self.assertEqual(self.json("export", "--format", "kernel-tuner", "-o", "out.json", "--db", "t.db")["results"], 30)
        self.assertEqual(json.loads((self.folder / "out.json").read_text()), json.loads(self.cache.read_text()))
        self.assertEqual(self.json("export", "--format", "wisdom", "-o", "out.wisdom", "--db", "t.db")["results"], 24)
        self.assertEqual(len((self.folder / "out.wisdom").read_text().splitlines()), 25)
        self.db("list", "--db", "t.db", code=1)

    def test_modelled_trials_are_not_exported(self):
        message = self.db("export", "--format", "t4", "-o", "out.json", "--db", self.old, code=2).stderr
        self.assertIn("only what was measured on a GPU or imported is exported", message)
        self.assertFalse((self.folder / "out.json").exists())

    def test_a_format_that_is_not_there_is_refused_with_those_that_are(self):
        message = self.db("import", self.cache, "--format", "ktt", code=2).stderr
        for name in ["kernel-tuner", "t4", "wisdom"]:
            self.assertIn(name, message)


if __name__ == "__main__":
    Database.program = str(pathlib.Path(sys.argv[1]).resolve())
    Database.source = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
