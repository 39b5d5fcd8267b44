"""What the running service holds: the release being served, jobs, stored scenarios."""
