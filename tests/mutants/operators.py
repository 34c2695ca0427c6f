"""Which changes are made: Cosmic Ray's, without those that say the same twice, and two for the ways of this code."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

PACKAGES = Path(__file__).parents[2] / ".mutants" / "packages"
"""Where `make mutants` installs Cosmic Ray and coverage. They come last on the path: the project keeps its own."""

sys.path.append(str(PACKAGES))

Position = tuple[int, int]

_BY_COSMIC_RAY = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer"),
    *("ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul")
    ),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in ("Mod_FloorDiv", "Pow_Mul", "BitOr_BitAnd", "BitAnd_BitOr")
    ),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")),
)

_CONDITIONS = ("where", "and_", "or_", "filter", "having")
_WITHOUT_EFFECT = (".flush(", ".add(", ".refresh(", "log.", "logger.", "_log.")
"""Calls that are not left out: a session writes of itself what it has read, and a log line is checked elsewhere."""


class Operator(Protocol):
    """One kind of change, as Cosmic Ray defines it; nodes are parso's."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]: ...

    def mutate(self, node: Any, index: int) -> Any: ...


class RemoveCondition:
    """Leaves one condition out of a query that has several."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        for condition in self._conditions(node):
            yield condition.start_pos, condition.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        at = node.children.index(self._conditions(node)[index])
        # A comma goes with its condition, so that one stays between each two others.
        del node.children[at : at + 2]
        return node

    def _conditions(self, node: Any) -> list[Any]:
        if node.type != "arglist" or node.parent.type != "trailer":
            return []
        before = node.parent.get_previous_sibling()
        name = before.get_last_leaf().value if before is not None else ""
        return [child for child in node.children if child.type != "operator"] if name in _CONDITIONS else []


class RemoveCall:
    """Leaves out a statement that is a call and nothing else."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        if node.type == "simple_stmt" and node.children[0].type in ("atom_expr", "power"):
            call = node.children[0]
            code = call.get_code(include_prefix=False)
            if code.endswith(")") and not any(part in code.split("(")[0] + "(" for part in _WITHOUT_EFFECT):
                yield call.start_pos, call.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        from parso.python.tree import Name

        call = node.children[0]
        node.children[0] = Name("pass", call.start_pos, prefix=call.get_first_leaf().prefix)
        return node


def operators() -> dict[str, Operator]:
    """Every kind of change by its name."""
    import cosmic_ray.plugins as by_name

    made = {name: by_name.get_operator(f"core/{name}")() for name in _BY_COSMIC_RAY}
    return made | {"RemoveCondition": RemoveCondition(), "RemoveCall": RemoveCall()}
