"""Reports of a task force: what is on record beside its own plan of action and budget."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
