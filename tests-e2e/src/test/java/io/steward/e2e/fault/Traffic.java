package io.steward.e2e.fault;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Multipart;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// What clients ask of a Steward in rounds, and what it answered.
final class Traffic {
  private static final String SEND = "send";
  private static final String UPLOAD = "upload";

  /// Too large for a record: its body goes to the blob store.
  private static final String LARGE = "0123456789abcdef ".repeat(16_000);

  private final Api api;
  private final String session;
  private final Script script;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<Answered>> asked = new ArrayList<>();
  private final List<Answered> answers = new ArrayList<>();

  Traffic(Api api, String session, Script script) {
    this.api = api;
    this.session = session;
    this.script = script;
  }

  /// One request and its answer.
  ///
  /// @param status 0 when the connection broke
  /// @param id of what was made, empty when nothing was
  record Answered(
      String request, int status, String retryAfter, String message, String id, long millis) {}

  /// Sends a message whose body is too large for a record.
  void large() {
    ask(SEND, () -> send(LARGE));
  }

  /// Asks one of everything, without waiting.
  void round() {
    ask(SEND, () -> send("more"));
    ask("session", () -> api.get("/v1/sessions/" + session));
    ask("events", () -> api.get("/v1/sessions/" + session + "/events?limit=5"));
    ask("sessions", () -> api.get("/v1/sessions?limit=2"));
    ask("agents", () -> api.get("/v1/agents?limit=2"));
    ask("files", () -> api.get("/v1/files?limit=2"));
    ask(UPLOAD, () -> Multipart.of("a.txt", "text/plain", "hello".getBytes(UTF_8)).post(api));
    ask(
        "environment",
        () ->
            api.post(
                "/v1/environments",
                "{\"name\":\"e " + UUID.randomUUID() + "\",\"config\":{\"type\":\"cloud\"}}"));
  }

  private Answer send(String text) throws Exception {
    return api.post(
        "/v1/sessions/" + session + "/events",
        "{\"events\":[{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\""
            + script.marked(text)
            + "\"}]}]}");
  }

  private void ask(String what, Callable<Answer> request) {
    asked.add(
        clients.submit(() -> {
          long start = System.nanoTime();
          Answer answer = request.call();
          long millis = (System.nanoTime() - start) / 1_000_000;
          String id = what.equals(SEND) ? answer.body().at("/data/0/id").asText() : answer.id();
          return new Answered(
              what,
              answer.status(),
              answer.header("retry-after"),
              answer.errorMessage(),
              answer.status() == 200 ? id : "",
              millis);
        }));
  }

  /// Waits for all that was asked.
  void awaitAnswers() throws Exception {
    for (Future<Answered> answer : asked) {
      answers.add(answer.get());
    }
    asked.clear();
    clients.shutdown();
  }

  List<Answered> answers() {
    return answers;
  }

  List<String> acknowledgedEvents() {
    return answers.stream()
        .filter(answer -> answer.request().equals(SEND) && !answer.id().isEmpty())
        .map(Answered::id)
        .toList();
  }

  /// Paths of what was made.
  List<String> acknowledgedObjects() {
    return answers.stream()
        .filter(answer -> !answer.id().isEmpty())
        .flatMap(answer ->
            switch (answer.request()) {
              case "environment" -> Stream.of("/v1/environments/" + answer.id());
              case UPLOAD -> Stream.of("/v1/files/" + answer.id());
              default -> Stream.<String>empty();
            })
        .toList();
  }

  /// How many were answered how, and how long the slowest took.
  String summary() {
    long unavailable = answers.stream().filter(answer -> answer.status() == 503).count();
    Answered slowest =
        answers.stream()
            .max((a, b) -> Long.compare(a.millis(), b.millis()))
            .orElseThrow(() -> new IllegalStateException("nothing was asked"));
    return "%d answers, %d of them 503, slowest %d ms (%s, %d)"
        .formatted(
            answers.size(), unavailable, slowest.millis(), slowest.request(), slowest.status());
  }
}
