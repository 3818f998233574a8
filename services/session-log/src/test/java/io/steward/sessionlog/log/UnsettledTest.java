package io.steward.sessionlog.log;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class UnsettledTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(T0);
  private final Unsettled<String> unsettled = new Unsettled<>(now::get);

  @Test
  void a_repetition_is_found_once() {
    unsettled.add("a", "rec_1");

    assertEquals(Optional.of("rec_1"), unsettled.take("a"));
    assertEquals(Optional.empty(), unsettled.take("a"));
  }

  @Test
  void what_is_old_is_forgotten() {
    unsettled.add("a", "rec_1");

    now.set(T0.plus(Unsettled.KEPT).plusMillis(1));

    assertEquals(Optional.empty(), unsettled.take("a"));
  }

  @Test
  void the_oldest_gives_way() {
    for (int i = 0; i <= Unsettled.ENTRIES_MAX; i++) {
      unsettled.add("request " + i, "rec");
    }

    assertEquals(Optional.empty(), unsettled.take("request 0"));
    assertEquals(Optional.of("rec"), unsettled.take("request 1"));
  }

  @Test
  void the_same_body_for_another_session_is_another_request() {
    byte[] body = {1, 2};

    assertEquals(Unsettled.request("sesn_1", body), Unsettled.request("sesn_1", body.clone()));
    assertNotEquals(Unsettled.request("sesn_1", body), Unsettled.request("sesn_2", body));
  }
}
