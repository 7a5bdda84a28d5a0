"""The program run in a folder of its own, as tests of its command line do."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCAN = "scan T=64 B=2 D=32 dtype=f32"


class CommandLine(unittest.TestCase):
    program = ""
    source = pathlib.Path()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def run_program(self, *arguments):
        return subprocess.run(
            [self.program, *arguments], cwd=self.folder.name, capture_output=True, text=True, timeout=300, check=False
        )

    def assert_refused(self, result, *words, code=2):
        """The exit code, nothing on standard output, and a last message that has all the words."""
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        message = result.stderr[result.stderr.index("warpsmith: ") :]
        for word in words:
            self.assertIn(word, message.splitlines()[0])


def main():
    """Runs the tests of a file that is called with PROGRAM SOURCE_FOLDER."""
    CommandLine.program = str(pathlib.Path(sys.argv[1]).resolve())
    CommandLine.source = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
