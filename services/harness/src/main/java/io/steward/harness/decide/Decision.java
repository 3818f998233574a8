package io.steward.harness.decide;

import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The outcome of a step: what is written in one transaction, all or nothing.
///
/// @param time when it was decided, milliseconds
/// @param records for the session's log, in order
/// @param commands for the sandbox, in order
/// @param egress commands for vault-proxy, in order
/// @param spanId id of the `span.model_request_start` among the records when the model is to be
///   asked now, or null
/// @param after the session once the records are read back, if nothing else comes between
public record Decision(
    SessionId sessionId,
    Instant time,
    List<DecidedRecord> records,
    List<SandboxCommand> commands,
    List<EgressCommand> egress,
    @Nullable String spanId,
    Session after) {
  public Decision {
    records = List.copyOf(records);
    commands = List.copyOf(commands);
    egress = List.copyOf(egress);
  }

  /// The same with one more command.
  public Decision with(SandboxCommand command) {
    List<SandboxCommand> more = new ArrayList<>(commands);
    more.add(command);
    return new Decision(sessionId, time, records, more, egress, spanId, after);
  }
}
