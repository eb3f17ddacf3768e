"""The jars that judge documents. `python -m deploy.validation.validators` locks them anew from `pom.xml`."""

from pathlib import Path

from deploy.local.jars import Project, write_lock

HERE = Path(__file__).parent
VALIDATORS = Project("the validators", HERE / "pom.xml", HERE / "validators.lock")

if __name__ == "__main__":
    print(f"{write_lock(VALIDATORS)} jars locked")
