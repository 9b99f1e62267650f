"""Mints tokens with PyJWT: a JSON array of wishes on standard input, the issuer's JWKS and the tokens on standard output.

A wish is {"alg", "kid", "key", "claims", "header"}: `key` names one of the keys below, the others are as in the token.
"""

import base64
import hashlib
import hmac
import json
import sys

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


def new_rsa(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


KEYS = {
    "rsa": new_rsa(),
    "other-rsa": new_rsa(),
    "small-rsa": new_rsa(1024),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
}


def jwk(name, **more):
    key = KEYS[name].public_key()
    maker = RSAAlgorithm if isinstance(KEYS[name], rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(maker.to_jwk(key)), **more}


def without(fields, name):
    return {key: value for key, value in fields.items() if key != name}


JWKS = {
    "keys": [
        {k: v for k, v in jwk("rsa", kid="rsa", use="sig").items() if k != "key_ops"},
        jwk("rsa", kid="rsa-256-only", alg="RS256"),
        jwk("p256", kid="p256"),
        jwk("p384", kid="p384"),
        jwk("p521", kid="p521"),
        jwk("small-rsa", kid="small-rsa"),
        jwk("rsa", kid="for-encryption", use="enc"),
        {"kty": "oct", "kid": "symmetric", "k": "c2VjcmV0"},
        without(jwk("rsa"), "kid"),
        {**jwk("p256", kid="odd-point"), "x": "AAAA"},
        "no key",
    ]
}


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def by_hand(wish, sign):
    header = {"alg": wish["alg"], "kid": wish["kid"], **wish.get("header", {})}
    signed = part(json.dumps(header).encode()) + b"." + part(json.dumps(wish["claims"]).encode())
    return (signed + b"." + part(sign(signed))).decode()


def mint(wish):
    if wish["alg"] == "none":
        return by_hand(wish, lambda signed: b"")
    if wish["alg"].startswith("HS"):
        # The public key taken for a secret: what a careless verifier accepts.
        secret = KEYS[wish["key"]].public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return by_hand(wish, lambda signed: hmac.new(secret, signed, hashlib.sha256).digest())
    headers = {**({"kid": wish["kid"]} if wish.get("kid") else {}), **wish.get("header", {})}
    key, algorithm = KEYS[wish["key"]], wish["alg"]
    payload = json.dumps(wish["claims"]).encode()
    return jwt.api_jws.encode(payload, key, algorithm=algorithm, headers=headers)


print(json.dumps({"jwks": JWKS, "tokens": [mint(wish) for wish in json.load(sys.stdin)]}))
