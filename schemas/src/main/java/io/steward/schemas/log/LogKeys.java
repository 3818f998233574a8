package io.steward.schemas.log;

import io.opentelemetry.api.trace.SpanContext;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The dictionary of keys: what `key=value` in a message of a log may be, in every service. Values
/// are ids, numbers and words of small sets, never content.
public final class LogKeys {
  /// A longer value is cut.
  public static final int VALUE_CHARS_MAX = 256;

  private static final Pattern PAIR = Pattern.compile("(?<![^ (])([a-z][a-z_]*)=([^ ,;:)]+)");
  private static final Map<String, String> ALL = all();

  private LogKeys() {}

  /// What each key means, in the order of the documentation.
  public static Map<String, String> dictionary() {
    return ALL;
  }

  /// The pairs in a message whose keys are in the dictionary. Of a key that is there twice the
  /// first counts: what comes later may be a text of somebody else.
  public static Map<String, String> of(String message) {
    Map<String, String> found = new LinkedHashMap<>();
    Matcher pairs = PAIR.matcher(message);
    while (pairs.find()) {
      String value = pairs.group(2);
      if (ALL.containsKey(pairs.group(1))) {
        found.putIfAbsent(
            pairs.group(1),
            value.length() <= VALUE_CHARS_MAX ? value : value.substring(0, VALUE_CHARS_MAX));
      }
    }
    return found;
  }

  /// The fields of a line: the pairs in its message, then those beside it, then where it was
  /// written.
  ///
  /// @param beside pairs as they are in messages
  /// @param span counts if it is valid
  public static Map<String, String> ofLine(
      String message, Collection<String> beside, SpanContext span) {
    StringBuilder said = new StringBuilder(message);
    beside.forEach(pairs -> said.append(' ').append(pairs));
    Map<String, String> keys = of(said.toString());
    if (span.isValid()) {
      keys.put("trace_id", span.getTraceId());
      keys.put("span_id", span.getSpanId());
    }
    return keys;
  }

  private static Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("session_id", "the session");
    all.put("request_id", "a request of a client, as its answer names it in `request-id`");
    all.put("trace_id", "the trace the line was written in, when requests are traced");
    all.put("span_id", "its span");
    all.put("tool_use_id", "a tool call: the id of its tool-use event");
    all.put("event_id", "an event of a session");
    all.put("type", "the type of a record or event");
    all.put("vault_id", "a vault");
    all.put("credential_id", "a credential, or the token of a repository");
    all.put("file_id", "a file of the API");
    all.put("resource_id", "a resource of a session");
    all.put("partition", "a partition of a topic");
    all.put("topic", "a topic");
    all.put("offset", "the place of a record in its partition");
    all.put("producer", "the producer id of a transaction");
    all.put("epoch", "its epoch");
    all.put("tool", "the name of a tool");
    all.put("outcome", "how something ended, one of a small fixed set");
    all.put("cause", "why, one of a small fixed set");
    all.put("kind", "which kind, one of a small fixed set");
    all.put("stop_reason", "why a turn ended");
    all.put("status", "a status of HTTP");
    all.put("exit_code", "of a program");
    all.put("incarnation", "one life of a sandbox");
    all.put("driver", "what makes sandboxes");
    all.put("pod", "a pod");
    all.put("pool", "a pool of pods that wait");
    all.put("instance", "an instance of a service");
    all.put("owner", "the instance whose sandboxes or calls these are");
    all.put("key", "the name of something stored: a blob, packages, a record");
    all.put("path", "where a file is shown in a sandbox");
    all.put("file", "a file of the service itself");
    all.put("directory", "a directory of the service itself");
    all.put("bytes", "a size");
    all.put("saved_bytes", "the size of what was saved");
    all.put("files", "a number of files");
    all.put("entries", "a number of entries of a directory");
    all.put("unfinished", "a number of sessions that are not at rest");
    all.put("wanted_min", "the least number that is wanted");
    all.put("wanted_max", "the greatest number that is wanted");
    all.put("drained", "whether nothing was under way");
    all.put("duration_ms", "how long it took, in milliseconds");
    all.put("millis", "how long it took, in milliseconds");
    all.put("last_used", "when it was used last");
    return Collections.unmodifiableMap(all);
  }
}
