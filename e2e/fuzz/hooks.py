"""What the fuzzer has to know beyond the document: what it must leave alone, and which refusals no schema can foresee."""

import json
import os
import re

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

# The account and the tokens that the run itself works with: without them the rest of it would be a run of 401s.
OWN_USERS = os.environ.get("FUZZ_OWN_USERS", "").split()
OWN_TOKENS = os.environ.get("FUZZ_OWN_TOKENS", "").split()

# Operations that take something away, the parameter that says what, and what must not be taken: the run's own, and what the
# other operations work with. The request is aimed at the second name instead, which is there to be taken.
USERS = ("username", {**dict.fromkeys(OWN_USERS, "ben"), "amy": "ben"})
TOKENS = ("id", dict.fromkeys(OWN_TOKENS, "0000000000000000"))
COLLECTIONS = ("collection", {"climate": "empty"})
CONTAINERS = ("container", {"ocean": "weather"})
TEAMS = ("team", {"modellers": "spare"})
ROBOTS = ("robot", {"robot-nightly": "robot-spare"})
KEYS = ("fingerprint", {"ED6502591B002475F0E308F229F7AC74D61727F1": "0000000000000000000000000000000000000000"})
SPARED = {
    "delete_user": USERS,
    "change_user": USERS,
    "delete_token": TOKENS,
    "rotate_token": TOKENS,
    "delete_collection": COLLECTIONS,
    "rename_collection": COLLECTIONS,
    "delete_container": CONTAINERS,
    "delete_image": CONTAINERS,
    "delete_tag": CONTAINERS,
    "delete_team": TEAMS,
    "change_team": TEAMS,
    "delete_robot": ROBOTS,
    "delete_key": KEYS,
}

# Refusals of well-formed requests that depend on what is in the registry, on its settings, or on two fields together:
# operation (any where it is None), status, and what code and sentence must match. Whatever else is refused although it fits is a finding.
FORESEEN = [
    # A cursor is opaque: only one that a page of the same list gave is good.
    (None, 400, r"this cursor is not one of this list"),
    # Two fields that only go together.
    ("list_containers", 400, r"the value of a label goes with its key"),
    ("set_(collection|container)_limit", 422, r"a number goes with the rule|say how many downloads"),
    ("set_collection_quota", 422, r"a number goes with the rule|say how many bytes"),
    ("put_tag", 400, r"say where the tag shall point"),
    ("put_tag", 422, r"this container has no image of this digest"),
    # Whom something belongs to decides what it may be.
    ("(create|change)_robot", 422, r"a robot of a collection works there and nowhere else"),
    ("create_robot_token", 422, r"a robot's token pulls, pushes or manages"),
    # Names of things that have to be there.
    ("create_token|create_robot_token|create_robot|change_robot", 422, r": collection “.*” not found"),
    # What was sent before, and what has come of the file, decides what may follow.
    ("finish_upload", 422, r"^(digest_mismatch|not_an_image): "),
    ("append_upload", 422, r"bytes were announced, but more have come"),
    # What a setting of the registry decides.
    ("begin_upload", 413, r"this registry takes .* at most"),
    ("create_share_link", 422, r"a link lives for 1 to \d+ hours"),
    ("(create|change)_webhook", 422, r"messages go to public addresses|write an address such as|holds no user name"),
    # Formats of their own, which a JSON schema cannot tell.
    ("bring_keys", 400, r"armour of the key|no public key in this|OpenPGP packets|secret key|not a public key"),
    ("put_team_picture", 422, r"this is no picture"),
]


def operation_id(case):
    return case.operation.definition.raw["operationId"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leaves alone what has to stay."""
    parameter, spared = SPARED.get(operation_id(case), (None, {}))
    value = (case.path_parameters or {}).get(parameter)
    if isinstance(value, str) and value in spared:
        case.path_parameters[parameter] = spared[value]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Keeps every finding but a refusal that was foreseen."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = json.loads(response.content)
    sentence = f"{problem['code']}: {problem['message']}"
    return not any(
        (operation is None or re.fullmatch(operation, operation_id(case)))
        and status == response.status_code
        and re.search(words, sentence)
        for operation, status, words in FORESEEN
    )
