"""run, doctor: Numerai's schema changes. Every part of our operations, found by parsing those that
are sent, is taken away, made null, and given other types: the run submits all the same, or names
the one thing that it cannot do without."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from e2e.support.binary import EXIT_DONE, EXIT_REJECTED, Result
from e2e.support.schema_parts import parts_of
from e2e.support.tournament import Tournament
from sandbox.graphql_endpoint import load_schema

SCHEMA = load_schema()
TYPES = ("Int", "String", "ID", "Opaque")  # the last is a scalar of the server's own

# Without these nothing can be submitted, or to the wrong model; all else is nice to have.
ESSENTIAL_FIELDS = {
    "account", "account.models", "account.models.id", "account.models.name", "dataset",
    "submissionUploadAuth", "submissionUploadAuth.url", "createSubmission"}
ESSENTIAL_ARGUMENTS = {
    "dataset(filename)", "createSubmission(filename)", "createSubmission(modelId)"}


@dataclass
class Played:
    """What came of the drifts: which ended with a submission, and which were refused over what."""

    submitted: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def check(self, what: str, expected_refused: set[str]) -> None:
        print(f"{what}: {len(self.submitted)} submitted, {len(self.refused)} refused: "
              f"{', '.join(sorted(self.refused))}")
        assert not self.wrong, f"{len(self.wrong)} wrong:\n" + "\n".join(self.wrong[:3])
        assert self.refused == expected_refused


class Drifting:
    """A tournament whose schema drifts, one way after the other."""

    def __init__(self, tournament: Tournament) -> None:
        self.tournament = tournament
        tournament.run().expect(EXIT_DONE)
        self.parts = parts_of(tournament.sandbox.documents(), SCHEMA)

    def play(self, played: Played, part: str, name: str, **drift: object) -> None:
        """One run; `name` is what we call the part."""
        self.tournament.sandbox.set_schema(**drift)
        before = len(self.tournament.submissions)
        result = self.tournament.run("--force")
        made = self.tournament.submissions[before:]
        case = f"{drift}: exit {result.exit_code}\n{result.log}"
        if result.exit_code == EXIT_DONE and self._is_good(made):
            played.submitted.append(part)
        elif result.exit_code == EXIT_REJECTED and not made and names(result, name):
            played.refused.add(name)
        else:
            played.wrong.append(case)

    def _is_good(self, made: list[dict]) -> bool:
        """One submission in all, of the right content to the right model."""
        [told] = self.tournament.report["submissions"]
        return (len(made) == 1 and made[0]["model"] == "example_model"
                and made[0]["sha256"] == told["sha256"] and told["id"] in ("", None, made[0]["id"]))


def names(result: Result, name: str) -> bool:
    """Whether the errors name the operation and its part."""
    root, *rest = name.replace("(", ".").rstrip(")").split(".")
    return root in result.errors and (not rest or rest[-1] in result.errors)


def both_spellings(part: str) -> list[str]:
    """The part, and where the schema has it twice, its name in snake_case."""
    type_, _, name = part.partition(".")
    older = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    known = SCHEMA.get_type(type_).fields
    return [part] + ([f"{type_}.{older}"] if older != name and older in known else [])


@pytest.fixture
def drifting(tournament: Tournament) -> Drifting:
    return Drifting(tournament)


def test_the_parts_are_found_by_parsing(drifting: Drifting) -> None:
    """So that the tests below cannot be empty."""
    assert len(drifting.parts.fields) == 28
    assert len(drifting.parts.arguments) == 15
    assert set(drifting.parts.types) == {"Int", "String"}
    assert "Round.dataDatestamp" in drifting.parts.fields
    assert "Mutation.createSubmission(dataDatestamp)" in drifting.parts.arguments


@pytest.mark.parametrize(("wording", "errors_told"), [("graphql-core", 0), ("absinthe", 1)])
def test_a_run_does_without_any_field_and_argument_but_the_essential(
        drifting: Drifting, wording: str, errors_told: int) -> None:
    played = Played()
    for part, name in {**drifting.parts.fields, **drifting.parts.arguments}.items():
        drifting.play(played, part, name, without=both_spellings(part), wording=wording,
                      errors_told=errors_told)
    played.check("a field or argument is gone", ESSENTIAL_FIELDS | ESSENTIAL_ARGUMENTS)


def test_what_is_left_out_is_told_once(drifting: Drifting) -> None:
    drifting.tournament.sandbox.set_schema(
        without=["Round.dataDatestamp", "Mutation.createSubmission(dataDatestamp)"])
    result = drifting.tournament.run("--force").expect(EXIT_DONE)
    for name in ("rounds.dataDatestamp", "createSubmission(dataDatestamp)"):
        told = [line for line in result.log.splitlines() if name in line]
        assert len(told) == 1
        assert " WARN " in told[0] and "newer version" in told[0]


def test_everything_that_is_nice_to_have_may_be_gone_at_once(drifting: Drifting) -> None:
    gone = [part for part, name in {**drifting.parts.fields, **drifting.parts.arguments}.items()
            if name not in ESSENTIAL_FIELDS | ESSENTIAL_ARGUMENTS
            and not name.startswith(("rounds", "submissions"))]
    played = Played()
    drifting.play(played, "all", "all", without=gone)
    played.check("all that is nice to have", set())


def test_names_may_turn_into_snake_case(drifting: Drifting) -> None:
    snake = {"Round.openTime": "open_time", "Model.id": "uuid", "V2Submission.insertedAt":
             "inserted_at", "Mutation.createSubmission(modelId)": "model_id",
             "Query.submissions(modelId)": "model_id"}
    del snake["Model.id"]
    played = Played()
    for part, name in snake.items():
        drifting.play(played, part, part, renamed={part: name})
    drifting.play(played, "all", "all", renamed=snake)
    played.check("a name in snake_case", set())
    assert "does not know" not in drifting.tournament.run("--force").log


@pytest.mark.parametrize("wording", ["graphql-core", "absinthe"])
def test_variables_are_declared_as_the_server_wants_them(drifting: Drifting, wording: str) -> None:
    """Every argument with every type, nullable and not. What cannot be: an id or a file's name as
    a whole number; and null for what must have a value."""
    played = Played()
    for part, name in drifting.parts.arguments.items():
        for type_ in TYPES:
            drifting.play(played, part, name, retyped={part: type_}, wording=wording)
        given = SCHEMA.get_type(part.split(".")[0]).fields[part.split(".")[1].split("(")[0]]
        base = str(given.args[part.split("(")[1].rstrip(")")].type).rstrip("!")
        drifting.play(played, part, name, retyped={part: f"{base}!"}, wording=wording)
    played.check("an argument of another type", ESSENTIAL_ARGUMENTS | {
        "dataset(round)", "createSubmission(triggerId)", "createSubmission(dataDatestamp)"})


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("type_", ["Int", "String", "ID"])
def test_a_type_may_be_gone(drifting: Drifting, type_: str, strict: bool) -> None:
    """A scalar of the server's own takes its place everywhere."""
    assert type_ == "ID" or type_ in drifting.parts.types
    played = Played()
    drifting.play(played, type_, type_, without=[type_], strict=strict)
    drifting.play(played, type_, type_, without=[type_], strict=strict, wording="absinthe")
    played.check("a type is gone", set())


def test_fields_may_turn_null(drifting: Drifting) -> None:
    played = Played()
    for part, name in drifting.parts.fields.items():
        if name not in ("createSubmission", "dataset", "rounds"):
            drifting.play(played, part, name, nulls=[part])
    played.check("a field is null", ESSENTIAL_FIELDS - {"createSubmission", "dataset"})


@pytest.mark.parametrize(("field_", "exit_code", "text"), [
    ("Query.rounds", 11, "no round is open"),
    ("Query.dataset", 11, "not there yet"),
    ("Mutation.createSubmission", 0, "had arrived"),
])
def test_a_null_that_has_a_meaning_of_its_own(tournament: Tournament, field_: str, exit_code: int,
                                              text: str) -> None:
    tournament.sandbox.set_schema(nulls=[field_])
    tournament.run().expect(exit_code, text)
    assert len(tournament.submissions) == (exit_code == EXIT_DONE)


def test_fields_may_change_between_number_text_and_id(drifting: Drifting) -> None:
    """What no whole number can be comes as null with an error."""
    played = Played()
    for part, name in drifting.parts.leaves.items():
        for type_ in TYPES[:3]:
            wrapped = f"[{type_}]" if name.endswith((".scopes",)) else type_
            drifting.play(played, part, name, retyped={part: wrapped})
    played.check("a field of another type",
                 {"account.models.id", "account.models.name", "dataset",
                  "submissionUploadAuth.url"})


class TestDoctor:
    @pytest.fixture
    def lines(self, tournament: Tournament) -> Callable[..., list[tuple[str, str]]]:
        def lines(exit_code: int, **drift: object) -> list[tuple[str, str]]:
            tournament.sandbox.set_schema(**drift)
            result = tournament.call("doctor").expect(exit_code)
            assert tournament.submissions == tournament.uploads == []
            return [(line[:8].strip(), line[24:]) for line in result.stdout.decode().splitlines()
                    if line[9:24].strip() == "API"]
        return lines

    def test_asks_for_every_operation_and_executes_none(
            self, tournament: Tournament, lines: Callable[..., list]) -> None:
        assert lines(EXIT_DONE) == [
            ("ok", "Numerai takes all 12 questions of this version as they are")]
        asked = {name for request in tournament.requests() for name in request["fields"]}
        assert {"createSubmission", "createDiagnostics", "submissionUploadAuth"} <= asked
        assert tournament.sandbox.state()["diagnostics"] == []

    @pytest.mark.parametrize("wording", ["graphql-core", "absinthe"])
    def test_names_every_part_that_is_gone(self, tournament: Tournament,
                                           lines: Callable[..., list], wording: str) -> None:
        lines(EXIT_DONE)
        parts = parts_of(tournament.sandbox.documents(), SCHEMA)
        told: Counter[str] = Counter()
        for part, name in {**parts.fields, **parts.arguments}.items():
            essential = name in ESSENTIAL_FIELDS | ESSENTIAL_ARGUMENTS
            found = lines(EXIT_REJECTED if essential else EXIT_DONE,
                          without=both_spellings(part), wording=wording)
            matching = [state for state, text in found
                        if name in text or name.rpartition(".")[0] in text]
            assert matching, f"{name}: {found}"
            assert ("problem" in matching) == essential, f"{name}: {found}"
            told[matching[0]] += 1
        print(f"{wording}: {dict(told)}")
        assert told["problem"] == len(ESSENTIAL_FIELDS | ESSENTIAL_ARGUMENTS)
        assert told["note"] > 60

    def test_says_what_an_argument_that_it_does_not_have_would_do(
            self, lines: Callable[..., list]) -> None:
        found = lines(EXIT_REJECTED, retyped={"Mutation.createSubmission(triggerId)": "ID!"})
        assert [state for state, text in found if "triggerId" in text] == ["note", "problem"]

    def test_that_cannot_be_told_is_a_note(self, tournament: Tournament,
                                           lines: Callable[..., list]) -> None:
        tournament.fault("graphql_errors", operation="erawiseAsksForTheShapeOnly", times=None,
                         errors=[{"message": "validation is off today"}])
        found = lines(EXIT_DONE)
        assert {state for state, _ in found} == {"note"}
        assert all("validation is off today" in text for _, text in found)


def test_a_drift_that_the_schema_does_not_have_is_refused(tournament: Tournament) -> None:
    with pytest.raises(ValueError, match="Round.nothing"):
        tournament.sandbox.set_schema(without=["Round.nothing"])
