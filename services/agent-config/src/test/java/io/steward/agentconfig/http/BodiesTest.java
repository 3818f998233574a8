package io.steward.agentconfig.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BodiesTest {
  /// Spaces without end, as a chunked body would bring them.
  private static final class Spaces extends InputStream {
    private long left;

    Spaces(long count) {
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? ' ' : -1;
    }
  }

  private static ApiError refusal(InputStream body) {
    return assertThrows(ApiException.class, () -> Bodies.object(body)).error();
  }

  @Test
  void an_object_is_read() {
    byte[] body = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

    assertEquals(1, Bodies.object(new ByteArrayInputStream(body)).get("a").intValue());
  }

  @Test
  void one_byte_more_than_any_body_may_have_is_too_large() {
    ApiError error = refusal(new Spaces(Bodies.BYTES_MAX + 1L));

    assertEquals(413, error.status());
    assertEquals("request_too_large", error.type());
  }

  @Test
  void a_body_that_no_agent_can_need_is_invalid() {
    ApiError error = refusal(new Spaces(Bodies.BYTES_MAX));

    assertEquals(400, error.status());
    assertTrue(error.message().contains("33,554,432 bytes"), error.message());
  }

  @Test
  void a_large_body_within_the_limit_is_looked_at() {
    ApiError error = refusal(new Spaces(Bodies.KEPT_BYTES_MAX));

    assertEquals("The body is empty, but must be a JSON object.", error.message());
  }

  @Test
  void where_nothing_is_to_be_said_a_body_may_be_left_out_but_not_be_wrong() {
    Bodies.nothing(InputStream.nullInputStream());
    Bodies.nothing(new ByteArrayInputStream("{\"a\":1}".getBytes(StandardCharsets.UTF_8)));

    assertThrows(ApiException.class, () -> Bodies.nothing(new Spaces(1)));
    assertThrows(
        ApiException.class,
        () -> Bodies.nothing(new ByteArrayInputStream("[]".getBytes(StandardCharsets.UTF_8))));
  }
}
