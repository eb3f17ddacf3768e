"""`make shell SERVICE=payment`: psql on that service's schema of the running stack.

LOGIN=worker (the default) sees all workspaces; api sees none until `SET app.workspace_id = '…'`; migrate owns
the tables; postgres is the administrator. CMD='SELECT …' runs that and leaves.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from deploy.local import names
from deploy.local.console import Console
from deploy.local.errors import LocalError
from deploy.local.ops import become, described
from deploy.local.paths import DEFAULT_STATE
from deploy.local.postgres import WHEEL_PARTS, site_packages
from shared.postgres.roles import logins

ADMINISTRATOR = "postgres"


def main(arguments: list[str]) -> int:
    """psql's exit code; 1 where no stack runs, 2 for a service or a login that there is not."""
    parser = names.Arguments(prog="make shell", description=__doc__)
    parser.add_argument("service", type=names.service, help="whose schema")
    parser.add_argument("--login", default="worker")
    parser.add_argument("--command", help="statements, instead of a prompt")
    parser.add_argument("--state", type=lambda text: Path(text).resolve(), default=DEFAULT_STATE)
    given = parser.parse_args(arguments)
    known = known_logins(given.service)
    if given.login not in known:
        parser.error(f"{given.service} has no login {given.login!r}; there are {', '.join(known)}")
    try:
        dsn = described(given.state)["postgres_dsns"][known[given.login]]
        program = psql()
    except LocalError as error:
        Console().error(str(error))
        return 1
    address, variables = without_password(dsn, given.service)
    if given.command is None:
        return become([program, address], variables)
    # Not by psql's --command: that makes one transaction of several statements, in which VACUUM cannot run.
    command = [program, "--quiet", "-v", "ON_ERROR_STOP=1", address]
    environment = {**os.environ, **variables}
    return subprocess.run(command, input=given.command, text=True, env=environment, check=False).returncode


def known_logins(package: str) -> dict[str, str]:
    """Roles by what a person calls them: `worker` is `payment_worker`."""
    names_of = [role.name for role in logins(package)]
    return {name.removeprefix(f"{package}_"): name for name in names_of} | {ADMINISTRATOR: ADMINISTRATOR}


def without_password(dsn: str, schema: str) -> tuple[str, dict[str, str]]:
    """The address as others may see it in a list of processes, and the environment that has the rest."""
    parts = urlsplit(dsn)
    user, _, address = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    shown = urlunsplit(parts._replace(netloc=f"{name}@{address}"))
    return shown, {"PGPASSWORD": unquote(password), "PGOPTIONS": f"-c search_path={schema}"}


def psql() -> str:
    """psql: the machine's, which edits lines, or else that of the wheel. Raises LocalError without either."""
    found = shutil.which("psql")
    return found or str(site_packages() / WHEEL_PARTS[0] / "bin" / "psql")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
