from .model import ScenarioModel as ScenarioModel
from .model import ScenarioResult as ScenarioResult
