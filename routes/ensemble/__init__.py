"""The draws: sampled models, on local workers or a Dask cluster, and what is kept of each."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
