package io.steward.schemas.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressWatchTest {
  private static final SessionId ID = new SessionId("sesn_0111et8vk3S5eZYpTrHeGiw3");
  private static final Instant T0 = Instant.parse("2026-11-20T10:00:00Z");

  private final List<SessionProgress> told = new ArrayList<>();
  private Instant now = T0;
  private final ProgressWatch watch = new ProgressWatch(() -> now);

  @Test
  void what_is_quick_is_never_told_of() {
    ProgressWatch.Watched call = watch.begin(ID, "sevt_a", Activity.MODEL_ASKED);
    at(0.9);
    call.end();
    at(60);

    assertEquals(List.of(), told);
  }

  @Test
  void an_activity_is_told_once_and_repeated_seldom() {
    watch.begin(ID, "sevt_a", Activity.CALL_QUEUED);
    for (int second = 0; second <= 40; second++) {
      at(second);
    }

    assertEquals(
        List.of(progress(Activity.CALL_QUEUED, 0, null), progress(Activity.CALL_QUEUED, 0, null)),
        told);
  }

  @Test
  void a_reply_of_many_tokens_is_one_record_until_it_stops() {
    ProgressWatch.Watched call = watch.begin(ID, "sevt_a", Activity.MODEL_QUEUED);
    at(1);
    call.enter(Activity.MODEL_ASKED, Duration.ofMinutes(15));
    at(2);
    for (int token = 0; token < 1000; token++) {
      now = T0.plusMillis(2_000 + token * 10L);
      call.heard();
      watch.tell(told::add);
    }
    at(17);
    at(18);
    now = T0.plusSeconds(20);
    call.heard();
    at(20);

    assertEquals(
        List.of(
            progress(Activity.MODEL_QUEUED, 0, null),
            progress(Activity.MODEL_ASKED, 1, 901),
            progress(Activity.MODEL_ANSWERING, 2, 901),
            new SessionProgress(
                ID, "sevt_a", Activity.MODEL_SILENT, T0.plusMillis(11_990), T0.plusSeconds(901)),
            progress(Activity.MODEL_ANSWERING, 2, 901)),
        told);
  }

  @Test
  void what_could_not_be_told_is_told_in_the_next_round() {
    watch.begin(ID, "sevt_a", Activity.SANDBOX_STARTING);
    now = T0.plusSeconds(2);
    assertThrows(
        IllegalStateException.class,
        () ->
            watch.tell(_ -> {
              throw new IllegalStateException();
            }));

    at(3);

    assertEquals(List.of(progress(Activity.SANDBOX_STARTING, 0, null)), told);
  }

  private void at(double second) {
    now = T0.plusMillis(Math.round(second * 1000));
    watch.tell(told::add);
  }

  private static SessionProgress progress(
      Activity activity, int since, @Nullable Integer deadline) {
    return new SessionProgress(
        ID,
        "sevt_a",
        activity,
        T0.plusSeconds(since),
        deadline == null ? null : T0.plusSeconds(deadline));
  }
}
