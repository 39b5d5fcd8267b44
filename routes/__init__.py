"""The model: graph, vulnerability, demand, flow, corridors, ensemble, plans, scenarios.

Start with :func:`routes.build.build_model` and :func:`routes.build.load_build`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
