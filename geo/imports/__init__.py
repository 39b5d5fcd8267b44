"""An agency's own data over the embedded ones: read with suspicion, reported, applied whole or not.

``geo.imports.service`` is the way in (dry run, apply, undo, list); a file is read only in a
process of its own with limits (``sandbox``, ``worker``); what was applied lies in ``Home.imports``
(``store``) and is laid over the embedded tables by ``overlay``.
"""

from __future__ import annotations
