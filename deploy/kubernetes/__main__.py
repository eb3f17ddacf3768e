"""`python -m deploy.kubernetes`: writes what chart and examples say of topics, logins and settings."""

from deploy.kubernetes.generate import documents, write
from deploy.local.console import Console

if __name__ == "__main__":
    with Console().working("chart", "settings, topics, users and logins"):
        write(documents())
