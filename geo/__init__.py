"""What is where: places, codes, boundaries, coast, transport, indicators, counts; provenance.

It knows nothing of models, tiers or HTTP. Start with :func:`geo.dataset.load_dataset`; errors are
in :mod:`geo.errors`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
