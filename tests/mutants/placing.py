"""Puts a mutant into this process: into functions that are loaded already, or instead of a module's file."""

import gc
import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, FunctionType, ModuleType


class CannotBeSwapped(Exception):
    """The function is not loaded, or its new code needs other variables from around it."""


def swap(file: Path, qualified_name: str, source: str) -> None:
    """Give the loaded functions of this name the code that they have in `source`. Raises CannotBeSwapped."""
    new_codes = _functions(compile(source, str(file), "exec"), qualified_name)
    swapped = 0
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename == str(file):
            new_code = new_codes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
            if new_code is None:
                continue
            if new_code.co_freevars != function.__code__.co_freevars:
                raise CannotBeSwapped(qualified_name)
            function.__code__ = new_code
            swapped += 1
    if not swapped:
        raise CannotBeSwapped(qualified_name)


def _functions(code: CodeType, qualified_name: str) -> dict[tuple[str, int], CodeType]:
    """The code of this name; there are several where a property has a setter, or overloads."""
    found = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == qualified_name:
                found[(qualified_name, constant.co_firstlineno)] = constant
            elif qualified_name.startswith(f"{constant.co_qualname}."):
                found |= _functions(constant, qualified_name)
    return found


def stand_in(file: Path, module: str, source: str) -> None:
    """Let a module that is not loaded yet be loaded from `source`."""
    sys.meta_path.insert(0, _Finder(file, module, source))


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, module: str, file: Path, source: str) -> None:
        super().__init__(module, str(file))
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, file: Path, module: str, source: str) -> None:
        self._file, self._module, self._source = file, module, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        loader = _Loader(fullname, self._file, self._source)
        return importlib.machinery.ModuleSpec(fullname, loader, origin=str(self._file), is_package=False)
