package io.steward.sessionlog.send;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class AttemptTest {
  private static final JsonNode BODY =
      json(
          "{'events':[{'type':'user.message','content':[{'type':'text','text':'a'}]},"
              + "{'type':'user.interrupt'}]}");

  @Test
  void a_repeated_send_has_the_same_ids() {
    Attempt attempt = new Attempt();
    var first = new EventParser(attempt).sent(BODY, T0);

    var second = new EventParser(attempt.repeated()).sent(BODY, T0);

    assertEquals(first, second);
    assertNotEquals(first.getFirst().id(), first.getLast().id());
  }

  @Test
  void equal_sends_are_two_when_nothing_is_in_doubt() {
    var first = new EventParser(new Attempt()).sent(BODY, T0);
    var second = new EventParser(new Attempt()).sent(BODY, T0);

    assertNotEquals(first.getFirst().id(), second.getFirst().id());
    assertFalse(new Attempt().isDoubtful());
  }
}
