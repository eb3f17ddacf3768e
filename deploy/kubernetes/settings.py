"""What each service reads from its environment, by its settings class: what the chart must set, and may."""

import importlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_settings import BaseSettings

from shared.messaging.settings import KafkaSettings
from shared.postgres.roles import SERVICES
from shared.runtime.settings import ServiceSettings

# Which must be the same in every service that has them.
SHARED_SECRETS = frozenset({"INTERNAL_TOKEN_SECRET", "PUBLIC_LINK_KEYS"})
# Which the chart decides itself; nobody may set them in the values.
OF_THE_CHART = frozenset({"PORT", "METRICS_PORT", "GRACEFUL_TIMEOUT_SECONDS", "PUBLIC_BASE_URL"})
KAFKA_OF_THE_CHART = re.compile(r"KAFKA_(BOOTSTRAP_SERVERS|SECURITY_PROTOCOL|SASL_\w+|SSL_\w+)")
PUBLIC_URL = "PUBLIC_BASE_URL"
_SECRET = re.compile(r"(^|_)(SECRET|SECRETS|TOKEN|PEPPER|KEY|KEYS|PASSWORD|CREDENTIALS)$")
_DSN = re.compile(r"POSTGRES_(?P<login>\w+)_DSN")
_URL = re.compile(r"(?P<service>\w+)_URL")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable; `schema` is the JSON Schema of its value."""

    name: str
    field: str
    is_required: bool
    schema: dict[str, Any]

    @property
    def is_secret(self) -> bool:
        """Whether it comes from a Secret and never from the values."""
        return bool(_SECRET.search(self.name)) or _holds_secret(self.schema)

    @property
    def login(self) -> str | None:
        """The login to Postgres that it is the address of: `api`, `worker` …"""
        found = _DSN.fullmatch(self.name)
        return found["login"].lower() if found else None

    @property
    def called(self) -> str | None:
        """The service that it is the address of."""
        found = _URL.fullmatch(self.name)
        return found["service"].lower() if found and found["service"].lower() in SERVICES else None

    @property
    def is_free(self) -> bool:
        """Whether it may be set in the values."""
        is_ours = self.name in OF_THE_CHART or KAFKA_OF_THE_CHART.fullmatch(self.name)
        return not (is_ours or self.is_secret or self.login or self.called)


@cache
def variables(service: str) -> dict[str, Variable]:
    """The service's environment by name, without Kafka's."""
    return _variables(settings_class(service))


@cache
def common_variables() -> dict[str, Variable]:
    """What every service has."""
    return _variables(ServiceSettings)


@cache
def kafka_variables() -> dict[str, Variable]:
    """What everything that speaks to Kafka has: the relay and the consumers, so not the role `api`."""
    return _variables(KafkaSettings)


def settings_class(service: str) -> type[ServiceSettings]:
    """The one class of the service's settings.py."""
    module = importlib.import_module(f"services.{service}.settings")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, ServiceSettings)
        and value.__module__ == module.__name__
    ]
    (one,) = found
    return one


def known() -> dict[str, dict[str, Any]]:
    """What the chart's templates must know of each service's settings, by the name of its workloads."""
    return {service.replace("_", "-"): _known(variables(service)) for service in SERVICES}


def _known(found: dict[str, Variable]) -> dict[str, Any]:
    secrets = [variable for variable in found.values() if variable.is_secret]
    return {
        "calls": sorted(one.called.replace("_", "-") for one in found.values() if one.called),
        "logins": [one.login for one in found.values() if one.login],
        "publicUrl": PUBLIC_URL in found,
        "secrets": [
            {"name": one.name, "required": one.is_required, "shared": one.name in SHARED_SECRETS}
            for one in secrets
        ],
    }


def _variables(settings: type[BaseSettings]) -> dict[str, Variable]:
    schema = settings.model_json_schema()
    prefix = settings.model_config.get("env_prefix", "")
    found = {}
    for field, info in settings.model_fields.items():
        name = f"{prefix}{field}".upper()
        inlined = _inlined(schema["properties"][field], schema.get("$defs", {}))
        found[name] = Variable(name, field, info.is_required(), inlined)
    return found


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each reference replaced by what it names: it will stand in another file."""
    if isinstance(part, list):
        return [_inlined(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    named = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
    whole = {**named, **{key: value for key, value in part.items() if key != "$ref"}}
    return {key: _inlined(value, definitions) for key, value in whole.items()}


def _holds_secret(part: Any) -> bool:
    """Whether the value is a SecretStr of pydantic, or has one somewhere in it."""
    if isinstance(part, dict):
        return part.get("writeOnly") is True or any(map(_holds_secret, part.values()))
    return isinstance(part, list) and any(map(_holds_secret, part))
