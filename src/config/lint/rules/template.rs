//! Rules about mapping templates, selection patterns and what clients are answered.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "constant-condition" Warning
    | "a condition that asks nothing"
    | "What is missing is the empty text, and that is true in `#if` (fact `undefined-empty`): `#if($input.params('x'))` always is."
    | "Compare: `#if($input.params('x') != \"\")`."

    "content-type" Note
    | "a template's media type that the client does not see"
    | "The answer is application/json whatever the template's key (fact `response-content-type`)."
    | "Map `method.response.header.Content-Type` to the type, in single quotes."

    "duplicate-status" Warning
    | "two integration responses of one status"
    | "API Gateway keeps integration responses by status: the later one takes the earlier one's place."
    | "Join the patterns with `|`, or take another status."

    "errors-hidden" Note
    | "a failed function gets the status of a success"
    | "A custom integration chooses the status by pattern: with a default response only, clients see its status when the function fails too."
    | "Add a response with a `selectionPattern` such as `.+` and a status of 500."

    "escaped-apostrophe" Warning
    | "an apostrophe that is escaped, which JSON does not know"
    | "`$util.escapeJavaScript` makes `\\'` of `'` (fact `escape-javascript`): JSON readers refuse it, Lambda's with a 400 (fact `invalid-event-400`)."
    | "Append `.replaceAll(\"\\\\'\", \"'\")` to it."

    "gateway-response-vtl" Warning
    | "VTL in a gateway response"
    | "Templates of gateway responses are no VTL: references to `$context` and the like are replaced, the rest is sent as it is (fact `gateway-templates`)."
    | "Say it without directives and functions."

    "hollow-success" Warning
    | "a failed function is a success with empty fields"
    | "A custom integration answers a failed function with its default response unless a pattern takes the error (fact `selection-default`); the fields that its template reads are not in an error's payload."
    | "Add a response with the `selectionPattern` `(\\n|.)+` and the status 500."

    "json-in-quotes" Warning
    | "quotes around what is JSON already"
    | "`$input.json` gives a text with its quotes, and `\"\"` where there is nothing (fact `input-json-missing`): with others around them that is no JSON."
    | "Leave the quotes out; `$util.escapeJavaScript($input.json('$'))` in quotes makes one text of it."

    "message-quotes" Warning
    | "too many quotes around a gateway response's message, or none"
    | "`$context.error.messageString` has quotes of its own, `$context.error.message` has none (fact `context-error-string`)."
    | "Write `{\"message\":$context.error.messageString}`."

    "no-default-response" Warning
    | "no integration response takes a success"
    | "A success of a function is matched as the empty text (fact `selection-empty`); what no pattern takes is a 500."
    | "Add a response without a pattern."

    "no-responses" Warning
    | "no integration response at all"
    | "Each request is a 500, once the backend has been called."
    | "Add a response without a pattern."

    "pattern" Error
    | "a selection pattern that is no regular expression"
    | "Patterns are Java's regular expressions; API Gateway refuses others."
    | "Mend it at the index that the finding names."

    "pattern-backslash" Warning
    | "two backslashes where one is meant"
    | "Quoting is not doubled: in YAML's single quotes and block texts a backslash is itself, and two are a backslash as a text, which no error message has."
    | "Write one backslash: `'\\[400\\].*'`; in double quotes and JSON two."

    "pattern-blank" Note
    | "JSON in a pattern, with a blank behind the colon"
    | "`JSON.stringify` writes `\"status\":502`, Python's `json.dumps` `\"status\": 502`; the whole text must match (fact `selection-whole`)."
    | "Write `\\s*` behind the colon."

    "pattern-class" Warning
    | "a word in brackets, which is one letter out of a set"
    | "In a regular expression `[Error]` is one of `E`, `r` and `o`, so `[Error].*` takes every message that begins with one of them."
    | "Escape the brackets: `\\[Error\\]`."

    "pattern-cost" Warning
    | "a pattern that may take very long"
    | "Java tries every way of dividing a text among nested repeats; here such a pattern is cut short."
    | "Write it without a repeat inside of a repeat."

    "pattern-literal" Warning
    | "a pattern in JavaScript's slashes"
    | "Patterns are Java's regular expressions (fact `selection-whole`): slashes and flags are text, so no message matches."
    | "Leave the slashes out; `(?i)` at the front ignores case."

    "pattern-newline" Note
    | "a pattern that takes no line break"
    | "In Java `.` takes no line end, and messages of functions have some (fact `selection-whole`)."
    | "Take `(\\n|.)+`."

    "pattern-star" Warning
    | "a `*` that repeats one letter"
    | "`Internal*` is `Interna` and any number of `l`: in a regular expression `*` repeats what stands before it."
    | "Write `.*` for any text."

    "pattern-status" Warning
    | "a pattern that is matched against something else"
    | "Functions are matched by their `errorMessage`, other backends by their status (fact `selection-text`)."
    | "Match the message for functions: `.*Not Found.*`; a number for HTTP: `404`."

    "pattern-whole" Warning
    | "a pattern that takes only the whole message"
    | "The whole text must match (fact `selection-whole`), whether there is `^` and `$` or not."
    | "Add `.*` on each side where there may be more."

    "template" Error
    | "a template that does not parse"
    | "API Gateway answers each request of the method with 500 (fact `template-failure`)."
    | "Mend the line that the finding names."

    "template-not-json" Warning
    | "a template that prints no JSON whatever the request"
    | "Lambda refuses an event that is no JSON with a 400 (fact `invalid-event-400`); others get it as it is (fact `output-unchecked`)."
    | "Look for single quotes, a comma too many, a text without quotes; `stagegate eval` prints what it makes."

    "template-size" Error
    | "a template that is too long"
    | "API Gateway takes 300 KB (fact `foreach-limit`)."
    | "Shorten it, or move the work into the function."

    "two-defaults" Error
    | "two integration responses without a pattern"
    | "Only one can be the default."
    | "Give one of them a `selectionPattern`."

    "undeclared-header" Warning
    | "a header that the method response does not declare"
    | "API Gateway maps only headers that the method response declares, and refuses the import otherwise."
    | "Declare it under the response's `headers` (`ResponseParameters` in a template)."

    "undeclared-status" Warning
    | "a status that the method does not declare"
    | "Choosing it is a 500 (fact `selection-none`), though the import succeeds."
    | "Add it to the method's `responses`."

    "unescaped-text" Warning
    | "a text in a JSON string that is not escaped"
    | "A template prints a text as it is: with a quote, a backslash or a line break in it, what it prints is no JSON, and Lambda refuses it with a 400 (fact `invalid-event-400`)."
    | "Write `\"$util.escapeJavaScript($input.params('q')).replaceAll(\"\\\\'\", \"'\")\"`, or `$input.json('$.x')` without quotes."

    "unfilled-name" Warning
    | "a placeholder that nothing fills in"
    | "`Fn::Sub`, Terraform, `envsubst` and Jinja put values in for `${Name}`, `$NAME` and `{{ name }}`; to Velocity that is a variable that nobody sets, which prints nothing (fact `undefined-empty`), or text."
    | "Give `${Name}` in `api.parameters`, set the variable in the template, or render the file first."

    "unknown-context" Warning
    | "a variable of `$context` that does not exist"
    | "An unknown reference prints nothing (fact `undefined-empty`)."
    | "Take the nearest name; a `-` behind a name belongs to it: `${context.stage}-x`."

    "unknown-member" Warning
    | "a function of `$util` or `$input` that does not exist"
    | "An unknown reference prints nothing (fact `undefined-empty`). `$util.toJson` and its like are AppSync's."
    | "Take the nearest name; `$input.json('$.x')` prints a part of the body as JSON."

    "unreachable-response" Warning
    | "an integration response that is never chosen"
    | "Patterns are tried in the order of their status (fact `selection-order`), and an earlier one takes everything."
    | "Make the earlier pattern narrower."
};
