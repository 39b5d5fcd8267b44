"""Early warning: which counts are above what their own past leads to expect."""
