package io.steward.simulation;

import io.steward.sandbox.call.Outbox;
import io.steward.sandbox.call.SimulatedToolCalls;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// One process of the sandbox service with the sandboxes that live and die with it.
final class SandboxInstance implements SimulatedToolCalls.Place, Outbox {
  private static final String GROUP = "sandbox";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RESEND = Duration.ofMillis(200);
  private static final int RECORDS_MAX = 6;
  private static final int MOMENTS_MAX = 12;

  private final World world;
  private final Node node;
  private final SimulatedToolCalls calls;
  private final Map<SessionId, String> sandboxes = new TreeMap<>();
  private int incarnations;

  SandboxInstance(World world, Node node) {
    this.world = world;
    this.node = node;
    this.calls =
        new SimulatedToolCalls(
            world.journal(), this, node, this, world.has(SeededBug.JOURNAL_AFTER_FIRST_BYTE));
    node.spawn(
        "start",
        () -> {
          calls.recover();
          for (int partition = 0; partition < world.partitions(); partition++) {
            int number = partition;
            node.spawn("commands-" + number, () -> readCommands(number));
          }
          while (true) {
            world.schedule().sleep(RESEND);
            calls.resend();
          }
        });
  }

  Node node() {
    return node;
  }

  /// A sandbox vanishes, with its disk.
  void lose(SessionId session) {
    if (sandboxes.remove(session) != null) {
      world.trace(node, "loses the sandbox of", session);
      if (world.has(SeededBug.JOURNAL_IN_SANDBOX)) {
        world.journal().lose(session);
      }
    }
  }

  /// Commands are committed up to the first that is not done.
  private void readCommands(int partition) {
    TopicPartition commands = new TopicPartition(Topics.SANDBOX_COMMANDS, partition);
    PartitionLog log = world.kafka().log(Topics.SANDBOX_COMMANDS, partition);
    TreeMap<Long, Boolean> done = new TreeMap<>();
    boolean committed = !world.has(SeededBug.READS_UNCOMMITTED_COMMANDS);
    long position = world.kafka().committedOffset(GROUP, commands);
    while (true) {
      PartitionLog.Fetched fetched =
          log.fetch(position, committed, 1 + world.schedule().random().nextInt(RECORDS_MAX));
      position = fetched.position();
      for (ConsumerRecord<String, byte[]> record : fetched.records()) {
        done.put(record.offset(), false);
        perform(command(record), () -> done.replace(record.offset(), true));
      }
      long from = position;
      world
          .schedule()
          .await(
              () ->
                  (committed ? log.stable() : log.end()) > from
                      || (!done.isEmpty() && done.firstEntry().getValue()),
              POLL);
      long next = -1;
      while (!done.isEmpty() && done.firstEntry().getValue()) {
        next = done.pollFirstEntry().getKey() + 1;
      }
      if (next >= 0 && !world.fault(4)) {
        world.kafka().commitOffset(GROUP, commands, next);
      }
      world.pause();
    }
  }

  private void perform(SandboxCommand command, Runnable acknowledge) {
    switch (command) {
      case SandboxCommand.RunTool run -> calls.run(run, acknowledge);
      case SandboxCommand.CancelTools cancel -> calls.cancel(cancel, acknowledge);
      case SandboxCommand.PrepareSandbox prepare -> {
        world.trace(node, "prepares", sandbox(prepare.sessionId()));
        acknowledge.run();
      }
      case SandboxCommand.EndSandbox end -> {
        lose(end.sessionId());
        acknowledge.run();
      }
      case SandboxCommand.DeleteSandbox _ -> acknowledge.run();
    }
  }

  private static SandboxCommand command(ConsumerRecord<String, byte[]> record) {
    try {
      return Json.read(World.FORMAT.decode(record).json(), SandboxCommand.class);
    } catch (UnreadableRecordException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void pause() {
    world.pause();
  }

  @Override
  public void await(BooleanSupplier condition) {
    world.schedule().await(condition);
  }

  @Override
  public void spawn(String name, Runnable body) {
    node.spawn(name, body);
  }

  @Override
  public String sandbox(SessionId session) {
    return sandboxes.computeIfAbsent(session, _ -> node.name() + "-" + ++incarnations);
  }

  @Override
  public void run(String toolUseId) {
    world.trace(node, "runs", toolUseId);
    world.truth().ran(toolUseId);
  }

  @Override
  public boolean lives(SessionId session, String incarnation) {
    return incarnation.equals(sandboxes.get(session));
  }

  @Override
  public int moments() {
    return world.schedule().random().nextInt(MOMENTS_MAX);
  }

  @Override
  public boolean send(String workspaceId, ToolResult result) {
    world.pause();
    if (world.fault(15)) {
      return false;
    }
    Envelope envelope =
        Envelope.of(
            result.toolUseId(),
            ToolResult.TYPE,
            "/services/sandbox",
            result.sessionId().value(),
            node.instant());
    world
        .kafka()
        .append(
            World.FORMAT.encode(
                Topics.TOOL_RESULTS,
                result.sessionId().partition(),
                result.sessionId().value(),
                envelope,
                Json.bytes(result)));
    world.pause();
    return !world.fault(15);
  }

  @Override
  public void announce(SandboxEvent event) {}

  @Override
  public boolean announce(SandboxEvent event, Duration longest) {
    return true;
  }

  @Override
  public boolean publish(String workspaceId, SandboxOutput output) {
    return true;
  }

  Map<SessionId, String> sandboxes() {
    return new HashMap<>(sandboxes);
  }
}
