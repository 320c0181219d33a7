"""Addresses and networks."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind


def _read_network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"`{text}` is not a network; write for example `10.0.0.0/8`") from None
    raise ValueError(f"`{text}` has bits beyond its prefix; did you mean `{meant}`?")


def _in_cidr(address: str, network: IPv4Network | IPv6Network) -> bool | None:
    """An address of the other family is outside; a text that is no address is unknown."""
    try:
        return ip_address(address) in network
    except ValueError:
        return None


IN_CIDR = Function(
    "inCidr",
    Form.FUNCTION,
    (
        Parameter("address", Kind.STRING),
        Parameter(
            "network",
            Kind.STRING,
            read=_read_network,
            hint="write an address and a prefix, for example `10.0.0.0/8` or `2001:db8::/32`",
        ),
    ),
    Kind.BOOL,
    _in_cidr,
    "whether an IPv4 or IPv6 address is in a network",
    "inCidr(device.ip, '10.0.0.0/8')",
)

ROWS: tuple[Function, ...] = (IN_CIDR,)
