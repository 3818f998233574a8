package io.steward.vaultproxy.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerUrlTest {
  @ParameterizedTest
  @CsvSource({
    "https://mcp.example.com, https://mcp.example.com",
    "HTTPS://MCP.Example.COM/, https://mcp.example.com",
    "https://mcp.example.com:443/mcp/, https://mcp.example.com/mcp",
    "http://mcp.example.com:80/mcp, http://mcp.example.com/mcp",
    "http://mcp.example.com:443/mcp, http://mcp.example.com:443/mcp",
    "https://mcp.example.com:8443/, https://mcp.example.com:8443",
    "https://mcp.example.com/MCP//, https://mcp.example.com/MCP/",
    "https://mcp.example.com/mcp/?a=B/, https://mcp.example.com/mcp/?a=B/",
    "https://mcp.example.com/a%2Fb/, https://mcp.example.com/a%2Fb",
    "'http://[::1]:8080/', 'http://[::1]:8080'",
  })
  void urls_are_compared_without_case_of_the_host_default_port_and_slash_at_the_end(
      String url, String compared) {
    assertEquals(compared, ServerUrl.normalised(url));
  }
}
