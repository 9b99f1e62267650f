//! Rules about files, keys and the settings of the process.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "access-key" Error
    | "an access key without exactly one source of its secret"
    | "Signatures of `AWS_IAM` methods are checked against `iam.keys`; a key without a secret, or with two, checks nothing."
    | "Give one of `secret_env` and `secret_file`."

    "access-log-id" Warning
    | "an access log without a request's id"
    | "A line without an id cannot be matched to a request; API Gateway refuses such a format (fact `access-log-id`)."
    | "Add `$context.requestId` or `$context.extendedRequestId`."

    "access-log-variable" Warning
    | "a `$context` variable that access logs do not have"
    | "Each kind of API has its own variables; API Gateway prints `-` for the others."
    | "Take the nearest name, or delete it."

    "address" Error
    | "a range of addresses that is none"
    | "`limits.trusted_proxies` takes addresses and ranges in CIDR form; a proxy that is not in one of them is not believed."
    | "Write it as `10.0.0.0/8` or `2001:db8::/32`."

    "address-in-use" Error
    | "two parts of the process listen on one address"
    | "The second listener cannot open its port, so the process would stop when it starts."
    | "Give each of the data port, the admin port and every `runtime_api` function an address of its own."

    "api-key" Error
    | "an API key whose value cannot be told, or is another key's too"
    | "API Gateway finds a key by its value: two keys of one value are one key."
    | "Give each key one of `value`, `value_env` and `value_file`, and a value of its own."

    "backend" Error
    | "a function without exactly one place where it is"
    | "A call goes to one backend; nothing says which of several, or where it is without one."
    | "Give one of `invoke_api`, `emulator`, `http` and `runtime_api`."

    "base-path" Error
    | "a base path that does not begin with a slash"
    | "The base path is cut off the front of each request's path, which always begins with a slash."
    | "Write it as `/prod`, or leave it out."

    "duplicate-key" Error
    | "a key stands twice in one map"
    | "Readers disagree on which of the two counts; API Gateway takes the last one, or refuses the document."
    | "Delete one of them, or merge the two."

    "fault" Error
    | "an entry of `faults` that cannot be"
    | "A route can fail only in the ways that its integration can: a MOCK calls nothing, and only functions raise errors. An entry that never fails anything is a rehearsal that never takes place."
    | "Take a cause that the finding names, or match another route."

    "faults-armed" Note
    | "requests fail on purpose"
    | "Whoever reads a 504 should know that it was asked for. The log says it at start, and each such request is marked."
    | "Nothing where it is meant; delete `faults` elsewhere."

    "identity" Error
    | "the identity of an access key is not the ARN of a user or role"
    | "`$context.identity` and the conditions of policies are filled from that ARN."
    | "Give `arn` as `arn:aws:iam::ACCOUNT:user/NAME`, or leave it out."

    "merge-key" Warning
    | "a YAML merge key (`<<`)"
    | "YAML 1.2 has no merge keys: readers at AWS, CloudFormation's among them, refuse them or take `<<` for a key of its own."
    | "Write the entries out where they are needed, or render the file before it is deployed."

    "method-key" Error
    | "a key that should be a method and a path is not"
    | "Throttles of single methods are looked up by method and path."
    | "Write it as `GET /pets`, with the path as the definition has it."

    "missing-file" Error
    | "a file that is named does not exist"
    | "What it should hold is not loaded."
    | "Paths are relative to the file that names them: correct the path, or create the file."

    "missing-key" Error
    | "a key that must be there is missing"
    | "Without it nothing says what is meant, and no default would be right."
    | "Add the key that the finding names."

    "missing-variable" Error
    | "an environment variable that is named is not set"
    | "A secret is read from it once, at start."
    | "Set the variable, or name another one."

    "sign" Error
    | "calls that cannot be signed have `sign`"
    | "Only calls over HTTP carry a signature: those to `invoke_api` and `http`."
    | "Remove `sign`, or give the function's place as `invoke_api` or `http`."

    "syntax" Error
    | "a file or variable that is not YAML, JSON or TOML"
    | "Nothing of it can be read."
    | "Mend the line that the finding names; the parser's own words are in it."

    "unknown-api-key" Error
    | "a usage plan names a key that is not there"
    | "A plan opens methods to keys that exist; the name of a key is meant, not its value."
    | "Name a key of `api.api_keys`."

    "unknown-key" Error
    | "a key that nobody reads"
    | "A misspelt key changes nothing in silence, so in the configuration it is an error. In a definition API Gateway ignores it: a warning."
    | "Take the nearest known key, or delete it."

    "unknown-method" Error
    | "a throttle or fault for a method that the API does not have"
    | "It would throttle nothing, and fail nothing."
    | "Name a method and path of the definition, as it spells them."

    "unknown-rule" Warning
    | "a rule to be silenced that does not exist"
    | "A misspelt rule silences nothing."
    | "Take the nearest rule; `check --explain` lists them all."

    "unreadable-file" Error
    | "a file that cannot be read"
    | "It is a folder, too large, or closed to the process."
    | "Name a file, and let the process's user read it."

    "unused-ignore" Warning
    | "a silenced finding that is not found"
    | "A reason that outlives its finding would silence the next one. An error is never silenced."
    | "Delete the entry or the comment, or mend its rule or place."

    "wrong-type" Error
    | "a value of the wrong type"
    | "The value cannot be used as what its key means."
    | "Give what the finding expects; in YAML quotes make a text."
};
