package io.steward.harness.stage;

import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;

/// Stands in for the sandbox service: answers each command at once with what it was told to run,
/// except those that begin with `sleep`.
public final class FakeSandbox implements Runnable, AutoCloseable {
  private final Consumer<String, byte[]> consumer;
  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final int partitions;
  private final List<SandboxCommand> commands = new CopyOnWriteArrayList<>();
  private final List<String> traces = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;

  FakeSandbox(
      Consumer<String, byte[]> consumer,
      Producer<String, byte[]> producer,
      RecordFormat format,
      int partitions) {
    this.consumer = consumer;
    this.producer = producer;
    this.format = format;
    this.partitions = partitions;
    this.thread = Thread.ofPlatform().name("fake-sandbox").start(this);
  }

  public List<SandboxCommand> commands() {
    return List.copyOf(commands);
  }

  /// `traceparent` of each command.
  public List<String> traces() {
    return List.copyOf(traces);
  }

  public <T extends SandboxCommand> List<T> commands(Class<T> type) {
    return commands.stream().filter(type::isInstance).map(type::cast).toList();
  }

  public void answer(ToolResult result) {
    Envelope envelope =
        Envelope.of(
            Ids.random("res_"),
            ToolResult.TYPE,
            "/test",
            result.sessionId().value(),
            Instant.now());
    var _ =
        producer.send(
            format.encode(
                Topics.TOOL_RESULTS,
                result.sessionId().partition(),
                result.sessionId().value(),
                envelope,
                Json.bytes(result)));
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join();
  }

  @Override
  public void run() {
    List<TopicPartition> all = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      all.add(new TopicPartition(Topics.SANDBOX_COMMANDS, partition));
    }
    consumer.assign(all);
    consumer.seekToBeginning(all);
    while (!stopped) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(20))) {
        try {
          RecordFormat.Decoded decoded = format.decode(record);
          TraceContext trace = decoded.envelope().trace();
          traces.add(trace == null ? "none" : trace.traceparent());
          take(Json.read(decoded.json(), SandboxCommand.class));
        } catch (UnreadableRecordException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    consumer.close();
    producer.close();
  }

  private void take(SandboxCommand command) {
    commands.add(command);
    if (command instanceof SandboxCommand.RunTool run) {
      String text = run.input().path("command").asText("done");
      if (!text.startsWith("sleep")) {
        answer(Stage.result(run, text));
      }
    }
  }
}
