//! One test case: a request, a canned reply, the expected call and response.
