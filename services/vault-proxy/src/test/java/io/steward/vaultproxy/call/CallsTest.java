package io.steward.vaultproxy.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.stage.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls and their journal in a real PostgreSQL.
class CallsTest {
  @TempDir Path directory;

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static Database database;

  private final SessionId session = SessionId.random(2);
  private final Call call = call();
  private final BlockingQueue<ToolResult> sent = new LinkedBlockingQueue<>();
  private final Semaphore acknowledged = new Semaphore(0);
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final List<Calls> started = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    database = Database.start();
  }

  @AfterAll
  static void stop() throws IOException {
    database.close();
  }

  @AfterEach
  void close() {
    started.forEach(Calls::close);
  }

  private static PostgresCallJournal journal() {
    return new PostgresCallJournal(new Transactions(database.source()));
  }

  private Call call() {
    return new Call(Ids.random("sevt_"), session, "wrkspc_default");
  }

  private Calls calls(String self, Duration silence, int callsMax) {
    Calls calls =
        new Calls(
            journal(),
            (_, result) -> failures.getAndDecrement() <= 0 && sent.add(result),
            new LongTexts(new DirectoryBlobStore(directory)),
            InstantSource.fixed(NOW),
            new Calls.Settings(self, silence, callsMax, 2));
    started.add(calls);
    return calls;
  }

  private Calls calls() {
    return calls("one", Duration.ofMinutes(1), 8);
  }

  private CallAnswer done(RunningCall running) {
    runs.incrementAndGet();
    return new CallAnswer(Outcome.COMPLETED, false, List.of(new ContentBlock.Text("done")));
  }

  private ToolResult answer() throws InterruptedException {
    ToolResult result = sent.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertNotNull(result, "no answer");
    return result;
  }

  private void awaitAcknowledged(int count) throws InterruptedException {
    assertTrue(acknowledged.tryAcquire(count, PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  /// Work that goes on until it is let go or stopped.
  private final class Held implements Work {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);

    @Override
    public CallAnswer perform(RunningCall running) {
      running.onCancel(go::countDown);
      begun.countDown();
      await(go);
      return running.isCanceled() ? CallAnswer.error(Outcome.CANCELED, "stopped") : done(running);
    }

    void awaitBegun() {
      await(begun);
    }

    private void await(CountDownLatch latch) {
      try {
        assertTrue(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void a_call_is_answered_and_then_its_command_is_acknowledged() throws Exception {
    Calls calls = calls();
    Semaphore ended = new Semaphore(0);
    calls.run(
        call,
        running -> {
          running.atEnd(ended::release);
          return done(running);
        },
        acknowledged::release);

    assertEquals(
        new ToolResult(
            session,
            call.toolUseId(),
            Outcome.COMPLETED,
            false,
            List.of(new ContentBlock.Text("done")),
            0),
        answer());
    awaitAcknowledged(1);
    assertTrue(ended.tryAcquire());
    assertEquals(1, calls.ended(Outcome.COMPLETED));
  }

  @Test
  void a_command_that_comes_again_while_its_call_runs_joins_it() throws Exception {
    Calls calls = calls();
    Held held = new Held();
    calls.run(call, held, acknowledged::release);
    held.awaitBegun();
    calls.run(call, this::done, acknowledged::release);
    assertEquals(1, calls.open());
    held.go.countDown();

    ToolResult first = answer();
    awaitAcknowledged(2);

    assertEquals(Outcome.COMPLETED, first.outcome());
    assertEquals(1, runs.get());
    assertNull(sent.poll());
  }

  @Test
  void a_call_that_ended_is_answered_from_the_journal() throws Exception {
    calls().run(call, this::done, acknowledged::release);
    ToolResult first = answer();

    calls("two", Duration.ofMinutes(1), 8).run(call, this::done, acknowledged::release);

    assertEquals(first, answer());
    awaitAcknowledged(2);
    assertEquals(1, runs.get());
  }

  @Test
  void a_call_of_an_earlier_life_of_this_process_is_unknown() throws Exception {
    assertTrue(journal().start(call, "one", NOW.minusSeconds(3)));

    calls().run(call, this::done, acknowledged::release);

    ToolResult result = answer();
    assertEquals(Outcome.UNKNOWN, result.outcome());
    assertTrue(result.isError());
    assertEquals(3_000, result.durationMs());
    assertEquals(
        List.of(
            new ContentBlock.Text(
                "The outcome of this call is unknown because the service that made it ended before"
                    + " it could report. It may have run completely, partly or not at all. Check"
                    + " before you run it again.")),
        result.content());
    awaitAcknowledged(1);
    assertEquals(0, runs.get());
  }

  @Test
  void a_call_of_another_instance_that_lives_is_waited_for() throws Exception {
    Held held = new Held();
    Calls one = calls();
    one.start();
    one.run(call, held, acknowledged::release);
    held.awaitBegun();

    calls("two", Duration.ofMinutes(1), 8).run(call, this::done, acknowledged::release);
    held.go.countDown();

    ToolResult first = answer();
    assertEquals(Outcome.COMPLETED, first.outcome());
    assertEquals(first, answer());
    awaitAcknowledged(2);
    assertEquals(1, runs.get());
  }

  @Test
  void a_call_of_another_instance_that_is_silent_is_unknown() throws Exception {
    assertTrue(journal().start(call, "gone", NOW));

    Calls two = calls("two", Duration.ofMillis(50), 8);
    two.start();
    two.run(call, this::done, acknowledged::release);

    assertEquals(Outcome.UNKNOWN, answer().outcome());
    awaitAcknowledged(1);
    assertEquals(0, runs.get());
  }

  @Test
  void a_running_call_is_stopped() throws Exception {
    Calls calls = calls();
    Held held = new Held();
    calls.run(call, held, acknowledged::release);
    held.awaitBegun();

    calls.cancel(session, List.of(call.toolUseId()), "wrkspc_default", acknowledged::release);

    assertEquals(Outcome.CANCELED, answer().outcome());
    awaitAcknowledged(2);
    assertEquals(0, runs.get());
  }

  @Test
  void a_call_that_waits_for_its_turn_and_is_canceled_never_starts() throws Exception {
    Calls calls = calls("one", Duration.ofMinutes(1), 1);
    Held held = new Held();
    calls.run(call, held, () -> {});
    held.awaitBegun();
    Call waiting = call();
    calls.run(waiting, this::done, acknowledged::release);

    calls.cancel(session, List.of(waiting.toolUseId()), "wrkspc_default", acknowledged::release);

    ToolResult canceled = answer();
    assertEquals(waiting.toolUseId(), canceled.toolUseId());
    assertEquals(Outcome.CANCELED, canceled.outcome());
    assertEquals(
        List.of(
            new ContentBlock.Text("The call was canceled before it started; nothing was sent.")),
        canceled.content());
    awaitAcknowledged(2);
    held.go.countDown();
    assertEquals(Outcome.COMPLETED, answer().outcome());
    assertEquals(1, runs.get());
  }

  @Test
  void a_cancel_that_comes_first_keeps_the_call_from_ever_starting() throws Exception {
    Calls calls = calls();
    calls.cancel(session, List.of(call.toolUseId()), "wrkspc_default", acknowledged::release);
    ToolResult canceled = answer();
    awaitAcknowledged(1);

    calls.run(call, this::done, acknowledged::release);

    assertEquals(canceled, answer());
    awaitAcknowledged(1);
    assertEquals(0, runs.get());
  }

  @Test
  void a_cancel_of_a_call_that_ended_changes_nothing() throws Exception {
    Calls calls = calls();
    calls.run(call, this::done, acknowledged::release);
    ToolResult first = answer();
    awaitAcknowledged(1);

    calls.cancel(session, List.of(call.toolUseId()), "wrkspc_default", acknowledged::release);
    awaitAcknowledged(1);
    calls.run(call, this::done, acknowledged::release);

    assertEquals(first, answer());
  }

  @Test
  void another_session_cannot_cancel_a_call() throws Exception {
    Calls calls = calls();
    Held held = new Held();
    calls.run(call, held, acknowledged::release);
    held.awaitBegun();

    calls.cancel(
        SessionId.random(2), List.of(call.toolUseId()), "wrkspc_default", acknowledged::release);
    awaitAcknowledged(1);
    held.go.countDown();

    assertEquals(Outcome.COMPLETED, answer().outcome());
  }

  @Test
  void a_session_has_only_so_many_calls_at_once() throws Exception {
    Calls calls = calls();
    Held first = new Held();
    Held second = new Held();
    calls.run(call, first, () -> {});
    calls.run(call(), second, () -> {});
    first.awaitBegun();
    second.awaitBegun();
    Held third = new Held();
    calls.run(call(), third, () -> {});
    Call others = new Call(Ids.random("sevt_"), SessionId.random(2), "wrkspc_default");
    calls.run(others, this::done, () -> {});

    assertEquals(others.toolUseId(), answer().toolUseId());
    assertFalse(third.begun.await(1, TimeUnit.MILLISECONDS));
    first.go.countDown();
    third.awaitBegun();
    second.go.countDown();
    third.go.countDown();
  }

  @Test
  void the_calls_of_a_session_are_forgotten_with_it() throws Exception {
    Calls calls = calls();
    calls.run(call, this::done, acknowledged::release);
    var _ = answer();
    Held held = new Held();
    Call running = call();
    calls.run(running, held, acknowledged::release);
    held.awaitBegun();

    calls.forget(session, acknowledged::release);

    awaitAcknowledged(3);
    assertEquals(
        "0",
        database.ask(
            "SELECT count(*) FROM vault_proxy.egress_call WHERE session_id = '"
                + session
                + "' AND (state <> 'forgotten' OR result IS NOT NULL)"));
    calls.run(call, this::done, acknowledged::release);
    calls.run(running, this::done, acknowledged::release);
    awaitAcknowledged(2);
    assertNull(sent.poll());
    assertEquals(1, runs.get());
  }

  @Test
  void a_call_of_a_session_that_is_gone_never_starts() throws Exception {
    database.execute("INSERT INTO vault_proxy.forgotten_session VALUES ('" + session + "', now())");

    calls().run(call, this::done, acknowledged::release);

    awaitAcknowledged(1);
    assertNull(sent.poll());
    assertEquals(0, runs.get());
  }

  @Test
  void work_that_fails_by_a_bug_is_unknown() throws Exception {
    calls()
        .run(
            call,
            _ -> {
              throw new IllegalStateException("staged");
            },
            acknowledged::release);
    assertEquals(Outcome.UNKNOWN, answer().outcome());
    awaitAcknowledged(1);
  }

  @Test
  void an_answer_that_cannot_be_sent_is_sent_again() throws Exception {
    failures.set(2);
    calls().run(call, this::done, acknowledged::release);
    assertEquals(Outcome.COMPLETED, answer().outcome());
    awaitAcknowledged(1);
    assertEquals(1, runs.get());
  }

  @Test
  void a_call_that_runs_when_the_service_stops_is_unknown_to_the_next_one() throws Exception {
    Calls one = calls();
    Held held = new Held();
    one.run(call, held, acknowledged::release);
    held.awaitBegun();
    one.close();

    calls("two", Duration.ofMinutes(1), 8).run(call, this::done, acknowledged::release);

    assertEquals(Outcome.UNKNOWN, answer().outcome());
    awaitAcknowledged(1);
    assertEquals(0, runs.get());
  }

  @Test
  void calls_are_known_for_a_week() throws Exception {
    PostgresCallJournal journal = journal();
    ToolResult result = CallAnswer.error(Outcome.FAILED, "no").result(call, Duration.ZERO);
    assertTrue(journal.endUnstarted(call, "one", result, NOW.minus(Calls.KEPT)));
    journal.removeOld(NOW.minus(Calls.KEPT));
    assertTrue(journal.find(call.toolUseId()).isPresent());

    journal.removeOld(NOW.minus(Calls.KEPT).plusMillis(1));

    assertTrue(journal.find(call.toolUseId()).isEmpty());
  }
}
