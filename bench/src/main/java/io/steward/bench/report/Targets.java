package io.steward.bench.report;

/// What is asked of Steward on 2 cores with everything on one machine and durable appends; medians
/// unless said.
public final class Targets {
  /// From the client's POST until the model has the request, ms.
  public static final Target POST_TO_MODEL = Target.atMost(2.5);

  public static final Target POST_TO_MODEL_P99 = Target.atMost(20);

  /// From the model's chunk to the client's delta, ms.
  public static final Target CHUNK_TO_DELTA = Target.atMost(2);

  public static final Target CHUNK_TO_DELTA_P99 = Target.atMost(15);

  /// From the POST to `session.status_idle` with a model that takes no time, ms.
  public static final Target PLAIN_TURN = Target.atMost(12);

  /// The same with one `bash echo` in a sandbox that is there, ms.
  public static final Target WARM_TOOL_TURN = Target.atMost(30);

  /// The same in a sandbox that must be made, ms.
  public static final Target COLD_TOOL_TURN = Target.atMost(80);

  /// Turns a second of 32 sessions.
  public static final Target TURNS = Target.atLeast(400);

  /// Durable events a second that lists show.
  public static final Target EVENTS = Target.atLeast(4_000);

  /// Memory of an idle session in all processes together, bytes.
  public static final Target IDLE_SESSION = Target.atMost(1_000);

  /// From the start until it is ready with 100,000 sessions in the log, s.
  public static final Target START = Target.atMost(15);

  /// From the POST to a session of 10,000 events that no cache holds until the model has the
  /// request, ms.
  public static final Target WAKE_LONG = Target.atMost(50);

  private Targets() {}
}
