from .plan import plan_posts as plan_posts
from .result import PostPlan as PostPlan
