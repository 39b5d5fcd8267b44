from .model import ScenarioModel as ScenarioModel
from .model import ScenarioResult as ScenarioResult
from .request import Scenario as Scenario
