from .plan import OutreachPlan as OutreachPlan
from .plan import plan_outreach as plan_outreach
