"""Import of an agency's data over the embedded tables: validated, reported, applied atomically.

``geo.imports.service`` has the entry points (dry run, apply, propose, confirm); a foreign file is
read only in a process with resource limits (``sandbox``, ``worker``); applied imports are kept in
``Home.imports`` (``store``) and merged into the embedded tables by ``overlay``.
"""

from __future__ import annotations
