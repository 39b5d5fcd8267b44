from .requests import OutreachPlanRequest as OutreachPlanRequest
from .requests import PostPlanRequest as PostPlanRequest
from .service import PlanService as PlanService
