from .conditions import Condition as Condition
from .conditions import compile_condition as compile_condition
