package io.steward.sessionlog.send;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventParserTest {
  private final EventParser parser = new EventParser(() -> "sevt_1");

  @Test
  void every_kind_of_content_is_read() {
    List<ClientEvent> events =
        sent(
            "{'type':'user.message','content':[{'type':'text','text':'hi'},"
                + "{'type':'image','source':{'type':'base64','media_type':'image/png',"
                + "'data':'aGk='}},"
                + "{'type':'image','source':{'type':'url','url':'https://example.com/a.png'}},"
                + "{'type':'document','title':'t','source':{'type':'text',"
                + "'media_type':'text/plain','data':'d'}}]}");

    SessionEvent.UserMessage message =
        assertInstanceOf(SessionEvent.UserMessage.class, events.getFirst());
    assertEquals(4, message.content().size());
    assertNull(message.processedAt());
  }

  @Test
  void a_result_of_a_tool_is_processed_on_receipt_under_an_id_that_never_changes() {
    String result = "{'type':'user.custom_tool_result','custom_tool_use_id':'sevt_a'}";

    ClientEvent first = sent(result).getFirst();
    ClientEvent again = sent(result).getFirst();

    assertEquals(T0, first.processedAt());
    assertEquals(first.id(), again.id());
  }

  @Test
  void the_answers_to_one_call_of_different_kinds_are_different_events() {
    ClientEvent confirmation =
        sent("{'type':'user.tool_confirmation','tool_use_id':'a','result':'allow'}").getFirst();
    ClientEvent result = sent("{'type':'user.tool_result','tool_use_id':'a'}").getFirst();

    assertTrue(!confirmation.id().equals(result.id()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{} | `events[0].type` is missing",
        "{'type':'nope'} | `events[0].type` is \"nope\"",
        "{'type':5} | `events[0].type` is 5",
        "{'type':'user.message'} | `events[0].content` is missing",
        "{'type':'user.message','content':'hi'} | `events[0].content` is \"hi\"",
        "{'type':'user.message','content':[]} | `events[0].content` has 0 entries",
        "{'type':'user.message','content':[{'type':'text','text':''}]} | `events[0].content[0].text` has 0 characters",
        "{'type':'user.message','content':[{'type':'redacted'}]} | may not be sent by a client",
        "{'type':'user.message','content':[{'type':'search_result'}]} | in tool results only",
        "{'type':'user.message','content':[{'type':'image','source':{'type':'file','file_id':''}}]} | source.file_id` has 0 characters",
        "{'type':'user.message','content':[{'type':'document','source':{'type':'base64','media_type':'text/csv','data':'aGk='}}]} | must be \"application/pdf\"",
        "{'type':'user.message','content':[{'type':'image','source':{'type':'url','url':'x'}}]} | absolute http or https URL",
        "{'type':'user.message','content':[{'type':'image','source':{'type':'base64','media_type':'image/tiff','data':'aa=='}}]} | media_type` is \"image/tiff\"",
        "{'type':'user.message','content':[{'type':'image','source':{'type':'base64','media_type':'image/png','data':'a b'}}]} | not valid base64",
        "{'type':'user.tool_confirmation','tool_use_id':'a','result':'maybe'} | `events[0].result` is \"maybe\"",
        "{'type':'user.tool_confirmation','tool_use_id':'a','result':'allow','deny_message':'no'} | only with the result \"deny\"",
        "{'type':'user.tool_result','tool_use_id':''} | `events[0].tool_use_id` has 0 characters",
        "{'type':'user.tool_result','tool_use_id':'a','is_error':'no'} | must be true or false",
        "{'type':'system.message','content':[{'type':'image'}]} | `events[0].content[0].type` is \"image\"",
        "{'type':'user.define_outcome'} | not supported by this server yet"
      })
  void a_broken_event_is_refused_with_its_place(String event, String expected) {
    ApiException refused = assertThrows(ApiException.class, () -> sent(event));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains(expected), refused.error().message());
  }

  @Test
  void an_image_has_at_most_5_megabytes_and_a_pdf_32() {
    String image =
        "{'type':'user.message','content':[{'type':'image','source':{'type':'base64',"
            + "'media_type':'image/png','data':'%s'}}]}";
    String limit = "AAAA".repeat(5 * 1024 * 1024 / 3) + "AAA=";

    assertEquals(1, sent(image.formatted(limit)).size());
    ApiException refused =
        assertThrows(ApiException.class, () -> sent(image.formatted("AAAA" + limit)));
    assertTrue(refused.error().message().contains("may have 5,242,880"), refused.error().message());
    assertEquals(33_554_432, ContentParser.PDF_BYTES_MAX);
  }

  @Test
  void a_denial_may_say_why_in_10000_characters() {
    String event =
        "{'type':'user.tool_confirmation','tool_use_id':'a','result':'deny','deny_message':'%s'}";

    assertEquals(1, sent(event.formatted("n".repeat(10_000))).size());
    assertThrows(ApiException.class, () -> sent(event.formatted("n".repeat(10_001))));
  }

  @Test
  void a_request_holds_from_1_to_100_events_and_one_system_message() {
    String message = "{'type':'user.message','content':[{'type':'text','text':'a'}]}";
    String system = "{'type':'system.message','content':[{'type':'text','text':'a'}]}";

    assertEquals(100, sent(Collections.nCopies(100, message).toArray(new String[0])).size());
    assertThrows(ApiException.class, this::sent);
    assertThrows(
        ApiException.class, () -> sent(Collections.nCopies(101, message).toArray(new String[0])));
    assertThrows(ApiException.class, () -> sent(system, system));
  }

  @Test
  void a_session_may_begin_with_50_messages_and_nothing_else() {
    String message = "{'type':'user.message','content':[{'type':'text','text':'a'}]}";

    assertEquals(50, initial(Collections.nCopies(50, message).toArray(new String[0])).size());
    assertEquals(0, parser.initial(json("{'initial_events':null}")).size());
    assertThrows(
        ApiException.class, () -> initial(Collections.nCopies(51, message).toArray(new String[0])));
    assertThrows(ApiException.class, () -> initial("{'type':'user.interrupt'}"));
  }

  private List<ClientEvent> sent(String... events) {
    return parser.sent(json("{'events':[" + String.join(",", events) + "]}"), T0);
  }

  private List<SessionEvent> initial(String... events) {
    return parser.initial(json("{'initial_events':[" + String.join(",", events) + "]}"));
  }

  @Test
  void an_echo_says_null_while_it_is_queued() {
    String json = Json.tree((Object) sent("{'type':'user.interrupt'}").getFirst()).toString();

    assertEquals("{\"type\":\"user.interrupt\",\"id\":\"sevt_1\",\"processed_at\":null}", json);
  }
}
