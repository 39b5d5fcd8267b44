from .draws import Draws as Draws
from .draws import EnsembleParameters as EnsembleParameters
from .draws import sample_draws as sample_draws
from .parallel import run_tasks as run_tasks
from .summaries import DrawSummary as DrawSummary
