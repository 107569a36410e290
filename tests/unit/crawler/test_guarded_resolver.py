import pytest

from crawler.guarded_resolver import GuardedResolver, PrivateAddress


def resolver(trusted: frozenset[str] = frozenset()) -> GuardedResolver:
    made = GuardedResolver.__new__(GuardedResolver)  # no reactor is needed to check an address
    made.trusted = trusted
    return made


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_private_addresses_are_refused_but_for_the_seeds(address: str) -> None:
    with pytest.raises(PrivateAddress):
        resolver()._checked(address, "shop.test")
    assert resolver(frozenset({"shop.test"}))._checked(address, "shop.test") == address


def test_public_addresses_pass() -> None:
    assert resolver()._checked("93.184.216.34", "shop.test") == "93.184.216.34"
