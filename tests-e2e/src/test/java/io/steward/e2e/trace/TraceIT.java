package io.steward.e2e.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// One trace of a real turn, from the client's request to what leaves a sandbox, as the running
/// system sends it to a collector.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TraceIT {
  private static final String HOST = "127.0.0.2";
  private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CLIENT_ID = "00f067aa0ba902b7";
  private static final Duration LONG = Duration.ofSeconds(60);

  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer service;
  private Collector collector;
  private Stage stage;
  private String secret = "";
  private String credential = "";
  private String vault = "";

  @BeforeAll
  void setUp() throws Exception {
    service = HttpServer.create(new InetSocketAddress(HOST, 0), 0);
    service.createContext(
        "/",
        exchange -> {
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    service.start();
    collector = Collector.start();
    stage =
        Stage.set(
            "trace",
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY", "100",
                "STEWARD_LOG_JSON", "true",
                "STEWARD_EGRESS_PORTS", Integer.toString(service.getAddress().getPort()),
                "STEWARD_EGRESS_ALLOWED_ADDRESSES", "127.0.0.1/32,127.0.0.2/32"));
    secret = stage.plantSecret();
    vault = stage.api().post("/v1/vaults", "{\"display_name\":\"Traced\"}").id();
    credential =
        stage
            .api()
            .post(
                "/v1/vaults/" + vault + "/credentials",
                """
                {"auth":{"type":"environment_variable","secret_name":"TRACED_TOKEN",
                 "secret_value":"%s","injection_location":{"header":true},
                 "networking":{"type":"limited","allowed_hosts":["%s"]}}}
                """
                    .formatted(secret, HOST))
            .id();
  }

  @AfterAll
  void tearDown() throws Exception {
    try {
      stage.close();
    } finally {
      collector.close();
      service.stop(0);
    }
  }

  @Test
  void a_turn_is_one_trace_from_the_clients_request_to_what_leaves_the_sandbox() throws Exception {
    String url = "http://" + HOST + ":" + service.getAddress().getPort() + "/private-path";
    Script script =
        Script.of(
            Reply.bash("curl -sS -H \"Authorization: Bearer $TRACED_TOKEN\" " + url),
            Reply.text("a-private-reply"),
            Reply.text("another"));
    stage.model().play(script);
    try (OpenSession session = OpenSession.attach(stage, created(), script)) {
      send(session, "a-private-prompt", "00-" + TRACE_ID + "-" + CLIENT_ID + "-01");
      session.awaitIdle(LONG);
      assertEquals(List.of("Bearer " + secret), authorizations);
      Patience.until(
          LONG,
          () -> "all spans come: " + collector.spans(),
          () -> collector.trace(TRACE_ID).size() >= 8);

      List<CollectedSpan> trace = collector.trace(TRACE_ID);
      assertEquals(8, trace.size(), trace::toString);
      CollectedSpan turn = assertTrace(trace, session.id());
      for (String service : List.of("session-log", "harness", "sandbox", "vault-proxy")) {
        assertLogged(service, session.id());
      }
      session.turn("Again");
      Patience.until(
          LONG,
          () -> "a second turn comes: " + collector.spans(),
          () -> collector.spans().stream().anyMatch(span -> span.links().contains(turn.spanId())));
    }
    assertEquals(List.of(), collector.faults());
    String everything = collector.spans().toString();
    for (String hidden : List.of("private", secret, "steward_placeholder", stage.modelKey())) {
      assertFalse(everything.contains(hidden), () -> hidden + " is in " + everything);
    }
  }

  private CollectedSpan assertTrace(List<CollectedSpan> trace, String sessionId) {
    CollectedSpan request =
        only(trace, "session-log", "POST /v1/sessions/{session_id}/events", "SERVER", CLIENT_ID);
    assertEquals("200", request.attribute("http.response.status_code"));
    assertTrue(request.attribute("steward.request.id").startsWith("req_"));
    CollectedSpan sent =
        only(trace, "session-log", "send session-events", "PRODUCER", request.spanId());
    assertEquals("kafka", sent.attribute("messaging.system"));
    assertFalse(sent.attribute("messaging.kafka.offset").isEmpty());

    CollectedSpan turn = only(trace, "harness", "invoke_agent ", "INTERNAL", sent.spanId());
    assertEquals("invoke_agent", turn.attribute("gen_ai.operation.name"));
    assertEquals(stage.toolAgentId(), turn.attribute("gen_ai.agent.id"));
    assertEquals("end_turn", turn.attribute("steward.stop_reason"));
    List<CollectedSpan> asked =
        trace.stream().filter(span -> span.name().equals("chat " + Stage.MODEL)).toList();
    assertEquals(2, asked.size(), trace::toString);
    for (CollectedSpan chat : asked) {
      assertEquals("harness", chat.service());
      assertEquals("SPAN_KIND_CLIENT", chat.kind());
      assertEquals(turn.spanId(), chat.parentId());
      assertEquals("chat", chat.attribute("gen_ai.operation.name"));
      assertEquals(Stage.MODEL, chat.attribute("gen_ai.request.model"));
      assertEquals(Stage.MODEL, chat.attribute("gen_ai.response.model"));
      assertEquals("19", chat.attribute("gen_ai.usage.input_tokens"));
      assertEquals("7", chat.attribute("gen_ai.usage.output_tokens"));
    }
    assertEquals(
        Set.of("tool_use", "end_turn"),
        asked.stream()
            .map(chat -> chat.attribute("gen_ai.response.finish_reasons"))
            .collect(Collectors.toSet()));

    CollectedSpan tool = only(trace, "harness", "execute_tool bash", "INTERNAL", turn.spanId());
    assertEquals("bash", tool.attribute("gen_ai.tool.name"));
    assertTrue(tool.attribute("gen_ai.tool.call.id").startsWith("sevt_"));
    CollectedSpan command =
        only(trace, "sandbox", "process sandbox-commands", "CONSUMER", tool.spanId());
    assertEquals("true", command.attribute("steward.sandbox.cold"));
    assertEquals("completed", command.attribute("steward.outcome"));
    CollectedSpan out = only(trace, "vault-proxy", "GET", "CLIENT", command.spanId());
    assertEquals(HOST, out.attribute("server.address"));
    assertEquals("204", out.attribute("http.response.status_code"));
    assertEquals(credential, out.attribute("steward.credential.ids"));
    for (CollectedSpan span : trace) {
      assertEquals(sessionId, span.attribute("gen_ai.conversation.id"), span::toString);
      assertFalse(span.failed(), span::toString);
      assertTrue(span.startNanos() <= span.endNanos(), span::toString);
    }
    return turn;
  }

  /// The session can be found in the log of a service, and the trace where requests are handled.
  private void assertLogged(String service, String sessionId) throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : logged(service)) {
      if (line.startsWith("{")) {
        lines.add(Api.json(line));
      }
    }
    List<JsonNode> about =
        lines.stream()
            .filter(line -> line.path("keys").path("session_id").asText().equals(sessionId))
            .toList();
    assertFalse(about.isEmpty(), () -> service + " says nothing of " + sessionId + ": " + lines);
    for (JsonNode line : about) {
      assertEquals(service, line.path("service").asText(), line::toString);
      assertFalse(line.path("message").asText().isEmpty(), line::toString);
      assertFalse(line.toString().contains("private"), line::toString);
    }
    boolean traced =
        about.stream()
            .anyMatch(line -> line.path("keys").path("trace_id").asText().equals(TRACE_ID));
    assertTrue(traced || service.equals("vault-proxy"), about::toString);
  }

  private List<String> logged(String service) throws Exception {
    return Files.readAllLines(
        stage.steward().dataDirectory().resolve("logs").resolve(service + ".log"));
  }

  private static CollectedSpan only(
      List<CollectedSpan> trace, String service, String name, String kind, String parentId) {
    List<CollectedSpan> found =
        trace.stream()
            .filter(span -> span.service().equals(service) && span.name().startsWith(name))
            .toList();
    Set<String> names = new TreeSet<>();
    trace.forEach(span -> names.add(span.service() + ": " + span.name()));
    assertEquals(1, found.size(), () -> name + " among " + names);
    CollectedSpan span = found.getFirst();
    assertEquals("SPAN_KIND_" + kind, span.kind(), span::toString);
    assertEquals(parentId, span.parentId(), span::toString);
    return span;
  }

  private String created() throws Exception {
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"vault_ids\":[\"%s\"]}"
                    .formatted(stage.toolAgentId(), stage.environmentId(), vault));
    assertEquals(200, created.status(), created.text());
    return created.id();
  }

  private void send(OpenSession session, String text, String traceparent) throws Exception {
    String body =
        "{\"events\":[{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}]}"
            .formatted(session.script().marked(text));
    Answer sent =
        stage
            .api()
            .send(
                stage
                    .api()
                    .request("/v1/sessions/" + session.id() + "/events")
                    .header("content-type", "application/json")
                    .header("traceparent", traceparent)
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
    assertEquals(200, sent.status(), sent.text());
  }
}
