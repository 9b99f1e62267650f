//! Rules about mapping templates, selection patterns and what clients are answered.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
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

    "pattern-class" Warning
    | "a word in brackets, which is one letter out of a set"
    | "In a regular expression `[Error]` is one of `E`, `r` and `o`."
    | "Escape the brackets: `\\[Error\\]`."

    "pattern-cost" Warning
    | "a pattern that may take very long"
    | "Java tries every way of dividing a text among nested repeats; here such a pattern is cut short."
    | "Write it without a repeat inside of a repeat."

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

    "unknown-member" Warning
    | "a function of `$util` or `$input` that does not exist"
    | "An unknown reference prints nothing (fact `undefined-empty`). `$util.toJson` and its like are AppSync's."
    | "Take the nearest name; `$input.json('$.x')` prints a part of the body as JSON."

    "unreachable-response" Warning
    | "an integration response that is never chosen"
    | "Patterns are tried in the order of their status (fact `selection-order`), and an earlier one takes everything."
    | "Make the earlier pattern narrower."
};
