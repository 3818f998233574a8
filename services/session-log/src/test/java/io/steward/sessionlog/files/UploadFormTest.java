package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Forms as clients send them, byte by byte.
class UploadFormTest {
  private static final String TYPE = "multipart/form-data; boundary=XX";
  private static final String FILE =
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
          + "Content-Type: text/plain\r\n\r\nhello\r\n";
  private static final String EXPIRY =
      "--XX\r\nContent-Disposition: form-data; name=\"expires_in_seconds\"\r\n\r\n3600\r\n";
  private static final String END = "--XX--\r\n";

  private final ByteArrayOutputStream stored = new ByteArrayOutputStream();

  @Test
  void a_file_alone_is_a_form() throws IOException {
    UploadForm form = read(FILE + END);

    assertEquals(new UploadForm("a.txt", "text/plain", 5, Optional.empty()), form);
    assertEquals("hello", stored.toString(StandardCharsets.UTF_8));
  }

  @Test
  void the_expiry_may_come_before_or_after_the_file() throws IOException {
    UploadForm expected =
        new UploadForm("a.txt", "text/plain", 5, Optional.of(Duration.ofHours(1)));

    assertEquals(expected, read(EXPIRY + FILE + END));
    assertEquals(expected, read(FILE + EXPIRY + END));
  }

  @Test
  void an_empty_file_and_one_that_looks_like_a_boundary_are_files() throws IOException {
    assertEquals(0, read(FILE.replace("hello", "") + END).sizeBytes());
    assertEquals(8, read(FILE.replace("hello", "\r\n--X\r\n-") + END).sizeBytes());
  }

  @Test
  void a_file_without_a_name_or_type_gets_them() throws IOException {
    UploadForm bare =
        read("--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n" + END);

    assertEquals(new UploadForm("unnamed", "application/octet-stream", 5, Optional.empty()), bare);
  }

  @Test
  void a_name_may_be_in_any_script() throws IOException {
    assertEquals("Grüße 日本.txt", read(FILE.replace("a.txt", "Grüße 日本.txt") + END).filename());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        END,
        EXPIRY + END,
        FILE + FILE + END,
        EXPIRY + EXPIRY + FILE + END,
        FILE + "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nx\r\n" + END,
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a|b\"\r\n\r\nx\r\n"
            + END,
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\u0000b\"\r\n\r\nx\r\n"
            + END,
        "--XX\r\nContent-Disposition: form-data; name=\"expires_in_seconds\"\r\n\r\nsoon\r\n"
            + FILE
            + END
      })
  void a_form_that_breaks_a_rule_is_refused(String body) {
    assertEquals(400, refusal(TYPE, body).error().status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no form at all", "--XX\r\n", "--YY\r\n\r\nx\r\n--YY--\r\n"})
  void a_body_that_is_no_form_is_refused(String body) {
    assertEquals(400, refusal(TYPE, body).error().status());
  }

  @Test
  void a_form_that_ends_anywhere_too_early_is_refused() {
    String whole = EXPIRY + FILE + END;
    for (int length = 0; length < whole.length() - 4; length++) {
      String cut = whole.substring(0, length);

      assertEquals(400, refusal(TYPE, cut).error().status(), cut);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "multipart/mixed; boundary=XX",
        "multipart/form-data",
        "multipart/form-data; boundary="
      })
  void another_content_type_is_refused(String contentType) {
    assertEquals(400, refusal(contentType, FILE + END).error().status());
  }

  @Test
  void headers_of_a_part_are_limited() {
    String longHeader = "X-Long: " + "x".repeat(20_000) + "\r\n";
    String body = FILE.replace("Content-Type", longHeader + "Content-Type") + END;

    assertEquals(400, refusal(TYPE, body).error().status());
  }

  @Test
  void a_file_above_the_limit_is_too_large_and_one_at_the_limit_is_not() throws IOException {
    byte[] ten = new byte[10];

    assertEquals(10, store(new LimitedStream(new ByteArrayInputStream(ten), 10)));
    ApiException refusal =
        assertThrows(
            ApiException.class, () -> store(new LimitedStream(new ByteArrayInputStream(ten), 9)));

    assertEquals(413, refusal.error().status());
  }

  @Test
  void what_goes_wrong_below_is_no_fault_of_the_form() {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(
                FILE.substring(0, FILE.length() - 4).getBytes(StandardCharsets.UTF_8)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("cut");
              }
            });

    IOException thrown =
        assertThrows(IOException.class, () -> UploadForm.read(TYPE, broken, this::store));
    assertEquals("cut", thrown.getMessage());

    IOException full =
        assertThrows(
            IOException.class,
            () ->
                UploadForm.read(
                    TYPE,
                    new ByteArrayInputStream((FILE + END).getBytes(StandardCharsets.UTF_8)),
                    _ -> {
                      throw new IOException("no space left");
                    }));
    assertEquals("no space left", full.getMessage());
  }

  private UploadForm read(String body) throws IOException {
    stored.reset();
    return UploadForm.read(
        TYPE, new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), this::store);
  }

  private ApiException refusal(String contentType, String body) {
    ApiException refusal =
        assertThrows(
            ApiException.class,
            () ->
                UploadForm.read(
                    contentType,
                    new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                    this::store));
    assertTrue(refusal.error().message().endsWith("."), refusal.error().message());
    return refusal;
  }

  private long store(InputStream content) throws IOException {
    return content.transferTo(stored);
  }
}
