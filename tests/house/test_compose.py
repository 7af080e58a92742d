"""What the container files promise: who waits for whom, what is confined, and that the image gets every room.
No container runs here; these are the parts that a reader would otherwise have to check by eye.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
OURS = ["migrate", "ingest", "api"]
THEIRS = ["db", "proxy"]
ONE_SHOT = ["migrate", "ingest"]

compose: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
services: dict[str, Any] = compose["services"]


def test_services() -> None:
    assert sorted(services) == sorted(OURS + THEIRS)


@pytest.mark.parametrize("name", OURS + THEIRS)
def test_every_service_is_confined(name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == {"db": "postgres", "proxy": "haproxy"}.get(name, "10001:10001")
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)


@pytest.mark.parametrize("name", OURS)
def test_ours_share_one_image_and_may_write_to_memory_only(name: str) -> None:
    service = services[name]
    assert (service["image"], service["build"]) == ("llm-reference:local", ".")
    assert service["tmpfs"] == ["/tmp"]
    assert "volumes" not in service
    assert service["command"] == [{"api": "serve"}.get(name, name)]


def test_one_shots_run_in_order_before_the_replicas() -> None:
    waits = {name: service.get("depends_on") for name, service in services.items()}
    assert waits == {
        "db": None,
        "migrate": {"db": {"condition": "service_healthy"}},
        "ingest": {"migrate": {"condition": "service_completed_successfully"}},
        "api": {"ingest": {"condition": "service_completed_successfully"}},
        "proxy": {"api": {"condition": "service_healthy"}},
    }
    assert [name for name in services if "restart" not in services[name]] == ONE_SHOT
    assert services["api"]["deploy"] == {"replicas": 2}


def test_health_checks() -> None:
    checks = {name: service["healthcheck"]["test"] for name, service in services.items() if "healthcheck" in service}
    assert sorted(checks) == ["api", "db", "proxy"]
    assert all(check[0] == "CMD" for check in checks.values())
    assert checks["db"][1] == "pg_isready"
    assert checks["api"][1:3] == ["python", "-c"]
    compile(checks["api"][3], "healthcheck", "exec")
    assert "/readyz" in checks["api"][3]


def test_only_the_proxy_is_reached_from_outside_and_by_this_machine_alone() -> None:
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "proxy": ["127.0.0.1:${PORT:-8000}:8000"]
    }
    assert compose["networks"]["inside"] == {"internal": True}
    assert [name for name in services if "outside" in services[name]["networks"]] == ["ingest", "proxy"]


def test_proxy_knows_as_many_replicas_as_there_are() -> None:
    assert services["proxy"]["configs"][0]["source"] == "proxy"
    lines = [line.split() for line in compose["configs"]["proxy"]["content"].splitlines()]
    assert [line[2:4] for line in lines if line[0] == "server-template"] == [["2", "api:8000"]]


def test_database_is_ours_with_its_data_where_version_18_keeps_it() -> None:
    assert services["db"]["image"] == "postgres:18"
    assert services["db"]["volumes"] == ["catalogue:/var/lib/postgresql"]
    environment = services["db"]["environment"]
    password = "${POSTGRES_PASSWORD:?is not set}"
    assert environment["POSTGRES_PASSWORD"] == password
    for name in OURS:
        assert services[name]["environment"]["DATABASE_URL"] == f"postgresql://llmref:{password}@db:5432/llmref"


def test_image_gets_every_room_and_nothing_else() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]}
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    rooms = {package.split(".")[0] for package in packages} | {"alembic", "alembic.ini", "operations", "schema.graphql"}
    assert rooms <= copied
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert rooms | {"explorer", "requirements.lock"} == let_through


def test_image_is_not_root_and_installs_locked_packages_only() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001:10001" in last_stage
    assert not any(line.startswith("RUN") for line in last_stage)
    assert [line for line in lines if "pip install" in line and "--require-hashes" not in line] == []
