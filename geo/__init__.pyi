from .coast import load_coast as load_coast
from .dataset import Dataset as Dataset
from .dataset import load_dataset as load_dataset
from .errors import PetajagaError as PetajagaError
from .names import Gazetteer as Gazetteer
from .paths import Home as Home
