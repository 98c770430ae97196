"""Where the assist's host may stand: transcripts of minors never cross an open network in the clear."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

_PRIVATE = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)
"""Loopback, RFC 1918 and RFC 4193; not link-local, where clouds keep their metadata service."""
_KEY_CHARACTERS = frozenset(map(chr, range(0x21, 0x7F)))
"""Visible ASCII: anything else would break the header that carries the key."""


def check_assist_url(value: str) -> str:
    """The base address without a slash at its end; ``ValueError`` unless a plain http or https address."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _has_sound_port(value):
        raise ValueError("must be an address such as http://127.0.0.1:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must have no user name, query or fragment; a key goes into its own variable")
    if not set(value) <= _KEY_CHARACTERS:
        raise ValueError("must be ASCII without blanks")
    return value.rstrip("/")


def check_assist_key(value: str) -> str:
    """The key; ``ValueError`` unless it can stand in a header."""
    if not value or not set(value) <= _KEY_CHARACTERS:
        raise ValueError("must be visible ASCII characters without blanks")
    return value


def is_sealed(url: str) -> bool:
    """Whether what is sent there is encrypted, or stays on this machine or in a private network.

    A name without a dot resolves only inside a private network (a container's service name).
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host
    return any(address in network for network in _PRIVATE)


def _has_sound_port(value: str) -> bool:
    try:
        return urlsplit(value).port != 0
    except ValueError:
        return False
