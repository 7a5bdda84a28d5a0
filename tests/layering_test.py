"""A folder includes only itself and the folders to its left, and each foreign header is included by one file only.

layering_test.py PROGRAM SOURCE_FOLDER
"""

import pathlib
import re
import sys
import tempfile
import unittest

FOLDERS = ["solver", "templates", "generator", "device", "cache", "tuner", "tools"]
INCLUDED_ONCE = ["nvrtc.h", "cuda.h", "sqlite3.h", "z3++.h"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root):
    """Every C++ file of the folders, and the folder it is in. Kernels (.cuh) see only what NVRTC is given."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                yield path, folder


def violations(root):
    """One line per include that must not be."""
    found = []
    includers = {header: [] for header in INCLUDED_ONCE}
    for path, folder in sources(root):
        name = path.relative_to(root).as_posix()
        for bracket, included in INCLUDE.findall(path.read_text()):
            first = included.split("/")[0]
            if included in includers:
                includers[included].append(name)
            elif first in FOLDERS and FOLDERS.index(first) > FOLDERS.index(folder):
                found.append(f"{name} includes {included}: {first} is to the right of {folder}")
            elif bracket == '"' and first not in FOLDERS:
                found.append(f"{name} includes {included}: write its path from the root")
    for header, names in includers.items():
        if len(names) > 1:
            found.append(f"{header} is included by {', '.join(names)}: one of them is enough")
    return found


class Layering(unittest.TestCase):
    root = pathlib.Path(".")

    def test_every_folder_sees_only_the_folders_to_its_left(self):
        self.assertEqual(violations(self.root), [])

    def test_every_folder_is_looked_at(self):
        self.assertEqual(sorted({folder for _, folder in sources(self.root)}), sorted(FOLDERS))

    def planted(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).write_text(text)
            return violations(root)

    def test_an_include_to_the_right_is_found(self):
        found = self.planted({"solver/model.cpp": '#include "solver/model.hpp"\n  #  include "cache/trial.hpp"\n'})
        self.assertEqual(found, ["solver/model.cpp includes cache/trial.hpp: cache is to the right of solver"])

    def test_an_include_to_the_right_in_angle_brackets_is_found(self):
        self.assertEqual(len(self.planted({"device/gpu.hpp": "#include <tuner/tune.hpp>\n"})), 1)

    def test_a_second_includer_of_a_foreign_header_is_found(self):
        found = self.planted({"cache/a.cpp": "#include <sqlite3.h>\n", "tuner/b.cpp": "#include <sqlite3.h>\n"})
        self.assertEqual(found, ["sqlite3.h is included by cache/a.cpp, tuner/b.cpp: one of them is enough"])

    def test_an_include_to_the_left_is_allowed(self):
        self.assertEqual(self.planted({"tools/main.cpp": '#include "solver/model.hpp"\n#include <vector>\n'}), [])


if __name__ == "__main__":
    Layering.root = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
