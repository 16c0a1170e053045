"""What the description of the API says before its operations: the manners that they share."""

ABOUT = """\
Everything a person can do on screen, a program can do here: through the same actions, with the same visibility.

| matter | rule |
|---|---|
| Who | `Authorization: Bearer rb_…`. A token is made with `manage.py api_token EMAIL [--scope …]`, shown once \
and kept as a hash. Reading needs `read`, changing `write`, setting up stages, reasons, products and competitors `admin`; \
the person's role still decides. A signed-in browser may call too, with its CSRF token. |
| JSON | UTF-8, snake_case; times RFC 3339 in UTC, dates ISO 8601; money `{"amount": "1200.00", "currency": "EUR"}`. |
| Lists | `{"results", "next", "previous"}`, by cursor: follow `next` as it is. `limit` is 50 unless told, 200 at most; \
`count=true` counts all of them too. |
| Filters | A parameter that is not known, or given twice, is an error and never ignored. Several values are \
separated by commas: `status__in=won,lost`. |
| Errors | `application/problem+json` (RFC 9457); `errors` says for each wrong value where (`pointer`) and why. \
What you may not see answers as what is not there: 404. |
| Editing | Send the `ETag` that you read as `If-Match`. Without it: 428. If somebody was faster: 412, and nothing is written. |
| Repeating | Send an `Idempotency-Key` with a POST. The same key and body give the first answer again for 24 hours \
(`Idempotent-Replayed: true`); another body is 422. A request that was refused did nothing, and leaves its key free. |
| Limits | `RateLimit` and `RateLimit-Policy` say what is left; beyond it is 429 with `Retry-After`. A body may have 5 MB. |
"""
