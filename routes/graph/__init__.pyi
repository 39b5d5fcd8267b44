from .arrays import Network as Network
from .build import build_graph as build_graph
from .costs import CostParameters as CostParameters
