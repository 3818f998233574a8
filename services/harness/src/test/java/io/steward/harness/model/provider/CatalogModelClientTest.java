package io.steward.harness.model.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.Ask;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.Secret;
import io.steward.harness.stage.ScriptedHttp;
import io.steward.harness.stage.ScriptedHttp.Answer;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.id.Ids;
import io.steward.schemas.model.ModelCatalog;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogModelClientTest {
  private static final String DEFAULT_URL = "https://api.anthropic.com";
  private static final Answer CHAT_REPLY =
      Answer.sse(
          "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}",
          "[DONE]");

  private ScriptedHttp server;

  @BeforeEach
  void start() throws IOException {
    server = ScriptedHttp.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String model(String id, String provider, String more) {
    return """
      - id: "%s"
        provider: %s
        display_name: x
        created_at: 2026-01-01T00:00:00Z
        lifecycle: active
        context_window: 8000
        output_tokens_max: 500
        compact_at: 0.8
    %s
    """
        .formatted(id, provider, more.indent(4));
  }

  private ModelCatalog catalog(String models) throws IOException {
    return ModelCatalog.parse(
        """
        providers:
          anthropic: {kind: anthropic, api_key_env: NOT_SET}
          local: {kind: openai, base_url: "%s"}
          keyed: {kind: openai, base_url: "%s", api_key_env: KEYED}
          lost: {kind: openai, base_url: "%s", api_key_env: LOST}
        active_hour: 0.08
        models:
        %s
        """
            .formatted(server.baseUrl(), server.baseUrl(), server.baseUrl(), models));
  }

  private CatalogModelClient client(
      String models,
      String anthropicUrl,
      Optional<Secret> key,
      Function<ModelClient, ModelClient> around)
      throws IOException {
    ProviderAccess access =
        new ProviderAccess(
            anthropicUrl,
            key,
            Map.of("KEYED", "sk-keyed", "LOST", " ")::get,
            Ask.endpoint(anthropicUrl).limits());
    return new CatalogModelClient(catalog(models), access, 1, Ids::random, around);
  }

  private ModelOutcome ask(String models, String model) throws IOException {
    try (CatalogModelClient client =
        client(models, DEFAULT_URL, Optional.empty(), Function.identity())) {
      return client.ask(Ask.hello(model), _ -> {});
    }
  }

  private static ModelFailure failure(ModelOutcome outcome) {
    return assertInstanceOf(ModelOutcome.Failed.class, outcome).failure();
  }

  @Test
  void a_model_is_asked_by_its_providers_name_and_limits() throws IOException {
    server.play(CHAT_REPLY);

    ModelOutcome outcome =
        ask(
            model(
                "fast-*",
                "keyed",
                "upstream_id: org/fast\nefforts: []\nimages: false\ndocuments: false"),
            "fast-1");

    assertInstanceOf(ModelOutcome.Replied.class, outcome);
    ScriptedHttp.Asked asked = server.asked().getFirst();
    assertEquals("org/fast", asked.body().path("model").asText());
    assertEquals(500, asked.body().path("max_tokens").asInt());
    assertEquals("Bearer sk-keyed", asked.headers().getFirst("Authorization"));
  }

  @Test
  void a_provider_that_needs_no_key_gets_none() throws IOException {
    server.play(CHAT_REPLY);

    assertInstanceOf(
        ModelOutcome.Replied.class,
        ask(model("m", "local", "efforts: []\nimages: true\ndocuments: true"), "m"));
  }

  @Test
  void a_model_nobody_serves_is_refused() throws IOException {
    ModelFailure failure =
        failure(ask(model("m", "local", "efforts: []\nimages: true\ndocuments: true"), "other"));

    assertEquals(ModelFailure.Kind.REFUSED, failure.kind());
    assertEquals("No provider serves the model `other`.", failure.message());
  }

  @Test
  void a_key_that_is_not_set_is_named() throws IOException {
    String models = model("m", "lost", "efforts: []\nimages: true\ndocuments: true");

    ModelFailure failure = failure(ask(models, "m"));

    assertEquals(ModelFailure.Kind.REFUSED, failure.kind());
    assertTrue(failure.message().contains("`lost`"), failure.message());
    assertTrue(failure.message().contains("LOST"), failure.message());
    try (CatalogModelClient client =
        client(models, DEFAULT_URL, Optional.empty(), Function.identity())) {
      assertEquals(2, client.problems().size());
      assertTrue(client.problems().contains(failure.message()));
    }
  }

  @Test
  void a_client_that_cannot_be_made_refuses_in_a_sentence() throws IOException {
    try (CatalogModelClient client =
        client(
            model("m", "local", "efforts: []\nimages: true\ndocuments: true"),
            DEFAULT_URL,
            Optional.empty(),
            _ -> {
              throw new IllegalStateException("no credentials");
            })) {
      ModelFailure failure = failure(client.ask(Ask.hello("m"), _ -> {}));

      assertEquals(ModelFailure.Kind.REFUSED, failure.kind());
      assertEquals("The model provider `local` cannot be used as configured.", failure.message());
    }
  }

  @Test
  void the_configured_address_and_key_are_anthropics_own() throws IOException {
    server.play(Answer.json(529, "{}"));
    try (CatalogModelClient client =
        client(
            model("m", "anthropic", "efforts: []\nimages: true\ndocuments: true"),
            server.baseUrl(),
            Optional.of(new Secret("sk-configured")),
            Function.identity())) {
      ModelOutcome outcome = client.ask(Ask.hello("m"), _ -> {});

      assertEquals(ModelFailure.Kind.OVERLOADED, failure(outcome).kind());
      assertEquals(
          "Bearer sk-configured", server.asked().getFirst().headers().getFirst("Authorization"));
      assertFalse(client.problems().stream().anyMatch(problem -> problem.contains("anthropic")));
    }
  }

  @Test
  void effort_and_content_the_model_does_not_know_are_left_out() throws IOException {
    server.play(CHAT_REPLY);
    String messages =
        """
        [{"role":"user","content":[{"type":"text","text":"a"},\
        {"type":"image","source":{"type":"url","url":"https://x.example/y.png"}},\
        {"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}]}]\
        """;
    try (CatalogModelClient client =
        client(
            model("m", "local", "efforts: [low]\nimages: false\ndocuments: false"),
            DEFAULT_URL,
            Optional.empty(),
            Function.identity())) {
      client.ask(Ask.request("m", null, messages, "[]", true, "max", Map.of()), _ -> {});
    }

    JsonNode body = server.asked().getFirst().body();
    assertFalse(body.has("reasoning_effort"));
    String text = body.at("/messages/0/content").asText();
    assertTrue(text.contains("an image, which this model cannot read"), text);
    assertTrue(text.contains("<document>\nd"), text);
  }

  @Test
  void a_provider_at_its_limit_holds_up_its_own_requests_only() throws Exception {
    String all = "efforts: []\nimages: true\ndocuments: true";
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    AtomicInteger clients = new AtomicInteger();
    Function<ModelClient, ModelClient> around =
        _ -> {
          int number = clients.incrementAndGet();
          return (_, _) -> {
            if (number == 1) {
              entered.countDown();
              try {
                open.await();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            }
            return new ModelOutcome.Replied(
                List.of(), Map.of(), "end_turn", null, RequestUsage.NONE, Map.of());
          };
        };
    try (CatalogModelClient client =
        client(
            model("a", "local", all) + model("b", "keyed", all),
            DEFAULT_URL,
            Optional.empty(),
            around)) {
      Thread first = Thread.ofVirtual().start(() -> client.ask(Ask.hello("a"), _ -> {}));
      entered.await();
      Thread second = Thread.ofVirtual().start(() -> client.ask(Ask.hello("a"), _ -> {}));

      assertInstanceOf(ModelOutcome.Replied.class, client.ask(Ask.hello("b"), _ -> {}));
      second.interrupt();
      second.join();
      open.countDown();
      first.join();
    }
    assertEquals(2, clients.get());
  }

  @Test
  void the_limit_is_at_least_one() {
    ProviderAccess access =
        new ProviderAccess(
            DEFAULT_URL, Optional.empty(), _ -> null, Ask.endpoint(DEFAULT_URL).limits());

    assertThrows(
        IllegalArgumentException.class,
        () ->
            new CatalogModelClient(
                ModelCatalog.shipped(), access, 0, Ids::random, Function.identity()));
  }
}
