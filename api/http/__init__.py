"""The HTTP service: application, middleware, errors, requests and responses, jobs."""
