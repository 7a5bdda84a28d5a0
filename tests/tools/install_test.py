"""The installed run-time library is found by CMake and by pkg-config, and answers from C++17 and C.

install_test.py PROGRAM SOURCE_FOLDER
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCAN = "scan T=64 B=1 D=32 dtype=f32"

PROJECT = """
cmake_minimum_required(VERSION 3.24)
project(user LANGUAGES C CXX)
find_package(warpsmith 0.1 REQUIRED)
foreach(language cpp c)
    add_executable(ask_${language} "${EXAMPLES}/ask_cache.${language}")
    target_link_libraries(ask_${language} PRIVATE warpsmith::warpsmith)
endforeach()
"""

# In C, then in C++: an own cell is known once it was added, and no cell is after a query was made.
OWN_CELL_C = """
#include <stdio.h>
#include <warpsmith/warpsmith.h>

static int told(const char* what) { return printf("%s: %s\\n", what, warpsmith_error_message()), 1; }

int main(int argc, char** argv) {
    const char *database = argv[1], *file = argv[2], *workload = argv[3];
    warpsmith_options options = {0};
    warpsmith_cache* cache = NULL;
    warpsmith_query query;
    warpsmith_choice choice;
    warpsmith_kernel kernel;
    options.target = "h200";
    if (argc != 4 || warpsmith_own_cell("nowhere.cuh", NULL) != WARPSMITH_FAILED) return told("missing");
    if (warpsmith_own_cell(file, NULL) != WARPSMITH_OK || warpsmith_own_cell(file, NULL) != WARPSMITH_OK) return told("adding");
    if (warpsmith_parse(workload, &query) != WARPSMITH_OK) return told("parsing");
    if (warpsmith_open(database, &options, &cache) != WARPSMITH_OK) return told("opening");
    query.sizes[warpsmith_dimension(&query, "T")] *= 2;
    if (warpsmith_find(cache, &query, &choice) != WARPSMITH_OK) return told("finding");
    if (warpsmith_fetch(cache, &choice, &kernel) != WARPSMITH_OK) return told("fetching");
    printf("distance %.0f from %s, %s\\n", choice.distance, choice.tuned_for, kernel.name);
    warpsmith_close(cache);
    options.kernel_folder = "no_kernels";
    if (warpsmith_open(database, &options, &cache) != WARPSMITH_OK) return told("opening again");
    if (warpsmith_find(cache, &query, &choice) != WARPSMITH_OK) return told("finding again");
    if (warpsmith_fetch(cache, &choice, &kernel) != WARPSMITH_NO_KERNEL) return told("fetching what is not there");
    printf("%s\\n", warpsmith_error_message());
    warpsmith_close(cache);
    if (warpsmith_own_cell(file, NULL) != WARPSMITH_FAILED) return told("too late");
    printf("%s\\n", warpsmith_error_message());
    return 0;
}
"""
OWN_CELL_CPP = """
#include <cstdio>
#include <warpsmith/warpsmith.hpp>

int main(int, char** argv) {
    warpsmith::add_own_cell(argv[2]);
    const warpsmith::Query query(argv[3]);
    const warpsmith::Cache cache(argv[1], {"h200", {}, false, false, {}, {}});
    std::printf("%s\\n", cache.find(query).exact() ? "exact" : "other");
}
"""


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


class Install(unittest.TestCase):
    build = pathlib.Path()
    source = pathlib.Path()

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = pathlib.Path(cls.scratch.name)
        run("cmake", "--install", str(cls.build), "--prefix", str(cls.folder / "first"))
        cls.prefix = cls.folder / "moved"
        (cls.folder / "first").rename(cls.prefix)  # nothing in it may tell where it was installed
        cls.lib = next(cls.prefix.rglob("libwarpsmith.so")).parent
        cls.database = str(cls.folder / "tuning.db")
        tuning = ["tune", SCAN, "--target", "h200", "--on", "emulator", "--budget", "1", "--db", cls.database]
        run(str(cls.prefix / "bin" / "warpsmith"), *tuning)
        cls.sanitized = "WARPSMITH_SANITIZE:BOOL=ON" in (cls.build / "CMakeCache.txt").read_text(encoding="utf-8")
        cls.flags = ["-fsanitize=address,undefined"] if cls.sanitized else []

    def ask(self, program, workload, code):
        environment = os.environ | {"LD_LIBRARY_PATH": str(self.lib), "ASAN_OPTIONS": "detect_leaks=0"}
        command = [str(program), self.database, "h200", workload]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def assert_answers(self, program):
        self.assertIn("exact: lanes=", self.ask(program, SCAN, 0))
        nearest = self.ask(program, "scan T=100 B=1 D=32 dtype=f32", 0)
        self.assertIn('tuned for "scan B=1 D=32 T=64 dtype=f32 direction=forward"', nearest)
        self.assertIn("none: nothing of this family", self.ask(program, "scan T=100 B=1 D=33 dtype=f32", 1))
        self.assertIn("scan has no 'X'", self.ask(program, "scan X=1", 2))

    def test_everything_is_installed(self):
        installed = {path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if path.is_file()}
        for name in ["bin/warpsmith", "include/warpsmith/warpsmith.h", "include/warpsmith/warpsmith.hpp"]:
            self.assertIn(name, installed)
        self.assertTrue(any(name.endswith("LICENSE") for name in installed), installed)

    def test_the_library_shows_only_its_interface(self):
        symbols = run("nm", "-D", "--defined-only", str(self.lib / "libwarpsmith.so")).split("\n")
        names = [line.split()[-1] for line in symbols if line]
        self.assertIn("warpsmith_find", names)
        foreign = [name for name in names if not name.startswith("warpsmith_") and "asan" not in name]
        self.assertEqual(foreign, [])

    def test_cmake_finds_it(self):
        project = self.folder / "project"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
        flags = [f"-DCMAKE_{language}_FLAGS={' '.join(self.flags)}" for language in ("C", "CXX")]
        places = [f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DEXAMPLES={self.source / 'examples'}"]
        run("cmake", "-S", str(project), "-B", str(project / "build"), "-G", "Ninja", *places, *flags)
        run("cmake", "--build", str(project / "build"))
        self.assert_answers(project / "build" / "ask_cpp")
        self.assert_answers(project / "build" / "ask_c")

    def test_pkg_config_finds_it(self):
        environment = os.environ | {"PKG_CONFIG_PATH": str(self.lib / "pkgconfig")}
        found = run("pkg-config", "--cflags", "--libs", "warpsmith", env=environment).split()
        for compiler, standard, language in [("c++", "-std=c++17", "cpp"), ("cc", "-std=c99", "c")]:
            program = self.folder / f"by_pkg_config_{language}"
            example = str(self.source / "examples" / f"ask_cache.{language}")
            strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
            run(compiler, standard, *strict, *self.flags, example, *found, "-o", str(program))
            self.assert_answers(program)
        self.assertIn("registers", self.ask(self.folder / "by_pkg_config_cpp", SCAN, 0))

    def test_cells_of_ones_own_are_families_that_answer(self):
        cell = str(self.source / "examples" / "own_cell" / "mgu.cuh")
        sizes, database = "T=6 B=9 N=2 D=24 dtype=bf16", str(self.folder / "cells.db")
        run(str(self.prefix / "bin" / "warpsmith"), "tune", f"{cell} {sizes}", "--target", "h200", "--on", "emulator", "--budget", "1",
            "--db", database)
        told = []
        for compiler, standard, name, text in [("cc", "-std=c99", "own.c", OWN_CELL_C), ("c++", "-std=c++17", "own.cpp", OWN_CELL_CPP)]:
            (self.folder / name).write_text(text, encoding="utf-8")
            program = str(self.folder / name) + ".out"
            run(compiler, standard, "-Wall", "-Wextra", "-Werror", *self.flags, str(self.folder / name), f"-I{self.prefix}/include",
                f"-L{self.lib}", "-lwarpsmith", "-o", program)
            environment = os.environ | {"LD_LIBRARY_PATH": str(self.lib), "ASAN_OPTIONS": "detect_leaks=0"}
            told.append(run(program, database, cell, f"mgu {sizes}", env=environment))
        self.assertIn("distance 1 from mgu B=9 D=24 N=2 T=6 dtype=bf16, ", told[0])
        self.assertIn(f'run: warpsmith tune "{cell} B=9 D=24 N=2 T=6 ', told[0])
        self.assertIn("call warpsmith_own_cell first", told[0])
        self.assertEqual(told[1], "exact\n")


if __name__ == "__main__":
    Install.build = pathlib.Path(sys.argv[1]).resolve().parent.parent
    Install.source = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
