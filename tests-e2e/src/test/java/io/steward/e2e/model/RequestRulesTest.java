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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The strictness of the scripted model: each row is a request the real API refuses.
class RequestRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GOOD =
      """
      {"model":"m","max_tokens":10,"stream":true,
       "system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],
       "tools":[{"name":"bash","description":"d","input_schema":{"type":"object",
         "properties":{"command":{"type":"string"}},"required":["command"]}}],
       "messages":[{"role":"user","content":"go"},
         {"role":"assistant","content":[
           {"type":"thinking","thinking":"hm","signature":"s"},
           {"type":"tool_use","id":"t1","name":"bash","input":{"command":"ls"}},
           {"type":"tool_use","id":"t2","name":"bash","input":{"command":"pwd"}}]},
         {"role":"user","content":[
           {"type":"tool_result","tool_use_id":"t1","content":"a"},
           {"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"b"}]},
           {"type":"text","text":"and?"}]}]}
      """;

  private final RequestRules rules = new RequestRules("key");
  private final Script script = script();

  private static Script script() {
    Script script = Script.of();
    script.sentThinking(new Block.Thinking("hm", "s"));
    script.sentThinking(new Block.Thinking("ha", "z"));
    List<String> thoughts = List.of("s");
    script.sentToolUse("t1", tree("{'name':'bash','input':{'command':'ls'}}"), thoughts);
    script.sentToolUse("t2", tree("{'name':'bash','input':{'command':'pwd'}}"), thoughts);
    script.sentPaused(tree("[{'type':'text','text':'so far'}]"));
    return script;
  }

  @Test
  void a_good_request_passes() {
    assertDoesNotThrow(() -> rules.check(tree(GOOD), script));
  }

  @ParameterizedTest(name = "{2}: {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /model | | model
          /max_tokens | | max_tokens
          /max_tokens | 0 | max_tokens
          /messages | [] | at least one message
          /frequency_penalty | 1 | Extra inputs
          /system | [{'type':'text','text':' '}] | non-empty
          /output_config | {'effort':'huge'} | effort
          /thinking | {'type':'enabled','budget_tokens':2000} | budget_tokens
          /messages/0/role | 'assistant' | first message must use the user role
          /messages/0/role | 'tool' | unknown role
          /messages/0/content | '' | non-empty content
          /messages/0/content | [] | non-empty content
          /messages/0/content | [{'type':'text','text':' '}] | non-whitespace
          /messages/0/content | [{'type':'sound'}] | unknown block type
          /messages/0/content | [{'type':'text','text':'a','x':1}] | not permitted
          /messages/0/name | 'x' | Extra inputs
          /messages/1/content/0/signature | 'forged' | Invalid `signature`
          /messages/1/content/0/thinking | 'hmm' | cannot be modified
          /messages/1/content/0 | {'type':'thinking','thinking':'ha','signature':'z'} | Expected `thinking`
          /messages/1/content/0 | {'type':'text','text':'hm'} | Expected `thinking`
          /messages/1/content/0/cache_control | {'type':'ephemeral'} | not permitted
          /messages/1/content/2/id | 't1' | unique
          /messages/1/content/1/id | 'a b' | tool_use.id
          /messages/1/content/1/input | {'command':'rm'} | altered
          /messages/1/content/1/input | 'ls' | dictionary
          /messages/2/content/0/tool_use_id | 't9' | unexpected
          /messages/2/content/1/tool_use_id | 't1' | single result
          /messages/2/content/0 | {'type':'text','text':'x'} | come first
          /messages/2/content | 'x' | without `tool_result`
          /messages/2/content/0/is_error | true | passes
          /messages/2/content/0/content | '' | passes
          /messages/2/content/1/content | [{'type':'text','text':''}] | non-whitespace
          /messages/2/content/1/content | [{'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}}] | passes
          /messages/2/content/1/content | [{'type':'image','source':{'type':'file','file_id':'file_1'}}] | image.source
          /messages/2/content/1/content | [{'type':'image','source':{'type':'base64','media_type':'image/tiff','data':'AAAA'}}] | media_type
          /messages/2/content/1/content | [{'type':'image','source':{'type':'base64','media_type':'image/png','data':'%'}}] | base64
          /messages/2/content/1/content | [{'type':'image','source':{'type':'url','url':'https://x.com/a.png'}}] | passes
          /messages/2/content/1/content | [{'type':'document','source':{'type':'text','media_type':'text/plain','data':'x'}}] | passes
          /messages/2/content/1/content | [{'type':'document','source':{'type':'text','media_type':'text/plain','data':''}}] | is empty
          /messages/2/content/1/content | [{'type':'document','source':{'type':'base64','media_type':'text/html','data':'AAAA'}}] | media_type
          /messages/2/content/1/content | [{'type':'search_result','source':'https://x.com','title':'t','content':[{'type':'text','text':'x'}],'citations':{'enabled':false}}] | passes
          /messages/2/content/1/content | [{'type':'search_result','source':'https://x.com','content':[]}] | title
          /messages/2/role | 'assistant' | prefill
          /messages/3 | {'role':'user','content':'x'} | alternate
          /messages/3 | {'role':'assistant','content':'x'} | prefill
          /messages/3 | {'role':'assistant','content':'so far'} | passes
          /tool_choice | {'type':'none'} | passes
          /tool_choice | {'type':'never'} | tool_choice
          /tool_choice | {'type':'tool','name':'fly'} | no tool named
          /tool_choice | {'type':'none','disable_parallel_tool_use':true} | Extra inputs
          /tools | | must define tools
          /tools/0/name | 'my tool' | invalid name
          /tools/0/input_schema | | Field required
          /tools/0/input_schema/type | 'string' | should be 'object'
          /tools/0/input_schema/anyOf | [] | top level
          /tools/0/input_schema/properties | {'a b':{}} | invalid property
          /tools/0/cache_control | {'type':'for ever'} | cache_control
          """)
  void a_wrong_request_is_refused(String pointer, String value, String message) {
    JsonNode request = changed(pointer, value);

    if (message.equals("passes")) {
      assertDoesNotThrow(() -> rules.check(request, script));
      return;
    }
    RefusedRequestException refused =
        assertThrows(RefusedRequestException.class, () -> rules.check(request, script));

    assertTrue(String.valueOf(refused.getMessage()).contains(message), refused.getMessage());
    assertEquals(400, refused.reply().status());
  }

  @Test
  void an_error_result_without_content_is_refused() {
    ObjectNode request = (ObjectNode) changed("/messages/2/content/0/is_error", "true");
    ((ObjectNode) request.at("/messages/2/content/0")).remove("content");

    assertThrows(RefusedRequestException.class, () -> rules.check(request, script));
  }

  @Test
  void a_fifth_cache_mark_is_refused() {
    ObjectNode request = (ObjectNode) tree(GOOD);
    for (String pointer :
        new String[] {"/tools/0", "/messages/1/content/1", "/messages/2/content/0"}) {
      ((ObjectNode) request.at(pointer)).putObject("cache_control").put("type", "ephemeral");
    }
    assertDoesNotThrow(() -> rules.check(request, script));

    ((ObjectNode) request.at("/messages/2/content/2"))
        .putObject("cache_control")
        .put("type", "ephemeral");

    assertThrows(RefusedRequestException.class, () -> rules.check(request, script));
  }

  @Test
  void a_reply_that_went_on_follows_the_one_that_paused() {
    ObjectNode request = (ObjectNode) changed("/messages/3", said("so far"));
    ((ArrayNode) request.path("messages")).add(tree(said("and on"))).add(tree(asked("more")));

    assertDoesNotThrow(() -> rules.check(request, script));
    ((ObjectNode) request.at("/messages/3")).put("content", "other");
    assertThrows(RefusedRequestException.class, () -> rules.check(request, script));
  }

  @Test
  void thinking_of_turns_that_are_over_may_be_left_out() {
    ObjectNode request = (ObjectNode) changed("/messages/3", said("so far"));
    ((ArrayNode) request.path("messages")).add(tree(asked("more")));
    ((ArrayNode) request.at("/messages/1/content")).remove(0);

    assertDoesNotThrow(() -> rules.check(request, script));
  }

  private static String said(String text) {
    return "{'role':'assistant','content':[{'type':'text','text':'" + text + "'}]}";
  }

  private static String asked(String text) {
    return "{'role':'user','content':'" + text + "'}";
  }

  @ParameterizedTest
  @CsvSource({"anthropic-version,,401", "x-api-key,key,400", "x-api-key,other,401"})
  void the_key_and_the_version_header_are_demanded(String name, String value, int status) {
    Map<String, String> headers = Map.of(name, value == null ? "" : value);

    RefusedRequestException refused =
        assertThrows(RefusedRequestException.class, () -> rules.checkHeaders(headers));

    assertEquals(status, refused.reply().status());
  }

  private static JsonNode changed(String pointer, @org.jspecify.annotations.Nullable String value) {
    JsonNode request = tree(GOOD);
    int cut = pointer.lastIndexOf('/');
    JsonNode parent = request.at(pointer.substring(0, cut));
    String name = pointer.substring(cut + 1);
    if (parent instanceof ObjectNode object) {
      if (value == null) {
        object.remove(name);
      } else {
        object.set(name, tree(value));
      }
    } else {
      ArrayNode array = (ArrayNode) parent;
      int index = Integer.parseInt(name);
      if (index == array.size()) {
        array.addNull();
      }
      array.set(index, tree(String.valueOf(value)));
    }
    return request;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
