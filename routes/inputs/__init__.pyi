from .protected_inputs import protected_inputs as protected_inputs
from .shrinkage import fit_shape as fit_shape
