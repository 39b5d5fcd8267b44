"""The release: who sees what, files, exports, offline maps, and the plans service."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
