package io.steward.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyWaysOutTest {
  private static final ProxyAddress PROXY = new ProxyAddress("proxy", 8889);
  private static final String CLOUD = "{\"type\": \"cloud\"}";

  private final SessionId session = SessionId.random(0);
  private final KnownVaults vaults = new KnownVaults();

  private static Optional<Networking> networking(String config) {
    return ProxyWaysOut.networking(Json.tree(config.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void networking_is_what_the_environment_says_and_all_when_it_says_nothing() {
    assertEquals(Optional.of(new Unrestricted()), networking(CLOUD));
    assertEquals(
        Optional.of(new Unrestricted()), networking("{\"type\": \"cloud\", \"networking\": null}"));
    assertEquals(
        Optional.of(new Limited(List.of("example.com"), true, false)),
        networking(
            """
            {"type": "cloud", "packages": {"pip": ["x"]}, "networking": {"type": "limited",
             "allowed_hosts": ["example.com"], "allow_mcp_servers": true,
             "allow_package_managers": false}}
            """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "{\"type\": \"self_hosted\"}",
        "{\"type\": \"cloud\", \"networking\": \"all\"}",
        "{\"type\": \"cloud\", \"networking\": {}}",
        "{\"type\": \"cloud\", \"networking\": {\"type\": \"open\"}}",
        "{\"type\": \"cloud\", \"networking\": {\"type\": \"limited\"}}"
      })
  void an_environment_nobody_can_read_gives_no_way_out(String config) {
    assertEquals(Optional.empty(), networking(config));
  }

  @Test
  void what_was_said_of_the_vaults_before_is_waited_for() {
    vaults.trust(new SandboxAuthority("pem", Instant.EPOCH));
    ProxyWaysOut ways =
        new ProxyWaysOut(
            PROXY,
            vaults,
            _ -> {
              vaults.put(
                  new VaultHead(
                      "vlt_1",
                      "wrkspc_default",
                      null,
                      new VaultHead.Variables("salt", List.of("API_KEY"))));
              return true;
            });

    WayOut way = find(ways, List.of("vlt_1"));

    assertEquals(List.of("API_KEY"), way.placeholders().keySet().stream().toList());
    assertEquals(Optional.of("pem"), way.authorityPem());
  }

  @Test
  void a_topic_that_is_not_read_to_its_end_holds_no_sandbox_up() {
    vaults.trust(new SandboxAuthority("pem", Instant.EPOCH));
    List<Object> asked = new ArrayList<>();
    ProxyWaysOut ways =
        new ProxyWaysOut(
            PROXY,
            vaults,
            longest -> {
              asked.add(longest);
              return false;
            });

    assertTrue(find(ways, List.of()).placeholders().isEmpty());
    assertEquals(List.of(), asked);
    assertTrue(find(ways, List.of("vlt_1")).placeholders().isEmpty());
    assertEquals(List.of(ProxyWaysOut.VAULTS_WAIT), asked);
  }

  private WayOut find(ProxyWaysOut ways, List<String> vaultIds) {
    return ways.find(session, Json.tree(CLOUD.getBytes(StandardCharsets.UTF_8)), vaultIds)
        .orElseThrow();
  }

  @Test
  void each_way_out_has_a_token_of_its_own_that_is_never_printed() throws Exception {
    vaults.trust(new SandboxAuthority("pem", Instant.EPOCH));
    ProxyWaysOut ways = new ProxyWaysOut(PROXY, vaults, _ -> true);

    WayOut one = find(ways, List.of());

    String token = one.token().reveal();
    assertTrue(token.matches("[A-Za-z0-9_-]{43}"));
    assertNotEquals(token, find(ways, List.of()).token().reveal());
    assertEquals(
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.US_ASCII))),
        one.token().sha256());
    assertTrue(!one.toString().contains(token), one::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy:8889", "127.0.0.1:1", "[::1]:65535", " a-b.c_d:80 "})
  void an_address_is_a_host_and_a_port(String text) {
    assertEquals(text.strip(), ProxyAddress.parse("X", text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy",
        ":80",
        "proxy:0",
        "proxy:65536",
        "proxy:8a",
        "a b:1",
        "::1:80",
        "http://a:1"
      })
  void anything_else_is_refused_with_a_sentence(String text) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> ProxyAddress.parse("X", text));

    assertEquals(
        "X must be host:port with a port from 1 to 65535, such as 127.0.0.1:8889, got " + text,
        refusal.getMessage());
  }
}
