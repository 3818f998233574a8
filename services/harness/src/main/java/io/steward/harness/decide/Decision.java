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
/// @param trace spans the records and commands belong to, or null when nobody traces
/// @param after the session once the records are read back, if nothing else comes between
public record Decision(
    SessionId sessionId,
    Instant time,
    List<DecidedRecord> records,
    List<SandboxCommand> commands,
    List<EgressCommand> egress,
    @Nullable String spanId,
    @Nullable DecisionTrace trace,
    Session after) {
  public Decision(
      SessionId sessionId,
      Instant time,
      List<DecidedRecord> records,
      List<SandboxCommand> commands,
      List<EgressCommand> egress,
      @Nullable String spanId,
      Session after) {
    this(sessionId, time, records, commands, egress, spanId, null, after);
  }

  public Decision {
    records = List.copyOf(records);
    commands = List.copyOf(commands);
    egress = List.copyOf(egress);
  }

  /// The same and what was decided for the session as it is after it, in one transaction.
  public Decision then(Decision next) {
    return new Decision(
        sessionId,
        time,
        joined(records, next.records),
        joined(commands, next.commands),
        joined(egress, next.egress),
        next.spanId == null ? spanId : next.spanId,
        trace,
        next.after);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /// The same with one more command.
  public Decision with(SandboxCommand command) {
    List<SandboxCommand> more = new ArrayList<>(commands);
    more.add(command);
    return new Decision(sessionId, time, records, more, egress, spanId, trace, after);
  }

  /// The same as part of a trace.
  public Decision traced(DecisionTrace part) {
    return new Decision(sessionId, time, records, commands, egress, spanId, part, after);
  }
}
