#!/usr/bin/env python3
"""Groups source files that can be compiled as one: cmake/units.py LINES FILE... prints the files of one unit on a line, between |.

Most of the time that compiling takes goes into headers and what they instantiate, so several files at a time are cheaper.
The files of a unit, at most LINES lines, define no name twice.
"""
import functools
import os
import pathlib
import re
import sys


def names_in(text):
    """What is defined or declared on lines that are not indented: the members of namespaces. Tests are no names."""
    names = set()
    for line in text.splitlines():
        if line[:1].isalpha() and not re.match(r"namespace|template|using \w+::|using namespace|TEST|INSTANTIATE_TEST", line):
            line = re.sub(r"\b(?:const|constexpr|inline|final|class|struct|enum|using)\b|\w+::|<.*?>", " ", line)
            line = line.split("//")[0]
            names.update(re.findall(r"(\w+)\s*(?:$|[=({\[;:])", line)[:1])
            names.update(re.findall(r"\b(k[A-Z]\w+) =", line))
    return names


@functools.cache
def headers_of(file):
    """The project's headers that a file includes, and those that these include. (Sources that tests quote include others.)"""
    found = set()
    for header in filter(os.path.exists, re.findall(r'^#include "(.+)"', pathlib.Path(file).read_text(), re.MULTILINE)):
        found |= {header} | headers_of(header)
    return found


@functools.cache
def names_of(header):
    return names_in(pathlib.Path(header).read_text())


class Source:
    def __init__(self, file):
        text = pathlib.Path(file).read_text()
        self.headers = headers_of(file)
        self.file = file
        self.lines = text.count("\n")
        self.seen = set().union(*map(names_of, self.headers))
        self.defined = names_in(text)
        self.own = self.defined - self.seen
        # What a function calls so.
        self.local = set(re.findall(r"^ +(?:constexpr .*\b(?=k[A-Z])|using (?=\w+ =))(\w+)", text, re.MULTILINE))
        self.chosen = set(re.findall(r"^using \w+::(\w+);", text, re.MULTILINE))

    def goes_with(self, other):
        return not (
            self.own & (other.own | other.seen | other.local) or other.own & (self.seen | self.local)
            or self.meets_another(other) or other.meets_another(self)
            or any(self.is_ambiguous_beside(other, name) for name in self.chosen | other.chosen))

    def meets_another(self, other):
        """Whether what this file defines has the name of something in a header that only the other one includes."""
        return any(self.defined & names_of(header) for header in other.headers - self.headers)

    def is_ambiguous_beside(self, other, name):
        return sum(name in names_of(header) for header in self.headers | other.headers) > 1


def units(files, lines):
    """Lists of files: first fit, largest file first."""
    found = []
    for source in sorted(map(Source, files), key=lambda source: (-source.lines, source.file)):
        fitting = next((unit for unit in found if all(source.goes_with(other) for other in unit)
                        and sum(other.lines for other in unit) + source.lines <= lines), None)
        if fitting is None:
            found.append([source])
        else:
            fitting.append(source)
    return [[source.file for source in unit] for unit in found]


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: cmake/units.py LINES FILE...")
    for unit in units(sys.argv[2:], int(sys.argv[1])):
        print("|".join(unit))
