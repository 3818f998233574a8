package io.steward.schemas.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.json.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionIdTest {
  private static final String ID = "sesn_0113abcdefghijkmnopqrstu";

  @Test
  void an_id_carries_its_partition() {
    SplittableRandom random = new SplittableRandom(1);
    for (int partition = 0; partition < SessionId.PARTITIONS_MAX; partition++) {
      assertEquals(partition, SessionId.random(partition, random).partition());
    }
  }

  @Test
  void a_partition_no_id_can_carry_is_a_bug() {
    assertThrows(IllegalArgumentException.class, () -> SessionId.random(-1));
    assertThrows(IllegalArgumentException.class, () -> SessionId.random(SessionId.PARTITIONS_MAX));
  }

  @Test
  void the_older_spelling_is_the_same_session() {
    assertEquals(Optional.of(new SessionId(ID)), SessionId.parse(ID));
    assertEquals(Optional.of(new SessionId(ID)), SessionId.parse(ID.replace("sesn_", "session_")));
  }

  @Test
  void other_texts_are_no_session_ids() {
    for (String text :
        List.of(
            "",
            "sesn_",
            "sesn_01",
            ID + "x",
            ID.substring(1),
            ID.replace("sesn_01", "sesn_02"),
            ID.replace('a', '0'),
            ID.replace('a', '/'),
            "agent_" + ID.substring(5),
            ID + "\n")) {
      assertEquals(Optional.empty(), SessionId.parse(text), text);
      assertThrows(IllegalArgumentException.class, () -> new SessionId(text), text);
    }
  }

  @Test
  void the_primary_thread_follows_from_the_session() {
    assertEquals("sthr_0113abcdefghijkmnopqrstu", new SessionId(ID).primaryThreadId());
  }

  @Test
  void it_is_a_plain_string_in_json() {
    byte[] json = Json.bytes(new SessionId(ID));

    assertEquals('"' + ID + '"', new String(json, StandardCharsets.UTF_8));
    assertEquals(new SessionId(ID), Json.read(json, SessionId.class));
    assertThrows(
        UncheckedIOException.class,
        () -> Json.read("\"nobody\"".getBytes(StandardCharsets.UTF_8), SessionId.class));
  }
}
