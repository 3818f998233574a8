package io.steward.sessionlog.view;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import java.util.List;

/// Which events of a record the API shows.
public final class PublicEvents {
  private PublicEvents() {}

  /// The public events of a record, in order; none of an internal record.
  public static List<SessionEvent> of(SessionRecord body) {
    return switch (body) {
      case SessionRecord.Created created -> created.initialEvents();
      case SessionRecord.EventsSent sent -> sent.events();
      case SessionRecord.EventRecorded(SessionEvent event) -> List.of(event);
      case SessionRecord.UpdateRequested _,
          SessionRecord.ArchiveRequested _,
          SessionRecord.DeleteRequested _,
          SessionRecord.ModelResponse _,
          SessionRecord.RetryScheduled _,
          SessionRecord.ContextSummary _,
          SessionRecord.ContextSummaryFailed _,
          SessionRecord.ContextExceeded _,
          SessionRecord.ResourceAddRequested _,
          SessionRecord.ResourceUpdateRequested _,
          SessionRecord.ResourceDeleteRequested _,
          SessionRecord.RepositorySettled _,
          SessionRecord.McpServerSettled _,
          SessionRecord.ToolOutputKept _,
          SessionRecord.Unrecognized _ ->
          List.of();
    };
  }
}
