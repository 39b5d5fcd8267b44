from .batch import CorridorBatch as CorridorBatch
from .measure import CorridorMeter as CorridorMeter
from .measure import Measure as Measure
from .risk import RiskWeights as RiskWeights
from .risk import risk_class as risk_class
from .risk import risk_score as risk_score
from .search import CorridorFinder as CorridorFinder
