package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.CATALOG;
import static io.steward.schemas.agent.rules.Samples.LATER;
import static io.steward.schemas.agent.rules.Samples.NOW;
import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.catalog;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.model.ModelCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the catalog has to say about the model of an agent.
class ModelRulesTest {
  private static final ModelCatalog SMALLER =
      catalog(
          """
          providers: {a: {kind: anthropic}}
          models: [{id: other, provider: a, context_window: 9, output_tokens_max: 9}]
          """);
  private static final String NOT_SERVED =
      ", but no provider of this server serves that model; `GET /v1/models` lists the models"
          + " there are.";

  private static Agent create(String model, ModelCatalog catalog) {
    return AgentRules.create(
        body("{'name':'a','model':" + model + "}"), "agent_1", NOW, AgentLookup.NONE, catalog);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'gpt-9'                      | `model` is "gpt-9"
          {'id':'gpt-9'}               | `model.id` is "gpt-9"
          {'id':'gpt-9','effort':'max'}| `model.id` is "gpt-9"
          """)
  void a_model_that_nobody_serves_is_refused_at_create(String model, String sentence) {
    ApiError error = refusal(() -> create(model, SMALLER));

    assertEquals(400, error.status());
    assertEquals(sentence + NOT_SERVED, error.message());
  }

  @Test
  void a_long_model_name_is_cut_in_the_sentence() {
    ApiError error = refusal(() -> create("'" + "x".repeat(256) + "'", SMALLER));

    assertEquals("`model` is \"" + "x".repeat(80) + "…\"" + NOT_SERVED, error.message());
  }

  @Test
  void a_model_that_nobody_serves_is_refused_at_update() {
    Agent agent = create("'other'", SMALLER);

    ApiError error =
        refusal(() ->
            AgentRules.update(agent, body("{'model':'m'}"), LATER, AgentLookup.NONE, SMALLER));

    assertEquals("`model` is \"m\"" + NOT_SERVED, error.message());
  }

  @Test
  void an_agent_whose_model_has_left_the_catalog_can_be_changed_but_not_be_given_it_again() {
    Agent agent = create("{'id':'m','effort':'max'}", CATALOG);

    Agent renamed =
        AgentRules.update(agent, body("{'name':'b'}"), LATER, AgentLookup.NONE, SMALLER);

    assertEquals(agent.model(), renamed.model());
    assertEquals(
        "`model` is \"m\"" + NOT_SERVED,
        refusal(() ->
                AgentRules.update(agent, body("{'model':'m'}"), LATER, AgentLookup.NONE, SMALLER))
            .message());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'id':'plain','effort':'low'}           | `model.effort` is "low", but the model plain takes no effort; leave it out.
          {'id':'plain','effort':{'type':'max'}}  | `model.effort` is "max", but the model plain takes no effort; leave it out.
          {'id':'narrow','effort':'xhigh'}        | `model.effort` is "xhigh", but the model narrow takes only low, max.
          """)
  void an_effort_that_the_model_does_not_take_is_refused(String model, String sentence) {
    ApiError error = refusal(() -> create(model, CATALOG));

    assertEquals(400, error.status());
    assertEquals(sentence, error.message());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'plain'                           | high
          {'id':'plain','effort':'high'}    | high
          {'id':'plain','effort':null}      | high
          'narrow'                          | high
          {'id':'narrow','effort':'high'}   | high
          {'id':'narrow','effort':'max'}    | max
          {'id':'any','effort':'xhigh'}     | xhigh
          """)
  void the_default_effort_suits_every_model(String model, String effort) {
    assertEquals(effort, create(model, CATALOG).model().effort().type());
  }

  @Test
  void a_kept_effort_is_checked_when_the_model_is_sent_again() {
    Agent agent =
        create(
            "{'id':'plain','effort':'max'}",
            catalog(
                """
                providers: {a: {kind: anthropic}}
                models:
                  - {id: plain, provider: a, context_window: 9, output_tokens_max: 9, efforts: [max]}
                """));

    ApiError error =
        refusal(() ->
            AgentRules.update(agent, body("{'model':'plain'}"), LATER, AgentLookup.NONE, CATALOG));

    assertEquals(
        "`model.effort` is \"max\", but the model plain takes no effort; leave it out.",
        error.message());
  }

  @Test
  void a_new_session_needs_a_model_that_is_served() {
    SessionAgent agent = SessionAgent.of(agent("'system':'s'"));
    SessionAgent overridden =
        SessionAgentRules.withOverrides(agent, body("{'model':{'id':'other'}}"));

    assertEquals(
        "`agent.model` is \"m\"" + NOT_SERVED,
        refusal(() -> SessionAgentRules.requireServed(SMALLER, agent)).message());
    assertEquals("other", SessionAgentRules.requireServed(SMALLER, overridden).id());
  }
}
