package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/// The wire types of events, as [SessionEvent] declares them.
public final class EventTypes {
  private static final Map<Class<?>, String> NAMES =
      Arrays.stream(
              Objects.requireNonNull(SessionEvent.class.getAnnotation(JsonSubTypes.class)).value())
          .collect(Collectors.toUnmodifiableMap(JsonSubTypes.Type::value, JsonSubTypes.Type::name));

  private static final Map<String, Class<?>> CLASSES =
      NAMES.entrySet().stream()
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

  /// Every persisted type of the contract a list can be filtered by, also those Steward does not
  /// write yet. Source: contract/events.md §5.1.
  public static final Set<String> LISTABLE =
      Set.of(
          "user.message",
          "user.interrupt",
          "user.tool_confirmation",
          "user.custom_tool_result",
          "user.tool_result",
          "user.define_outcome",
          "system.message",
          "agent.message",
          "agent.thinking",
          "agent.tool_use",
          "agent.tool_result",
          "agent.mcp_tool_use",
          "agent.mcp_tool_result",
          "agent.custom_tool_use",
          "agent.thread_message_received",
          "agent.thread_message_sent",
          "agent.thread_context_compacted",
          "session.status_running",
          "session.status_idle",
          "session.status_rescheduled",
          "session.status_terminated",
          "session.error",
          "session.updated",
          "session.usage",
          "session.thread_created",
          "session.thread_status_running",
          "session.thread_status_idle",
          "session.thread_status_rescheduled",
          "session.thread_status_terminated",
          "span.model_request_start",
          "span.model_request_end",
          "span.outcome_evaluation_start",
          "span.outcome_evaluation_ongoing",
          "span.outcome_evaluation_end",
          "workflow_run.created",
          "workflow_run.status_running",
          "workflow_run.status_idle",
          "workflow_run.status_ended",
          "workflow_run.error",
          "workflow_run.phase_started",
          "workflow_run.phase_ended");

  private EventTypes() {}

  static String of(SessionEvent event) {
    return Objects.requireNonNull(NAMES.get(event.getClass()));
  }

  /// Whether Steward writes events of this type.
  public static boolean isKnown(String type) {
    return CLASSES.containsKey(type);
  }

  /// All types Steward writes.
  public static Set<String> known() {
    return CLASSES.keySet();
  }
}
