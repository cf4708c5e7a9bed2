"""docker-compose.yml: the official schema first, then our own rules."""

import json
import stat
from typing import Any

import jsonschema
import pytest

from cop import watchdog
from cop.celery import app as celery
from deploy import health
from tests.deploy.files import (
    NEEDED,
    ROOT,
    MissingVariable,
    environment_of,
    raw_compose,
    services,
)

ALWAYS = {"db", "redis", "migrate", "web", "worker", "mail", "beat", "proxy"}
SITE = ["migrate", "web", "worker", "mail", "beat"]
WORKERS = ["mail", "worker"]
SCHEMA = ROOT / "tests" / "deploy" / "vendor" / "compose-spec.json"
SERVICES = services()


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SERVICES[request.param] | {"name": request.param}


def test_file_follows_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft202012Validator(schema)

    problems = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(raw_compose())]

    assert problems == []


def test_schema_notices_a_mistake() -> None:
    wrong = raw_compose()
    wrong["services"]["web"]["healthcheckk"] = {}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(wrong)


def test_services_are_the_documented_ones() -> None:
    by_default = {name for name, service in SERVICES.items() if "profiles" not in service}
    dev = {name for name, service in SERVICES.items() if service.get("profiles") == ["dev"]}

    assert by_default == ALWAYS
    assert dev == {"mailbox"}
    assert set(SERVICES) == ALWAYS | {"mailbox"}


def test_service_has_a_health_check(service: dict[str, Any]) -> None:
    if service["name"] == "migrate":
        # It ends; the others wait for how it ended.
        assert "healthcheck" not in service
        return
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


def test_service_is_started_again(service: dict[str, Any]) -> None:
    wanted = "no" if service["name"] == "migrate" else "unless-stopped"
    assert service["restart"] == wanted


def test_service_has_no_more_rights_than_it_needs(service: dict[str, Any]) -> None:
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert not service.get("privileged")
    assert "/tmp" in [place.partition(":")[0] for place in service["tmpfs"]]


def test_service_names_the_version_of_its_image(service: dict[str, Any]) -> None:
    _, _, tag = service["image"].partition(":")
    assert tag
    assert tag != "latest"


def test_only_the_proxy_faces_the_network(service: dict[str, Any]) -> None:
    published = service.get("ports", [])
    if service["name"] == "proxy":
        assert published == ["127.0.0.1:8080:8080", "127.0.0.1:8443:8443"]
    elif service["name"] == "mailbox":
        assert published == ["127.0.0.1:8025:8025"]
    else:
        assert published == []


def test_web_cannot_reach_the_internet() -> None:
    networks = raw_compose()["networks"]
    assert all(networks[name]["internal"] for name in SERVICES["web"]["networks"])
    assert SERVICES["db"]["networks"] == ["data"]
    assert SERVICES["redis"]["networks"] == ["data"]
    assert "data" not in SERVICES["proxy"]["networks"]


def test_volumes_are_declared(service: dict[str, Any]) -> None:
    declared = set(raw_compose()["volumes"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./deploy"):
            assert (ROOT / source).exists()
        else:
            assert source in declared or source == "./var/certs"


def test_everything_that_lasts_is_on_a_volume() -> None:
    kept = {name: [v for v in s.get("volumes", []) if v[0] != "."] for name, s in SERVICES.items()}
    assert kept["db"] == ["db:/var/lib/postgresql"]
    assert kept["redis"] == ["redis:/data"]
    assert kept["web"] == kept["worker"] == ["media:/srv/media"]
    assert kept["beat"] == ["beat:/var/lib/cop/beat"]
    assert kept["proxy"] == ["media:/srv/media:ro"]


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_missing_variable_stops_the_start_with_a_sentence(name: str) -> None:
    values = {key: value for key, value in NEEDED.items() if key != name}

    with pytest.raises(MissingVariable, match=f"{name}: Set {name} in .env"):
        services(values)


@pytest.mark.parametrize("name", ["web", "worker", "mail", "beat"])
def test_site_never_sees_the_password_of_the_owner(name: str) -> None:
    environment = environment_of(name)

    assert environment["DATABASE_URL"] == "postgres://cop_web:web-password@db:5432/cop"
    assert not {"owner-password", "admin-password"} & set(" ".join(environment.values()).split())
    assert not any("owner" in value or "admin" in value for value in environment.values())


def test_migrate_works_as_the_owner_of_the_schema() -> None:
    environment = environment_of("migrate")
    assert environment["DATABASE_URL"] == "postgres://cop_owner:owner-password@db:5432/cop"
    assert environment["STATEMENT_TIMEOUT_MS"] == "0"


def test_services_elsewhere_can_be_named() -> None:
    values = NEEDED | {"DATABASE_URL": "postgres://u:p@host/name", "REDIS_URL": "redis://host"}
    environment = environment_of("web", values)
    assert environment["DATABASE_URL"] == "postgres://u:p@host/name"
    assert environment["REDIS_URL"] == "redis://host"


def test_web_gives_up_sooner_than_worker() -> None:
    assert environment_of("web")["STATEMENT_TIMEOUT_MS"] == "10000"
    assert environment_of("worker")["STATEMENT_TIMEOUT_MS"] == "60000"
    assert environment_of("mail")["STATEMENT_TIMEOUT_MS"] == "60000"
    assert environment_of("beat")["STATEMENT_TIMEOUT_MS"] == "60000"


@pytest.mark.parametrize("name", SITE)
def test_site_runs_from_one_image_after_the_migration(name: str) -> None:
    service = SERVICES[name]
    assert service["image"] == SERVICES["web"]["image"]
    assert service["build"] == "."
    assert service["depends_on"]["db"] == {"condition": "service_healthy"}
    if name != "migrate":
        finished = {"condition": "service_completed_successfully"}
        assert service["depends_on"]["migrate"] == finished
        assert service["depends_on"]["redis"] == {"condition": "service_healthy"}


def command_of(name: str) -> tuple[list[str], list[str]]:
    """The watchdog's part and the worker's."""
    command = SERVICES[name]["command"]
    split = command.index("--")
    return command[:split], command[split + 1 :]


def test_workers_read_every_queue_and_each_its_own() -> None:
    queues = {name: command_of(name)[1][command_of(name)[1].index("-Q") + 1] for name in WORKERS}

    assert queues == {"mail": "mail", "worker": "celery"}
    assert {route["queue"] for route in celery.conf.task_routes.values()} == {"mail"}


@pytest.mark.parametrize("name", WORKERS)
def test_worker_stands_under_a_watchdog(name: str) -> None:
    guard, worker = command_of(name)
    service = SERVICES[name]

    assert guard[:3] == ["python", "-m", "cop.watchdog"]
    assert worker[:4] == ["celery", "-A", "cop.celery", "worker"]
    # It ends what will not end by itself before Docker ends it all.
    assert f"{int(guard[guard.index('--grace') + 1]) + 5}s" == service["stop_grace_period"]
    # The file that the health check looks at, where Docker may write.
    assert environment_of(name)["PULSE_FILE"] == "/tmp/pulse"
    assert "/tmp" in service["tmpfs"]


def test_senders_end_a_slice_when_told_and_may_be_many() -> None:
    """Only without children does the task see that its worker is told to stop."""
    worker = command_of("mail")[1]
    assert worker[worker.index("--pool") + 1] == "solo"
    assert "container_name" not in SERVICES["mail"]
    assert "volumes" not in SERVICES["mail"]


def test_no_task_outlasts_the_patience_of_the_watchdog() -> None:
    silence = watchdog.options_of(["--", "celery"]).silence
    assert celery.conf.task_time_limit < silence < health.PULSE_LIMIT_S <= 120


def test_scripts_that_run_in_containers_are_executable() -> None:
    for path in ["deploy/entrypoint", "deploy/postgres/10-roles.sh"]:
        assert (ROOT / path).stat().st_mode & stat.S_IXUSR, path
