"""Mints a token of the cases with PyJWT: KEY.pem KID ALG CLAIMS; or, with KEY.pem KID alone, prints the public key."""

import json
import sys

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


def main(pem, kid, alg=None, claims=None):
    with open(pem, "rb") as file:
        key = load_pem_private_key(file.read(), None)
    if alg:
        return jwt.encode(json.loads(claims), key, algorithm=alg, headers={"kid": kid})
    maker = RSAAlgorithm if "rsa" in pem else ECAlgorithm
    public = json.loads(maker.to_jwk(key.public_key()))
    return json.dumps({**{name: value for name, value in public.items() if name != "key_ops"}, "kid": kid})


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
