from .corridor_answer import CorridorAnswer as CorridorAnswer
from .corridor_answer import describe_corridor as describe_corridor
from .model import Build as Build
from .parameters import ModelParameters as ModelParameters
from .run import build_id as build_id
from .run import build_model as build_model
from .store import load_build as load_build
