-- The span a record was written in: `traceparent`, and behind a space `tracestate` if there is one.
ALTER TABLE session_record ADD COLUMN trace text;
