package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which previews one connection shows, and when. Previews and events come over different topics,
/// so either may be early. Pure; one thread at a time.
///
/// - A preview waits until the start of its model request was delivered here, and is never shown
///   after the request's end or after the event it announced.
/// - The previews of a request are shown from the first one on without a gap. After a gap, nothing
///   more of the request is shown.
/// - Deltas that were held back once, because the reader is slow, never go on.
///
/// Source: contract/events.md §3.4.
final class PreviewGate {
  /// Previews that may wait for the start of their request. What comes on top is lost, which ends
  /// the previews of that request like any other gap.
  static final int HELD_MAX = 256;

  private static final String MESSAGE = "agent.message";

  /// The types a client may ask for.
  static final Set<String> TYPES = Set.of(MESSAGE, "agent.thinking");

  private final Set<String> types;
  private final List<SessionPreview> held = new ArrayList<>();
  private final Set<String> announced = new HashSet<>();
  private final Set<String> flowing = new HashSet<>();
  private @Nullable String open;
  private @Nullable String over;
  private int nextSequence;

  /// @param types what the client asked for
  PreviewGate(Set<String> types) {
    this.types = Set.copyOf(types);
  }

  /// Whether anything can ever be shown.
  boolean wanted() {
    return !types.isEmpty();
  }

  /// What to show behind an event that was just delivered.
  ///
  /// @param pressed whether the reader is too slow for previews now
  List<PreviewFrame> delivered(SessionEvent event, boolean pressed) {
    return switch (event) {
      case SessionEvent.SpanModelRequestStart start -> started(start.id(), pressed);
      case SessionEvent.SpanModelRequestEnd end -> ended(end.modelRequestStartId());
      case SessionEvent.AgentMessage message -> complete(message.id());
      case SessionEvent.AgentThinking thinking -> complete(thinking.id());
      default -> List.of();
    };
  }

  /// What to show of a preview that was just read.
  ///
  /// @param pressed whether the reader is too slow for previews now
  Optional<PreviewFrame> read(SessionPreview preview, boolean pressed) {
    String request = preview.modelRequestStartId();
    if (request.equals(open)) {
      return show(preview, pressed);
    }
    if (wanted() && !request.equals(over)) {
      hold(preview);
    }
    return Optional.empty();
  }

  private List<PreviewFrame> started(String request, boolean pressed) {
    open = request;
    nextSequence = 0;
    announced.clear();
    flowing.clear();
    List<PreviewFrame> shown = new ArrayList<>();
    for (SessionPreview preview : held) {
      if (preview.modelRequestStartId().equals(open)) {
        show(preview, pressed).ifPresent(shown::add);
      }
    }
    held.clear();
    return shown;
  }

  private List<PreviewFrame> ended(String request) {
    over = request;
    if (request.equals(open)) {
      open = null;
    }
    held.removeIf(preview -> preview.modelRequestStartId().equals(request));
    return List.of();
  }

  private List<PreviewFrame> complete(String eventId) {
    announced.add(eventId);
    flowing.remove(eventId);
    return List.of();
  }

  /// A session has one model request at a time, so what is held of an earlier one is stale.
  private void hold(SessionPreview preview) {
    if (!held.isEmpty()
        && !held.getFirst().modelRequestStartId().equals(preview.modelRequestStartId())) {
      held.clear();
    }
    if (held.size() < HELD_MAX) {
      held.add(preview);
    }
  }

  private Optional<PreviewFrame> show(SessionPreview preview, boolean pressed) {
    if (preview.sequence() < nextSequence) {
      return Optional.empty(); // It was written twice.
    }
    if (preview.sequence() > nextSequence) {
      over = open;
      open = null;
      return Optional.empty();
    }
    nextSequence++;
    boolean shown =
        switch (preview.frame()) {
          case PreviewFrame.EventStart(PreviewFrame.Announced event) -> begins(event, pressed);
          case PreviewFrame.EventDelta delta -> continues(delta.eventId(), pressed);
        };
    return shown ? Optional.of(preview.frame()) : Optional.empty();
  }

  private boolean begins(PreviewFrame.Announced event, boolean pressed) {
    if (!types.contains(event.type()) || !announced.add(event.id()) || pressed) {
      return false;
    }
    if (event.type().equals(MESSAGE)) {
      flowing.add(event.id());
    }
    return true;
  }

  private boolean continues(String eventId, boolean pressed) {
    if (pressed) {
      flowing.remove(eventId);
    }
    return flowing.contains(eventId);
  }
}
