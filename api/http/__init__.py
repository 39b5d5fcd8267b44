"""Requests and responses: middleware, dependencies, problem documents, serializers."""
