package io.steward.sessionlog.change;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.budgeted;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.json;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.view.Views;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdatePlanTest {
  private static final Session RUNNING =
      session(new SessionRecord.EventsSent(List.of(message("a"))));

  @Test
  void only_what_changes_is_asked_for() {
    SessionRecord.UpdateRequested update =
        plan(session(), "{'title':null,'metadata':{'b':'2','a':null}}").orElseThrow();

    assertTrue(update.title() != null && update.title().isNull());
    assertEquals(Map.of("b", "2"), update.metadata());
    assertNull(update.agent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'title':'title'}", "{'metadata':{'a':'1'}}", "{'budget':null}"})
  void an_update_that_changes_nothing_asks_for_nothing(String body) {
    assertTrue(plan(session(), body).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'vault_ids':null}",
        "{'budget':{}}",
        "{'budget':'5'}",
        "{'title':5}",
        "{'agent':'x'}",
        "{'metadata':{'a':5}}",
        "{'agent':{'tools':[{'type':'nope'}]}}"
      })
  void an_update_that_breaks_a_rule_is_refused(String body) {
    ApiException refused = assertThrows(ApiException.class, () -> plan(session(), body));

    assertEquals(400, refused.error().status());
  }

  @Test
  void tools_change_only_while_the_session_is_not_running() {
    assertThrows(ApiException.class, () -> plan(RUNNING, "{'agent':{'tools':[]}}"));
    assertTrue(plan(RUNNING, "{'title':'new'}").isPresent());
    assertTrue(plan(session(), "{'agent':{'tools':[]}}").isPresent());
  }

  @Test
  void a_server_beyond_the_limited_network_of_the_session_cannot_be_added() {
    Session limited = session(limitedTo("mcp.example.com"));

    ApiException refused =
        assertThrows(ApiException.class, () -> plan(limited, server("https://b.example")));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains("the host b.example"), refused.error().message());
    assertTrue(plan(limited, server("https://MCP.example.com/x")).isPresent());
    assertTrue(plan(session(), server("https://b.example")).isPresent());
  }

  private static String server(String url) {
    return "{'agent':{'mcp_servers':[{'type':'url','name':'m','url':'"
        + url
        + "'}],'tools':[{'type':'mcp_toolset','mcp_server_name':'m'}]}}";
  }

  private static SessionRecord.Created limitedTo(String host) {
    SessionRecord.Created like = created(List.of());
    return new SessionRecord.Created(
        like.id(),
        like.workspaceId(),
        like.agent(),
        new SessionRecord.SessionEnvironment(
            "env_02",
            json(
                "{'type':'cloud','networking':{'type':'limited','allowed_hosts':['"
                    + host
                    + "'],'allow_mcp_servers':false,'allow_package_managers':false},"
                    + "'packages':{'type':'packages','apt':[],'cargo':[],'gem':[],'go':[],"
                    + "'npm':[],'pip':[]}}")),
        like.title(),
        like.metadata(),
        like.resources(),
        like.vaultIds(),
        like.initialEvents(),
        like.budget(),
        like.prices(),
        like.attachments(),
        like.createdAt());
  }

  @Test
  void an_archived_session_is_never_changed() {
    Session archived = session(new SessionRecord.ArchiveRequested(T0));

    assertThrows(ApiException.class, () -> plan(archived, "{'title':'x'}"));
  }

  @Test
  void an_interrupt_waits_until_it_is_applied() {
    SessionEvent.UserInterrupt interrupt = new SessionEvent.UserInterrupt("i", null, null);
    Session sent =
        session(
            new SessionRecord.EventsSent(List.of(message("a"))),
            new SessionRecord.EventsSent(List.of(interrupt)));
    Session applied =
        session(
            new SessionRecord.EventsSent(List.of(interrupt)),
            new SessionRecord.EventRecorded(interrupt.processed(T0)));

    assertTrue(UpdatePlan.running(sent) && UpdatePlan.interruptWaits(sent));
    assertFalse(UpdatePlan.interruptWaits(applied));
    assertFalse(UpdatePlan.interruptWaits(RUNNING));
  }

  @Test
  void a_budget_is_replaced_or_removed_in_every_state_before_the_end() {
    SessionRecord sent = new SessionRecord.EventsSent(List.of(message("a")));

    SessionRecord.UpdateRequested raised =
        plan(budgeted("100", sent), "{'budget':" + cents("200") + "}").orElseThrow();
    SessionRecord.UpdateRequested removed =
        plan(budgeted("100", sent), "{'budget':null}").orElseThrow();

    assertEquals(json(cents("200")), raised.budget());
    assertTrue(removed.budget() != null && removed.budget().isNull());
    assertNull(removed.title());
    assertTrue(plan(budgeted("100"), "{'budget':" + cents("100") + "}").isEmpty());
  }

  @Test
  void a_budget_cannot_be_given_later_or_again() {
    Session removed =
        budgeted(
            "100",
            new SessionRecord.UpdateRequested(
                null, null, null, JsonNodeFactory.instance.nullNode(), T0));

    assertEquals("budget_create_only", code(session(), cents("5")));
    assertEquals("budget_create_only", code(removed, cents("5")));
  }

  @Test
  void a_budget_lies_above_what_was_spent() {
    Session spent =
        budgeted(
            "100",
            recorded(new SessionEvent.SessionStatusRunning("r", T0)),
            recorded(
                new SessionEvent.SessionStatusIdle(
                    "i", new StopReason.EndTurn(), null, T0.plus(Duration.ofHours(1)))));

    assertEquals("budget_not_raised", code(spent, cents("7")));
    assertEquals("budget_not_raised", code(spent, cents("8")));
    assertTrue(plan(spent, "{'budget':" + cents("9") + "}").isPresent());
  }

  @Test
  void an_archived_session_keeps_its_budget() {
    Session archived = budgeted("100", new SessionRecord.ArchiveRequested(T0));

    assertThrows(ApiException.class, () -> plan(archived, "{'budget':null}"));
  }

  private static SessionRecord recorded(SessionEvent event) {
    return new SessionRecord.EventRecorded(event);
  }

  private static String cents(String amount) {
    return "{'type':'limit','max_list_cost':{'amount':'" + amount + "','currency':'USD'}}";
  }

  private static @Nullable String code(Session session, String budget) {
    return assertThrows(ApiException.class, () -> plan(session, "{'budget':" + budget + "}"))
        .error()
        .code();
  }

  private static Optional<SessionRecord.UpdateRequested> plan(Session session, String body) {
    return UpdatePlan.of(session, Views.facts(session, ID.value()), json(body), T0);
  }
}
