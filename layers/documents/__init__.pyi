from .outreach_map import write_outreach_map as write_outreach_map
from .web_map import write_map as write_map
