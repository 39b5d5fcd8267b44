from .publish import publish as publish
from .release import Release as Release
from .release import open_release as open_release
