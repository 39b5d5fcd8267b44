from .export import EXPORT_EXTENSIONS as EXPORT_EXTENSIONS
from .export import export_layer as export_layer
