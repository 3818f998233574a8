package io.steward.e2e.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The strictness of the scripted model as a chat completion: each row is a request it refuses.
class ChatRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GOOD =
      """
      {"model":"m","max_completion_tokens":10,"stream":true,"stream_options":{"include_usage":true},
       "tools":[{"type":"function","function":{"name":"bash","description":"d",
         "parameters":{"type":"object","properties":{"command":{"type":"string"}}}}}],
       "messages":[{"role":"system","content":"be brief"},{"role":"user","content":"go"},
         {"role":"assistant","content":"on it","tool_calls":[
           {"id":"c1","type":"function","function":{"name":"bash","arguments":"{'command':'ls'}"}},
           {"id":"c2","type":"function","function":{"name":"bash","arguments":"{'command':'w'}"}}]},
         {"role":"tool","tool_call_id":"c1","content":"a"},
         {"role":"tool","tool_call_id":"c2","content":"b"},
         {"role":"user","content":[{"type":"text","text":"and?"}]}]}
      """
          .replace("'", "\\\"");

  private final Script script = script();

  private static Script script() {
    Script script = Script.of();
    script.sentToolUse("c1", tree("{'name':'bash','input':{'command':'ls'}}"), List.of());
    script.sentToolUse("c2", tree("{'name':'bash','input':{'command':'w'}}"), List.of());
    return script;
  }

  @Test
  void a_good_request_passes_and_reads_like_one_of_the_messages_api() {
    JsonNode good = tree(GOOD);

    assertDoesNotThrow(() -> ChatRules.check(good, script));
    JsonNode messages = ChatTranslation.asMessages(good).path("messages");
    assertEquals(3, messages.size(), messages.toString());
    assertEquals("ls", messages.at("/1/content/1/input/command").asText());
    assertEquals("c2", messages.at("/2/content/1/tool_use_id").asText());
    assertEquals("and?", messages.at("/2/content/2/text").asText());
  }

  @ParameterizedTest(name = "{2}: {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /system | 'x' | unknown field
          /stream | false | only streams
          /stream_options | {} | include_usage
          /max_tokens | 10 | exclude each other
          /tools | [] | too short
          /tools/0/cache_control | {'type':'ephemeral'} | unknown field
          /tools/0/function/input_schema | {} | unknown field
          /tools/0/function/name | 'my tool' | name
          /tool_choice | 'never' | tool_choice
          /messages/0/cache_control | {'type':'ephemeral'} | unknown field
          /messages/1/role | 'human' | unknown role
          /messages/1/role | 'system' | passes
          /messages/1/content | [] | too short
          /messages/1/content | [{'type':'image','source':{}}] | no part
          /messages/1/content | [{'type':'text','text':'x','cache_control':{}}] | unknown field
          /messages/2/content | null | passes
          /messages/2/tool_calls | [] | too short
          /messages/2/tool_calls/1/id | 'c1' | unique
          /messages/2/tool_calls/1/function/arguments | `{}` | arguments
          /messages/2/tool_calls/1/function/arguments | '{}' | altered
          /messages/3/tool_call_id | 'c2' | preceding
          /messages/3/is_error | true | unknown field
          /messages/4 | {'role':'user','content':'x'} | followed by tool messages
          /messages/5 | {'role':'assistant','content':'x'} | the last one
          /messages/5 | {'role':'system','content':'x'} | late system
          """)
  void a_wrong_request_is_refused(String pointer, String value, String message) {
    JsonNode request = tree(GOOD);
    int cut = pointer.lastIndexOf('/');
    String name = pointer.substring(cut + 1);
    switch (request.at(pointer.substring(0, cut))) {
      case ObjectNode object -> object.set(name, tree(value));
      case ArrayNode array -> array.set(Integer.parseInt(name), tree(value));
      default -> throw new IllegalArgumentException(pointer);
    }

    if (message.equals("passes")) {
      assertDoesNotThrow(() -> ChatRules.check(request, script));
      return;
    }
    RefusedRequestException refused =
        assertThrows(RefusedRequestException.class, () -> ChatRules.check(request, script));

    assertTrue(String.valueOf(refused.getMessage()).contains(message), refused.getMessage());
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
