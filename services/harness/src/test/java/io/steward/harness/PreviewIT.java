package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.progress.SessionProgress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningHarness.class)
class PreviewIT {
  private final Stage stage;

  PreviewIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_reply_is_previewed_under_the_id_of_its_message() throws Exception {
    SessionId session = stage.create(5, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("Look:", "ls"), Reply.text("Done."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    List<SessionPreview> previews = stage.previews(session);
    List<JsonNode> messages = stage.events(session, "agent.message");
    List<JsonNode> requests = stage.events(session, "span.model_request_start");
    assertEquals(4, previews.size());
    for (int i = 0; i < 2; i++) {
      SessionPreview start = previews.get(2 * i);
      SessionPreview delta = previews.get(2 * i + 1);
      String id = messages.get(i).path("id").asText();
      assertEquals(
          new PreviewFrame.Announced("agent.message", id),
          assertInstanceOf(PreviewFrame.EventStart.class, start.frame()).event());
      String text = messages.get(i).at("/content/0/text").asText();
      assertEquals(new PreviewFrame.EventDelta(id, PreviewFrame.Delta.of(text, 0)), delta.frame());
      assertEquals(requests.get(i).path("id").asText(), start.modelRequestStartId());
      assertEquals(start.modelRequestStartId(), delta.modelRequestStartId());
      assertEquals(List.of(0, 1), List.of(start.sequence(), delta.sequence()));
    }
  }

  @Test
  void a_slow_request_is_told_of_and_is_no_event() throws Exception {
    SessionId session = stage.create(5, "cloud");
    stage.model().play(session.value(), Reply.slow("Late.", Duration.ofMinutes(1)));
    stage.say(session, "Hi");

    List<SessionProgress> told = stage.progress(session);
    while (told.isEmpty()) {
      told = stage.progress(session);
    }

    SessionProgress first = told.getFirst();
    assertEquals(
        stage.events(session, "span.model_request_start").getFirst().path("id").asText(),
        first.about());
    // The latter where the first look came late.
    assertTrue(
        Set.of(SessionProgress.Activity.MODEL_ANSWERING, SessionProgress.Activity.MODEL_SILENT)
            .contains(first.activity()),
        first::toString);
    assertTrue(first.deadline() == null || first.deadline().isAfter(first.since()));
    assertEquals(List.of(), stage.previews(session));
    stage.send(session, new SessionEvent.UserInterrupt(Ids.random("sevt_"), null, null));
    stage.awaitIdle(session, 1);
  }
}
