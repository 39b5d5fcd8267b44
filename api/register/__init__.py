"""The register: the one database the service writes."""
