"""Authentication: accounts, sessions, principals, the rate limit of sign-ins, the audit."""
