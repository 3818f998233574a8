package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.LATER;
import static io.steward.schemas.agent.rules.Samples.NOW;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Environment;
import io.steward.schemas.http.ApiError;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentRulesTest {
  private static final String NONE =
      "{'type':'packages','apt':[],'cargo':[],'gem':[],'go':[],'npm':[],'pip':[]}";
  private static final String JQ =
      "{'type':'packages','apt':['jq'],'cargo':[],'gem':[],'go':[],'npm':[],'pip':[]}";

  private static Environment create(String moreFields) {
    String comma = moreFields.isEmpty() ? "" : ",";
    return EnvironmentRules.create(body("{'name':'lab'" + comma + moreFields + "}"), "env_1", NOW);
  }

  private static Environment update(Environment environment, String patch) {
    return EnvironmentRules.update(environment, body(patch), LATER);
  }

  private static String cloud(String networking, String packages) {
    return "{'type':'cloud','networking':" + networking + ",'packages':" + packages + "}";
  }

  private static String limited(String hosts, boolean mcp, boolean packages) {
    return "{'type':'limited','allowed_hosts':["
        + hosts
        + "],'allow_mcp_servers':"
        + mcp
        + ",'allow_package_managers':"
        + packages
        + "}";
  }

  @Test
  void the_least_body_is_an_open_cloud() {
    assertEquals(
        body(
            "{'id':'env_1','type':'environment','name':'lab','description':null,'config':"
                + cloud("{'type':'unrestricted'}", NONE)
                + ",'metadata':{},'scope':'organization','created_at':'2026-11-20T10:00:00Z',"
                + "'updated_at':'2026-11-20T10:00:00Z','archived_at':null}"),
        tree(create("")));
  }

  static Stream<Arguments> accepted() {
    String open = cloud("{'type':'unrestricted'}", NONE);
    return Stream.of(
        Arguments.of("'config':null,'scope':null,'metadata':null", "config", open),
        Arguments.of("'config':{'type':'cloud','networking':null,'packages':null}", "config", open),
        Arguments.of("'config':{'type':'self_hosted'}", "config", "{'type':'self_hosted'}"),
        Arguments.of("'description':''", "description", "''"),
        Arguments.of("'scope':'organization'", "scope", "'organization'"),
        Arguments.of(
            "'config':{'type':'cloud','networking':{'type':'limited','allowed_hosts':"
                + "['Example.com','*.example.com','10.0.0.1']}}",
            "config",
            cloud(limited("'example.com','*.example.com','10.0.0.1'", false, false), NONE)),
        Arguments.of(
            "'config':{'type':'cloud','networking':{'type':'limited',"
                + "'allow_package_managers':true},"
                + "'packages':{'apt':['jq'],'pip':null}}",
            "config",
            cloud(limited("", false, true), JQ)));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_field_is_resolved(String fields, String field, String expected) {
    assertEquals(body("{'v':" + expected + "}").get("v"), tree(create(fields)).get(field));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{}", "`name` is missing"),
        Arguments.of("{'name':''}", "`name` has 0 characters"),
        Arguments.of("{'name':'a','scope':'account'}", "`scope` is \"account\""),
        Arguments.of("{'name':'a','config':{}}", "`config.type` is missing"),
        Arguments.of("{'name':'a','config':{'type':'moon'}}", "`config.type` is \"moon\""),
        Arguments.of("{'name':'a','config':[]}", "`config` is an array"),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','networking':{'type':'open'}}}",
            "`config.networking.type` is \"open\""),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','networking':{'type':'limited',"
                + "'allow_mcp_servers':1}}}",
            "allow_mcp_servers` is 1"),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','packages':{'apt':'jq'}}}",
            "`config.packages.apt` is \"jq\""),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','packages':{'apt':['']}}}",
            "`config.packages.apt.0` has 0 characters"),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','packages':{'apt':['a\\nb']}}}",
            "control character"),
        Arguments.of(
            "{'name':'a','config':{'type':'cloud','networking':{'type':'limited'},"
                + "'packages':{'apt':['jq']}}}",
            "without `allow_package_managers`"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_broken_rule_is_named(String json, String sentence) {
    ApiError error = refusal(() -> EnvironmentRules.create(body(json), "env_1", NOW));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://a.com",
        "a.com:443",
        "a.com/x",
        "*",
        "*.",
        "a.*.com",
        "**.a.com",
        "a b.com",
        ".a.com",
        ""
      })
  void what_is_no_host_is_refused(String host) {
    String config =
        "'config':{'type':'cloud','networking':{'type':'limited','allowed_hosts':['"
            + host
            + "']}}";

    assertEquals(400, refusal(() -> create(config)).status());
  }

  private static Environment limitedLab() {
    return create(
        "'description':'d','metadata':{'a':'1','b':'2'},'config':"
            + cloud(limited("'a.com'", true, true), JQ));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'name':null,'config':null,'scope':null,'metadata':null}",
        "{'config':{'type':'cloud'}}",
        "{'config':{'type':'cloud','networking':{'type':'limited','allowed_hosts':null},"
            + "'packages':{'apt':null}}}",
        "{'metadata':{'gone':''}}"
      })
  void a_patch_that_changes_nothing_gives_the_same_environment(String patch) {
    Environment environment = limitedLab();

    assertSame(environment, update(environment, patch));
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("{'name':'new'}", "name", "'new'"),
        Arguments.of("{'description':null}", "description", "null"),
        Arguments.of("{'description':''}", "description", "''"),
        Arguments.of("{'metadata':{'a':'','b':null,'c':'3'}}", "metadata", "{'c':'3'}"),
        Arguments.of(
            "{'config':{'type':'cloud','networking':{'type':'unrestricted'}}}",
            "config",
            cloud("{'type':'unrestricted'}", JQ)),
        Arguments.of(
            "{'config':{'type':'cloud','networking':{'type':'limited','allow_mcp_servers':false}}}",
            "config",
            cloud(limited("'a.com'", false, true), JQ)),
        Arguments.of(
            "{'config':{'type':'cloud','packages':{'apt':[]}}}",
            "config",
            cloud(limited("'a.com'", true, true), NONE)));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void a_change_is_merged(String patch, String field, String expected) {
    Environment updated = update(limitedLab(), patch);

    assertEquals(LATER, updated.updatedAt());
    assertEquals(NOW, updated.createdAt());
    assertEquals(body("{'v':" + expected + "}").get("v"), tree(updated).get(field));
  }

  @Test
  void packages_that_could_no_longer_be_installed_are_refused() {
    ApiError error =
        refusal(() ->
            update(
                limitedLab(),
                "{'config':{'type':'cloud','networking':{'type':'limited',"
                    + "'allow_package_managers':false}}}"));

    assertTrue(error.message().contains("could not be installed"), error.message());
  }

  @Test
  void the_type_of_the_config_stays() {
    ApiError error = refusal(() -> update(limitedLab(), "{'config':{'type':'self_hosted'}}"));

    assertEquals("invalid_config_type_change", error.code());
  }

  @Test
  void an_archived_environment_is_read_only() {
    ApiError error = refusal(() -> update(limitedLab().archived(LATER), "{}"));

    assertEquals(400, error.status());
    assertEquals("environment_archived", error.code());
  }

  @Test
  void metadata_beyond_its_limits_has_a_code() {
    ApiError error = refusal(() -> create("'metadata':{'k':'" + "x".repeat(513) + "'}"));

    assertEquals("invalid_metadata", error.code());
  }
}
