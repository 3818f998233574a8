package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.BetaCurrency;
import com.anthropic.models.beta.BetaMonetaryAmount;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolset20260401Params;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolsetDefaultConfigParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAlwaysAskPolicy;
import com.anthropic.models.beta.sessions.BetaManagedAgentsBudgetLimit;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.models.beta.sessions.SessionUpdateParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.ModelsFile;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Budgets (contract, core §5.2, §5.6, §5.10; events §4.1, §7.1, §10). A hundred thousand tokens of
/// input cost thirty cents on this stage.
@ExtendWith(StageExtension.class)
class BudgetIT {
  private static final Reply.Tokens COSTLY = new Reply.Tokens(100_000, 0, 0, 0);

  private final Stage stage;

  BudgetIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_budget_reached_in_a_turn_stops_it_before_the_next_request() throws Exception {
    try (OpenSession session = toolSession("10")) {
      JsonNode idle = session.turn("Go");

      assertEquals("budget_reached", idle.at("/stop_reason/type").asText(), session::describe);
      List<String> types = OpenSession.types(session.listed());
      assertEquals(
          List.of(
              "agent.tool_use",
              "span.model_request_end",
              "agent.tool_result",
              "session.thread_status_idle",
              "session.usage",
              "session.status_idle"),
          types.subList(types.size() - 6, types.size()),
          session::describe);
      JsonNode thread = session.listed("session.thread_status_idle").getLast();
      assertEquals("budget_reached", thread.at("/stop_reason/type").asText());
      JsonNode usage = session.listed("session.usage").getLast();
      assertEquals("30", usage.at("/usage/list_cost/amount").asText(), usage.toString());
      assertEquals("USD", usage.at("/usage/list_cost/currency").asText());
      assertEquals("10", usage.at("/budget/max_list_cost/amount").asText());
      JsonNode got = session.get();
      assertEquals("idle", got.path("status").asText());
      assertEquals("30", got.at("/usage/list_cost/amount").asText(), got.toString());
      assertEquals("limit", got.at("/budget/type").asText());
      assertEquals("10", got.at("/budget/max_list_cost/amount").asText());
      assertEquals(1, session.script().requests().size());
    }
  }

  @Test
  void at_the_budget_only_what_settles_open_calls_is_accepted() throws Exception {
    try (OpenSession session = toolSession("10")) {
      session.turn("Go");
      List<JsonNode> before = session.listed();

      Answer message = session.post(Events.message("More"));
      Answer system = session.post(Events.systemMessage("More"));
      Answer outcome =
          session.post(
              """
              {"type":"user.define_outcome","description":"d",
               "rubric":{"type":"text","content":"r"}}
              """);
      Answer interrupt = session.post(Events.INTERRUPT);

      assertEquals(400, message.status(), message.text());
      for (String settling :
          List.of("user.tool_confirmation", "user.custom_tool_result", "user.interrupt")) {
        assertTrue(message.errorMessage().contains(settling), message.text());
      }
      assertEquals(400, system.status(), system.text());
      assertEquals(400, outcome.status(), outcome.text());
      assertEquals(200, interrupt.status(), interrupt.text());
      assertEquals(before, session.listed());
    }
  }

  @Test
  void a_raised_budget_resumes_the_turn_by_itself() throws Exception {
    try (OpenSession session = toolSession("10")) {
      session.turn("Go");
      Answer tooLow = session.update(budget("30"));
      raise(session, "100");
      JsonNode idle = session.awaitIdle();

      assertEquals(400, tooLow.status(), tooLow.text());
      assertEquals("budget_not_raised", tooLow.errorCode(), tooLow.text());
      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<String> types = OpenSession.types(session.listed());
      int updated = types.indexOf("session.updated");
      assertEquals(
          List.of("session.updated", "session.status_running", "session.thread_status_running"),
          types.subList(updated, updated + 3),
          session::describe);
      JsonNode event = session.listed("session.updated").getFirst();
      assertEquals("100", event.at("/budget/max_list_cost/amount").asText());
      assertFalse(event.has("agent") || event.has("title") || event.has("metadata"));
      assertEquals(1, session.listed("user.message").size());
      assertEquals("100", session.get().at("/budget/max_list_cost/amount").asText());
    }
  }

  @Test
  void a_removed_budget_resumes_the_turn_and_cannot_come_back() throws Exception {
    try (OpenSession session = toolSession("10")) {
      session.turn("Go");
      stage
          .sdk()
          .beta()
          .sessions()
          .update(
              session.id(),
              SessionUpdateParams.builder()
                  .budget(Optional.<BetaManagedAgentsBudgetLimit>empty())
                  .build());
      JsonNode idle = session.awaitIdle();
      Answer again = session.update(budget("100000"));

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      JsonNode event = session.listed("session.updated").getFirst();
      assertTrue(event.has("budget") && event.get("budget").isNull(), event.toString());
      assertTrue(session.get().path("budget").isNull());
      assertTrue(session.listed("session.usage").getLast().path("budget").isNull());
      assertEquals(400, again.status(), again.text());
      assertEquals("budget_create_only", again.errorCode(), again.text());
    }
  }

  @Test
  void a_session_made_without_a_budget_gets_none() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")))) {
      Answer refused = session.update(budget("100"));
      Answer nothing = session.update("{\"budget\":null}");

      assertEquals(400, refused.status(), refused.text());
      assertEquals("budget_create_only", refused.errorCode(), refused.text());
      assertEquals(200, nothing.status(), nothing.text());
      session.turn("Hi");
      assertTrue(session.listed("session.usage").getFirst().at("/usage/list_cost").isObject());
    }
  }

  @Test
  void an_update_to_the_same_budget_is_no_event() throws Exception {
    try (OpenSession session = toolSession("5000")) {
      Answer same = session.update(budget("5000"));

      assertEquals(200, same.status(), same.text());
      assertEquals(List.of(), session.listed("session.updated"));
    }
  }

  @Test
  void a_model_without_list_prices_has_no_budget() throws Exception {
    String agent = stage.createAgent(Stage.agent("unpriced", ModelsFile.UNPRICED_MODEL));

    Answer refused = create(agent, "{\"type\":\"limit\",\"max_list_cost\":%s}", money("100"));

    assertEquals(400, refused.status(), refused.text());
    assertEquals("model_not_budgetable", refused.errorCode(), refused.text());
    try (OpenSession session = stage.session(agent, Script.of(Reply.text("a")))) {
      session.turn("Hi");
      JsonNode usage = session.listed("session.usage").getFirst();
      assertFalse(usage.at("/usage/list_cost").isObject(), usage.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'limit'}",
        "{'type':'soft','max_list_cost':{'amount':'1','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'0','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'-1','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'+1','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'01','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'1.5','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'1e3','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'','currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':5,'currency':'USD'}}",
        "{'type':'limit','max_list_cost':{'amount':'1','currency':'EUR'}}",
        "{'type':'limit','max_list_cost':{'amount':'1'}}",
        "'100'",
      })
  void a_bad_budget_is_refused_by_name(String budget) throws Exception {
    Answer refused = create(stage.plainAgentId(), "%s", budget.replace('\'', '"'));

    assertEquals(400, refused.status(), refused.text());
    assertEquals("invalid_request_error", refused.errorType());
    assertTrue(refused.errorMessage().contains("budget"), refused.text());
  }

  @Test
  void a_turn_whose_last_request_crosses_the_budget_has_ended_and_the_session_is_at_it()
      throws Exception {
    Script script = Script.of(Reply.text("a").counting(COSTLY), Reply.text("b"));
    try (OpenSession session = plainSession("10", script)) {
      JsonNode idle = session.turn("Hi");

      assertEquals("budget_reached", idle.at("/stop_reason/type").asText(), session::describe);
      JsonNode thread = session.listed("session.thread_status_idle").getLast();
      assertEquals("end_turn", thread.at("/stop_reason/type").asText(), session::describe);
      assertEquals(400, session.post(Events.message("More")).status());
      raise(session, "100");
      session.turn("More");
      assertEquals("b", OpenSession.text(session.listed("agent.message").getLast()));
    }
  }

  @Test
  void a_message_queued_before_the_budget_was_reached_is_handled_once_it_is_raised()
      throws Exception {
    Gate gate = new Gate();
    Script script = Script.of(Reply.text("a", "b").counting(COSTLY).heldBy(gate), Reply.text("c"));
    try (OpenSession session = plainSession("10", script)) {
      session.send("One");
      session.await("span.model_request_start");
      session.send("Two");
      gate.open();
      JsonNode idle = session.awaitIdle();

      assertEquals("budget_reached", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(1, script.requests().size());
      raise(session, "100");
      assertEquals("end_turn", session.awaitIdle().at("/stop_reason/type").asText());
      assertEquals(List.of("Two"), script.requests().getLast().newestUserTexts());
    }
  }

  @Test
  void a_call_that_waits_for_the_client_beats_the_budget() throws Exception {
    String agent =
        stage.createAgent(
            Stage.agent("asks")
                .addTool(
                    BetaManagedAgentsAgentToolset20260401Params.builder()
                        .defaultConfig(
                            BetaManagedAgentsAgentToolsetDefaultConfigParams.builder()
                                .permissionPolicy(
                                    BetaManagedAgentsAlwaysAskPolicy.builder().build())
                                .build())
                        .build()));
    Script script =
        Script.of(
            Reply.message(Block.ToolUse.bash("echo settled")).counting(COSTLY), Reply.text("b"));
    try (OpenSession session = stage.session(budgeted(agent, "10"), script)) {
      JsonNode asking = session.turn("Go");
      assertEquals("requires_action", asking.at("/stop_reason/type").asText(), session::describe);

      JsonNode call = session.listed("agent.tool_use").getFirst();
      Answer settled = session.post(Events.confirmation(call, "allow"));
      JsonNode idle = session.awaitIdle();

      assertEquals(200, settled.status(), settled.text());
      assertEquals("budget_reached", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(
          "settled", OpenSession.text(session.listed("agent.tool_result").getFirst()).strip());
      assertEquals(1, script.requests().size(), "no request beyond the budget");
      raise(session, "100");
      assertEquals("end_turn", session.awaitIdle().at("/stop_reason/type").asText());
      assertEquals("settled", script.requests().get(1).toolResults().getFirst().text().strip());
    }
  }

  @Test
  void usage_adds_up_at_list_prices_and_rounds_to_the_cent() throws Exception {
    Reply.Tokens tokens = new Reply.Tokens(10_000, 1_000, 2_000, 100_000);
    Script script = Script.of(Reply.text("a").counting(tokens), Reply.text("b").counting(tokens));
    try (OpenSession session = plainSession("100000", script)) {
      session.turn("One");
      session.turn("Two");

      // Twice 3.0 + 1.5 + 0.75 + 3.0 cents is 16.5; a moment of running time costs almost nothing.
      JsonNode usage = session.listed("session.usage").getLast().path("usage");
      assertEquals("17", usage.at("/list_cost/amount").asText(), usage.toString());
      assertEquals(usage.path("list_cost"), session.get().at("/usage/list_cost"));
    }
  }

  /// A session that calls a tool with a request that costs thirty cents, and then says so.
  private OpenSession toolSession(String cents) {
    return stage.session(
        budgeted(stage.toolAgentId(), cents),
        Script.of(Reply.bash("echo done").counting(COSTLY), Reply.text("It is done.")));
  }

  private OpenSession plainSession(String cents, Script script) {
    return stage.session(budgeted(stage.plainAgentId(), cents), script);
  }

  private static SessionCreateParams.Builder budgeted(String agentId, String cents) {
    return SessionCreateParams.builder().agent(agentId).limitBudget(amount(cents));
  }

  private void raise(OpenSession session, String cents) {
    stage
        .sdk()
        .beta()
        .sessions()
        .update(session.id(), SessionUpdateParams.builder().limitBudget(amount(cents)).build())
        .validate();
  }

  private Answer create(String agentId, String template, String budget) throws Exception {
    return stage
        .api()
        .post(
            "/v1/sessions",
            "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"budget\":%s}"
                .formatted(agentId, stage.environmentId(), template.formatted(budget)));
  }

  private static BetaMonetaryAmount amount(String cents) {
    return BetaMonetaryAmount.builder().amount(cents).currency(BetaCurrency.USD).build();
  }

  private static String budget(String cents) {
    return "{\"budget\":{\"type\":\"limit\",\"max_list_cost\":%s}}".formatted(money(cents));
  }

  private static String money(String cents) {
    return "{\"amount\":\"%s\",\"currency\":\"USD\"}".formatted(cents);
  }
}
