package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.UrlSources;
import io.steward.schemas.agent.UrlSources.Source;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.session.Transcript;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlOriginsTest {
  private static final Source ALL = new UrlSources.All();
  private static final Source NONE = new UrlSources.None();

  /// The user, a search of the server, two tools of the client and the operator each name a page.
  private static final List<Transcript.Entry> ENTRIES =
      List.of(
          new Transcript.Summary("Earlier: https://old.example.com"),
          user(
              "Look at https://user.example.com/a?b=c#d, please (or https://user.example.com/b_(c))."),
          new Transcript.SystemInput(
              List.of(new ContentBlock.Text("<https://operator.example.com>"))),
          reply("toolu_1", "web_fetch", "toolu_2", "weather", "toolu_3", "phone"),
          new Transcript.ToolResults(
              List.of(
                  result("toolu_1", "see [next](https://server.example.com/next)"),
                  result("toolu_2", "\"https://weather.example.com/\""),
                  result("toolu_3", "https://phone.example.com"))));

  @ParameterizedTest
  @CsvSource({
    "https://user.example.com/a?b=c, true",
    "https://user.example.com/a?b=c#e, true",
    "https://user.example.com/b_(c), true",
    "https://user.example.com/a, false",
    "https://user.example.com, false",
    "https://operator.example.com/, true",
    "https://server.example.com/next, true",
    "https://weather.example.com, true",
    "https://old.example.com, false",
    "https://other.example.com, false",
    "'', false"
  })
  void a_url_has_appeared_when_it_stands_somewhere_as_a_whole(String url, boolean permitted) {
    assertEquals(permitted, permits(ALL, ALL, ALL, url));
  }

  @Test
  void a_source_that_is_not_set_counts() {
    assertEquals(true, permits(null, null, null, "https://user.example.com/a?b=c"));
    assertEquals(true, permits(null, null, null, "https://phone.example.com"));
  }

  @Test
  void a_source_that_is_switched_off_does_not_count() {
    assertEquals(false, permits(ALL, ALL, NONE, "https://user.example.com/a?b=c"));
    assertEquals(false, permits(ALL, NONE, ALL, "https://server.example.com/next"));
    assertEquals(false, permits(NONE, ALL, ALL, "https://weather.example.com"));
    assertEquals(true, permits(NONE, NONE, ALL, "https://operator.example.com"));
  }

  @Test
  void tools_can_be_named() {
    Source weather = new UrlSources.Only(List.of(new UrlSources.ToolReference("weather")));
    Source allButWeather = new UrlSources.Except(List.of(new UrlSources.ToolReference("weather")));

    assertEquals(true, permits(weather, ALL, ALL, "https://weather.example.com"));
    assertEquals(false, permits(weather, ALL, ALL, "https://phone.example.com"));
    assertEquals(false, permits(allButWeather, ALL, ALL, "https://weather.example.com"));
    assertEquals(true, permits(allButWeather, ALL, ALL, "https://phone.example.com"));
  }

  private static boolean permits(
      @Nullable Source client, @Nullable Source server, @Nullable Source user, String url) {
    return UrlOrigins.permit(new UrlSources(client, server, user), ENTRIES, url);
  }

  private static Transcript.Entry user(String text) {
    return new Transcript.UserInput(List.of(new ContentBlock.Text(text)));
  }

  private static Transcript.Entry reply(String... idsAndNames) {
    List<JsonNode> blocks = new ArrayList<>();
    for (int i = 0; i < idsAndNames.length; i += 2) {
      blocks.add(
          JsonNodeFactory.instance
              .objectNode()
              .put("type", "tool_use")
              .put("id", idsAndNames[i])
              .put("name", idsAndNames[i + 1]));
    }
    return new Transcript.ModelReply(blocks, "tool_use");
  }

  private static Transcript.ToolResultEntry result(String id, String text) {
    return new Transcript.ToolResultEntry(id, List.of(new ContentBlock.Text(text)), false);
  }
}
