"""Schedules whose own tools Debian does not have: their structure, and that all of them agree."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEDULES = ROOT / "config" / "schedules"
KUBERNETES = SCHEDULES / "kubernetes"
FINAL_CODES = [1, 2, 3, 4, 5, 11, 12]  # running again does not help


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def job_of(name: str) -> tuple[dict, dict, dict]:
    """The job's spec, its pod's and its container's."""
    document = load(KUBERNETES / name)
    assert document["apiVersion"] == "batch/v1"
    job = document["spec"]
    if document["kind"] == "CronJob":
        job = job["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    return job, pod, container


@pytest.mark.parametrize("name", ["cronjob.yaml", "indexed-job.yaml"])
class TestKubernetes:
    def test_pods_are_locked_down(self, name: str) -> None:
        _, pod, container = job_of(name)
        assert pod["restartPolicy"] == "Never"  # what podFailurePolicy asks for
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
        assert container["resources"]["limits"]["memory"] == "128Mi"

    def test_keys_come_from_a_secret(self, name: str) -> None:
        _, _, container = job_of(name)
        variables = {v["name"]: v for v in container["env"]}
        assert set(variables) == {"NUMERAI_PUBLIC_ID", "NUMERAI_SECRET_KEY"}
        assert all("secretKeyRef" in v["valueFrom"] for v in variables.values())

    def test_volumes_are_there(self, name: str) -> None:
        _, pod, container = job_of(name)
        mounts = {m["name"]: m for m in container["volumeMounts"]}
        assert set(mounts) == {v["name"] for v in pod["volumes"]} == {"models", "data"}
        assert mounts["models"] == {"name": "models", "mountPath": "/models", "readOnly": True}

    def test_only_what_a_rerun_mends_is_tried_again(self, name: str) -> None:
        job, _, container = job_of(name)
        (rule,) = job["podFailurePolicy"]["rules"]
        assert rule["onExitCodes"] == {"containerName": container["name"], "operator": "In",
                                       "values": FINAL_CODES}


def test_the_indexed_job_has_a_shard_for_each_completion() -> None:
    job, _, container = job_of("indexed-job.yaml")
    assert job["completionMode"] == "Indexed"
    arguments = container["args"]
    assert arguments[arguments.index("--shard") + 1] == f"/{job['completions']}"
    assert job["podFailurePolicy"]["rules"][0]["action"] == "FailIndex"
    assert "backoffLimitPerIndex" in job  # FailIndex needs it


def test_all_start_at_the_same_time_of_the_same_days() -> None:
    cron = load(KUBERNETES / "cronjob.yaml")["spec"]
    assert cron["timeZone"] == "Etc/UTC" and cron["concurrencyPolicy"] == "Forbid"
    lines = [(SCHEDULES / name).read_text() for name in ("erawise.crontab", "erawise.cron")]
    times = {re.search(r"^(\d+ \d+ \* \* [\d-]+) ", line, re.MULTILINE)[1] for line in lines}
    assert times == {cron["schedule"]} == {"55 11 * * 2-6"}
    timer = (SCHEDULES / "systemd" / "erawise.timer").read_text()
    assert "OnCalendar=Tue..Sat *-*-* 11:55:00 UTC\n" in timer


def test_the_workflow_caches_the_image_and_hides_the_keys() -> None:
    workflow = load(SCHEDULES / "github" / "erawise.yml")
    triggers = workflow[True]  # YAML 1.1 reads the key `on` so
    assert re.fullmatch(r"\d+ 11 \* \* 2-6", triggers["schedule"][0]["cron"])
    job = workflow["jobs"]["submit"]
    steps = {step.get("id") or step.get("name") or step["uses"]: step for step in job["steps"]}
    assert steps["image"]["uses"].startswith("actions/cache@")
    assert "hashFiles('erawise/Dockerfile'" in steps["image"]["with"]["key"]
    hit = "steps.image.outputs.cache-hit"
    assert steps["Build the image"]["if"] == f"{hit} != 'true'"
    assert steps["Load the image"]["if"] == f"{hit} == 'true'"
    assert steps["Submit"]["env"] == {
        name: "${{ secrets.%s }}" % name for name in ("NUMERAI_PUBLIC_ID", "NUMERAI_SECRET_KEY")}
    assert workflow["permissions"] == {"contents": "read"}


def test_systemd_restarts_what_a_rerun_mends() -> None:
    service = (SCHEDULES / "systemd" / "erawise.service").read_text()
    codes = re.search(r"^RestartPreventExitStatus=(.*)$", service, re.MULTILINE)[1].split()
    assert codes == [*map(str, FINAL_CODES), "130", "143"]


def test_compose_has_the_scheduler_in_its_profile() -> None:
    scheduler = load(ROOT / "docker-compose.yml")["services"]["scheduler"]
    assert scheduler["profiles"] == ["scheduled"] and scheduler["build"]["target"] == "scheduled"
    assert scheduler["read_only"] is True and scheduler["cap_drop"] == ["ALL"]
    assert "./config/schedules/erawise.crontab:/etc/erawise.crontab:ro" in scheduler["volumes"]


def test_no_file_holds_a_key() -> None:
    for path in SCHEDULES.rglob("*"):
        if path.is_file():
            assert not re.search(r"NUMERAI_\w+(=|: )[\"']?[A-Za-z0-9]{8}", path.read_text()), path
