"""`python -m deploy.kubernetes`: writes what chart and examples say of topics, logins and settings."""

from deploy.kubernetes.generate import documents, write

if __name__ == "__main__":
    write(documents())
