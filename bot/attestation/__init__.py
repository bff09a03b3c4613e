"""The signed statement of a preflight: made in a developer's checkout, verified by the bot over the bytes received.

The payload is an in-toto Statement v1 (https://in-toto.io/Statement/v1) as JSON. Over HTTP it travels as

    {"payload": "<base64 of the statement>", "signature": "-----BEGIN SSH SIGNATURE-----\\n…"}

where the signature is `ssh-keygen -Y sign -n slipway` over exactly the decoded payload.
"""

from bot.attestation.receive import LARGEST, parse, receive, unwrap, wrap
from bot.attestation.refusals import Refused
from bot.attestation.signature import NAMESPACE, CannotSign, Signer, sign, verify
from bot.attestation.statement import CHECKS, GitDigest, Predicate, Statement, Subject, tool

__all__ = [
    "CHECKS",
    "LARGEST",
    "NAMESPACE",
    "CannotSign",
    "GitDigest",
    "Predicate",
    "Refused",
    "Signer",
    "Statement",
    "Subject",
    "parse",
    "receive",
    "sign",
    "tool",
    "unwrap",
    "verify",
    "wrap",
]
