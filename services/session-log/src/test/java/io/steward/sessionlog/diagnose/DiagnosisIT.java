package io.steward.sessionlog.diagnose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.progress.SessionProgress.Activity;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.stage.Elsewhere;
import io.steward.sessionlog.stage.RunningService;
import io.steward.sessionlog.stage.RunningService.Answer;
import io.steward.stage.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The packaged service, with a real broker and a real database, and nobody else.
@Timeout(240)
class DiagnosisIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Broker broker;
  private static Elsewhere elsewhere;
  private static RunningService service;

  private final Instant now = InstantSource.system().instant().truncatedTo(ChronoUnit.MILLIS);

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.start();
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 2);
    elsewhere = new Elsewhere(broker.address(), directory.resolve("blobs"));
    service =
        RunningService.start(
            postgres.getPort(),
            broker.address(),
            directory,
            Map.of("STEWARD_SESSION_PARTITIONS", "2"));
    service.awaitReady();
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
    elsewhere.close();
    broker.close();
    postgres.close();
  }

  @Test
  void a_session_nobody_has_written_to_waits_for_a_message() throws Exception {
    SessionId session = written(cloud());

    Answer answer = ask(session);

    assertEquals(200, answer.status(), answer.toString());
    assertEquals("session_diagnosis", answer.text("/type"));
    assertEquals(session.value(), answer.text("/session_id"));
    assertEquals("waiting_for_message", answer.text("/cause/type"));
    assertEquals("client", answer.text("/owner"));
    assertTrue(answer.body().path("deadline").isNull());
    assertFalse(answer.text("/observed_at").isEmpty());
  }

  @Test
  void a_message_nobody_takes_up_waits_for_a_harness() throws Exception {
    Answer answer = ask(written(cloud().sent()));

    assertEquals("harness_absent", answer.text("/cause/type"));
    assertEquals("decide", answer.text("/step"));
  }

  @Test
  void a_call_that_must_be_allowed_waits_for_its_client() throws Exception {
    Answer answer = ask(written(cloud().bash(Permission.ASK).asksClient()));

    assertEquals("approval_pending", answer.text("/cause/type"));
    assertEquals(now.minusSeconds(50).toString(), answer.text("/since"));
  }

  @Test
  void a_call_of_a_worker_nobody_runs_waits_for_one() throws Exception {
    Waiting selfHosted = Waiting.of(Samples.selfHosted(SessionId.random(1)), now, 60);

    Answer answer = ask(written(selfHosted.bash(Permission.ALLOW).asksClient()));

    assertEquals("worker_absent", answer.text("/cause/type"));
    assertEquals("worker", answer.text("/owner"));
  }

  @Test
  void a_provider_that_limits_the_rate_is_asked_again_at_a_time() throws Exception {
    Waiting waiting = Waiting.of(Samples.created(SessionId.random(0)), now, 12);

    Answer answer = ask(written(waiting.failed(ErrorDetail.MODEL_RATE_LIMITED)));

    assertEquals("rate_limited", answer.text("/cause/type"));
    assertEquals(now.plusSeconds(28).toString(), answer.text("/deadline"));
  }

  @Test
  void slow_work_is_known_by_what_its_service_tells() throws Exception {
    SessionId asked = written(cloud().asked());
    SessionId called = written(cloud().bash(Permission.ALLOW));
    assertEquals("harness_absent", ask(asked).text("/cause/type"));
    assertEquals("sandbox_absent", ask(called).text("/cause/type"));

    Instant since = now.minusSeconds(20);
    Instant deadline = now.plusSeconds(800);
    elsewhere.tell(new SessionProgress(asked, "sevt_span", Activity.MODEL_SILENT, since, deadline));
    elsewhere.tell(
        new SessionProgress(called, "sevt_call", Activity.SANDBOX_STARTING, since, null));

    Answer silent = awaitCause(asked, "model_silent");
    assertEquals("model", silent.text("/owner"));
    assertEquals("await_model", silent.text("/step"));
    assertEquals(since.toString(), silent.text("/since"));
    assertEquals(deadline.toString(), silent.text("/deadline"));
    assertEquals("sandbox", awaitCause(called, "sandbox_starting").text("/owner"));
    Answer events = service.get("/v1/sessions/" + asked + "/events", RunningService.KEY);
    assertFalse(events.body().toString().contains("progress"), "it is no event");
  }

  @Test
  void errors_are_those_of_a_session() throws Exception {
    assertEquals(404, ask(SessionId.random(0)).status());
    assertEquals(404, service.get("/v1/sessions/x/diagnosis", RunningService.KEY).status());
    assertEquals(401, service.get("/v1/sessions/x/diagnosis", "wrong").status());
    assertEquals(405, service.post("/v1/sessions/x/diagnosis", RunningService.KEY, "{}").status());
  }

  private Waiting cloud() {
    return Waiting.of(Samples.created(SessionId.random(0)), now, 60);
  }

  private static SessionId written(Waiting waiting) throws Exception {
    List<SessionRecord> records = waiting.records();
    for (int offset = 0; offset < records.size(); offset++) {
      elsewhere.write(waiting.id(), records.get(offset), waiting.time(offset));
    }
    return waiting.id();
  }

  private static Answer ask(SessionId session) throws Exception {
    return service.get("/v1/sessions/" + session + "/diagnosis", RunningService.KEY);
  }

  private static Answer awaitCause(SessionId session, String cause) throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    Answer answer = ask(session);
    while (!answer.text("/cause/type").equals(cause)) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, answer.toString());
      answer = ask(session);
    }
    return answer;
  }
}
