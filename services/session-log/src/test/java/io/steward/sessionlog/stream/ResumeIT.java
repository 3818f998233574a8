package io.steward.sessionlog.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.stage.Elsewhere;
import io.steward.sessionlog.stage.RunningService;
import io.steward.sessionlog.stage.RunningService.Answer;
import io.steward.stage.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Streams that are cut off and resumed at two replicas of the packaged service.
@Timeout(240)
class ResumeIT {
  private static final int SENDS = 60;
  private static final String MODELS =
      """
      providers: {a: {kind: anthropic}}
      models:
        - {id: "*", provider: a, context_window: 200000, output_tokens_max: 64000}
      """;

  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Broker broker;
  private static Elsewhere elsewhere;
  private static RunningService here;
  private static RunningService there;

  private final Random random = new Random();

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.start();
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 2);
    elsewhere = new Elsewhere(broker.address(), directory.resolve("blobs"));
    elsewhere.agent();
    elsewhere.environment("env_01A");
    Map<String, String> settings =
        Map.of(
            "STEWARD_SESSION_PARTITIONS",
            "2",
            "STEWARD_MODELS",
            Files.writeString(directory.resolve("models.yaml"), MODELS).toString());
    here = RunningService.start(postgres.getPort(), broker.address(), directory, settings);
    here.awaitReady(); // It migrates the database.
    there = RunningService.start(postgres.getPort(), broker.address(), directory, settings);
    there.awaitReady();
  }

  @AfterAll
  static void stop() throws Exception {
    there.close();
    here.close();
    elsewhere.close();
    broker.close();
    postgres.close();
  }

  /// A frame of a stream.
  ///
  /// @param id empty when it has none
  private record Frame(String type, String id, JsonNode event) {}

  /// One connection.
  private record Stream(BufferedReader reader) implements AutoCloseable {
    /// The next frame, or null when there is none: the stream was ended.
    @Nullable Frame next() throws Exception {
      String type = "";
      String id = "";
      JsonNode event = Json.tree("{}".getBytes(StandardCharsets.UTF_8));
      String line;
      while ((line = reader.readLine()) != null && !line.isEmpty()) {
        String value = line.substring(line.indexOf(' ') + 1);
        switch (line.substring(0, line.indexOf(':'))) {
          case "event" -> type = value;
          case "id" -> id = value;
          default -> event = Json.tree(value.getBytes(StandardCharsets.UTF_8));
        }
      }
      return line == null ? null : new Frame(type, id, event);
    }

    @Override
    public void close() throws Exception {
      reader.close();
    }
  }

  /// A reader that is cut off again and again, also by a replica whose projection is made again,
  /// and goes on behind the last id it was given.
  private final class Reader {
    private final SessionId session;
    private final List<String> events = new ArrayList<>();
    private @Nullable String lastId;

    Reader(SessionId session, @Nullable String lastId) {
      this.session = session;
      this.lastId = lastId;
    }

    Reader readUntil(int count) throws Exception {
      while (events.size() < count) {
        try (Stream stream = open(random.nextBoolean() ? here : there, session, lastId)) {
          read(stream, Math.min(count, events.size() + random.nextInt(8)));
        }
      }
      return this;
    }

    private void read(Stream stream, int count) throws Exception {
      do {
        Frame frame = stream.next();
        if (frame == null) {
          return;
        }
        lastId = frame.id().isEmpty() ? lastId : frame.id();
        if (!frame.type().equals("ping")) {
          events.add(frame.event().path("id").asText());
        }
      } while (events.size() < count);
    }
  }

  @Test
  void a_reader_that_is_cut_off_anywhere_gets_every_event_once_while_others_write()
      throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    random.setSeed(seed);
    SessionId session = session();
    Random sizes = new Random(seed);
    CompletableFuture<Integer> written = new CompletableFuture<>();
    Reader reader = new Reader(session, null);
    reader.read(open(here, session, null), 0); // The first ping.
    Thread.ofVirtual()
        .start(() -> {
          try {
            int sent = 0;
            for (int i = 0; i < SENDS; i++) {
              sent += send(i % 2 == 0 ? here : there, session, 1 + sizes.nextInt(3));
            }
            written.complete(sent);
          } catch (Exception | AssertionError e) {
            written.completeExceptionally(e);
          }
        });

    reader.readUntil(SENDS); // Meanwhile.
    reader.readUntil(written.get(60, TimeUnit.SECONDS));

    assertEquals(listed(session), reader.events);
  }

  @Test
  void the_same_places_hold_after_the_projection_was_made_again() throws Exception {
    SessionId session = session();
    Reader reader = new Reader(session, null);
    reader.read(open(here, session, null), 0);
    send(here, session, 3);
    reader.readUntil(1);
    send(here, session, 3);
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE session_log.projection_source SET wanted = generation + 1");
    }
    here.awaitReady();
    there.awaitReady();

    reader.readUntil(6);

    assertEquals(listed(session), reader.events);
    String log = String.valueOf(reader.lastId).split("\\.", -1)[0];
    Reader whole = new Reader(session, log + "." + session.partition() + ".0.0");
    assertEquals(listed(session), whole.readUntil(6).events);
  }

  @Test
  void a_place_that_is_none_of_the_session_is_refused_with_the_rule() throws Exception {
    SessionId session = session();
    String first;
    try (Stream stream = open(here, session, null)) {
      first = Objects.requireNonNull(stream.next()).id();
    }
    String log = first.substring(0, first.indexOf('.'));

    assertTrue(refusal(session, "17").contains("must be the id of a frame of this stream"));
    assertTrue(refusal(session, "x" + first.substring(1)).contains("made anew"));
    assertTrue(refusal(session, log + ".9.0.0").contains("belongs to partition 9"));
    assertTrue(
        refusal(session, log + "." + session.partition() + ".999999999.1")
            .contains("lies behind the end"));
  }

  private static String refusal(SessionId session, String lastEventId) throws Exception {
    HttpResponse<InputStream> response =
        here.resume(path(session), RunningService.KEY, lastEventId);
    assertEquals(400, response.statusCode());
    try (InputStream body = response.body()) {
      return Json.tree(body.readAllBytes()).at("/error/message").asText();
    }
  }

  private static Stream open(RunningService replica, SessionId session, @Nullable String lastId)
      throws Exception {
    while (true) {
      HttpResponse<InputStream> response =
          lastId == null
              ? replica.open(path(session), RunningService.KEY)
              : replica.resume(path(session), RunningService.KEY, lastId);
      if (response.statusCode() != 503) { // The projection is being made again.
        assertEquals(200, response.statusCode());
        return new Stream(
            new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
      }
      response.body().close();
    }
  }

  private static SessionId session() throws Exception {
    Answer created =
        here.post(
            "/v1/sessions",
            RunningService.KEY,
            "{\"agent\":\"agent_01A\",\"environment_id\":\"env_01A\"}");
    assertEquals(200, created.status(), created.toString());
    return new SessionId(created.text("/id"));
  }

  /// One record with so many events.
  private static int send(RunningService replica, SessionId session, int events) throws Exception {
    String message =
        "{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"hi %d\"}]}"
            .formatted(System.nanoTime());
    Answer sent =
        replica.post(
            "/v1/sessions/" + session + "/events",
            RunningService.KEY,
            "{\"events\":[%s]}".formatted(String.join(",", Collections.nCopies(events, message))));
    assertEquals(200, sent.status(), sent.toString());
    return events;
  }

  private static List<String> listed(SessionId session) throws Exception {
    List<String> ids = new ArrayList<>();
    here.get("/v1/sessions/" + session + "/events?limit=1000", RunningService.KEY)
        .body()
        .path("data")
        .forEach(event -> ids.add(event.path("id").asText()));
    return ids;
  }

  private static String path(SessionId session) {
    return "/v1/sessions/" + session + "/events/stream";
  }
}
