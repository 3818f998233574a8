package io.steward.schemas.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// One dictionary of keys, held by every line of every service and by the documentation.
class LogKeysTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern STATEMENT = Pattern.compile("\\bLOG\\.\\w+\\((?s:.*?)\\);");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern KEY = Pattern.compile("(\\w+)=(?:%|$)");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (.*) \\|$");

  @Test
  void every_key_in_a_line_of_a_log_is_in_the_dictionary() throws IOException {
    Set<String> unknown = new TreeSet<>();
    int found = 0;
    for (Path file : sources()) {
      Matcher statements = STATEMENT.matcher(Files.readString(file));
      while (statements.find()) {
        for (String key : keys(statements.group())) {
          found++;
          if (!LogKeys.dictionary().containsKey(key)) {
            unknown.add(file.getFileName() + ": " + key);
          }
        }
      }
    }

    assertEquals(Set.of(), unknown);
    assertEquals(true, found > 100, "the lines of logs were not found");
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> services = Files.list(ROOT.resolve("services"))) {
      for (Path module : Stream.concat(services, Stream.of(Path.of(""))).toList()) {
        Path main = module.resolve("src/main/java");
        if (Files.isDirectory(main) && !module.endsWith("devbox")) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }

  private static List<String> keys(String statement) {
    List<String> keys = new ArrayList<>();
    Matcher texts = TEXT.matcher(statement);
    while (texts.find()) {
      KEY.matcher(texts.group(1)).results().forEach(key -> keys.add(key.group(1)));
    }
    return keys;
  }

  @Test
  void the_documentation_has_the_dictionary() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    ROW.matcher(Files.readString(ROOT.resolve("docs/logs.md")))
        .results()
        .forEach(row -> documented.put(row.group(1), row.group(2)));

    assertEquals(LogKeys.dictionary(), documented);
  }

  @Test
  void pairs_are_taken_out_of_a_message_and_nothing_else() {
    Map<String, String> found =
        LogKeys.of(
            "call ended session_id=sesn_1 tool_use_id=sevt_2: it said password=x"
                + " session_id=sesn_other (duration_ms=12) url=http://a/?path=b");

    assertEquals(
        Map.of("session_id", "sesn_1", "tool_use_id", "sevt_2", "duration_ms", "12"), found);
    assertEquals(
        "x".repeat(LogKeys.VALUE_CHARS_MAX), LogKeys.of("key=" + "x".repeat(1000)).get("key"));
  }

  @Test
  void a_line_has_the_pairs_beside_its_message_and_the_span_it_was_written_in() {
    SpanContext span =
        SpanContext.create(
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00f067aa0ba902b7",
            TraceFlags.getSampled(),
            TraceState.getDefault());

    assertEquals(
        Map.of(
            "session_id",
            "sesn_1",
            "request_id",
            "req_2",
            "trace_id",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "span_id",
            "00f067aa0ba902b7"),
        LogKeys.ofLine(
            "done session_id=sesn_1 trace_id=said",
            List.of("request_id=req_2", "session_id=sesn_other"),
            span));
    assertEquals(
        Map.of("session_id", "sesn_1"),
        LogKeys.ofLine("done session_id=sesn_1", List.of(), SpanContext.getInvalid()));
  }
}
