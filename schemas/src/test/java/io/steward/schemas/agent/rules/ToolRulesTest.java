package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.AgentTool.AgentToolset;
import io.steward.schemas.agent.AgentTool.McpToolset;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.http.ApiError;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolRulesTest {
  private static final String ALLOW = "'permission_policy':{'type':'always_allow'}";
  private static final String ASK = "'permission_policy':{'type':'always_ask'}";

  private static String toolset(String configs) {
    return "{'type':'agent_toolset_20260401','configs':[" + configs + "]}";
  }

  private static String custom(String name, String schema) {
    return "{'type':'custom','name':'"
        + name
        + "','description':'d','input_schema':"
        + schema
        + "}";
  }

  private static String resolved(String defaults, String configs) {
    return "{'type':'agent_toolset_20260401','default_config':"
        + defaults
        + ",'configs':["
        + configs
        + "]}";
  }

  static Stream<Arguments> accepted() {
    String on = "{'enabled':true," + ALLOW + "}";
    return Stream.of(
        Arguments.of("{'type':'agent_toolset_20260401'}", resolved(on, "")),
        Arguments.of(
            "{'type':'agent_toolset_20260401','default_config':null,'configs':null}",
            resolved(on, "")),
        Arguments.of(
            "{'type':'agent_toolset_20260401','default_config':{'enabled':false,"
                + ASK
                + "},"
                + "'configs':[{'name':'bash','enabled':true},{'name':'read','type':'read'}]}",
            resolved(
                "{'enabled':false," + ASK + "}",
                "{'type':'bash','name':'bash','enabled':true,"
                    + ASK
                    + "},"
                    + "{'type':'read','name':'read','enabled':false,"
                    + ASK
                    + "}")),
        Arguments.of(
            toolset(
                "{'name':'web_search','allowed_domains':['Docs.Example.com/A/b/','x_y.co.uk']}"),
            resolved(
                on,
                "{'type':'web_search','name':'web_search','enabled':true,"
                    + ALLOW
                    + ",'allowed_domains':['docs.example.com/A/b','x_y.co.uk']}")),
        Arguments.of(
            toolset(
                "{'name':'web_search','user_location':{'type':'approximate','city':'Bonn',"
                    + "'country':'DE','timezone':'Europe/Berlin','region':null}}"),
            resolved(
                on,
                "{'type':'web_search','name':'web_search','enabled':true,"
                    + ALLOW
                    + ",'user_location':{'type':'approximate','city':'Bonn','country':'DE',"
                    + "'timezone':'Europe/Berlin'}}")),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','max_content_tokens':7,'permission_policy':{'type':'auto'}}"),
            resolved(
                on,
                "{'type':'web_fetch','name':'web_fetch','enabled':true,"
                    + "'permission_policy':{'type':'auto'},'max_content_tokens':7,"
                    + "'url_sources':null}")),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','url_sources':{'client_tool_results':{'type':'only',"
                    + "'tools':[{'type':'tool_reference','name':'later'}]},'user_input':'all',"
                    + "'server_tool_results':{'type':'except',"
                    + "'tools':[{'type':'tool_reference','name':'web_search'}]}}}"),
            resolved(
                on,
                "{'type':'web_fetch','name':'web_fetch','enabled':true,"
                    + ALLOW
                    + ",'url_sources':{'client_tool_results':{'type':'only',"
                    + "'tools':[{'type':'tool_reference','name':'later'}]},"
                    + "'server_tool_results':{'type':'except',"
                    + "'tools':[{'type':'tool_reference','name':'web_search'}]},"
                    + "'user_input':{'type':'all'}}}")));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_toolset_is_resolved(String tool, String expected) {
    String tools = "'tools':[" + tool + "," + custom("later", "{'type':'object'}") + "]";

    assertEquals(body(expected), tree(agent(tools)).get("tools").get(0));
  }

  @Test
  void an_mcp_toolset_asks_unless_told_otherwise() {
    String fields =
        "'tools':[{'type':'mcp_toolset','mcp_server_name':'w','configs':[{'name':'find',"
            + "'permission_policy':{'type':'always_allow'}},{'name':'drop','enabled':false}]}],"
            + "'mcp_servers':[{'type':'url','name':'w','url':'https://w.example.com/mcp'}]";

    McpToolset toolset = (McpToolset) agent(fields).tools().getFirst();

    assertEquals(new PermissionPolicy.AlwaysAsk(), toolset.policy("other"));
    assertEquals(new PermissionPolicy.AlwaysAllow(), toolset.policy("find"));
    assertTrue(toolset.enabled("other"));
    assertFalse(toolset.enabled("drop"));
  }

  @Test
  void a_toolset_knows_what_is_enabled_and_what_asks() {
    String fields =
        "'tools':[{'type':'agent_toolset_20260401','default_config':{'enabled':false},"
            + "'configs':[{'name':'bash','enabled':true,"
            + ASK
            + "}]}]";

    AgentToolset toolset = (AgentToolset) agent(fields).tools().getFirst();

    assertTrue(toolset.enabled("bash"));
    assertFalse(toolset.enabled("read"));
    assertEquals(new PermissionPolicy.AlwaysAsk(), toolset.policy("bash"));
    assertEquals(new PermissionPolicy.AlwaysAllow(), toolset.policy("read"));
  }

  @Test
  void a_custom_tool_keeps_its_schema_as_it_was_sent() {
    String schema =
        "{'type':'object','properties':{'a.b-c_1':{'type':'string','anyOf':[]}},"
            + "'required':['zzz'],'x-extra':{'k':[1.50,null]}}";

    assertEquals(
        body(schema),
        tree(agent("'tools':[" + custom("ask-Me_1", schema) + "]"))
            .get("tools")
            .get(0)
            .get("input_schema"));
  }

  static Stream<Arguments> refused() {
    String object = "{'type':'object'}";
    return Stream.of(
        Arguments.of("{'type':'bash_20250124'}", "`tools.0.type` is \"bash_20250124\""),
        Arguments.of("{}", "`tools.0.type` is missing"),
        Arguments.of(toolset("{'name':'rm'}"), "`tools.0.configs.0.name` is \"rm\""),
        Arguments.of(
            toolset("{'name':'bash','type':'read'}"), "`tools.0.configs.0.type` is \"read\""),
        Arguments.of(toolset("{'name':'bash'},{'name':'bash'}"), "`configs` twice"),
        Arguments.of(
            toolset("{'name':'bash','enabled':'yes'}"), "`tools.0.configs.0.enabled` is \"yes\""),
        Arguments.of(
            toolset("{'name':'bash','permission_policy':{'type':'never'}}"),
            "`tools.0.configs.0.permission_policy.type` is \"never\""),
        Arguments.of(
            toolset("{'name':'bash','permission_policy':'always_ask'}"),
            "`tools.0.configs.0.permission_policy` is \"always_ask\""),
        Arguments.of(toolset("") + "," + toolset(""), "must not be in `tools` twice"),
        Arguments.of(
            toolset("{'name':'web_fetch','max_content_tokens':0}"), "max_content_tokens` is 0"),
        Arguments.of(
            toolset("{'name':'web_fetch','max_content_tokens':1.5}"), "max_content_tokens` is 1.5"),
        Arguments.of(
            toolset("{'name':'web_fetch','allowed_domains':['a.com'],'blocked_domains':['b.com']}"),
            "must not be sent together"),
        Arguments.of(toolset("{'name':'web_fetch','allowed_domains':[]}"), "1 to 64 entries"),
        Arguments.of(
            toolset("{'name':'web_fetch','allowed_domains':['a.com/x']}"), "must not have a path"),
        Arguments.of(
            toolset("{'name':'web_search','allowed_domains':['a.com/x y']}"), "without spaces"),
        Arguments.of(
            toolset("{'name':'web_search','user_location':{'city':'Bonn'}}"),
            "user_location.type` is missing"),
        Arguments.of(
            toolset("{'name':'web_search','user_location':{'type':'approximate','country':'de'}}"),
            "user_location.country` is \"de\""),
        Arguments.of(
            toolset(
                "{'name':'web_search','user_location':{'type':'approximate','timezone':'Bonn'}}"),
            "user_location.timezone` is \"Bonn\""),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','url_sources':{'client_tool_results':'none',"
                    + "'server_tool_results':{'type':'none'},'user_input':'none'}}"),
            "at least one source"),
        Arguments.of(
            toolset("{'name':'web_fetch','url_sources':{'user_input':{'type':'only','tools':[]}}}"),
            "user_input.type` is \"only\""),
        Arguments.of(
            toolset("{'name':'web_fetch','url_sources':{'user_input':'some'}}"),
            "user_input` is \"some\""),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','url_sources':{'client_tool_results':"
                    + "{'type':'only','tools':[]}}}"),
            "must name 1 to 128 tools"),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','url_sources':{'client_tool_results':{'type':'only',"
                    + "'tools':[{'type':'tool_reference','name':'bash'}]}}}"),
            "must be the name of a custom tool"),
        Arguments.of(
            toolset(
                "{'name':'web_fetch','url_sources':{'server_tool_results':{'type':'only',"
                    + "'tools':[{'type':'tool_reference','name':'bash'}]}}}"),
            "must be the name of web_search or web_fetch"),
        Arguments.of("{'type':'mcp_toolset','mcp_server_name':'gone'}", "no such server"),
        Arguments.of("{'type':'mcp_toolset'}", "`tools.0.mcp_server_name` is missing"),
        Arguments.of(custom("a b", object), "`tools.0.name` is \"a b\""),
        Arguments.of(custom("x".repeat(129), object), "`tools.0.name`"),
        Arguments.of(custom("bash", object), "built-in"),
        Arguments.of(custom("mcp__x", object), "mcp__"),
        Arguments.of(
            custom("a", object) + "," + custom("a", object), "must not be in `tools` twice"),
        Arguments.of(
            "{'type':'custom','name':'a','description':'','input_schema':{'type':'object'}}",
            "`tools.0.description` has 0 characters"),
        Arguments.of(
            "{'type':'custom','name':'a','description':'d'}", "`tools.0.input_schema` is missing"),
        Arguments.of(custom("a", "{}"), "`tools.0.input_schema.type` is missing"),
        Arguments.of(custom("a", "{'type':'string'}"), "`tools.0.input_schema.type` is \"string\""),
        Arguments.of(custom("a", "{'type':'object','oneOf':[]}"), "`tools.0.input_schema.oneOf`"),
        Arguments.of(custom("a", "{'type':'object','allOf':null}"), "`tools.0.input_schema.allOf`"),
        Arguments.of(
            custom("a", "{'type':'object','properties':{'a b':{}}}"), "its name must be 1 to 64"),
        Arguments.of(
            custom("a", "{'type':'object','properties':{'a':5}}"), "must be a JSON Schema"),
        Arguments.of(custom("a", "{'type':'object','properties':[]}"), "input_schema.properties`"),
        Arguments.of(custom("a", "{'type':'object','required':[1]}"), "input_schema.required.0`"),
        Arguments.of(
            custom("a", "{'type':'object','properties':{'a':{'items':[{'$ref':'#'}]}}}"),
            "references are not allowed"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_broken_rule_is_named_with_field_and_value(String tools, String sentence) {
    ApiError error = refusal(() -> agent("'tools':[" + tools + "]"));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void two_hundred_and_fifty_six_tools_are_the_most() {
    String tools =
        IntStream.range(0, 257)
            .mapToObj(i -> custom("t" + i, "{'type':'object'}"))
            .collect(Collectors.joining(",", "[", "]"));

    ApiError error = refusal(() -> agent("'tools':" + tools));

    assertTrue(error.message().contains("257 entries"), error.message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.com",
        "A.COM",
        "a.com/",
        "www.a.com",
        "a-b.c_d.example.org",
        "x.co.uk",
        "xn--bcher-kva.de"
      })
  void a_registrable_domain_is_allowed(String domain) {
    String tools = toolset("{'name':'web_fetch','blocked_domains':['" + domain + "']}");

    assertEquals(1, agent("'tools':[" + tools + "]").tools().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com",
        "co.uk",
        "localhost",
        "a.localhost",
        "a.local",
        "a.internal",
        "a.invalid",
        "https://a.com",
        "a.com:80",
        "u@a.com",
        "*.a.com",
        "a..com",
        ".a.com",
        "a.com.",
        "-a.com",
        "a-.com",
        "a b.com",
        "bücher.de",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "1.2.3",
        "/a.com"
      })
  void what_is_no_registrable_domain_is_refused(String domain) {
    String tools = toolset("{'name':'web_fetch','blocked_domains':['" + domain + "']}");

    ApiError error = refusal(() -> agent("'tools':[" + tools + "]"));

    assertTrue(
        error.message().startsWith("`tools.0.configs.0.blocked_domains.0` is"), error.message());
  }

  @Test
  void a_domain_may_not_be_listed_twice_in_another_spelling() {
    String tools = toolset("{'name':'web_fetch','blocked_domains':['a.com','A.com/']}");

    ApiError error = refusal(() -> agent("'tools':[" + tools + "]"));

    assertTrue(error.message().contains("twice"), error.message());
  }

  static Stream<Arguments> serversRefused() {
    String toolset = "'tools':[{'type':'mcp_toolset','mcp_server_name':'w'}],";
    return Stream.of(
        Arguments.of(
            "'mcp_servers':[{'type':'url','name':'w','url':'https://w'}]", "no mcp_toolset"),
        Arguments.of(
            toolset + "'mcp_servers':[{'type':'stdio','name':'w'}]", "`mcp_servers.0.type`"),
        Arguments.of(
            toolset + "'mcp_servers':[{'type':'url','url':'https://w'}]", "`mcp_servers.0.name`"),
        Arguments.of(
            toolset + "'mcp_servers':[{'type':'url','name':'w'}]",
            "`mcp_servers.0.url` is missing"),
        Arguments.of(
            toolset + "'mcp_servers':[{'type':'url','name':'w','url':'ftp://w'}]", "http or https"),
        Arguments.of(
            toolset + "'mcp_servers':[{'type':'url','name':'w','url':'https://'}]",
            "http or https"),
        Arguments.of(
            toolset
                + "'mcp_servers':[{'type':'url','name':'w','url':'https://w'},"
                + "{'type':'url','name':'w','url':'https://v'}]",
            "must be unique"));
  }

  @ParameterizedTest
  @MethodSource("serversRefused")
  void a_server_and_its_toolset_must_name_each_other(String fields, String sentence) {
    ApiError error = refusal(() -> agent(fields));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void twenty_servers_are_the_most() {
    String servers =
        IntStream.range(0, 21)
            .mapToObj(i -> "{'type':'url','name':'s" + i + "','url':'https://s'}")
            .collect(Collectors.joining(",", "[", "]"));

    ApiError error = refusal(() -> agent("'mcp_servers':" + servers));

    assertTrue(error.message().contains("21 entries"), error.message());
  }
}
