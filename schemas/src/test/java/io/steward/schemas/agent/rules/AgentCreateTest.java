package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.CATALOG;
import static io.steward.schemas.agent.rules.Samples.NOW;
import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.http.ApiError;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AgentCreateTest {
  @Test
  void the_least_body_gets_every_default() {
    Agent agent = agent("");

    assertEquals(
        body(
            """
            {'id':'agent_self','type':'agent','name':'Coder','description':null,'system':null,
             'model':{'id':'m','effort':{'type':'high'},'speed':'standard'},'tools':[],
             'mcp_servers':[],'skills':[],'multiagent':null,
             'execution_identity':{'type':'service_account'},'metadata':{},'version':1,
             'created_at':'2026-11-20T10:00:00Z','updated_at':'2026-11-20T10:00:00Z',
             'archived_at':null}
            """),
        tree(agent));
  }

  static Stream<Arguments> accepted() {
    return Stream.of(
        Arguments.of("'description':''", "description", "null"),
        Arguments.of("'system':'Be brief.'", "system", "'Be brief.'"),
        Arguments.of("'unknown':1", "metadata", "{}"),
        Arguments.of("'tools':null,'mcp_servers':null,'skills':null", "tools", "[]"),
        Arguments.of("'metadata':null", "metadata", "{}"),
        Arguments.of("'metadata':{'k':''}", "metadata", "{'k':''}"),
        Arguments.of(
            "'model':{'id':'m','effort':'max','inference_geo':'us','speed':'fast'}",
            "model",
            "{'id':'m','effort':{'type':'max'},'inference_geo':'us','speed':'fast'}"),
        Arguments.of(
            "'model':{'type':'model_config','id':'m','effort':{'type':'low'},'speed':null}",
            "model",
            "{'id':'m','effort':{'type':'low'},'speed':'standard'}"),
        Arguments.of(
            "'skills':[{'type':'anthropic','skill_id':'xlsx'}]",
            "skills",
            "[{'type':'anthropic','skill_id':'xlsx','version':'latest'}]"),
        Arguments.of(
            "'skills':[{'type':'custom','skill_id':'skill_1','version':'7'}]",
            "skills",
            "[{'type':'custom','skill_id':'skill_1','version':'7'}]"),
        Arguments.of(
            "'execution_identity':null", "execution_identity", "{'type':'service_account'}"),
        Arguments.of(
            "'execution_identity':{'type':'service_account'}",
            "execution_identity",
            "{'type':'service_account'}"));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_field_is_resolved(String fields, String field, String expected) {
    assertEquals(body("{'v':" + expected + "}").get("v"), tree(agent(fields)).get(field));
  }

  private static String text(int chars) {
    return "'" + "x".repeat(chars) + "'";
  }

  private static String pairs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "'k" + i + "':'v'")
        .collect(Collectors.joining(",", "{", "}"));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{'model':'m'}", "`name` is missing"),
        Arguments.of("{'name':null,'model':'m'}", "`name` is null"),
        Arguments.of("{'name':'','model':'m'}", "`name` has 0 characters"),
        Arguments.of("{'name':" + text(257) + ",'model':'m'}", "`name` has 257 characters"),
        Arguments.of("{'name':5,'model':'m'}", "`name` is 5, but must be a string"),
        Arguments.of("{'name':true,'model':'m'}", "`name` is true"),
        Arguments.of("{'name':'a'}", "`model` is missing"),
        Arguments.of("{'name':'a','model':null}", "`model` is null"),
        Arguments.of("{'name':'a','model':''}", "`model` has 0 characters"),
        Arguments.of("{'name':'a','model':[]}", "`model` is an array"),
        Arguments.of("{'name':'a','model':{}}", "`model.id` is missing"),
        Arguments.of(
            "{'name':'a','model':{'id':'m','effort':'huge'}}", "`model.effort` is \"huge\""),
        Arguments.of(
            "{'name':'a','model':{'id':'m','effort':{'type':1}}}", "`model.effort.type` is 1"),
        Arguments.of("{'name':'a','model':{'id':'m','speed':'slow'}}", "`model.speed` is \"slow\""),
        Arguments.of(
            "{'name':'a','model':{'id':'m','inference_geo':'mars'}}", "`model.inference_geo`"),
        Arguments.of(
            "{'name':'a','model':'m','description':" + text(2049) + "}", "`description` has 2,049"),
        Arguments.of(
            "{'name':'a','model':'m','system':" + text(100_001) + "}", "`system` has 100,001"),
        Arguments.of("{'name':'a','model':'m','system':{}}", "`system` is an object"),
        Arguments.of("{'name':'a','model':'m','tools':{}}", "`tools` is an object"),
        Arguments.of("{'name':'a','model':'m','tools':[1]}", "`tools.0` is 1"),
        Arguments.of("{'name':'a','model':'m','metadata':[]}", "`metadata` is an array"),
        Arguments.of(
            "{'name':'a','model':'m','skills':[{'type':'x','skill_id':'y'}]}", "`skills.0.type`"),
        Arguments.of(
            "{'name':'a','model':'m','skills':[{'type':'custom'}]}", "`skills.0.skill_id`"),
        Arguments.of(
            "{'name':'a','model':'m','skills':[{'type':'custom','skill_id':'s'},"
                + "{'type':'custom','skill_id':'s'}]}",
            "must be unique in `skills`"),
        Arguments.of(
            "{'name':'a','model':'m','execution_identity':{'type':'aws_role','role_arn':'arn:x'}}",
            "does not run on AWS"),
        Arguments.of(
            "{'name':'a','model':'m','execution_identity':{'type':'aws_role'}}",
            "`execution_identity.role_arn` is missing"),
        Arguments.of(
            "{'name':'a','model':'m','execution_identity':{}}",
            "`execution_identity.type` is missing"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_broken_rule_is_named_with_field_and_value(String json, String sentence) {
    ApiError error =
        refusal(() -> AgentRules.create(body(json), "agent_1", NOW, AgentLookup.NONE, CATALOG));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  static Stream<Arguments> metadataRefused() {
    return Stream.of(
        Arguments.of(pairs(17), "17 pairs"),
        Arguments.of("{'" + "k".repeat(65) + "':'v'}", "65 characters"),
        Arguments.of("{'':'v'}", "0 characters"),
        Arguments.of("{'k':" + text(513) + "}", "513 characters"),
        Arguments.of("{'k':null}", "`metadata.k` is null"),
        Arguments.of("{'k':1}", "`metadata.k` is 1"));
  }

  @ParameterizedTest
  @MethodSource("metadataRefused")
  void metadata_beyond_its_limits_has_a_code(String metadata, String sentence) {
    ApiError error = refusal(() -> agent("'metadata':" + metadata));

    assertEquals("invalid_metadata", error.code());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void metadata_at_its_limits_is_fine() {
    Agent agent = agent("'metadata':" + pairs(16));

    assertEquals(16, agent.metadata().size());
  }

  @Test
  void characters_are_counted_as_people_count_them() {
    Agent agent = agent("'description':'" + "😀".repeat(2_048) + "'");

    assertEquals(4_096, Objects.requireNonNull(agent.description()).length());
  }

  @Test
  void five_hundred_skills_are_the_most() {
    String skills =
        IntStream.range(0, 501)
            .mapToObj(i -> "{'type':'custom','skill_id':'s" + i + "'}")
            .collect(Collectors.joining(",", "[", "]"));

    ApiError error = refusal(() -> agent("'skills':" + skills));

    assertTrue(error.message().contains("501 entries"), error.message());
    assertNull(error.code());
  }
}
