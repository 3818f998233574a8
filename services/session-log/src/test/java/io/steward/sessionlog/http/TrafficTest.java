package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private final Traffic traffic = new Traffic(4, 2, 1000);

  @Test
  void a_flood_for_one_session_leaves_room_for_the_others() {
    traffic.enter("sesn_1");
    traffic.enter("sesn_1");

    ApiError refusal = assertThrows(ApiException.class, () -> traffic.enter("sesn_1")).error();

    assertEquals(429, refusal.status());
    assertEquals(Duration.ofSeconds(1), refusal.retryAfter());
    traffic.enter("sesn_2");
    assertEquals(3, traffic.requests());
  }

  @Test
  void all_requests_together_are_limited() {
    for (int i = 0; i < 4; i++) {
      traffic.enter(i == 0 ? null : "sesn_" + i);
    }

    ApiError refusal = assertThrows(ApiException.class, () -> traffic.enter(null)).error();

    assertEquals(429, refusal.status());
    assertEquals(4, traffic.requests());
  }

  @Test
  void a_request_that_ends_makes_room() {
    for (int i = 0; i < 100; i++) {
      traffic.enter("sesn_1").close();
      traffic.enter(null).close();
    }

    assertEquals(0, traffic.requests());
  }

  @Test
  void the_bytes_of_all_bodies_are_limited_until_they_are_released() {
    Traffic.Body first = traffic.body();
    Traffic.Body second = traffic.body();

    assertTrue(first.hold(600));
    assertFalse(second.hold(600));
    first.release();
    first.release();

    assertTrue(second.hold(600));
    assertEquals(600, traffic.bytes());
  }
}
