package io.steward.harness.model.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.Ask;
import io.steward.harness.model.ModelClient;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.RequestUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentLoaderTest {
  private static final int BYTES_MAX = 10;
  private static final ModelOutcome REPLY =
      new ModelOutcome.Replied(List.of(), Map.of(), "end_turn", null, RequestUsage.NONE, Map.of());

  @TempDir Path directory;

  private final List<ModelRequest> sent = new ArrayList<>();

  private ModelOutcome ask(ModelRequest request) {
    ModelClient model =
        (loaded, _) -> {
          sent.add(loaded);
          return REPLY;
        };
    BlobStore blobs = new DirectoryBlobStore(directory);
    return new AttachmentLoader(model, blobs, new FileBudget(BYTES_MAX, BYTES_MAX))
        .ask(request, _ -> {});
  }

  private Attachment file(String name, String mediaType, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    new DirectoryBlobStore(directory).put("sesn_1/files/" + name, bytes);
    return new Attachment("sesn_1/files/" + name, name, mediaType, bytes.length);
  }

  private static String block(String type, String fileId) {
    return "{\"type\":\"%s\",\"source\":{\"type\":\"file\",\"file_id\":\"%s\"}}"
        .formatted(type, fileId);
  }

  private static String user(String... blocks) {
    return "[{\"role\":\"user\",\"content\":[" + String.join(",", blocks) + "]}]";
  }

  private JsonNode content() {
    return sent.getFirst().messages().at("/0/content");
  }

  @Test
  void an_image_is_sent_as_base64() throws IOException {
    ask(Ask.withFiles(user(block("image", "f1")), Map.of("f1", file("a.png", "image/png", "abc"))));

    assertEquals("base64", content().at("/0/source/type").asText());
    assertEquals("image/png", content().at("/0/source/media_type").asText());
    assertEquals("YWJj", content().at("/0/source/data").asText());
  }

  @Test
  void a_text_is_sent_as_text_also_within_a_result() throws IOException {
    String result =
        "{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":["
            + block("document", "f1")
            + "]}";

    ask(Ask.withFiles(user(result), Map.of("f1", file("a.csv", "text/csv", "ä,b"))));

    JsonNode document = content().at("/0/content/0");
    assertEquals("text", document.at("/source/type").asText());
    assertEquals("text/plain", document.at("/source/media_type").asText());
    assertEquals("ä,b", document.at("/source/data").asText());
    assertEquals("a.csv", document.path("title").asText());
  }

  @Test
  void the_request_itself_stays_as_it_was() throws IOException {
    ModelRequest request =
        Ask.withFiles(user(block("image", "f1")), Map.of("f1", file("a", "image/png", "a")));

    ask(request);

    assertEquals("file", request.messages().at("/0/content/0/source/type").asText());
  }

  @Test
  void a_request_without_files_is_not_touched() {
    ModelRequest request = Ask.hello("m");

    ask(request);

    assertSame(request, sent.getFirst());
  }

  @Test
  void a_file_that_is_gone_is_said_to_be_gone() {
    Attachment gone = new Attachment("sesn_1/files/x", "plan.pdf", "application/pdf", 1);

    ask(Ask.withFiles(user(block("document", "f1"), block("document", "f2")), Map.of("f1", gone)));

    assertEquals("text", content().at("/0/type").asText());
    assertTrue(content().at("/0/text").asText().contains("plan.pdf"));
    assertTrue(content().at("/1/text").asText().contains("f2"));
  }

  @Test
  void a_mark_for_the_cache_stays() {
    String marked =
        "{\"type\":\"image\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"},"
            + "\"cache_control\":{\"type\":\"ephemeral\"}}";

    ask(Ask.withFiles(user(marked), Map.of()));

    assertEquals("ephemeral", content().at("/0/cache_control/type").asText());
  }

  @Test
  void a_type_no_model_reads_is_said_in_words() throws IOException {
    ask(
        Ask.withFiles(
            user(block("document", "f1")), Map.of("f1", file("a.zip", "application/zip", "a"))));

    assertTrue(content().at("/0/text").asText().contains("application/zip"));
  }

  @Test
  void the_oldest_files_are_left_out_beyond_the_limit() throws IOException {
    ask(
        Ask.withFiles(
            user(block("document", "f1"), block("document", "f2"), block("document", "f3")),
            Map.of(
                "f1", file("old", "text/plain", "123456"),
                "f2", file("mid", "text/plain", "12345"),
                "f3", file("new", "text/plain", "12345"))));

    assertTrue(content().at("/0/text").asText().contains("`old` was left out"));
    assertEquals("12345", content().at("/1/source/data").asText());
    assertEquals("12345", content().at("/2/source/data").asText());
  }

  @Test
  void a_store_that_does_not_answer_may_be_asked_again() throws IOException {
    Files.createDirectories(directory.resolve("sesn_1/files/dir"));
    Attachment unreadable = new Attachment("sesn_1/files/dir", "a", "image/png", 1);

    ModelOutcome outcome = ask(Ask.withFiles(user(block("image", "f1")), Map.of("f1", unreadable)));

    ModelFailure failure = assertInstanceOf(ModelOutcome.Failed.class, outcome).failure();
    assertEquals(ModelFailure.Kind.UNAVAILABLE, failure.kind());
    assertTrue(sent.isEmpty());
  }

  @Test
  void a_request_must_fit_what_may_be_held() {
    assertThrows(IllegalArgumentException.class, () -> new FileBudget(2, 1));
  }

  @Test
  void a_request_whose_files_would_be_too_many_waits_for_others() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    ModelClient model =
        (_, _) -> {
          asked.incrementAndGet();
          entered.countDown();
          try {
            open.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          return REPLY;
        };
    AttachmentLoader loader =
        new AttachmentLoader(
            model, new DirectoryBlobStore(directory), new FileBudget(BYTES_MAX, BYTES_MAX));
    ModelRequest request =
        Ask.withFiles(
            user(block("document", "f1")), Map.of("f1", file("a", "text/plain", "123456")));
    Thread first = Thread.ofVirtual().start(() -> loader.ask(request, _ -> {}));
    entered.await();

    Thread second = Thread.ofVirtual().start(() -> loader.ask(request, _ -> {}));
    second.interrupt();
    second.join();
    open.countDown();
    first.join();

    assertEquals(1, asked.get());
    assertSame(REPLY, loader.ask(request, _ -> {}));
  }
}
