from .model import FlowModel as FlowModel
from .model import Post as Post
from .results import Interception as Interception
from .results import LegFlow as LegFlow
from .stored import load_model as load_model
