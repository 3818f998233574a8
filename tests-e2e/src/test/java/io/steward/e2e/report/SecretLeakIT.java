package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs last: what the whole run wrote must hold none of the planted secrets: the key of the model,
/// and the credentials that tests gave to vaults.
@ExtendWith(StageExtension.class)
@Order(Integer.MAX_VALUE)
class SecretLeakIT {
  private static final int PIECE_BYTES = 1024 * 1024;
  private static final int SECRET_BYTES_MAX = 256;

  private final Stage stage;

  SecretLeakIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void no_topic_holds_a_secret() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("env"), Reply.text("ok")))) {
      session.turn("Once more");
    }
    Set<String> topics = KafkaRecords.topics(stage.steward());
    List<ConsumerRecord<byte[], byte[]>> records = KafkaRecords.read(stage.steward(), topics);

    List<String> leaks = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (holdsSecret(record.key()) || holdsSecret(record.value()) || anyHolds(record)) {
        leaks.add(record.topic() + "@" + record.offset());
      }
    }
    assertTrue(topics.contains("session-events"), topics.toString());
    assertTrue(records.size() > 10, records.size() + " records");
    assertEquals(List.of(), leaks);
  }

  @Test
  void no_log_holds_a_secret() throws Exception {
    List<Path> logs = stage.steward().logFiles();

    List<Path> leaks = new ArrayList<>();
    for (Path log : logs) {
      if (holdsSecret(Files.readAllBytes(log))) {
        leaks.add(log);
      }
    }
    assertTrue(logs.size() > Steward.CHILDREN.size(), logs.toString());
    assertEquals(List.of(), leaks);
  }

  /// Everything Steward keeps: the log, the database with what it writes ahead, blobs, sandboxes.
  @Test
  void no_file_holds_a_secret() throws Exception {
    List<Path> leaks = new ArrayList<>();
    int[] files = {0};
    Files.walkFileTree(
        stage.steward().dataDirectory(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              files[0]++;
              try {
                if (holdsSecret(file)) {
                  leaks.add(file);
                }
              } catch (NoSuchFileException e) {
                return FileVisitResult.CONTINUE; // It was of no use any more.
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });

    assertTrue(files[0] > 100, files[0] + " files");
    assertEquals(List.of(), leaks);
  }

  /// Reads piece by piece; each piece begins with the end of the one before it.
  private boolean holdsSecret(Path file) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    int kept = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.readNBytes(piece, kept, PIECE_BYTES - kept);
          read > 0;
          read = in.readNBytes(piece, kept, PIECE_BYTES - kept)) {
        int length = kept + read;
        if (holdsSecret(Arrays.copyOf(piece, length))) {
          return true;
        }
        kept = Math.min(length, SECRET_BYTES_MAX);
        System.arraycopy(piece, length - kept, piece, 0, kept);
      }
    }
    return false;
  }

  @Test
  void every_request_to_the_model_belonged_to_a_session() {
    assertEquals(List.of(), stage.model().strays());
  }

  private boolean anyHolds(ConsumerRecord<byte[], byte[]> record) {
    for (Header header : record.headers()) {
      if (holdsSecret(header.value())) {
        return true;
      }
    }
    return false;
  }

  private boolean holdsSecret(byte @Nullable [] bytes) {
    if (bytes == null) {
      return false;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return stage.secrets().stream().anyMatch(text::contains);
  }
}
