package io.steward.devbox.tail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.steward.schemas.json.Json;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records of `session-events` as lines for people. Whatever a record holds, a line is one line,
/// and no character of it moves the cursor or changes colours. Pure.
final class EventLines {
  private static final int TEXT_CHARS_MAX = 160;
  private static final int TYPE_CHARS = 32;
  private static final int CLOCK_BEGIN = 11;
  private static final int CLOCK_END = 19;

  private final boolean colour;

  EventLines(boolean colour) {
    this.colour = colour;
  }

  /// A record, as far as it matters here.
  ///
  /// @param type `ce_type`, or empty
  /// @param time `ce_time`, or empty
  /// @param dataref `ce_dataref`, or null: then the body is elsewhere
  /// @param body null for a tombstone
  record Entry(
      String key, String type, String time, @Nullable String dataref, byte @Nullable [] body) {
    String session() {
      int slash = key.indexOf('/');
      return slash < 0 ? key : key.substring(0, slash);
    }
  }

  /// Ways to show a kind of event.
  private enum Colour {
    CLIENT("36"),
    AGENT("32"),
    STATUS("33"),
    ERROR("31"),
    FAINT("2");

    private final String code;

    Colour(String code) {
      this.code = code;
    }
  }

  /// One line for each event of the record; an internal record is a line as well.
  List<String> of(Entry entry) {
    byte[] body = entry.body;
    if (body == null) {
      return List.of(line(entry, "(removed)", "", Colour.FAINT));
    }
    if (entry.dataref != null) {
      return List.of(line(entry, entry.type, "(its body is in the blob store)", of(entry.type)));
    }
    JsonNode json = json(body);
    JsonNode sent = json.path(entry.type.equals("session.created") ? "initial_events" : "events");
    List<String> lines = new ArrayList<>();
    if (!entry.type.equals("session.events_sent")) {
      lines.add(line(entry, entry.type, detail(entry.type, json), of(entry.type)));
    }
    for (JsonNode event : sent) {
      String type = event.path("type").asText();
      lines.add(line(entry, type, "(sent) " + detail(type, event), of(type)));
    }
    return lines;
  }

  private static JsonNode json(byte[] body) {
    try {
      return Json.tree(body);
    } catch (UncheckedIOException e) {
      return MissingNode.getInstance();
    }
  }

  private String line(Entry entry, String type, String detail, Colour of) {
    String clock =
        entry.time.length() < CLOCK_END ? entry.time : entry.time.substring(CLOCK_BEGIN, CLOCK_END);
    String padded = printable(type) + " ".repeat(Math.max(0, TYPE_CHARS - type.length()));
    return (painted(Colour.FAINT, printable(clock) + " " + printable(entry.session()))
            + "  "
            + painted(of, padded)
            + " "
            + printable(detail))
        .stripTrailing();
  }

  private String painted(Colour with, String text) {
    return colour ? "\u001b[" + with.code + "m" + text + "\u001b[0m" : text;
  }

  private static Colour of(String type) {
    if (type.equals("session.error") || type.equals("session.status_terminated")) {
      return Colour.ERROR;
    }
    return switch (type.substring(0, Math.max(0, type.indexOf('.')))) {
      case "user", "system" -> Colour.CLIENT;
      case "agent" -> Colour.AGENT;
      case "session" -> type.endsWith("_requested") ? Colour.FAINT : Colour.STATUS;
      default -> Colour.FAINT;
    };
  }

  private static String detail(String type, JsonNode event) {
    return switch (type) {
      case "agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use" ->
          event.path("name").asText() + " " + event.path("input");
      case "session.error" ->
          event.at("/error/type").asText() + ": " + event.at("/error/message").asText();
      case "session.status_idle" -> event.at("/stop_reason/type").asText();
      case "span.model_request_end" ->
          "%d tokens in, %d out"
              .formatted(
                  event.at("/model_usage/input_tokens").asLong(),
                  event.at("/model_usage/output_tokens").asLong());
      case "user.tool_confirmation" -> event.path("result").asText();
      case "session.created" ->
          event.at("/agent/name").asText() + ", " + event.at("/agent/model/id").asText();
      case "retry.scheduled" -> event.path("retry_at").asText();
      default -> text(event.path("content"));
    };
  }

  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode block : content) {
      String said = block.path("text").asText("(" + block.path("type").asText() + ")");
      text.append(text.isEmpty() ? "" : " ").append(said);
      if (text.length() > TEXT_CHARS_MAX) {
        break;
      }
    }
    return text.toString();
  }

  /// One line without control characters, of a length that can be read.
  private static String printable(String text) {
    boolean cut = text.length() > TEXT_CHARS_MAX;
    StringBuilder line = new StringBuilder();
    (cut ? text.substring(0, TEXT_CHARS_MAX) : text)
        .codePoints()
        .map(point -> isPrinted(point) ? point : ' ')
        .forEach(line::appendCodePoint);
    return cut ? line.append('…').toString() : line.toString();
  }

  /// Neither a control character nor one that turns the direction of writing.
  private static boolean isPrinted(int point) {
    int type = Character.getType(point);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.SURROGATE;
  }
}
