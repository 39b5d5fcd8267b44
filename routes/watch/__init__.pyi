from .plan import WatchPlan as WatchPlan
from .plan import plan_watch as plan_watch
