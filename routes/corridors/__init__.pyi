from .measure import CorridorSummary as CorridorSummary
from .measure import measure_corridors as measure_corridors
from .risk import class_probabilities as class_probabilities
from .risk import risk_class as risk_class
from .risk import risk_score as risk_score
from .search import CorridorFinder as CorridorFinder
from .terminal_walks import TerminalDraws as TerminalDraws
from .waypoints import waypoint as waypoint
