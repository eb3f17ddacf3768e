"""A CloudNativePG cluster: one database, a schema and logins for each service, and no grant across."""

from typing import Any

from shared.postgres.roles import SERVICES, logins, statements

NAME = "billing-postgres"
DATABASE = "billing"
BACKUP_PLUGIN = "barman-cloud.cloudnative-pg.io"
PARAMETERS = {
    "max_connections": "400",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
    "max_slot_wal_keep_size": "8GB",
}
_SECRET_PREFIX = "billing-postgres-"  # noqa: S105 - the beginning of names, as in the chart's values


def cluster() -> dict[str, Any]:
    """Three instances, commits confirmed by a second one, the write-ahead log on a volume of its own."""
    return {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {"name": NAME},
        "spec": {
            "instances": 3,
            "primaryUpdateStrategy": "unsupervised",
            "bootstrap": {"initdb": _initdb()},
            "managed": {
                "roles": [_managed(service, role) for service in SERVICES for role in _roles(service)]
            },
            "postgresql": {
                "parameters": PARAMETERS,
                # A payment that was answered is on two machines.
                "synchronous": {"method": "any", "number": 1, "dataDurability": "required"},
            },
            "storage": {"size": "100Gi"},
            "walStorage": {"size": "20Gi"},
            "resources": {
                "requests": {"cpu": "2", "memory": "8Gi"},
                "limits": {"memory": "8Gi"},
            },
            "affinity": {"enablePodAntiAffinity": True, "topologyKey": "kubernetes.io/hostname"},
            "monitoring": {"enablePodMonitor": True},
            # Archives the write-ahead log; the README says what it needs.
            "plugins": [
                {
                    "name": BACKUP_PLUGIN,
                    "isWALArchiver": True,
                    "parameters": {"barmanObjectName": NAME},
                }
            ],
        },
    }


def backup() -> dict[str, Any]:
    """A base backup each night; with the log, any moment since can be restored."""
    return {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "ScheduledBackup",
        "metadata": {"name": NAME},
        "spec": {
            "schedule": "0 0 2 * * *",
            "immediate": True,
            "backupOwnerReference": "self",
            "cluster": {"name": NAME},
            "method": "plugin",
            "pluginConfiguration": {"name": BACKUP_PLUGIN},
        },
    }


def secrets() -> list[dict[str, Any]]:
    """A basic-auth Secret for each login, with a password to replace."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": secret_name(role),
                # So that a new password reaches the database without a restart.
                "labels": {"cnpg.io/reload": "true"},
            },
            "type": "kubernetes.io/basic-auth",
            "stringData": {"username": role, "password": f"replace-{role.replace('_', '-')}"},
        }
        for service in SERVICES
        for role in _roles(service)
    ]


def secret_name(role: str) -> str:
    """Where a login's password lies, as the chart's `postgres.roleSecretPrefix` expects."""
    return f"{_SECRET_PREFIX}{role.replace('_', '-')}"


def _initdb() -> dict[str, Any]:
    return {
        "database": DATABASE,
        "owner": "billing_admin",
        "encoding": "UTF8",
        "localeProvider": "builtin",
        "builtinLocale": "C.UTF-8",
        "postInitApplicationSQL": [
            *(statement for service in SERVICES for statement in statements(service, None)),
            f"REVOKE CONNECT, TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC",
            *(f"GRANT CONNECT ON DATABASE {DATABASE} TO {role}" for one in SERVICES for role in _roles(one)),
        ],
    }


def _managed(service: str, role: str) -> dict[str, Any]:
    membership = {"inRoles": [f"{service}_owner"]} if role == f"{service}_migrate" else {}
    return {
        "name": role,
        "ensure": "present",
        "login": True,
        "superuser": False,
        "createdb": False,
        "createrole": False,
        "bypassrls": False,
        "connectionLimit": -1,
        **membership,
        "passwordSecret": {"name": secret_name(role)},
    }


def _roles(service: str) -> list[str]:
    return [login.name for login in logins(service)]
