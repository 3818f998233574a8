package io.steward.sessionlog.stage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.agent.rules.EnvironmentRules;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.http.Credential;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Writes what agent-config and the harness would.
public final class Elsewhere implements AutoCloseable {
  private static final String SOURCE = "/test";

  private final KafkaProducer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock = InstantSource.system();

  public Elsewhere(String kafka, Path blobs) {
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka), new StringSerializer(), new ByteArraySerializer());
    this.format = new RecordFormat(new DirectoryBlobStore(blobs));
  }

  /// The agent of [Samples] is there.
  public void agent() throws Exception {
    Agent agent = Samples.agent();
    ObjectNode head = Samples.json("{'id':'" + agent.id() + "','version':1}");
    write(Topics.AGENTS, agent.id() + "/1", "agent.version", Json.bytes(agent));
    write(Topics.AGENTS, agent.id(), "agent.head", Json.bytes(head));
  }

  /// A self-hosted environment is there.
  public void environment(String id) throws Exception {
    Environment environment =
        EnvironmentRules.create(
            Samples.json("{'name':'" + id + "','config':{'type':'self_hosted'}}"), id, now());
    write(Topics.ENVIRONMENTS, id, "environment", Json.bytes(environment));
  }

  /// A key of an environment is there.
  public void key(String environment, String id, Credential key) throws Exception {
    write(
        Topics.ENVIRONMENTS,
        environment + "/" + id,
        EnvironmentKey.TYPE,
        Json.bytes(new EnvironmentKey(id, environment, key.sha256(), now())));
  }

  /// A key is revoked.
  public void revoke(String environment, String id) throws Exception {
    send(new ProducerRecord<>(Topics.ENVIRONMENTS, 0, environment + "/" + id, null));
  }

  /// The session's first message is taken up, and the model calls `bash`.
  ///
  /// @return the id of the call
  public String callsBash(SessionId session, SessionEvent.UserMessage message) throws Exception {
    String thread = session.primaryThreadId();
    String name = Samples.agent().name();
    String span = id();
    String call = id();
    append(session, new SessionEvent.SessionThreadStatusRunning(id(), thread, name, now()));
    append(session, new SessionEvent.SessionStatusRunning(id(), now()));
    append(session, message.processed(now()));
    append(session, new SessionEvent.SpanModelRequestStart(span, now()));
    append(
        session,
        new SessionEvent.AgentToolUse(
            call,
            "bash",
            Samples.json("{'command':'ls'}"),
            Evaluation.Permission.ALLOW,
            null,
            now()));
    write(
        session,
        new SessionRecord.ModelResponse(
            span,
            "m",
            List.of(Samples.json("{'type':'tool_use','id':'toolu_1'}")),
            Map.of("toolu_1", call),
            "tool_use",
            null,
            RequestUsage.NONE));
    append(
        session, new SessionEvent.SpanModelRequestEnd(id(), span, false, RequestUsage.NONE, now()));
    StopReason waits = new StopReason.RequiresAction(List.of(call));
    append(
        session, new SessionEvent.SessionThreadStatusIdle(id(), thread, name, waits, null, now()));
    append(session, new SessionEvent.SessionStatusIdle(id(), waits, null, now()));
    return call;
  }

  @Override
  public void close() {
    producer.close();
  }

  private void append(SessionId session, SessionEvent event) throws Exception {
    write(session, new SessionRecord.EventRecorded(event));
  }

  /// Something is told of slow work.
  public void tell(SessionProgress progress) throws Exception {
    SessionId session = progress.sessionId();
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), SessionProgress.TYPE, SOURCE, session.value(), now());
    send(
        format.encode(
            Topics.SESSION_PROGRESS,
            session.partition(),
            session.value(),
            envelope,
            Json.bytes(progress)));
  }

  private void write(SessionId session, SessionRecord body) throws Exception {
    write(session, body, now());
  }

  /// A record is on the log that was written at `time`.
  public void write(SessionId session, SessionRecord body, Instant time) throws Exception {
    String id =
        body instanceof SessionRecord.EventRecorded(SessionEvent event)
            ? event.id()
            : Ids.random("rec_");
    Envelope envelope =
        Envelope.of(id, SessionRecordCodec.type(body), SOURCE, session.value(), time);
    send(format.encodeSession(session, envelope, body));
  }

  private void write(String topic, String key, String type, byte[] json) throws Exception {
    Envelope envelope = Envelope.of(Ids.random("rec_"), type, SOURCE, key, now());
    send(format.encode(topic, 0, key, envelope, json));
  }

  private void send(ProducerRecord<String, byte[]> record) throws Exception {
    producer.send(record).get(30, TimeUnit.SECONDS);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static String id() {
    return Ids.random("sevt_");
  }
}
