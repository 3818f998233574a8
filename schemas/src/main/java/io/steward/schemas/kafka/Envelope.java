package io.steward.schemas.kafka;

import io.steward.schemas.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// What is known about a record beside its JSON: the CloudEvents 1.0 attributes in binary mode, as
/// headers.
///
/// @param id `ce_id`, unique for the source
/// @param type `ce_type`
/// @param source `ce_source`, such as `/services/harness`
/// @param subject `ce_subject`: the session id, or the id of what the record is about
/// @param time `ce_time`
/// @param workspaceId `ce_workspaceid`
/// @param schemaVersion `ce_schemaversion`, from 1
/// @param trace W3C trace context, as `traceparent` and `tracestate`, or null
public record Envelope(
    String id,
    String type,
    String source,
    String subject,
    Instant time,
    String workspaceId,
    int schemaVersion,
    @Nullable TraceContext trace) {

  /// The workspace of an installation with only one.
  public static final String DEFAULT_WORKSPACE = "wrkspc_default";

  static final String DATAREF = "ce_dataref";
  static final String DATAHASH = "ce_datahash";
  private static final String MAY_IGNORE = "ce_mayignore";

  /// An envelope of schema version 1 in the default workspace.
  public static Envelope of(String id, String type, String source, String subject, Instant time) {
    return new Envelope(id, type, source, subject, time, DEFAULT_WORKSPACE, 1, null);
  }

  void writeTo(Headers headers) {
    add(headers, "ce_specversion", "1.0");
    add(headers, "ce_id", id);
    add(headers, "ce_type", type);
    add(headers, "ce_source", source);
    add(headers, "ce_subject", subject);
    add(headers, "ce_time", time.toString());
    add(headers, "ce_workspaceid", workspaceId);
    add(headers, "ce_schemaversion", Integer.toString(schemaVersion));
    add(headers, "content-type", "application/json");
    if (trace != null) {
      add(headers, TraceContext.TRACEPARENT_HEADER, trace.traceparent());
      if (trace.tracestate() != null) {
        add(headers, TraceContext.TRACESTATE_HEADER, trace.tracestate());
      }
    }
  }

  /// The same of a record that belongs to a span.
  public Envelope traced(@Nullable TraceContext context) {
    return new Envelope(id, type, source, subject, time, workspaceId, schemaVersion, context);
  }

  static Envelope readFrom(Headers headers) throws UnreadableRecordException {
    try {
      return new Envelope(
          required(headers, "ce_id"),
          required(headers, "ce_type"),
          required(headers, "ce_source"),
          required(headers, "ce_subject"),
          Instant.parse(required(headers, "ce_time")),
          required(headers, "ce_workspaceid"),
          Integer.parseInt(required(headers, "ce_schemaversion")),
          TraceContext.of(
                  optional(headers, TraceContext.TRACEPARENT_HEADER).orElse(null),
                  optional(headers, TraceContext.TRACESTATE_HEADER).orElse(null))
              .orElse(null));
    } catch (DateTimeException | NumberFormatException e) {
      throw new UnreadableRecordException("a header is malformed: " + e.getMessage(), e);
    }
  }

  static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  static Optional<String> optional(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? Optional.empty()
        : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
  }

  static boolean mayIgnore(Headers headers) {
    return optional(headers, MAY_IGNORE).filter("true"::equals).isPresent();
  }

  private static String required(Headers headers, String name) throws UnreadableRecordException {
    return optional(headers, name)
        .orElseThrow(() -> new UnreadableRecordException("the header " + name + " is missing"));
  }
}
