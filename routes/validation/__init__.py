"""Back-tests of a build against what was reported; nothing here decides a build."""
