package io.steward.schemas.session;

import io.steward.schemas.event.SessionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What a client sent and nobody has processed yet, in the order of the log.
public record Inbox(List<SessionEvent> events) {
  static final Inbox EMPTY = new Inbox(List.of());

  public Inbox {
    events = List.copyOf(events);
  }

  Inbox plus(SessionEvent event) {
    List<SessionEvent> longer = new ArrayList<>(events);
    longer.add(event);
    return new Inbox(longer);
  }

  Inbox without(String eventId) {
    return keeping(event -> !event.id().equals(eventId));
  }

  /// What is left when the turn is dead: messages are discarded, the rest is still to be processed.
  Inbox withoutMessages() {
    return keeping(event ->
        !(event instanceof SessionEvent.UserMessage
            || event instanceof SessionEvent.SystemMessage));
  }

  /// What is left when a turn ended: nothing waits for these decisions any more.
  Inbox withoutConfirmations() {
    return keeping(event -> !(event instanceof SessionEvent.UserToolConfirmation));
  }

  private Inbox keeping(Predicate<SessionEvent> kept) {
    return new Inbox(events.stream().filter(kept).toList());
  }

  boolean contains(String eventId) {
    return events.stream().anyMatch(event -> event.id().equals(eventId));
  }

  /// The events that open the next piece of work: the oldest user message, with the system messages
  /// before and directly behind it. Empty when no user message waits.
  public List<SessionEvent> nextInput() {
    List<SessionEvent> input = new ArrayList<>();
    boolean found = false;
    for (SessionEvent event : events) {
      switch (event) {
        case SessionEvent.SystemMessage _ -> input.add(event);
        case SessionEvent.UserMessage _ -> {
          if (found) {
            return input;
          }
          found = true;
          input.add(event);
        }
        case SessionEvent.UserInterrupt _ -> {
          if (found) {
            return input;
          }
        }
        default -> {}
      }
    }
    return found ? input : List.of();
  }

  /// What joins a turn under way at its next model request: confirmations, and system messages that
  /// do not belong to a user message still waiting.
  public List<SessionEvent> joining() {
    List<SessionEvent> input = new ArrayList<>();
    boolean messageWaits = false;
    for (SessionEvent event : events) {
      messageWaits |= event instanceof SessionEvent.UserMessage;
      if (event instanceof SessionEvent.UserToolConfirmation
          || (event instanceof SessionEvent.SystemMessage && !messageWaits)) {
        input.add(event);
      }
    }
    return input;
  }

  /// The interrupts that apply now: those before a user message that was sent after the first of
  /// them. What comes later is meant for what that message starts.
  public List<SessionEvent.UserInterrupt> nextInterrupts() {
    List<SessionEvent.UserInterrupt> next = new ArrayList<>();
    for (SessionEvent event : events) {
      if (event instanceof SessionEvent.UserInterrupt interrupt) {
        next.add(interrupt);
      } else if (event instanceof SessionEvent.UserMessage && !next.isEmpty()) {
        return next;
      }
    }
    return next;
  }

  /// Confirmations that wait.
  public List<SessionEvent.UserToolConfirmation> confirmations() {
    return events.stream()
        .filter(SessionEvent.UserToolConfirmation.class::isInstance)
        .map(SessionEvent.UserToolConfirmation.class::cast)
        .toList();
  }

  /// Whether a user message was sent before the first waiting interrupt.
  boolean messageBeforeInterrupt() {
    Optional<SessionEvent> first =
        events.stream()
            .filter(event ->
                event instanceof SessionEvent.UserMessage
                    || event instanceof SessionEvent.UserInterrupt)
            .findFirst();
    return first.isPresent() && first.get() instanceof SessionEvent.UserMessage;
  }

  /// Whether an interrupt waits.
  boolean hasInterrupt() {
    return events.stream().anyMatch(SessionEvent.UserInterrupt.class::isInstance);
  }

  /// Whether a user message waits.
  public boolean hasMessage() {
    return events.stream().anyMatch(SessionEvent.UserMessage.class::isInstance);
  }
}
