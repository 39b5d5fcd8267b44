"""Every message and label Petajaga shows a person, in one catalogue a language (PO files).

A text is named by its key (``outreach.floor_unreachable``, ``class.very_low``); ``id.po`` and
``en.po`` hold it in Bahasa Indonesia and English. The command line, HTTP and the page all read
these files, and a third language is one more of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
