from .model import FlowModel as FlowModel
from .model import Interception as Interception
from .model import LegFlow as LegFlow
from .model import Post as Post
from .stored import load_model as load_model
