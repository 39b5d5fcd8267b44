"""Who is asking: accounts, sessions, principals, rate limits of sign-in, the audit."""
