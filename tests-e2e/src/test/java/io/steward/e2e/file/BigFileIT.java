package io.steward.e2e.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.JsonValue;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.models.beta.files.BetaFileMetadata;
import com.anthropic.models.beta.files.FileListParams;
import com.anthropic.models.beta.sessions.BetaManagedAgentsFileResourceParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Multipart;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Files that would not fit into the memory of whoever holds them whole.
@ExtendWith(StageExtension.class)
class BigFileIT {
  private static final long MEGABYTE = 1024 * 1024;
  private static final long BIG = 400 * MEGABYTE;
  private static final long HEAP_GROWTH_MAX = 100 * MEGABYTE;
  private static final Duration PUBLISHED_WITHIN = Duration.ofMinutes(2);

  private final Stage stage;

  BigFileIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void four_hundred_megabytes_go_up_through_a_sandbox_and_down_again_in_a_small_heap()
      throws Exception {
    long pid = stage.steward().pid("session-log");
    long before = HeapUse.liveBytes(pid);
    String uploaded;
    long upPeak;
    try (HeapUse heap = HeapUse.watch(pid)) {
      long startNanos = System.nanoTime();
      Answer answer =
          new Multipart("big.bin", "application/octet-stream", BIG, () -> new Noise(BIG))
              .post(stage.api());
      assertEquals(200, answer.status(), answer.text());
      assertEquals(BIG, answer.body().path("size_bytes").asLong());
      uploaded = answer.id();
      upPeak = heap.peakBytes();
      report("upload", before, upPeak, startNanos);
    }
    BetaFileMetadata output = throughSandbox(uploaded);
    long beforeDown = HeapUse.liveBytes(pid);
    try (HeapUse heap = HeapUse.watch(pid)) {
      long startNanos = System.nanoTime();
      assertEquals(digest(new Noise(BIG)), digestOfDownload(output.id()));
      report("download", beforeDown, heap.peakBytes(), startNanos);
      assertTrue(heap.peakBytes() - beforeDown < HEAP_GROWTH_MAX, "the heap grows by a download");
    }
    assertTrue(upPeak - before < HEAP_GROWTH_MAX, "the heap grows by an upload");
    stage.sdk().beta().files().delete(uploaded);
  }

  @Test
  void more_than_500_megabytes_are_refused_before_they_are_sent() throws Exception {
    URI base = URI.create(stage.steward().baseUrl());
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), base.getPort())) {
      socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(
          """
          POST /v1/files HTTP/1.1\r
          host: localhost\r
          x-api-key: %s\r
          content-type: %s\r
          content-length: %d\r
          \r
          """
              .formatted(
                  io.steward.e2e.stage.Steward.API_KEY, Multipart.contentType(), 501 * MEGABYTE)
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      String status =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
              .readLine();

      assertTrue(status != null && status.startsWith("HTTP/1.1 413"), String.valueOf(status));
    }
  }

  /// Has an agent copy the file from where it is mounted to its outputs.
  private BetaFileMetadata throughSandbox(String file) throws Exception {
    Script script =
        Script.of(
            Reply.bash("cp /mnt/session/uploads/big.bin /mnt/session/outputs/big.bin"),
            Reply.text("ok"));
    SessionCreateParams.Builder params =
        SessionCreateParams.builder()
            .agent(stage.toolAgentId())
            .addResource(
                BetaManagedAgentsFileResourceParams.builder()
                    .type(JsonValue.from("file"))
                    .fileId(file)
                    .mountPath("/mnt/session/uploads/big.bin")
                    .build());
    try (OpenSession session = stage.session(params, script)) {
      session.send("Copy");
      session.awaitIdle(PUBLISHED_WITHIN);
      Patience.until(PUBLISHED_WITHIN, session::describe, () -> !outputs(session.id()).isEmpty());
      return outputs(session.id()).getFirst();
    }
  }

  private List<BetaFileMetadata> outputs(String session) {
    return stage
        .sdk()
        .beta()
        .files()
        .list(FileListParams.builder().scopeId(session).build())
        .data()
        .stream()
        .filter(file -> file.downloadable().orElse(false) && file.sizeBytes() == BIG)
        .toList();
  }

  private String digestOfDownload(String id) throws Exception {
    try (HttpResponse response = stage.sdk().beta().files().download(id)) {
      return digest(response.body());
    }
  }

  private static String digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (DigestInputStream digested = new DigestInputStream(in, digest)) {
      digested.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void report(String what, long before, long peak, long startNanos) {
    System.out.printf(
        "%s of %d MB: %.1f s, live heap of session-log %.1f MB before, at most %.1f MB%n",
        what, BIG / MEGABYTE, (System.nanoTime() - startNanos) / 1e9, before / 1e6, peak / 1e6);
  }

  /// So many bytes of noise, always the same.
  private static final class Noise extends InputStream {
    private final SplittableRandom random = new SplittableRandom(7);
    private long left;

    Noise(long length) {
      this.left = length;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      // Whole words, whatever is asked for, so that the noise does not depend on who reads.
      for (int i = 0; i < count; i++) {
        buffer[offset + i] = next();
      }
      left -= count;
      return count;
    }

    private long word;
    private int wordBytes;

    private byte next() {
      if (wordBytes == 0) {
        word = random.nextLong();
        wordBytes = Long.BYTES;
      }
      byte value = (byte) word;
      word >>>= Byte.SIZE;
      wordBytes--;
      return value;
    }
  }
}
