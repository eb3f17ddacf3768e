"""Writes `schemas/` from the code: the events' JSON Schemas, their table, AsyncAPI and OpenAPI."""
