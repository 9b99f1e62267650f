"""What AWS's own translator makes of SAM templates: for each API its OpenAPI document, functions resolved.

usage: translate.py TEMPLATE...   prints {"template": {"logical id": document} or {"error": "..."}}
"""

import datetime
import json
import logging
import os
import re
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
logging.disable(logging.CRITICAL)

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

REGION, ACCOUNT = "us-east-1", "123456789012"
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
EXTENSION = "x-amazon-apigateway-"
APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
NO_VALUE = object()
# What code is uploaded as: the translator takes no local path, which the tools replace before it runs.
UPLOADED = {"Function": ("CodeUri", "s3://bucket/key"), "StateMachine": ("DefinitionUri", "s3://bucket/key")}


class NoPolicies:
    """The translator looks managed policies up by name; none is needed here."""

    def load(self):
        return {}


class Resolver:
    """CloudFormation's functions, as far as they can be known without a stack."""

    def __init__(self, template, translated):
        self.parameters = template.get("Parameters") or {}
        self.resources = translated["Resources"]
        self.conditions = translated.get("Conditions") or {}
        self.mappings = translated.get("Mappings") or {}

    def holds(self, condition):
        if isinstance(condition, str):
            return self.holds(self.conditions.get(condition, False))
        if isinstance(condition, bool):
            return condition
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self.holds(argument)
        if name == "Fn::Equals":
            left, right = (str(self.resolve(item)) for item in argument)
            return left == right
        results = [self.holds(item) for item in argument]
        return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[name]

    def is_present(self, logical_id):
        condition = self.resources[logical_id].get("Condition")
        return condition is None or self.holds(condition)

    def function_name(self, logical_id):
        name = self.resolve(self.resources[logical_id].get("Properties", {}).get("FunctionName", ""))
        return name if isinstance(name, str) and name and "${" not in name else logical_id

    def reference(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            parameter = self.parameters[name]
            kind = str(parameter.get("Type", ""))
            if "Default" not in parameter or kind.startswith("AWS::SSM"):
                return "${%s}" % name
            default = parameter["Default"]
            text = str(default).lower() if isinstance(default, bool) else str(default)
            is_list = "List<" in kind or kind == "CommaDelimitedList"
            return [item.strip() for item in text.split(",")] if is_list else text
        resource = self.resources.get(name) or {}
        if resource.get("Type") == "AWS::Lambda::Function":
            return self.function_name(name)
        if resource.get("Type") == "AWS::Lambda::Alias":
            properties = self.resolve(resource["Properties"])
            return self.function_arn(properties["FunctionName"]) + ":" + properties["Name"]
        if resource.get("Type") == "AWS::StepFunctions::StateMachine":
            machine = resource["Properties"].get("StateMachineName")
            if isinstance(machine, str):
                return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}"
        if resource.get("Type") == "AWS::ApiGateway::Stage":
            return self.resolve(resource["Properties"]["StageName"])
        return "${%s}" % name

    @staticmethod
    def function_arn(name):
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"

    def attribute(self, name, attribute):
        if (self.resources.get(name) or {}).get("Type") == "AWS::Lambda::Function" and attribute == "Arn":
            return self.function_arn(self.function_name(name))
        return "${%s.%s}" % (name, attribute)

    def substitute(self, argument):
        text, variables = argument if isinstance(argument, list) else (argument, {})
        variables = {name: self.resolve(value) for name, value in variables.items()}

        def value(match):
            name = match.group(1).strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return str(variables[name])
            if "." in name:
                return self.attribute(*name.split(".", 1))
            found = self.reference(name)
            return ",".join(found) if isinstance(found, list) else str(found)

        return re.sub(r"\$\{([^}]*)\}", value, text)

    def call(self, name, argument):
        if name == "Ref":
            return self.reference(argument)
        if name == "Fn::GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            return self.attribute(parts[0], ".".join(str(self.resolve(part)) for part in parts[1:]))
        if name == "Fn::If":
            return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
        if name == "Fn::Sub":
            return self.substitute(argument)
        if name == "Fn::Join":
            parts = self.resolve(argument[1])
            return argument[0].join(map(str, parts)) if isinstance(parts, list) else str(parts)
        if name == "Fn::Split":
            return self.resolve(argument[1]).split(argument[0])
        if name == "Fn::Select":
            return self.resolve(argument[1])[int(argument[0])]
        if name == "Fn::FindInMap":
            top, key, second = (self.resolve(item) for item in argument)
            return self.mappings[top][key][second]
        if name == "Fn::ImportValue":
            return "${%s}" % self.resolve(argument)
        raise KeyError(name)

    def resolve(self, value):
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self.call(name, argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}


def plain(value):
    """Dates, which YAML 1.1 sees in a policy's version, are texts."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def document(logical_id, kind, properties):
    """The API's document, with what CloudFormation's properties add to it."""
    body = properties.get("Body") or {"openapi": "3.0.1", "paths": {}}
    title = body.setdefault("info", {}).get("title", "${none}")
    name = properties.get("Name") or title
    if kind == "AWS::ApiGatewayV2::Api":
        body[EXTENSION + "importexport-version"] = "1.0"
    body["info"]["title"] = logical_id if "${" in str(name) else name
    named = {
        "BinaryMediaTypes": "binary-media-types",
        "MinimumCompressionSize": "minimum-compression-size",
        "ApiKeySourceType": "api-key-source",
        "Policy": "policy",
    }
    for name, key in named.items():
        if properties.get(name) is not None:
            body[EXTENSION + key] = properties[name]
    policy = body.get(EXTENSION + "policy")
    if policy and not isinstance(policy.get("Statement", []), list):
        policy["Statement"] = [policy["Statement"]]
    if EXTENSION + "binary-media-types" in body:
        types = body[EXTENSION + "binary-media-types"]
        body[EXTENSION + "binary-media-types"] = [entry.replace("~1", "/") for entry in types]
    return body


def translate(path):
    with open(path, encoding="utf-8") as file:
        template = plain(yaml_parse(file.read()))
    for resource in template["Resources"].values():
        section = str(resource.get("Type", "")).removeprefix("AWS::Serverless::")
        if section in UPLOADED and isinstance(resource.get("Properties"), dict):
            key, uri = UPLOADED[section]
            if not {"InlineCode", "Definition"} & resource["Properties"].keys():
                resource["Properties"][key] = uri
    original = json.loads(json.dumps(template))
    translated = transform(template, {}, NoPolicies())
    resolver = Resolver(original, translated)
    return {
        logical_id: document(logical_id, resource["Type"], resolver.resolve(resource.get("Properties", {})))
        for logical_id, resource in translated["Resources"].items()
        if resource["Type"] in APIS and resolver.is_present(logical_id)
    }


def main():
    results = {}
    for path in sys.argv[1:]:
        try:
            results[path] = translate(path)
        except Exception as error:  # noqa: BLE001 (whatever it is, the caller compares it)
            causes = [cause.message for cause in getattr(error, "causes", [])]
            results[path] = {"error": "; ".join(causes) or f"{type(error).__name__}: {error}"}
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
