package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import java.util.List;
import java.util.Set;

/// What one open stream shows of previews, by production's [PreviewGate].
public final class SimulatedStream {
  private final PreviewGate gate = new PreviewGate(Set.of("agent.message"));
  private final boolean gated;

  /// @param gated whether there is a gate at all
  public SimulatedStream(boolean gated) {
    this.gated = gated;
  }

  /// The previews that follow an event.
  public List<PreviewFrame> delivered(SessionEvent event) {
    return gate.delivered(event, false);
  }

  /// The previews to show now.
  public List<PreviewFrame> read(SessionPreview preview) {
    return gated ? gate.read(preview, false).stream().toList() : List.of(preview.frame());
  }
}
