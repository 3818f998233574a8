package io.steward.sandbox.topic;

import io.opentelemetry.context.Context;
import io.steward.sandbox.call.Outbox;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.trace.TraceContext;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Results on `tool-results`, events on `sandbox-events`. The partition is the session's.
public final class KafkaOutbox implements Outbox {
  private static final Logger LOG = Logger.getLogger(KafkaOutbox.class);
  private static final String SOURCE = "/services/sandbox";
  private static final int REQUEST_BYTES_MAX = 8 * 1024 * 1024;

  private final RecordSender sender;
  private final RecordFormat format;
  private final InstantSource clock;

  public KafkaOutbox(RecordSender sender, RecordFormat format, InstantSource clock) {
    this.sender = sender;
    this.format = format;
    this.clock = clock;
  }

  /// The service's way out to Kafka.
  public static RecordSender sender(String bootstrapServers) {
    return new RecordSender(bootstrapServers, "sandbox", REQUEST_BYTES_MAX);
  }

  @Override
  public boolean send(String workspaceId, ToolResult result) {
    return sendAndWait(
        Topics.TOOL_RESULTS, result.sessionId(), ToolResult.TYPE, workspaceId, Json.bytes(result));
  }

  @Override
  public boolean publish(String workspaceId, SandboxOutput output) {
    return sendAndWait(
        Topics.SANDBOX_EVENTS,
        output.sessionId(),
        SandboxOutput.TYPE,
        workspaceId,
        Json.bytes(output));
  }

  private boolean sendAndWait(
      String topic, SessionId session, String type, String workspaceId, byte[] json) {
    try {
      sender.send(encode(topic, session, type, workspaceId, json));
      return true;
    } catch (KafkaException | UncheckedIOException e) {
      LOG.warnf("%s could not be sent session_id=%s: %s", type, session, e);
      return false;
    }
  }

  @Override
  public boolean announce(SandboxEvent event, Duration longest) {
    log(event);
    SandboxAccess access = event.access();
    String workspaceId = access == null ? Envelope.DEFAULT_WORKSPACE : access.workspaceId();
    return CompletableFuture.supplyAsync(
            Context.current()
                .wrapSupplier(() ->
                    sendAndWait(
                        Topics.SANDBOX_EVENTS,
                        event.sessionId(),
                        event.type().wireName(),
                        workspaceId,
                        Json.bytes(event))),
            task -> Thread.ofVirtual().name("announce").start(task))
        .completeOnTimeout(false, longest.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  private static void log(SandboxEvent event) {
    LOG.infof(
        "%s session_id=%s incarnation=%s driver=%s",
        event.type().wireName(), event.sessionId(), event.incarnation(), event.driver());
  }

  @Override
  public void announce(SandboxEvent event) {
    log(event);
    try {
      sender.send(
          encode(
              Topics.SANDBOX_EVENTS,
              event.sessionId(),
              event.type().wireName(),
              Envelope.DEFAULT_WORKSPACE,
              Json.bytes(event)),
          (_, failure) -> {
            if (failure != null) {
              LOG.warnf("event could not be sent session_id=%s: %s", event.sessionId(), failure);
            }
          });
    } catch (KafkaException e) {
      LOG.warnf("event could not be sent session_id=%s: %s", event.sessionId(), e);
    }
  }

  /// Tells how far something is, without waiting. It may be lost.
  public void tell(SessionProgress progress) {
    sender.send(
        encode(
            Topics.SESSION_PROGRESS,
            progress.sessionId(),
            SessionProgress.TYPE,
            Envelope.DEFAULT_WORKSPACE,
            Json.bytes(progress)),
        (_, failure) -> {
          if (failure != null) {
            LOG.debugf("progress could not be told session_id=%s", progress.sessionId());
          }
        });
  }

  private ProducerRecord<String, byte[]> encode(
      String topic, SessionId session, String type, String workspaceId, byte[] json) {
    Envelope envelope =
        new Envelope(
            Ids.random("rec_"),
            type,
            SOURCE,
            session.value(),
            clock.instant(),
            workspaceId,
            1,
            TraceContext.current().orElse(null));
    return format.encode(topic, session.partition(), session.value(), envelope, json);
  }
}
