package io.steward.devbox.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DemoReplyTest {
  private static final String BASH = "\"tools\":[{\"name\":\"bash\"},{\"name\":\"read\"}],";

  private static DemoReply reply(String tools, String messages) {
    String request = "{\"model\":\"demo\"," + tools + "\"messages\":[" + messages + "]}";
    return DemoReply.to(Json.tree(request.getBytes(StandardCharsets.UTF_8)));
  }

  private static String user(String text) {
    return "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}";
  }

  private static String call(String id) {
    return "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\""
        + id
        + "\",\"name\":\"bash\",\"input\":{}}]}";
  }

  private static String result(String id, String text, boolean error) {
    return "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\""
        + id
        + "\",\"is_error\":"
        + error
        + ",\"content\":[{\"type\":\"text\",\"text\":\""
        + text
        + "\"}]}]}";
  }

  private static String said(DemoReply reply) {
    return assertInstanceOf(DemoReply.Say.class, reply).text();
  }

  @Test
  void a_line_with_a_dollar_is_run() {
    assertEquals(
        new DemoReply.Run("uname -a", 0), reply(BASH, user("Look:\\n$ uname -a\\nthanks")));
  }

  @Test
  void the_next_line_is_run_when_the_one_before_has_its_result() {
    assertEquals(
        new DemoReply.Run("pwd", 1),
        reply(BASH, user("$ cd /tmp\\n$ pwd") + "," + call("t1") + "," + result("t1", "", false)));
  }

  @Test
  void the_results_are_said_in_order_at_the_end() {
    String text =
        said(
            reply(
                BASH,
                user("$ cd /tmp\\n$ pwd")
                    + ","
                    + call("t1")
                    + ","
                    + result("t1", "", false)
                    + ","
                    + call("t2")
                    + ","
                    + result("t2", "/tmp\\n", false)));
    assertEquals("[demo] I ran 2 commands.\n\n$ cd /tmp\n(no output)\n\n$ pwd\n/tmp", text);
  }

  @Test
  void a_failure_is_named() {
    String text =
        said(reply(BASH, user("$ false") + "," + call("t1") + "," + result("t1", "exit 1", true)));
    assertEquals("[demo] I ran 1 command; 1 failed.\n\n$ false\nexit 1\n(it failed)", text);
  }

  @Test
  void only_the_newest_message_counts() {
    assertEquals(
        new DemoReply.Run("b", 0),
        reply(
            BASH,
            user("$ a") + "," + call("t1") + "," + result("t1", "A", false) + "," + user("$ b")));
  }

  @Test
  void a_message_that_comes_with_results_is_the_newest() {
    String both =
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"x\"},"
            + "{\"type\":\"text\",\"text\":\"$ b\"}]}";
    assertEquals(
        new DemoReply.Run("b", 0), reply(BASH, user("$ a") + "," + call("t1") + "," + both));
  }

  @Test
  void content_may_be_a_plain_string() {
    assertEquals(
        new DemoReply.Run("id", 0), reply(BASH, "{\"role\":\"user\",\"content\":\"$ id\"}"));
  }

  @Test
  void without_a_dollar_it_explains_itself() {
    String text = said(reply(BASH, user("Hello, what can you do? It costs 5 $ a day")));
    assertTrue(text.startsWith("[demo] I am the built-in demo model"), text);
  }

  @Test
  void without_bash_it_says_so() {
    String text = said(reply("\"tools\":[{\"name\":\"read\"}],", user("$ id")));
    assertTrue(text.startsWith("[demo] This agent has no tool called bash"), text);
  }
}
