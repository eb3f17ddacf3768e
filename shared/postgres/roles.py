"""The login roles and schemas of each service: made once by an administrator, then never needed again."""

from dataclasses import dataclass

SERVICES = ("gateway", "invoice", "payment", "subscription_renewal", "webhook_delivery")


@dataclass(frozen=True, slots=True)
class Role:
    """A login of one service; `setup` are statements that belong to it besides LOGIN."""

    name: str
    schema: str


def logins(service: str) -> list[Role]:
    """The service's login roles: `_migrate`, `_api` and `_worker` (and the gateway's `gateway_auth`)."""
    names = [f"{service}_migrate", f"{service}_api", f"{service}_worker"]
    if service == "gateway":
        names.append("gateway_auth")
    return [Role(name, service) for name in names]


def statements(service: str, password: str | None) -> list[str]:
    """SQL that makes the service's owner, logins, schema and default grants; may run again at any time."""
    owner = f"{service}_owner"
    made = [_role(owner, "NOLOGIN"), f"GRANT {owner} TO CURRENT_USER"]
    for login in logins(service):
        made.append(_role(login.name, "LOGIN NOBYPASSRLS"))
        made.append(f"ALTER ROLE {login.name} SET search_path = {service}")
        if password is not None:
            made.append(f"ALTER ROLE {login.name} PASSWORD {_quote(password)}")
    made += [
        f"GRANT {owner} TO {service}_migrate",
        f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {owner}",
        f"REVOKE ALL ON SCHEMA {service} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {service} TO {service}_api, {service}_worker",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {service} "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service}_api, {service}_worker",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {service} "
        f"GRANT USAGE ON SEQUENCES TO {service}_api, {service}_worker",
    ]
    if service == "gateway":
        made.append("GRANT USAGE ON SCHEMA gateway TO gateway_auth")
    return made


def _role(name: str, options: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name} {options}; END IF; END $$"
    )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
