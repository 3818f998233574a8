package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What one client can do to the others: too many sends, a stream it does not read, streams it
/// leaves open, a record nobody understands. Streams are opened on the port of session-log itself,
/// so that its buffers are what is measured, not those of the proxy.
@ExtendWith(StageExtension.class)
class BackPressureIT {
  private static final int SENDERS = 128;
  private static final int INBOX_EVENTS_MAX = 1000;
  private static final int BIG_MESSAGES = 16;
  private static final int MEGABYTE = 1024 * 1024;
  private static final int IDLE_STREAMS = 2000;
  private static final int OPENED_AT_ONCE = 32;
  private static final long IDLE_BYTES_MAX = 40L * MEGABYTE;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final Stage stage;

  BackPressureIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_flood_for_one_session_is_refused_and_a_calm_one_goes_on() throws Exception {
    Gate gate = new Gate();
    Script script = heldUntil(gate);
    Script calmScript = Script.of(Reply.text("calm"));
    try (OpenSession flooded = stage.plainSession(script);
        OpenSession calm = stage.plainSession(calmScript)) {
      flooded.send(script.marked("begin"));
      script.awaitRequest(1);
      List<Answer> answers = Collections.synchronizedList(new ArrayList<>());
      JsonNode calmReply;
      try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < SENDERS; i++) {
          var _ = senders.submit(() -> answers.add(flooded.post(message("flood"))));
        }
        calm.send(calmScript.marked("hello"));
        calmReply = calm.await("agent.message");
      }
      while (answers.size() < SENDERS + 2 * INBOX_EVENTS_MAX / 100
          && answers.getLast().status() == 200) {
        answers.add(flooded.post(messages(100)));
      }
      answers.add(flooded.post(messages(100)));

      assertEquals("calm", OpenSession.text(calmReply));
      int stored = 1;
      int refused = 0;
      for (Answer answer : answers) {
        if (answer.status() == 200) {
          stored += answer.body().path("data").size();
        } else {
          refused++;
          assertEquals(429, answer.status(), answer.toString());
          assertTrue(Integer.parseInt(answer.header("retry-after")) > 0, answer.toString());
        }
      }
      assertTrue(refused > 0);
      assertEquals(stored, flooded.listed("user.message").size());
      System.out.printf(
          "flood of one session: %d events stored, %d requests refused with 429%n",
          stored, refused);
      gate.open();
      flooded.awaitIdle();
    }
  }

  @Test
  void a_reader_that_does_not_read_is_dropped_and_the_others_see_everything() throws Exception {
    Gate gate = new Gate();
    Script script = heldUntil(gate);
    double droppedBefore = metric("steward_session_log_dropped_readers_total");
    try (OpenSession session = stage.plainSession(script);
        Socket lazy = openStream(session.id())) {
      session.send(script.marked("begin"));
      script.awaitRequest(1);
      for (int i = 0; i < BIG_MESSAGES; i++) {
        assertEquals(200, session.post(message("x".repeat(MEGABYTE))).status());
      }

      Patience.until(
          SOON,
          () -> "a reader is dropped",
          () -> metric("steward_session_log_dropped_readers_total") > droppedBefore);
      Patience.until(SOON, session::describe, () -> messagesSeen(session) == BIG_MESSAGES + 1);
      Patience.until(
          SOON,
          () -> "nothing waits for readers any more",
          () -> metric("steward_session_log_streams_pending_bytes") == 0);
      gate.open();
      session.awaitIdle();
    }
  }

  @Test
  void two_thousand_idle_streams_cost_little() throws Exception {
    long pid = stage.steward().pid("session-log");
    List<String> sessions =
        IntStream.range(0, 10).mapToObj(_ -> stage.createSession(stage.plainAgentId())).toList();
    List<Socket> open = Collections.synchronizedList(new ArrayList<>());
    openMany(sessions, OPENED_AT_ONCE).forEach(BackPressureIT::close); // Warm.
    Use before = Use.of(pid);
    try {
      open.addAll(openMany(sessions, IDLE_STREAMS));
      Use after = Use.of(pid);

      long heap = after.heapBytes() - before.heapBytes();
      long resident = after.residentBytes() - before.residentBytes();
      System.out.printf(
          "%d idle streams: %.1f MB of heap, %.1f MB resident%n",
          IDLE_STREAMS, (double) heap / MEGABYTE, (double) resident / MEGABYTE);
      assertTrue(heap < IDLE_BYTES_MAX, heap + " bytes of heap");
    } finally {
      open.forEach(BackPressureIT::close);
    }
  }

  @Test
  void a_record_nobody_can_read_sets_one_session_aside() throws Exception {
    String poisoned = stage.createSession(stage.plainAgentId());
    Script script = Script.of(Reply.text("well"));
    try (OpenSession neighbour = stage.plainSession(script);
        Socket stream = openStream(poisoned)) {
      poison(poisoned);

      assertTrue(untilEnd(stream).endsWith("\r\n0\r\n\r\n"), "the stream is not ended in order");
      Api api = stage.api();
      assertEquals(
          "terminated", api.get("/v1/sessions/" + poisoned).body().path("status").asText());
      neighbour.send(script.marked("hello"));
      assertEquals("well", OpenSession.text(neighbour.await("agent.message")));
      assertTrue(metric("steward_session_log_sessions_set_aside_total") >= 1);
    }
  }

  @Test
  void what_nobody_can_read_on_other_topics_is_counted_and_passed_over() throws Exception {
    for (String topic : List.of("sandbox-events", "session-queries")) {
      String name = "steward_session_log_unreadable_records_total{topic=\"" + topic + "\"";
      double before = metric(name);

      write(new ProducerRecord<>(topic, 0, text("key"), text("{")));

      Patience.until(SOON, () -> topic, () -> metric(name) > before);
    }
    String session = stage.createSession(stage.plainAgentId());
    assertEquals(200, stage.api().get("/v1/sessions/" + session + "/events").status());
  }

  /// How many messages arrived, each counted once: it is shown when it is stored, and again when it
  /// is read.
  private static long messagesSeen(OpenSession session) {
    return session.seen().stream()
        .filter(event -> event.path("type").asText().equals("user.message"))
        .map(event -> event.path("id").asText())
        .distinct()
        .count();
  }

  /// A record like the session's first one, which is no JSON.
  private void poison(String session) throws Exception {
    ConsumerRecord<byte[], byte[]> like =
        KafkaRecords.read(stage.steward(), List.of("session-events")).stream()
            .filter(record -> text(record.key()).startsWith(session + "/"))
            .findFirst()
            .orElseThrow();
    write(
        new ProducerRecord<>(
            like.topic(),
            like.partition(),
            text(session + "/rec_poison"),
            text("{\"agent\":"),
            like.headers()));
  }

  private void write(ProducerRecord<byte[], byte[]> record) throws Exception {
    record.headers().add(KafkaRecords.POISON_HEADER, text("true"));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stage.steward().kafkaBootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(record).get();
    }
  }

  /// Answers its first request with an error once the gate is open, which throws away what waits.
  private static Script heldUntil(Gate gate) {
    return Script.answering(_ -> {
      try {
        assertTrue(gate.isOpenWithin(Duration.ofMinutes(2)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Reply.invalidRequest("enough");
    });
  }

  private static String message(String text) {
    return "{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\""
        + text
        + "\"}]}";
  }

  private static String[] messages(int count) {
    return Collections.nCopies(count, message("flood")).toArray(new String[0]);
  }

  private List<Socket> openMany(List<String> sessions, int count) throws Exception {
    Semaphore room = new Semaphore(OPENED_AT_ONCE);
    List<Future<Socket>> opening = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        String session = sessions.get(i % sessions.size());
        opening.add(
            threads.submit(() -> {
              room.acquire();
              try {
                return openStream(session);
              } finally {
                room.release();
              }
            }));
      }
    }
    List<Socket> open = new ArrayList<>();
    for (Future<Socket> one : opening) {
      open.add(one.get());
    }
    return open;
  }

  /// A stream whose headers have arrived, and nothing else is read.
  private Socket openStream(String session) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 * 1024);
    socket.setSoTimeout((int) SOON.toMillis());
    socket.connect(new InetSocketAddress("127.0.0.1", port()));
    socket
        .getOutputStream()
        .write(
            ("GET /v1/sessions/"
                    + session
                    + "/events/stream HTTP/1.1\r\nhost: steward\r\nx-api-key: "
                    + Steward.API_KEY
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = socket.getInputStream().read();
      if (c < 0) {
        throw new IOException("the stream was not opened: " + head);
      }
      head.append((char) c);
    }
    if (!head.toString().startsWith("HTTP/1.1 200")) {
      throw new IOException("the stream was not opened: " + head);
    }
    return socket;
  }

  private static String untilEnd(Socket stream) throws IOException {
    InputStream in = stream.getInputStream();
    StringBuilder text = new StringBuilder("\r\n");
    while (text.indexOf("\r\n0\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        break;
      }
      text.append((char) c);
    }
    return text.toString();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A value at `/q/metrics`, 0 while there is none.
  private double metric(String name) throws Exception {
    Answer answer = new Api("http://127.0.0.1:" + port()).get("/q/metrics");
    return answer
        .text()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /// The port of session-log itself.
  private int port() throws IOException {
    Path environment = proc(stage.steward().pid("session-log"), "environ");
    return Files.readString(environment, StandardCharsets.ISO_8859_1)
        .transform(text -> List.of(text.split("\0")))
        .stream()
        .filter(line -> line.startsWith("QUARKUS_HTTP_PORT="))
        .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf('=') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static Path proc(long pid, String file) {
    return Path.of("/proc", Long.toString(pid), file);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// What a Java process uses after a collection.
  private record Use(long heapBytes, long residentBytes) {
    static Use of(long pid) throws Exception {
      jcmd(pid, "GC.run");
      long kilobytes = 0;
      for (String line : jcmd(pid, "GC.heap_info").lines().map(String::strip).toList()) {
        Matcher used = USED.matcher(line);
        if (!line.startsWith("Metaspace") && !line.startsWith("class") && used.find()) {
          kilobytes += Long.parseLong(used.group(1));
        }
      }
      String resident =
          Files.readString(proc(pid, "status"))
              .lines()
              .filter(line -> line.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow();
      return new Use(kilobytes * 1024, Long.parseLong(resident.replaceAll("\\D", "")) * 1024);
    }

    private static String jcmd(long pid, String command) throws Exception {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid),
                  command)
              .redirectErrorStream(true)
              .start();
      String output = text(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IOException(output);
      }
      return output;
    }
  }
}
