from .brief import write_brief as write_brief
from .pack import write_pack as write_pack
from .subject import Contents as Contents
from .subject import Subject as Subject
from .subject import find_subject as find_subject
