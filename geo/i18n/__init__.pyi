from .catalogue import has as has
from .catalogue import label as label
from .catalogue import language_names as language_names
from .catalogue import languages as languages
from .catalogue import messages as messages
from .catalogue import text as text
from .message import Message as Message
from .message import interval as interval
