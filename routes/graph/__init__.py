"""The transport graph: origins, terminals, roads, legs and costs, and the same as arrays."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
