package io.steward.sessionlog.diagnose;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.json;
import static io.steward.sessionlog.diagnose.Waiting.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.json.Json;
import io.steward.schemas.progress.SessionProgress.Activity;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.diagnose.Diagnosis.Cause.Type;
import io.steward.sessionlog.diagnose.Diagnosis.Owner;
import io.steward.sessionlog.diagnose.Diagnosis.Step;
import io.steward.sessionlog.resource.Resources;
import io.steward.sessionlog.work.Lease;
import io.steward.sessionlog.work.Need;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every cause, from plain values.
class DiagnosesTest {
  private static final Service.State ABSENT = new Service.State.Absent();
  private static final Service.State READING = new Service.State.Reading(3);

  @Test
  void the_answer_has_every_field_and_nothing_of_the_content() {
    Diagnosis diagnosis = Waiting.idle().bash(Permission.ASK).asksClient().seenAt(60);

    JsonNode json = Json.tree((Object) diagnosis);

    assertEquals(
        json(
            """
            {'type':'session_diagnosis','session_id':'%s','status':'idle','step':'await_client',
            'owner':'client','since':'2026-11-20T10:00:10Z','deadline':null,'cause':{
            'type':'approval_pending','message':'A call of bash waits to be allowed or denied by a \
            user.tool_confirmation.'},'observed_at':'2026-11-20T10:01:00Z'}
            """
                .formatted(ID)),
        json);
    assertFalse(json.toString().contains("secret"));
  }

  @Test
  void a_session_that_rests_waits_for_its_client() {
    assertFound(
        Waiting.idle().seenAt(9),
        Step.AWAIT_CLIENT,
        Owner.CLIENT,
        T0,
        null,
        Type.WAITING_FOR_MESSAGE);
    assertFound(
        Waiting.idle().running().idle(new StopReason.EndTurn()).seenAt(60),
        Step.AWAIT_CLIENT,
        Owner.CLIENT,
        at(6),
        null,
        Type.WAITING_FOR_MESSAGE);
    Diagnosis givenUp =
        Waiting.idle()
            .running()
            .error(ErrorDetail.BILLING, ErrorDetail.Kind.EXHAUSTED)
            .idle(new StopReason.RetriesExhausted())
            .seenAt(60);
    assertEquals(Type.WAITING_FOR_MESSAGE, givenUp.cause().type());
    assertTrue(givenUp.cause().message().endsWith("The provider said so."), givenUp.toString());
  }

  @Test
  void what_a_client_or_its_worker_has_to_do_is_theirs() {
    assertFound(
        Waiting.idle().bash(Permission.ASK).asksClient().seenAt(60),
        Step.AWAIT_CLIENT,
        Owner.CLIENT,
        at(10),
        null,
        Type.APPROVAL_PENDING);
    assertFound(
        Waiting.idle()
            .calls(time ->
                new SessionEvent.AgentCustomToolUse("sevt_call", "weather", json("{}"), time))
            .asksClient()
            .seenAt(60),
        Step.AWAIT_CLIENT,
        Owner.CLIENT,
        at(10),
        null,
        Type.CUSTOM_TOOL_PENDING);
  }

  @Test
  void a_call_of_a_worker_says_how_its_work_item_stands() {
    assertWorker(null, 0, at(10), null, Type.WORKER_ABSENT);
    assertWorker(new WorkState.Queued(at(7), null), 0, at(7), null, Type.WORKER_ABSENT);
    assertWorker(new WorkState.Queued(at(7), null), 2, at(7), null, Type.WORKER_DUE);
    Lease lease = new Lease(at(8), at(9), at(50), Duration.ofSeconds(300));
    assertWorker(new WorkState.Starting(lease), 1, at(8), at(350), Type.WORKER_RUNNING);
    assertWorker(new WorkState.Active(lease), 0, at(8), at(350), Type.WORKER_RUNNING);
    assertWorker(
        new WorkState.Stopping(lease, at(40), at(160)), 1, at(10), at(160), Type.WORKER_STOPPED);
    assertWorker(
        new WorkState.Stopped(lease, null, at(40), true), 1, at(10), null, Type.WORKER_STOPPED);
  }

  private static void assertWorker(
      @Nullable WorkState state,
      int polling,
      Instant since,
      @Nullable Instant deadline,
      Type type) {
    WorkItem item =
        state == null
            ? null
            : new WorkItem(
                "work_1", "w", "env_01S", ID, Map.of(), T0, state, new Need(1, 1, 0, true));
    assertFound(
        Waiting.idleSelfHosted().bash(Permission.ALLOW).asksClient().work(item, polling).seenAt(60),
        Step.AWAIT_WORKER,
        Owner.WORKER,
        since,
        deadline,
        type);
  }

  @Test
  void a_session_that_has_cost_its_budget_says_so() {
    Budget cent = Budget.limit(new Money("0.001", Money.USD));
    Diagnosis diagnosis =
        Waiting.of(created(List.of(), List.of(), cent))
            .running()
            .idle(new StopReason.BudgetReached())
            .seenAt(60);

    assertFound(diagnosis, Step.AWAIT_CLIENT, Owner.CLIENT, at(6), null, Type.BUDGET_REACHED);
  }

  @Test
  void an_open_model_request_is_the_models_or_the_harness() {
    assertFound(
        Waiting.idle().asked().seenAt(7),
        Step.AWAIT_MODEL,
        Owner.MODEL,
        at(5),
        null,
        Type.MODEL_WORKING);
    assertModel(Activity.MODEL_QUEUED, 5, 60, Owner.HARNESS, Type.MODEL_QUEUED);
    assertModel(Activity.MODEL_ASKED, 6, 10, Owner.MODEL, Type.MODEL_WORKING);
    assertModel(Activity.MODEL_ASKED, 6, 11, Owner.MODEL, Type.MODEL_SILENT);
    assertModel(Activity.MODEL_ANSWERING, 6, 60, Owner.MODEL, Type.MODEL_WORKING);
    assertModel(Activity.MODEL_SILENT, 30, 60, Owner.MODEL, Type.MODEL_SILENT);
  }

  private static void assertModel(
      Activity activity, long since, long seenAt, Owner owner, Type type) {
    Diagnosis diagnosis =
        Waiting.idle().asked().told("sevt_span", activity, since, 906L, seenAt - 1).seenAt(seenAt);

    assertEquals(Step.AWAIT_MODEL, diagnosis.step());
    assertEquals(owner, diagnosis.owner());
    assertEquals(type, diagnosis.cause().type(), diagnosis.toString());
    assertEquals(at(type == Type.MODEL_WORKING ? 5 : since), diagnosis.since());
    assertEquals(type == Type.MODEL_QUEUED ? null : at(906), diagnosis.deadline());
  }

  @Test
  void what_was_told_of_another_request_or_long_ago_says_nothing() {
    Waiting other = Waiting.idle().asked().told("sevt_x", Activity.MODEL_SILENT, 6, null, 59);
    Waiting old = Waiting.idle().asked().told("sevt_span", Activity.MODEL_ANSWERING, 6, null, 7);

    assertEquals(Type.HARNESS_DUE, other.service(READING).seenAt(60).cause().type());
    assertEquals(Type.HARNESS_DUE, old.service(READING).seenAt(200).cause().type());
    assertEquals(Type.HARNESS_ABSENT, old.service(ABSENT).seenAt(200).cause().type());
  }

  @Test
  void the_number_of_the_attempt_is_said() {
    Waiting again =
        Waiting.idle()
            .failed(ErrorDetail.MODEL_OVERLOADED)
            .event(time -> new SessionEvent.SessionStatusRunning("r3", time))
            .event(time -> new SessionEvent.SpanModelRequestStart("sevt_again", time))
            .told("sevt_again", Activity.MODEL_SILENT, 50, null, 59);

    String message = again.seenAt(60).cause().message();

    assertEquals(
        "The model began to answer and has not said anything more for 10 s (attempt 4).", message);
  }

  @Test
  void a_retry_says_what_failed_and_when_it_comes() {
    assertFound(
        Waiting.idle().failed(ErrorDetail.MODEL_RATE_LIMITED).seenAt(12),
        Step.AWAIT_RETRY,
        Owner.HARNESS,
        at(8),
        at(40),
        Type.RATE_LIMITED);
    Diagnosis overloaded = Waiting.idle().failed(ErrorDetail.MODEL_OVERLOADED).seenAt(12);
    assertEquals(Type.MODEL_OVERLOADED, overloaded.cause().type());
    assertEquals(
        "Attempt 3 to ask the model failed, and it is asked again at the deadline: The provider"
            + " said so.",
        overloaded.cause().message());
    Waiting failed = Waiting.idle().failed(ErrorDetail.MODEL_REQUEST_FAILED);
    assertEquals(Type.RETRYING, failed.seenAt(43).cause().type());
    assertEquals(Type.HARNESS_ABSENT, failed.service(ABSENT).seenAt(44).cause().type());
  }

  @Test
  void what_the_harness_has_to_decide_is_due_or_nobody_reads_it() {
    Waiting sent = Waiting.idle().sent();
    assertEquals(Optional.of(Service.HARNESS), Diagnoses.next(sent.session()));
    assertFound(
        sent.service(READING).seenAt(2), Step.DECIDE, Owner.HARNESS, at(1), null, Type.HARNESS_DUE);
    assertFound(
        sent.service(ABSENT).seenAt(9),
        Step.DECIDE,
        Owner.HARNESS,
        at(1),
        null,
        Type.HARNESS_ABSENT);
    assertFound(
        sent.service(new Service.State.Reading(5_000)).seenAt(9),
        Step.DECIDE,
        Owner.HARNESS,
        at(1),
        null,
        Type.HARNESS_BEHIND);
  }

  @Test
  void a_call_in_a_sandbox_says_how_far_it_is() {
    Waiting called = Waiting.idle().bash(Permission.ALLOW);
    assertEquals(Optional.of(Service.SANDBOX), Diagnoses.next(called.session()));
    assertFound(
        called.service(READING).seenAt(7),
        Step.AWAIT_TOOLS,
        Owner.SANDBOX,
        at(6),
        null,
        Type.TOOL_RUNNING);
    assertFound(
        called.service(ABSENT).seenAt(60),
        Step.AWAIT_TOOLS,
        Owner.SANDBOX,
        at(6),
        null,
        Type.SANDBOX_ABSENT);
    assertInSandbox(Activity.CALL_QUEUED, null, Type.TOOL_QUEUED);
    assertInSandbox(Activity.SANDBOX_PREPARING, null, Type.SANDBOX_STARTING);
    assertInSandbox(Activity.SANDBOX_STARTING, null, Type.SANDBOX_STARTING);
    assertInSandbox(Activity.CALL_RUNNING, 120L, Type.TOOL_RUNNING);
  }

  private static void assertInSandbox(Activity activity, @Nullable Long deadline, Type type) {
    assertFound(
        Waiting.idle()
            .bash(Permission.ALLOW)
            .told("sevt_call", activity, 8, deadline, 59)
            .seenAt(60),
        Step.AWAIT_TOOLS,
        Owner.SANDBOX,
        at(8),
        deadline == null ? null : at(deadline),
        type);
  }

  @Test
  void a_call_that_leaves_is_the_vault_proxys() {
    Waiting mcp =
        Waiting.idle()
            .calls(time ->
                new SessionEvent.AgentMcpToolUse(
                    "sevt_call", "tracker", "find", json("{}"), Permission.ALLOW, null, time));
    assertEquals(Optional.of(Service.VAULT_PROXY), Diagnoses.next(mcp.session()));
    assertFound(
        mcp.seenAt(60), Step.AWAIT_TOOLS, Owner.VAULT_PROXY, at(6), null, Type.TOOL_RUNNING);
    assertFound(
        mcp.service(ABSENT).seenAt(60),
        Step.AWAIT_TOOLS,
        Owner.VAULT_PROXY,
        at(6),
        null,
        Type.VAULT_PROXY_ABSENT);
  }

  @Test
  void a_turn_that_waits_for_repositories_says_so() {
    SessionRecord.Created created =
        created(List.of(), List.of(Resources.repository("sesrsc_2")), null);

    assertFound(
        Waiting.of(created).running().seenAt(60),
        Step.AWAIT_REPOSITORIES,
        Owner.VAULT_PROXY,
        at(3),
        null,
        Type.CLONING_REPOSITORIES);
  }

  @Test
  void a_summary_is_known_by_what_is_told_of_it() {
    Waiting running = Waiting.idle().running();
    String summary = running.summaryId();

    assertFound(
        running.told(summary, Activity.MODEL_ASKED, 5, 905L, 6).seenAt(7),
        Step.COMPACT,
        Owner.MODEL,
        at(5),
        at(905),
        Type.COMPACTING);
    Waiting silent = Waiting.idle().running().told(summary, Activity.MODEL_SILENT, 5, null, 59);
    assertEquals(Step.COMPACT, silent.seenAt(60).step());
    assertEquals(Type.MODEL_SILENT, silent.seenAt(60).cause().type());
    Waiting other = Waiting.idle().running().told("sevt_x", Activity.MODEL_ASKED, 5, null, 6);
    assertEquals(Type.HARNESS_DUE, other.service(READING).seenAt(7).cause().type());
  }

  @Test
  void a_message_sent_during_a_summary_does_not_hide_it() {
    Waiting running = Waiting.idle().running();
    running.told(running.summaryId(), Activity.MODEL_ANSWERING, 4, 904L, 5);

    Waiting queued =
        running.record(new SessionRecord.EventsSent(List.of(Samples.message("sevt_more"))));

    assertEquals(at(5), queued.session().known().orElseThrow().updatedAt());
    assertFound(queued.seenAt(6), Step.COMPACT, Owner.MODEL, at(4), at(904), Type.COMPACTING);
  }

  @Test
  void a_conversation_the_provider_refused_is_known_to_be_summarised() {
    Waiting refused =
        Waiting.idle()
            .asked()
            .record(new SessionRecord.ContextExceeded("sevt_span"))
            .event(time ->
                new SessionEvent.SpanModelRequestEnd(
                    "e1", "sevt_span", true, RequestUsage.NONE, time));

    refused.told(refused.summaryId(), Activity.MODEL_ASKED, 7, null, 8);

    assertEquals(Type.COMPACTING, refused.seenAt(9).cause().type());
  }

  @Test
  void a_session_that_is_over_waits_for_nobody() {
    assertFound(
        Waiting.idle()
            .record(new SessionRecord.ArchiveRequested(at(1)))
            .event(time ->
                new SessionEvent.SessionThreadStatusTerminated(
                    "t1", ID.primaryThreadId(), "Coder", time))
            .event(time -> new SessionEvent.SessionStatusTerminated("t2", time))
            .seenAt(60),
        Step.NONE,
        Owner.NOBODY,
        at(1),
        null,
        Type.ARCHIVED);
    assertFound(
        Waiting.idle()
            .running()
            .error(ErrorDetail.UNKNOWN, ErrorDetail.Kind.TERMINAL)
            .event(time -> new SessionEvent.SessionStatusTerminated("t2", time))
            .seenAt(60),
        Step.NONE,
        Owner.NOBODY,
        at(6),
        null,
        Type.TERMINATED);
    Diagnosis aside =
        Waiting.idle().record(new SessionRecord.Unrecognized("session.dreamt", false)).seenAt(60);
    assertEquals(Owner.OPERATOR, aside.owner());
    assertEquals(Type.SET_ASIDE, aside.cause().type());
  }

  private static void assertFound(
      Diagnosis diagnosis,
      Step step,
      Owner owner,
      Instant since,
      @Nullable Instant deadline,
      Type type) {
    assertEquals(type, diagnosis.cause().type(), diagnosis.toString());
    assertEquals(step, diagnosis.step(), diagnosis.toString());
    assertEquals(owner, diagnosis.owner(), diagnosis.toString());
    assertEquals(since, diagnosis.since(), diagnosis.toString());
    assertEquals(deadline, diagnosis.deadline(), diagnosis.toString());
    assertTrue(diagnosis.cause().message().endsWith("."), diagnosis.cause().message());
  }
}
