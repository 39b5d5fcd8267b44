from .fill import task_force_report as task_force_report
from .proposal import proposal_of as proposal_of
