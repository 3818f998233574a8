package io.steward.schemas.trace;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where the turns of a session are in traces: part of the fold, so that whoever continues a turn
/// continues its trace. Pure.
///
/// @param messages contexts of messages no turn has taken up, oldest first
/// @param answer context of the newest answer to a call since the last turn began, or null
/// @param turn the turn under way, or null
/// @param former context of the turn before it, or null
public record TurnTraces(
    List<Sent> messages,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TraceContext answer,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Turn turn,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TraceContext former) {
  /// Nothing was ever traced.
  public static final TurnTraces NONE = new TurnTraces(List.of(), null, null, null);

  public TurnTraces {
    messages = List.copyOf(messages);
  }

  /// A message that waits.
  public record Sent(String eventId, TraceContext context) {}

  /// @param context of the turn's own span
  /// @param parent of that span, or null when the turn is the root of its trace
  public record Turn(
      TraceContext context,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TraceContext parent,
      Instant startedAt) {}

  /// A client sent a message.
  public TurnTraces message(String eventId, TraceContext context) {
    List<Sent> longer = new ArrayList<>(messages);
    longer.add(new Sent(eventId, context));
    return new TurnTraces(longer, answer, turn, former);
  }

  /// A client answered a call.
  public TurnTraces answered(TraceContext context) {
    return new TurnTraces(messages, context, turn, former);
  }

  /// What the next turn is a part of: the request that answered what the last one had asked for, or
  /// the one with the oldest message.
  public @Nullable TraceContext next() {
    if (answer != null) {
      return answer;
    }
    return messages.isEmpty() ? null : messages.getFirst().context();
  }

  /// A turn began, unless one goes on.
  public TurnTraces began(@Nullable TraceContext context, Instant at) {
    return context == null || turn != null
        ? this
        : new TurnTraces(messages, null, new Turn(context, next(), at), former);
  }

  /// The turn is over.
  public TurnTraces ended() {
    return new TurnTraces(messages, null, null, turn == null ? former : turn.context());
  }

  /// Forgets messages that wait no more.
  public TurnTraces waiting(Predicate<String> waits) {
    return messages.stream().allMatch(sent -> waits.test(sent.eventId()))
        ? this
        : new TurnTraces(
            messages.stream().filter(sent -> waits.test(sent.eventId())).toList(),
            answer,
            turn,
            former);
  }
}
