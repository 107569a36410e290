import json
from pathlib import Path

import pytest

from engines import s3
from engines.place import Place
from engines.server import NotReadyError


def place(folder: Path) -> Place:
    return Place(folder / "engines", folder / "cache")


def test_credentials_are_drawn_once_for_a_place_and_kept_to_their_owner(tmp_path: Path) -> None:
    here, there = place(tmp_path / "here"), place(tmp_path / "there")
    assert s3.environment(here) == s3.environment(here)
    secret = s3.environment(here)["SNAPMODE_IMAGES__SECRET"]
    assert secret != s3.environment(there)["SNAPMODE_IMAGES__SECRET"]
    assert not secret[0].isdigit()
    holding = [file for file in here.folder.iterdir() if secret in file.read_text()]
    assert [file.stat().st_mode & 0o777 for file in holding] == [0o600]


def test_the_server_and_its_users_agree(tmp_path: Path) -> None:
    [server] = s3.servers(place(tmp_path))
    known = s3.environment(place(tmp_path))
    assert known["SNAPMODE_IMAGES__ENDPOINT"].removeprefix("http://") in server.command
    assert server.environment["ROOT_SECRET_KEY"] == known["SNAPMODE_IMAGES__SECRET"]
    assert known["SNAPMODE_IMAGES__SECRET"] not in json.dumps(list(server.command))
    with pytest.raises(NotReadyError, match=r"127\.0\.0\.1"):
        server.ready()


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.19.8 linux/amd64", (1, 19)),
        ("go version devel +b7a85e0003 linux/amd64", (0, 0)),
    ],
)
def test_the_version_of_go_is_read(said: str, version: tuple[int, int]) -> None:
    assert s3._version(said) == version


def test_a_request_is_signed_as_botocore_signs_it() -> None:
    """The signature was recorded from botocore's S3SigV4Auth."""
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    headers = s3._signed("127.0.0.1:9000", "AKIDEXAMPLE", secret, "20260102T030405Z")
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        "Signature=a721f05f3ce076cc139a07ad09c5260c4b775d44f6be9aeadabf824b611eccab"
    )
