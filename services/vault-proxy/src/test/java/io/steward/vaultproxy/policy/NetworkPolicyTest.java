package io.steward.vaultproxy.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.policy.Refusal.Reason;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkPolicyTest {
  private static final List<String> HOSTS =
      List.of("example.com", "*.wild.example", "bücher.example", "192.0.2.7", "UPPER.example");

  private final NetworkPolicy policy =
      new NetworkPolicy(new PackageRegistries(List.of("mirror.example")), Set.of(8080));

  @ParameterizedTest
  @CsvSource({
    "example.com:443, OPEN",
    "example.com:80, OPEN",
    "example.com.:443, OPEN",
    "EXAMPLE.com:443, OPEN",
    "example.com:8080, OPEN", // the operator's
    "example.com:8443, PORT",
    "example.com.evil.test:443, HOST",
    "evil-example.com:443, HOST",
    "sub.example.com:443, HOST",
    "a.wild.example:443, OPEN",
    "a.b.wild.example:443, OPEN",
    "wild.example:443, HOST",
    "xwild.example:443, HOST",
    "a.wild.example.evil.test:443, HOST",
    "upper.example:443, OPEN",
    "xn--bcher-kva.example:443, OPEN",
    "bücher.example:443, OPEN",
    "192.0.2.7:443, OPEN",
    "192.0.2.8:443, HOST",
    "[::ffff:192.0.2.7]:443, OPEN", // Java and the network take it for the same
    "[2001:db8::1]:443, HOST",
    "pypi.org:443, HOST",
    "mcp.example:443, HOST",
    "mcp.example:9443, HOST"
  })
  void an_environment_opens_the_hosts_it_lists(String target, String expected)
      throws EgressRefusal {
    assertEquals(expected, answer(new Limited(HOSTS, false, false), target));
  }

  @ParameterizedTest
  @CsvSource({
    "pypi.org:443, OPEN",
    "files.pythonhosted.org:443, OPEN",
    "registry.npmjs.org:443, OPEN",
    "mirror.example:443, OPEN",
    "pypi.org:8443, PORT",
    "pypi.org.evil.test:443, HOST",
    "example.com:443, HOST"
  })
  void package_managers_are_a_list_of_registries(String target, String expected)
      throws EgressRefusal {
    assertEquals(expected, answer(new Limited(List.of(), false, true), target));
  }

  @ParameterizedTest
  @CsvSource({
    "mcp.example:9443, OPEN",
    "mcp.example:443, OPEN",
    "mcp.example:9444, PORT",
    "other.example:9443, HOST"
  })
  void servers_of_the_agent_are_open_on_their_own_port(String target, String expected)
      throws EgressRefusal {
    assertEquals(expected, answer(new Limited(List.of(), true, false), target));
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.com:443", "anything.example:8443", "93.184.216.34:80"})
  void without_restriction_every_web_port_is_open(String target) throws EgressRefusal {
    assertEquals("OPEN", answer(new Unrestricted(), target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user@example.com:443",
        "user:pw@example.com:443",
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        "example.com:22",
        "example.com:443/path",
        "2130706433:443",
        "0177.0.0.1:443",
        "0x7f000001:443",
        "127.1:443",
        "[::1:443",
        "::1:443",
        "https://example.com:443",
        "example.com%2eevil.test:443",
        "example.com\\@evil.test:443"
      })
  void what_is_no_plain_host_with_a_port_is_no_target_of_a_connect(String target) {
    assertThrows(EgressRefusal.class, () -> RequestTarget.authority(target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user@example.com/",
        "http://example.com@evil.test/",
        "http://example.com:22/",
        "http:///path",
        "http:example.com",
        "https://example.com/",
        "ftp://example.com/",
        "/path",
        "*",
        "http://example.com/#fragment",
        "http://example.com\\evil.test/",
        "http://exa mple.com/",
        "http://2130706433/",
        "http://[fe80::1%25lo]/"
      })
  void what_is_no_plain_url_is_no_target(String target) {
    assertThrows(EgressRefusal.class, () -> RequestTarget.absolute(target));
  }

  @ParameterizedTest
  @CsvSource({
    "http://Example.com/a/../b?c=d/../e, example.com:80, /a/../b?c=d/../e",
    "HTTP://example.com, example.com:80, /",
    "http://example.com?q, example.com:80, /?q",
    "http://example.com:8080/%7e, example.com:8080, /%7e",
    "http://[2606:4700::1]/x, [2606:4700:0:0:0:0:0:1]:80, /x"
  })
  void a_path_is_passed_on_as_it_was_written(String target, String endpoint, String path)
      throws EgressRefusal {
    RequestTarget parsed = RequestTarget.absolute(target);
    assertEquals(endpoint, parsed.endpoint().toString());
    assertEquals(path, parsed.path());
  }

  @Test
  void a_refusal_names_the_host_and_the_rule() throws EgressRefusal {
    assertEquals(
        "The host evil.test is not one this environment allows connections to"
            + " (networking.allowed_hosts).",
        policy
            .refusal(
                sandbox(new Limited(HOSTS, false, false)), RequestTarget.authority("evil.test:443"))
            .orElseThrow()
            .sentence());
  }

  @ParameterizedTest
  @CsvSource({"80, true", "443, true", "8080, true", "8443, false"})
  void secrets_go_to_usual_ports_only(int port, boolean usual) {
    assertEquals(usual, policy.usual(port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "*.", "*.*.example", "a.*.example", "*.192.0.2.1", "a:443", ""})
  void what_is_no_pattern_of_hosts_is_refused(String pattern) {
    assertThrows(IllegalArgumentException.class, () -> HostPattern.parse(pattern));
  }

  private String answer(Networking networking, String target) throws EgressRefusal {
    return policy
        .refusal(sandbox(networking), RequestTarget.authority(target))
        .map(Refusal::reason)
        .map(Reason::name)
        .orElse("OPEN");
  }

  private static SandboxIdentity sandbox(Networking networking) throws EgressRefusal {
    return new SandboxIdentity(
        "sbx_1",
        SessionId.random(1),
        "wrkspc_default",
        networking,
        Set.of(RequestTarget.authority("mcp.example:9443")),
        List.of(),
        List.of());
  }
}
