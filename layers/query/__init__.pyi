from .area_names import area_code as area_code
from .conditions import Condition as Condition
from .conditions import compile_condition as compile_condition
