package io.steward.sessionlog.send;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.sessionlog.http.Field;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads the events a client sends, strictly, and gives them their ids. Whether they fit the state
/// of the session is not decided here. Source: contract/events.md §4.2.
public final class EventParser {
  /// How many events one request may send.
  public static final int EVENTS_MAX = 100;

  /// How many events a session may be created with.
  public static final int INITIAL_EVENTS_MAX = 50;

  static final String ID_PREFIX = "sevt_";
  private static final int TOOL_USE_ID_CHARS_MAX = 128;
  private static final int DENY_MESSAGE_CHARS_MAX = 10_000;
  private static final int SYSTEM_TEXTS_MAX = 1_000;
  private static final int THREAD_ID_CHARS_MAX = 128;

  private final Supplier<String> ids;

  /// @param ids makes the ids of events that do not answer a tool call
  EventParser(Supplier<String> ids) {
    this.ids = ids;
  }

  /// A parser that makes random ids.
  public static EventParser create() {
    return new EventParser(() -> Ids.random(ID_PREFIX));
  }

  /// The events of a send.
  ///
  /// @param now when results of tools are processed, which is on receipt
  /// @throws ApiException 400 when any of them breaks a rule
  public List<ClientEvent> sent(JsonNode body, Instant now) {
    List<ClientEvent> events = new ArrayList<>();
    boolean system = false;
    for (Field event : new Field("", body).field("events").elements(1, EVENTS_MAX)) {
      ClientEvent parsed = event(event, now);
      if (parsed instanceof SessionEvent.SystemMessage && system) {
        throw event.field("type").refused("a request may hold one system.message only");
      }
      system |= parsed instanceof SessionEvent.SystemMessage;
      events.add(parsed);
    }
    return events;
  }

  /// The events a session is created with; none when the field is missing, null or empty.
  ///
  /// @throws ApiException 400 when any of them breaks a rule
  public List<SessionEvent> initial(JsonNode body) {
    Field field = new Field("", body).field("initial_events");
    if (field.absent()) {
      return List.of();
    }
    List<SessionEvent> events = new ArrayList<>();
    for (Field event : field.elements(0, INITIAL_EVENTS_MAX)) {
      Field type = event.field("type");
      switch (type.text()) {
        case "user.message" -> events.add(message(event));
        case "user.define_outcome" -> throw unsupported(type);
        default -> throw type.refused("must be \"user.message\" in initial_events");
      }
    }
    return events;
  }

  private ClientEvent event(Field event, Instant now) {
    Field type = event.field("type");
    return switch (type.text()) {
      case "user.message" -> message(event);
      case "user.interrupt" -> new SessionEvent.UserInterrupt(ids.get(), threadId(event), null);
      case "user.tool_confirmation" -> confirmation(event);
      case "user.custom_tool_result" -> {
        String toolUseId = toolUseId(event.field("custom_tool_use_id"));
        yield new SessionEvent.UserCustomToolResult(
            derived(toolUseId, type.text()),
            toolUseId,
            ContentParser.toolResult(event.field("content")),
            event.field("is_error").optionalFlag(),
            now);
      }
      case "user.tool_result" -> {
        String toolUseId = toolUseId(event.field("tool_use_id"));
        yield new SessionEvent.UserToolResult(
            derived(toolUseId, type.text()),
            toolUseId,
            ContentParser.toolResult(event.field("content")),
            event.field("is_error").optionalFlag(),
            now);
      }
      case "system.message" ->
          new SessionEvent.SystemMessage(
              ids.get(), ContentParser.texts(event.field("content"), 1, SYSTEM_TEXTS_MAX), null);
      case "user.define_outcome" -> throw unsupported(type);
      default ->
          throw type.refused(
              "must be one of \"user.message\", \"user.interrupt\", \"user.tool_confirmation\","
                  + " \"user.custom_tool_result\", \"user.tool_result\", \"system.message\"");
    };
  }

  private SessionEvent.UserMessage message(Field event) {
    return new SessionEvent.UserMessage(
        ids.get(), ContentParser.message(event.field("content")), null);
  }

  private static @Nullable String threadId(Field event) {
    Field thread = event.field("session_thread_id");
    return thread.absent() ? null : thread.text(1, THREAD_ID_CHARS_MAX);
  }

  private static SessionEvent.UserToolConfirmation confirmation(Field event) {
    String toolUseId = toolUseId(event.field("tool_use_id"));
    Field result = event.field("result");
    SessionEvent.Verdict verdict =
        switch (result.text()) {
          case "allow" -> SessionEvent.Verdict.ALLOW;
          case "deny" -> SessionEvent.Verdict.DENY;
          default -> throw result.refused("must be one of \"allow\", \"deny\"");
        };
    Field message = event.field("deny_message");
    if (!message.absent() && verdict == SessionEvent.Verdict.ALLOW) {
      throw message.refused("is allowed only with the result \"deny\"");
    }
    return new SessionEvent.UserToolConfirmation(
        derived(toolUseId, "user.tool_confirmation"),
        toolUseId,
        verdict,
        message.optionalText(DENY_MESSAGE_CHARS_MAX),
        null);
  }

  private static String toolUseId(Field field) {
    return field.text(1, TOOL_USE_ID_CHARS_MAX);
  }

  /// A repeated answer is the same event.
  private static String derived(String toolUseId, String type) {
    return Ids.derived(ID_PREFIX, toolUseId + type);
  }

  private static ApiException unsupported(Field type) {
    return new ApiException(
        ApiError.invalid(
            "`"
                + type.path()
                + "` is \"user.define_outcome\", but outcomes are not supported by this server"
                + " yet."));
  }
}
