package io.steward.sessionlog.view;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.resource.Resources;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ViewsTest {
  @Test
  void a_session_has_every_field_of_the_contract() {
    JsonNode view = Json.tree((Object) Views.session(session(), ID.value(), T0.plusSeconds(3)));

    assertEquals(
        Set.of(
            "id",
            "type",
            "status",
            "title",
            "agent",
            "environment_id",
            "resources",
            "vault_ids",
            "metadata",
            "outcome_evaluations",
            "budget",
            "stats",
            "usage",
            "created_at",
            "updated_at",
            "archived_at",
            "deployment_id"),
        names(view));
    assertTrue(view.path("budget").isNull() && view.path("archived_at").isNull());
    assertEquals(3.0, view.path("stats").path("duration_seconds").asDouble());
  }

  @Test
  void an_archived_session_is_terminated_and_grows_no_older() {
    Session archived = session(new SessionRecord.ArchiveRequested(T0.plusSeconds(1)));

    SessionSummary.View view = Views.session(archived, ID.value(), T0.plusSeconds(100));

    assertEquals("terminated", view.status());
    assertEquals(1.0, view.stats().durationSeconds());
    assertEquals(T0.plusSeconds(1), view.archivedAt());
  }

  @Test
  void a_session_shows_its_budget_its_cost_and_its_resources_without_what_is_internal() {
    Session session =
        session(
            created(
                List.of(),
                List.of(Resources.file("sesrsc_1", "/a.csv"), Resources.repository("sesrsc_2")),
                Budget.limit(new Money("500", Money.USD))),
            event(new SessionEvent.SessionStatusRunning("r", T0)));

    JsonNode view =
        Json.tree((Object) Views.session(session, ID.value(), T0.plus(Duration.ofHours(1))));

    assertEquals("500", view.at("/budget/max_list_cost/amount").asText());
    assertEquals("8", view.at("/usage/list_cost/amount").asText());
    assertEquals(
        Set.of("id", "type", "file_id", "mount_path", "created_at", "updated_at"),
        names(view.at("/resources/0")));
    assertEquals(
        Set.of("id", "type", "url", "mount_path", "checkout", "created_at", "updated_at"),
        names(view.at("/resources/1")));
    SessionSummary summary = SessionSummary.of(session, Views.facts(session, ID.value()));
    assertEquals(view.path("budget"), Json.tree((Object) summary.view("agent", T0)).path("budget"));
    assertEquals(summary, Json.read(Json.bytes(summary), SessionSummary.class));
  }

  @Test
  void a_summary_survives_the_database() {
    Session session = session();
    SessionSummary summary = SessionSummary.of(session, Views.facts(session, ID.value()));

    assertEquals(summary, Json.read(Json.bytes(summary), SessionSummary.class));
  }

  @Test
  void a_deleted_session_is_not_found() {
    Session deleted = session(new SessionRecord.DeleteRequested(T0));

    ApiException refused =
        assertThrows(ApiException.class, () -> Views.session(deleted, ID.value(), T0));

    assertEquals(404, refused.error().status());
  }

  @Test
  void the_primary_thread_has_no_stats_before_it_ran_and_no_usage_before_it_idled() {
    ThreadView fresh = thread(session());
    ThreadView running =
        thread(session(event(new SessionEvent.SessionStatusRunning("r", T0.plusSeconds(1)))));
    ThreadView idle =
        thread(
            session(
                event(new SessionEvent.SessionStatusRunning("r", T0.plusSeconds(1))),
                event(
                    new SessionEvent.SessionStatusIdle(
                        "i", new StopReason.EndTurn(), null, T0.plusSeconds(2)))));

    assertEquals(List.of(true, true), List.of(fresh.stats() == null, fresh.usage() == null));
    assertEquals(List.of(false, true), List.of(running.stats() == null, running.usage() == null));
    assertEquals(List.of(false, false), List.of(idle.stats() == null, idle.usage() == null));
  }

  private static ThreadView thread(Session session) {
    return ThreadView.primary(session, Views.facts(session, ID.value()), T0.plusSeconds(9));
  }

  private static SessionRecord event(SessionEvent event) {
    return new SessionRecord.EventRecorded(event);
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    for (Iterator<String> fields = node.fieldNames(); fields.hasNext(); ) {
      names.add(fields.next());
    }
    return names;
  }
}
