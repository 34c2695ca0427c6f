"""`offramp cohort`: plans, launches, watches and commands staged cohorts. Help shows the commands in this order."""

from offramp.usage import cohort_launches, cohort_orders, cohort_looks, cohort_ends  # isort: skip
from offramp.usage.cohort_options import app

__all__ = ["app", "cohort_ends", "cohort_launches", "cohort_looks", "cohort_orders"]
