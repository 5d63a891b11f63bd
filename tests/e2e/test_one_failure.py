"""run: of three submissions one fails, whatever fails and whenever, and the other two arrive."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DISK,
    EXIT_DONE,
    EXIT_MODEL,
    EXIT_REJECTED,
    EXIT_USAGE,
)
from e2e.support.models import predict, train
from e2e.support.packing import xz
from e2e.support.table import Table, ranks, to_csv
from e2e.support.tournament import Tournament, assert_ranks

MODEL = "example_model.ubj"
NAMES = ("alpha", "bravo", "charlie")
LONG_NAME = "b" * 250  # with .csv and what a temporary file has, no name that a file can have
REFUSED = [{"message": "invalid_submission_ids: Not enough stocks submitted."}]


class World:
    """Three submissions of one model; a case spoils what the second one needs."""

    def __init__(self, make_tournament: Callable[..., Tournament], table: Table,
                 folder: Path, case: "Case") -> None:
        self.table = table
        self.folder = folder
        self.names = [case.name if name == "bravo" else name for name in NAMES]
        self.tournament = make_tournament(models=case.account or self.names,
                                          content=xz(to_csv(table)))
        self.submissions = [{"model": name, "ensemble": [{"file": MODEL}]} for name in self.names]
        self.features = folder / "features.json"
        self.feature_sets = {"dozen": table.features[:12], "last": table.features[-1:]}
        self.settings: dict[str, object] = {}
        case.spoil(self)
        self.publish(json.dumps({"feature_sets": self.feature_sets}))

    @property
    def bravo(self) -> dict:
        return self.submissions[1]

    def publish(self, features: str) -> None:
        """The features.json that Numerai has, unless there is one."""
        file = self.folder / "datasets" / "v1" / "features.json"
        if not file.exists():
            file.write_text(features)

    def name_features_file(self) -> None:
        """The user has the document already, and says so."""
        self.features.write_text(json.dumps({"feature_sets": self.feature_sets}))
        self.settings["data"] = {"features_file": str(self.features)}

    @property
    def arguments(self) -> tuple[str, str]:
        config = self.folder / "erawise.json"
        config.write_text(json.dumps({"submissions": self.submissions, **self.settings}))
        return ("--config", str(config))


@dataclass(frozen=True)
class Case:
    what: str
    exit_code: int
    words: str
    spoil: Callable[[World], None]
    name: str = "bravo"
    account: tuple[str, ...] = ()  # the models of the account; empty: all three
    holes: bool = field(default=False, kw_only=True)  # the last feature lacks a value

    def __str__(self) -> str:
        return self.what


def misspelt_set(world: World) -> None:
    world.bravo["transform"] = "neutralize:dosen,rank"


def misspelt_set_of_a_file(world: World) -> None:
    misspelt_set(world)
    world.name_features_file()


def absent_features_file(world: World) -> None:
    world.bravo["transform"] = "neutralize:dozen,rank"
    world.settings["data"] = {"features_file": str(world.folder / "nothing.json")}


def damaged_features_file(world: World) -> None:
    world.bravo["transform"] = "neutralize:dozen,rank"
    world.publish('{"feature_sets": {"dozen"')


def unknown_features_file(world: World) -> None:
    world.bravo["transform"] = "neutralize:dozen,rank"
    world.tournament.fault("graphql_errors", operation="dataset", nth=2, times=None,
                           errors=[{"message": "no such data set"}])


def set_of_another_version(world: World) -> None:
    world.feature_sets["newer"] = [*world.table.features[:3], "feature_of_next_year"]
    world.bravo["transform"] = "neutralize:newer,rank"


def features_of_another_version(world: World) -> None:
    other = Table(world.table.ids, world.table.eras,
                  [f"{name}_of_next_year" for name in world.table.features], world.table.values)
    train(other).save_model(world.tournament.models / "newer.ubj")
    world.bravo["ensemble"] = [{"file": "newer.ubj"}]


def listed_features_of_another_version(world: World) -> None:
    train(world.table, named=False).save_model(world.tournament.models / "nameless.ubj")
    world.bravo["ensemble"] = [{"file": "nameless.ubj"}]
    world.bravo["features"] = [*world.table.features[1:], "feature_of_next_year"]


def damaged_model(world: World) -> None:
    (world.tournament.models / "damaged.ubj").write_bytes(b"{L")
    world.bravo["ensemble"].append({"file": "damaged.ubj", "weight": 0.001})


def absent_model(world: World) -> None:
    world.bravo["ensemble"] = [{"file": "absent.ubj"}]


def constant_model(world: World) -> None:
    train(world.table.with_values(world.table.values * 0)).save_model(
        world.tournament.models / "constant.ubj")
    world.bravo["ensemble"] = [{"file": "constant.ubj"}]


def folder_for_a_file(world: World) -> None:
    (world.tournament.output / "bravo.csv").mkdir(parents=True)


def missing_value(world: World) -> None:
    world.bravo["transform"] = "neutralize:last,rank"


def nothing(_: World) -> None:
    pass


def refused_creation(world: World) -> None:
    world.tournament.fault("graphql_errors", operation="createSubmission", nth=2, errors=REFUSED)


def refused_upload(world: World) -> None:
    world.tournament.fault("graphql_errors", operation="submissionUploadAuth", nth=2,
                           errors=[{"message": "not for this model"}])


BEFOREHAND = [
    Case("set", EXIT_USAGE, "there is no feature set 'dosen'; it has dozen, last",
         misspelt_set_of_a_file),
    Case("features_file", EXIT_DISK, "nothing.json", absent_features_file),
    Case("file", EXIT_DISK, "bravo.csv is a folder", folder_for_a_file),
]
BY_THE_ACCOUNT = [Case("name", EXIT_REJECTED, "no model 'bravo'", nothing,
                       account=("alpha", "charlie"))]
WITH_DATA = [
    Case("set", EXIT_USAGE, "there is no feature set 'dosen'; it has dozen, last", misspelt_set),
    Case("damaged_features_file", EXIT_DATA, "stops being JSON", damaged_features_file),
    Case("unknown_features_file", EXIT_REJECTED, "no such data set", unknown_features_file),
    Case("feature_of_set", EXIT_DATA, "'feature_of_next_year'", set_of_another_version),
    Case("feature", EXIT_MODEL, "_of_next_year'", features_of_another_version),
    Case("listed_feature", EXIT_MODEL, "'feature_of_next_year'",
         listed_features_of_another_version),
    Case("model", EXIT_MODEL, "damaged.ubj", damaged_model),
    Case("absent_model", EXIT_DISK, "absent.ubj", absent_model),
    Case("constant_model", EXIT_REJECTED, "non-zero standard deviation", constant_model),
    Case("file", EXIT_DISK, "cannot create", nothing, name=LONG_NAME),
    Case("value", EXIT_DATA, "--null-value", missing_value, holes=True),
]
AFTER_UPLOAD = [
    Case("creation", EXIT_REJECTED, "Not enough stocks submitted", refused_creation),
    Case("upload", EXIT_REJECTED, "not for this model", refused_upload),
]


@pytest.fixture(scope="module")
def holes(table: Table) -> Table:
    values = table.values.copy()
    values[1234, -1] = np.nan
    return table.with_values(values)


@pytest.fixture
def make_world(make_tournament: Callable[..., Tournament], table: Table, holes: Table,
               tmp_path: Path) -> Callable[[Case], World]:
    return lambda case: World(make_tournament, holes if case.holes else table, tmp_path, case)


def assert_two_arrive(world: World, case: Case) -> None:
    tournament = world.tournament
    told = tournament.report["submissions"]
    assert [(s["model"], s["status"]) for s in told] == list(
        zip(world.names, ("accepted", "failed", "accepted"), strict=True))
    assert case.words in told[1]["error"]
    assert [s["model"] for s in tournament.submissions] == ["alpha", "charlie"]
    expected = ranks(world.table, predict(tournament.models / MODEL, world.table))
    for name in ("alpha", "charlie"):
        assert_ranks((tournament.output / f"{name}.csv").read_bytes(), world.table, expected)
    assert not (tournament.output / f"{case.name}.csv").is_file() or case in AFTER_UPLOAD or (
        case.what == "constant_model")


@pytest.mark.parametrize("case", [*BEFOREHAND, *BY_THE_ACCOUNT, *WITH_DATA, *AFTER_UPLOAD],
                         ids=[f"{when}-{case}" for when, cases in (
                             ("beforehand", [*BEFOREHAND, *BY_THE_ACCOUNT]),
                             ("with_data", WITH_DATA), ("after_upload", AFTER_UPLOAD))
                             for case in cases])
def test_of_three_submissions_two_arrive(make_world: Callable[[Case], World], case: Case) -> None:
    world = make_world(case)
    world.tournament.run(*world.arguments).expect(case.exit_code, case.words)
    assert_two_arrive(world, case)


@pytest.mark.parametrize("case", BEFOREHAND, ids=str)
class TestBeforehand:
    def test_check_config_finds_it(self, make_world: Callable[[Case], World], case: Case) -> None:
        world = make_world(case)
        result = world.tournament.call("run", *world.arguments, "--check-config")
        result.expect(EXIT_USAGE, "1 problem in the configuration", "submission 'bravo'",
                      case.words)
        assert world.tournament.requests() == []

    def test_doctor_finds_it(self, make_world: Callable[[Case], World], case: Case) -> None:
        world = make_world(case)
        result = world.tournament.call("doctor", *world.arguments).expect(case.exit_code)
        [line] = [line for line in result.stdout.decode().splitlines()
                  if line.startswith("problem")]
        assert "bravo" in line and case.words in line

    def test_it_is_told_before_the_round_is_waited_for(
            self, make_world: Callable[[Case], World], case: Case) -> None:
        world = make_world(case)
        log = world.tournament.run(*world.arguments).log
        assert log.index(case.words) < log.index("predict")

    def test_nothing_is_asked_when_it_is_the_only_submission(
            self, make_world: Callable[[Case], World], case: Case) -> None:
        world = make_world(case)
        world.submissions = [world.bravo]
        world.tournament.run(*world.arguments).expect(case.exit_code, case.words)
        assert world.tournament.requests() == []
        assert [s["status"] for s in world.tournament.report["submissions"]] == ["failed"]


def test_a_set_that_an_earlier_document_lacks_is_told_and_looked_up_again(
        make_world: Callable[[Case], World]) -> None:
    """Numerai's document may have got it since."""
    world = make_world(Case("later", EXIT_DONE, "", lambda world: world.bravo.update(
        transform="neutralize:dozen,rank")))
    earlier = world.tournament.data / "v1" / "features.json"
    earlier.parent.mkdir(parents=True)
    earlier.write_text('{"feature_sets": {"small": ["feature_0"]}}')
    words = "there is no feature set 'dozen'; it has small"
    world.tournament.call("run", *world.arguments, "--check-config").expect(EXIT_USAGE, words)
    world.tournament.call("doctor", *world.arguments).expect(EXIT_USAGE)
    world.tournament.run(*world.arguments).expect(EXIT_DONE, "WARN", words)
    assert len(world.tournament.submissions) == 3


def test_listed_features_that_no_set_has_are_foreseen(
        make_world: Callable[[Case], World]) -> None:
    case = Case("listed", EXIT_MODEL, "feature_of_next_year", listed_features_of_another_version)
    world = make_world(case)
    world.feature_sets["all"] = world.table.features
    world.name_features_file()
    world.tournament.call("run", *world.arguments, "--check-config").expect(
        EXIT_USAGE, "the features feature_of_next_year are in no set")
    result = world.tournament.call("doctor", *world.arguments).expect(EXIT_MODEL)
    assert b"feature_of_next_year" in result.stdout


@pytest.mark.parametrize("weight", [0, -1, 1e9, "heavy"])
def test_a_weight_that_is_none_is_an_error_of_the_configuration(
        make_world: Callable[[Case], World], weight: object) -> None:
    """The document is refused as a whole, before anything is touched."""
    world = make_world(Case("weight", EXIT_USAGE, "", nothing))
    world.bravo["ensemble"][0]["weight"] = weight
    words = "submissions[1].ensemble[0].weight"
    world.tournament.call("run", *world.arguments, "--check-config").expect(EXIT_USAGE, words)
    world.tournament.call("doctor", *world.arguments).expect(EXIT_USAGE, words)
    world.tournament.run(*world.arguments).expect(EXIT_USAGE, words)
    assert world.tournament.requests() == []
