from .model import DemandParameters as DemandParameters
from .origins import OriginModel as OriginModel
from .origins import fit_origins as fit_origins
