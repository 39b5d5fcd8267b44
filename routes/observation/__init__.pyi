from .watch import WatchFit as WatchFit
